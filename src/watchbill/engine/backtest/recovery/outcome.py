"""What goes out: plans with what each is expected to miss, cost and move, and those that are not offered, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from watchbill.engine.backtest.compare import Interval
from watchbill.engine.backtest.facts import Span
from watchbill.engine.backtest.recovery.facts import Moved
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority


class PlanCode(StrEnum):
    """The kinds of plan."""

    NOTHING = "nothing"
    REBALANCE = "rebalance"
    HOURS = "hours"
    DEFER = "defer"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Hours beside a person's own. is_overtime: right after her shift; else she is called in."""

    person: PersonId
    span: Span
    is_overtime: bool

    @property
    def minutes(self) -> int:
        return self.span[1] - self.span[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One item to a partner. done_min: when it is expected to be done."""

    item: ItemId
    partner: int
    done_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done. deferred: items that nobody begins before until_min; passed: items that a partner does."""

    code: PlanCode
    moves: tuple[Moved, ...] = ()
    extra: tuple[Extra, ...] = ()
    deferred: tuple[ItemId, ...] = ()
    until_min: int = 0
    passed: tuple[Passed, ...] = ()

    @property
    def extra_min(self) -> int:
        return sum(one.minutes for one in self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Misses expected of one priority: of what is open, of what is yet to come in the horizon, and both against doing nothing."""

    priority: Priority
    open: Interval
    coming: Interval
    both: Interval
    change: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One plan with its figures. misses, change: of all priorities; weight_change: weighted; deferred: misses among what it puts off.

    later: misses of what comes in after the horizon and falls due in what is followed: what a plan leaves to the next shift.
    """

    plan: Plan
    by_priority: tuple[Expected, ...]
    misses: Interval
    change: Interval
    weight: Interval
    weight_change: Interval
    later: Interval
    later_change: Interval
    deferred: Interval
    handovers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A kind of plan that is not offered."""

    code: PlanCode
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Options, doing nothing first. best: the one with the least expected weight of misses that is certainly less; else doing nothing.

    lost: open items whose promise is missed already; unable: open items that nobody with hours may do.
    """

    options: tuple[Option, ...]
    dropped: tuple[Dropped, ...]
    best: PlanCode
    replications: int
    lost: int
    unpromised: int
    unable: int
    coming: float
