"""How far single placements are from the plan of the whole queue, measured on the states that a simulated desk comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from watchbill.engine.assign.decide import Plan, plan
from watchbill.engine.assign.greedy import UNPLACED
from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.assign.scores import plan_scores
from watchbill.engine.backtest.desk import Desk, Job
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.ids import ItemId, PersonId

Choices = list[tuple[ItemId, PersonId]]


@dataclass(slots=True, kw_only=True)
class Distance:
    """Of the placements looked at, against `plan` of everything at the same instant.

    states: instants looked at. choices: items that either of the two gives to somebody; otherwise: those of them that the plan
    gives to somebody else, or only one of the two gives away; equal: of these, the ones in states where that wins nothing, since
    the people are equally good. fewer: states in which the plan gives away more, since somebody has become free for what was
    placed in vain before; on the desk she takes it in the same instant. points: what the plan wins in all other states together, in
    points of its objective.
    """

    states: int = 0
    choices: int = 0
    otherwise: int = 0
    equal: int = 0
    fewer: int = 0
    points: float = 0.0

    @property
    def share(self) -> float:
        """Of the choices, those that the plan makes otherwise and not just as well."""
        return (self.otherwise - self.equal) / self.choices if self.choices else 0.0

    @property
    def points_per_choice(self) -> float:
        return self.points / self.choices if self.choices else 0.0

    def add(self, planned: Plan, placed: Choices) -> None:
        """Take up one state."""
        best, mine = {item: who for item, who in planned.choices.items() if who is not None}, dict(placed)
        items = best.keys() | mine.keys()
        self.states += 1
        self.choices += len(items)
        otherwise = sum(best.get(item) != mine.get(item) for item in items)
        self.otherwise += otherwise
        if len(best) > len(mine):
            self.fewer += 1
        else:
            won = round(planned.points - points_of(planned, placed), 2)
            self.points += won
            self.equal += 0 if won else otherwise


def points_of(planned: Plan, choices: Choices) -> float:
    """The objective of other choices on the state of a plan."""
    tables = planned.book.tables
    chosen = np.full(len(tables.classes.items), UNPLACED, dtype=np.int64)
    for item, who in choices:
        chosen[tables.index[item]] = tables.kinds.position[who]
    return plan_scores(tables, chosen).total / 100


@dataclass
class _Watched(Watchbill):
    """Watchbill's own policy, with somebody who looks over its shoulder at each *every*-th placement."""

    every: int = 1
    found: Distance = field(default_factory=Distance)
    _count: int = 0

    def _place(self, desk: Desk, changed: Iterable[Job]) -> Choices:
        choices = Watchbill._place(self, desk, changed)  # noqa: SLF001 - its own
        if choices:
            self._count += 1
            if self._count % self.every == 0:
                self.found.add(plan(self._known.whole()), choices)
        return choices


def distance(model: Model, *, parameters: Parameters | None = None, limit: int = 1, every: int = 1) -> Distance:
    """Run Watchbill's own policy over *model*, and at each *every*-th state in which it places items also plan everything.

    O(states / every) plans beside the run.
    """
    policy = _Watched(parameters=parameters or Parameters(), limit=limit, every=every)
    simulate(model, policy)
    return policy.found
