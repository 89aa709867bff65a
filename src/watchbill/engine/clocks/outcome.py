"""What comes out: how each clock stands after an item's last event, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.clocks.facts import ClockKind


class ClockStatus(StrEnum):
    """How a clock stands. MISSED is stopped late; ABSENT has not started, or promises nothing at this priority."""

    ABSENT = "absent"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """What a clock does between two events, whatever its target."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a clock's life in one phase under one target.

    ``to_at`` is None for the last one; ``business`` is the business time in it, up to the last event. ``event`` is
    the index, in the events as they were given, of the one that began it; ``because`` says which condition held.
    """

    phase: Phase
    from_at: datetime
    to_at: datetime | None
    business: BusinessTime
    target: BusinessTime | None
    cause: Cause
    event: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOutcome:
    """One clock of one item as its events, policy and calendar make it; no part depends on the present instant.

    kind, calendar: what is promised, and the name of the calendar that counts.
    status: as after the last event; a running clock whose ``breach_at`` has passed is still RUNNING, and breached.
    as_of: instant of the last event; ``elapsed`` and ``paused`` are counted up to there.
    target: business time promised; None when ABSENT.
    elapsed, paused: business time in which it ran and in which it was paused. Time stopped or cancelled is in neither.
    started_at: None when it has not started.
    stopped_at: when it was met, missed or cancelled; None while it is live.
    due_at: when ``elapsed`` reaches the target. On a stopped clock, the due that applied. None while it is paused or
        cancelled before that, and when the calendar does not open for long enough within ten years.
    breach_at: when the promise is broken: a fact, except on a running clock, where it lies ahead until `is_breached`.
        It is ``due_at``, or a later change of target that put the due into the past. None when that cannot happen.
    warn_at: when the warning share of the target is reached; None under the same conditions as ``due_at``.
    next_at: the first of warning and breach at or after ``as_of`` of a running clock, else None.
    segments: the whole life in order; empty unless asked for.
    """

    kind: ClockKind
    calendar: str
    status: ClockStatus
    as_of: datetime
    target: BusinessTime | None
    elapsed: BusinessTime
    paused: BusinessTime
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    due_at: datetime | None = None
    breach_at: datetime | None = None
    warn_at: datetime | None = None
    next_at: datetime | None = None
    segments: tuple[Segment, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it can still be met or missed."""
        return self.status is ClockStatus.RUNNING or self.status is ClockStatus.PAUSED

    def is_breached(self, now: datetime) -> bool:
        """Whether the promise is broken at *now*, which must not lie before the last event."""
        return self.breach_at is not None and self.breach_at <= now
