"""What goes out of a run: the fate of every case and person, and the figures on which policies are compared."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.engine.backtest.desk import Worked
from watchbill.engine.backtest.facts import Agent, Case
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """One case. takers: whose hands it was in, one after the other; workers: who worked on it; done_min: None when never finished.

    due_min: of its promise, after all pauses; log: its pieces of work that were done, in their order.
    """

    case: Case
    due_min: int
    begun_min: int | None
    done_min: int | None
    takers: tuple[PersonId, ...]
    workers: tuple[PersonId, ...]
    log: tuple[Worked, ...] = ()

    @property
    def is_kept(self) -> bool:
        return self.done_min is not None and self.done_min <= self.due_min

    @property
    def wait_min(self) -> float:
        """From opening until somebody begins; without end when nobody did."""
        return math.inf if self.begun_min is None else self.begun_min - self.case.opened_min

    @property
    def late_min(self) -> float:
        """Minutes past the promise; without end when it was never finished."""
        return math.inf if self.done_min is None else max(0.0, self.done_min - self.due_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOutcome:
    """One person until the horizon. worked_min: on cases; busy_min: with handovers and switching; staffed_min: on shift."""

    agent: Agent
    worked_min: float
    busy_min: int
    staffed_min: int

    @property
    def load(self) -> float:
        """Effort received per staffed hour."""
        return self.worked_min / self.staffed_min if self.staffed_min else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run in numbers. attainment, p1: percent of weight, of P1, kept; wait: minutes until begun; gini: of effort per staffed hour.

    spread: the largest ratio of most to mean effort per staffed hour among people of the same skills, team_spread: of the same skills and
    region, who share their hours. reassigned: changes of
    hands per 100 cases; interrupted: per 100 cases.
    """

    attainment: float
    p1: float
    by_priority: tuple[float, float, float, float]
    wait_p50: float
    wait_p95: float
    late_p95: float
    gini: float
    spread: float
    team_spread: float
    reassigned: float
    interrupted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished simulation."""

    policy: str
    cases: tuple[CaseOutcome, ...]
    people: tuple[PersonOutcome, ...]
    interrupted: int = 0

    def figures(self) -> Figures:
        """O(cases log cases)."""
        by_priority = tuple(attainment([c for c in self.cases if c.case.priority is p]) for p in Priority)
        waits = sorted(c.wait_min for c in self.cases)
        late = sorted(c.late_min for c in self.cases if c.case.counts)
        count = max(1, len(self.cases))
        return Figures(
            attainment=attainment(self.cases),
            p1=by_priority[0],
            by_priority=by_priority,  # type: ignore[arg-type]
            wait_p50=quantile(waits, 0.5),
            wait_p95=quantile(waits, 0.95),
            late_p95=quantile(late, 0.95),
            gini=gini([person.load for person in self.people]),
            spread=spread(self.people),
            team_spread=spread(self.people, within_region=True),
            reassigned=100 * sum(max(0, len(c.takers) - 1) for c in self.cases) / count,
            interrupted=100 * self.interrupted / count,
        )


def attainment(cases: Sequence[CaseOutcome]) -> float:
    """Percent of the weight whose promise was kept; 100 when there is none."""
    total = sum(c.case.weight for c in cases)
    return 100 * sum(c.case.weight for c in cases if c.is_kept) / total if total else 100.0


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least *share* of them do not exceed; 0 when there is none."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def gini(values: Sequence[float]) -> float:
    """0 when all are equal, towards 1 when one has everything."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return 0.0
    weighted = sum(place * value for place, value in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def spread(people: Sequence[PersonOutcome], *, within_region: bool = False) -> float:
    """Most over mean effort per staffed hour among people of the same skills, the largest of all such groups with two or more."""
    groups: dict[tuple[str, tuple[int, ...]], list[float]] = defaultdict(list)
    for person in people:
        region = person.agent.region if within_region else ""
        groups[region, tuple(sorted(person.agent.skills))].append(person.load)
    ratios = [max(loads) * len(loads) / sum(loads) for loads in groups.values() if len(loads) > 1 and sum(loads) > 0]
    return max(ratios, default=1.0)
