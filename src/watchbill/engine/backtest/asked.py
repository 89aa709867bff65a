"""What a backtest is asked: which policies, how often, under which other assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.backtest.answer import Sort
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.rules import Pull, earliest_due, fifo, strict_priority
from watchbill.engine.base.errors import InvalidFacts

AS_IS, WATCHBILL = "as is", "watchbill"
AS_IS_CHANGED = "as is, what if"
Maker = Callable[[], Policy]
"""Makes a policy, ready for a run; can be sent to another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A policy of the comparison. says: what it does, in a few words."""

    name: str
    sort: Sort
    says: str
    make: Maker


@dataclass(frozen=True, slots=True)
class _Pull:
    name: str

    def __call__(self) -> Policy:
        orders = {"fifo": fifo, "priority": strict_priority, "earliest due": earliest_due}
        return Pull(self.name, orders[self.name], is_plain=True)


@dataclass(frozen=True, slots=True)
class _Peer:
    name: str

    def __call__(self) -> Policy:
        return next(policy for policy in peers() if policy.name == self.name)


@dataclass(frozen=True, slots=True)
class Ours:
    """Watchbill's own policy with parameters of its assignment policy."""

    name: str
    parameters: Parameters

    def __call__(self) -> Policy:
        return Watchbill(name=self.name, parameters=self.parameters)


def usual() -> dict[str, Contender]:
    """The policies that every comparison can have, by the names by which they are asked for."""
    pulls = {
        "fifo": "Whoever is free takes the oldest",
        "priority": "Whoever is free takes the highest priority, then the oldest",
        "earliest due": "Whoever is free takes what is due first",
    }
    pushes = {
        "round robin": ("round robin", "To whoever was given something the longest ago"),
        "most available": ("most available capacity (AWA-like)", "To the largest spare capacity, as ServiceNow describes it"),
        "least active": ("least active (Omni-Channel-like)", "To the fewest open cases, as Salesforce describes it"),
        "highest capacity": ("highest capacity (Zendesk-like)", "To the largest share of spare capacity, as Zendesk describes it"),
    }  # fmt: skip
    found = [Contender(name=n, sort=Sort.PEER, says=says, make=_Pull(n)) for n, says in pulls.items()]
    found += [Contender(name=n, sort=Sort.PEER, says=says, make=_Peer(p)) for n, (p, says) in pushes.items()]
    found.append(ours(WATCHBILL, Parameters(), says="The assignment policy as Watchbill comes with it, on autopilot"))
    return {one.name: one for one in found}


def ours(name: str, parameters: Parameters, *, says: str) -> Contender:
    """Watchbill with other parameters: those in force, or a draft."""
    return Contender(name=name, sort=Sort.WATCHBILL, says=says, make=Ours(name, parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Other assumptions under which the comparison is made again. second_order: as is, by the second best guess."""

    name: str
    effort: float = 1.0
    availability: float = 1.0
    second_order: bool = False


SWEEP = (
    Point(name="effort x0.5", effort=0.5),
    Point(name="effort x2", effort=2.0),
    Point(name="availability x0.8", availability=0.8),
    Point(name="other guess of as is", second_order=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """contenders: beside as was and as is, which are always there. replications: at the assumptions made; swept: at each of points.

    trials: replications of the test that the twin is graded by. is_bounded: whether the ceiling is worked out. changed: a past
    change that the twin is to foretell (`twin/past.py`), or nothing. demand: how much comes in, in parts of what did: the comparison
    again under each, with `swept` replications, at most as many as at the base point.
    """

    contenders: tuple[Contender, ...]
    replications: int = 5
    trials: int = 10
    points: tuple[Point, ...] = ()
    swept: int = 8
    is_bounded: bool = True
    seed: int = 1
    what_if: tuple[str, ...] = ()
    changed: str = ""
    demand: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        names = [AS_IS, AS_IS_CHANGED, *(one.name for one in self.contenders)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidFacts(f"Two policies of a comparison are named “{twice[0]}”")
        if min(self.replications, self.trials, self.swept) < 1:
            raise InvalidFacts("A comparison needs at least one replication of each part")


QUICK = Asked(contenders=tuple(usual().values()))
"""A first look."""
DEMAND = (0.8, 1.2, 1.4)
"""Arrivals under which the full comparison is made again, beside those that there were."""
FULL = replace(QUICK, replications=30, trials=30, points=SWEEP, demand=DEMAND)
"""What may be shown to others."""


def asked_for(names: tuple[str, ...]) -> tuple[Contender, ...]:
    """The contenders of these names. Raises InvalidFacts for one that there is not, naming those that there are."""
    known = usual()
    for name in names:
        if name not in known:
            raise InvalidFacts(f"There is no policy “{name}”; there are: {', '.join(known)}", field="policies")
    return tuple(known[name] for name in dict.fromkeys(names))
