"""What comes out: how each clock stands after an item's last event, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchbill.engine.base.calendar import BusinessTime
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
    the index, in the events as they were given, of the one that began it; ``because`` says which condition held.
    ``calendar`` and ``zone`` count it (zone "": the calendar's own).
    """

    phase: Phase
    from_at: datetime
    to_at: datetime | None
    business: BusinessTime
    target: BusinessTime | None
    cause: Cause
    event: int
    because: str
    calendar: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOutcome:
    """One clock of one item as its events, policy and calendar make it; no part depends on the present instant.

    name, kind, agreement: the policy's word for it, what is promised, and to whom.
    calendar, zone: name of the calendar that counts, and the zone in which it is read ("": its own).
    cycle: 1, and one more each time that it began anew.
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
    warn_at: when the first warning share of the target is reached; None under the same conditions as ``due_at``.
    warn_ats: the same for every share.
    resumes_at: when a pause with a limit ends by itself; then due, warnings and breach are known while it is paused.
    next_at: the first of warnings and breach at or after ``as_of`` of a running clock, ``resumes_at`` of a paused one.
    cycles: those that ended before this one, in order; each MET, MISSED or RESTARTED.
    segments: the whole life of this cycle in order; empty unless asked for.
    """

    name: str
    kind: ClockKind
    agreement: Agreement = Agreement.SLA
    calendar: str
    zone: str = ""
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
    warn_ats: tuple[datetime, ...] = ()
    resumes_at: datetime | None = None
    next_at: datetime | None = None
    cycle: int = 1
    cycles: tuple[ClockOutcome, ...] = ()
    segments: tuple[Segment, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it can still be met or missed."""
        return self.status is ClockStatus.RUNNING or self.status is ClockStatus.PAUSED

    def is_breached(self, now: datetime) -> bool:
        """Whether the promise is broken at *now*, which must not lie before the last event."""
        return self.breach_at is not None and self.breach_at <= now
