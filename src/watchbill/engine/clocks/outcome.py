"""What comes out: how each clock stands after an item's last event, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.facts import Agreement, ClockKind


class ClockStatus(StrEnum):
    """How a clock stands. MISSED is stopped late; ABSENT has not started, or promises nothing at this priority.

    RESTARTED is a cycle that began anew before it was decided.
    """

    ABSENT = "absent"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"
    RESTARTED = "restarted"


class Phase(StrEnum):
    """What a clock does between two events, whatever its target. ABSENT: it had begun, and nothing is promised now."""

    __hash__ = str.__hash__

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    ABSENT = "absent"


class Cause(StrEnum):
    """Why a segment begins."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    RETARGETED = "retargeted"
    RECOUNTED = "recounted"
    RESTARTED = "restarted"
    LIMIT = "limit"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a clock's life in one phase under one target.

    ``to_at`` is None for the last one; ``business`` is the business time in it, up to the last event. ``event`` is
    the index, in the events as they were given, of the one that began it; ``because`` says which condition held,
    ``rule`` which part of the policy says so, where that is another than the cause has by itself. ``calendar`` and ``zone`` count it (zone "": the calendar's own).
    """

    phase: Phase
    from_at: datetime
    to_at: datetime | None
    business: BusinessTime
    target: BusinessTime | None
    cause: Cause
    event: int
    because: str
    rule: str = ""
    calendar: str = ""
    zone: str = ""


class ClockOutcome(NamedTuple):
    """One commitment on one item as its events, policy and calendar make it; no part depends on the present instant.

    Fields in ``_us`` are microseconds: of business time, or since 1970; each has a property without the ending. So an
    outcome costs little where there are a million, and reads well where there is one.

    definition: what is promised: with name, kind, agreement and calendar.
    status: as after the last event; a running clock whose ``breach_at`` has passed is still RUNNING, and breached.
    zone: the zone in which the calendar is read ("": its own).
    as_of: instant of the last event; ``elapsed`` and ``paused`` are counted up to there.
    target: business time promised; None when ABSENT.
    elapsed, paused: business time in which it ran and in which it was paused. Time stopped or cancelled is in neither.
    started_at: None when it has not started.
    stopped_at: when it was met, missed or cancelled; None while it is live.
    due_at: when ``elapsed`` reaches the target. On a stopped clock, the due that applied. None while it is paused or
        cancelled before that, and when the calendar does not open for long enough within ten years.
    breach_at: when the promise is broken: a fact, except on a running clock, where it lies ahead until `is_breached`.
        It is ``due_at``, or a later change of target that put the due into the past. None when that cannot happen.
    warn_at: when the first warning share of the target is reached; None under the same conditions as ``due_at``.
    warn_ats: the same for every share.
    resumes_at: when a pause with a limit ends by itself; then due, warnings and breach are known while it is paused.
    cycle: 1, and one more each time that it began anew.
    cycles: those that ended before this one, in order; each MET, MISSED, RESTARTED or CANCELLED.
    segments: the whole life of this cycle in order; empty unless asked for.
    """

    definition: ClockDefinition
    status: ClockStatus
    zone: str
    as_of_us: int
    target_us: int | None
    elapsed_us: int
    paused_us: int
    started_us: int | None
    stopped_us: int | None
    due_us: int | None
    breach_us: int | None
    warns_us: tuple[int, ...]
    resumes_us: int | None
    cycle: int = 1
    cycles: tuple[ClockOutcome, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def kind(self) -> ClockKind:
        return self.definition.kind

    @property
    def agreement(self) -> Agreement:
        return self.definition.agreement

    @property
    def calendar(self) -> str:
        return self.definition.calendar

    @property
    def as_of(self) -> datetime:
        return instant_of(self.as_of_us)

    @property
    def target(self) -> BusinessTime | None:
        return None if self.target_us is None else _business(self.target_us)

    @property
    def elapsed(self) -> BusinessTime:
        return _business(self.elapsed_us)

    @property
    def paused(self) -> BusinessTime:
        return _business(self.paused_us)

    @property
    def started_at(self) -> datetime | None:
        return _instant(self.started_us)

    @property
    def stopped_at(self) -> datetime | None:
        return _instant(self.stopped_us)

    @property
    def due_at(self) -> datetime | None:
        return _instant(self.due_us)

    @property
    def breach_at(self) -> datetime | None:
        return _instant(self.breach_us)

    @property
    def warn_at(self) -> datetime | None:
        return instant_of(self.warns_us[0]) if self.warns_us else None

    @property
    def warn_ats(self) -> tuple[datetime, ...]:
        return tuple(map(instant_of, self.warns_us))

    @property
    def resumes_at(self) -> datetime | None:
        return _instant(self.resumes_us)

    @property
    def next_at(self) -> datetime | None:
        """The first of warnings and breach at or after ``as_of`` of a running clock, ``resumes_at`` of a paused one."""
        if self.status is not ClockStatus.RUNNING:
            return self.resumes_at
        ahead = (at for at in (*self.warns_us, self.breach_us) if at is not None and at >= self.as_of_us)
        return _instant(min(ahead, default=None))

    @property
    def is_live(self) -> bool:
        """Whether it can still be met or missed."""
        return self.status is ClockStatus.RUNNING or self.status is ClockStatus.PAUSED

    def is_breached(self, now: datetime) -> bool:
        """Whether the promise is broken at *now*, which must not lie before the last event."""
        breach_at = self.breach_at
        return breach_at is not None and breach_at <= now


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else instant_of(micros)


def _business(micros: int) -> BusinessTime:
    return BusinessTime(timedelta(0, 0, micros))
