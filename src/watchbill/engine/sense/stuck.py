"""Who is stuck: until when a gift is to be acted on, and what makes an item stuck, in words.

Sources: none of the formulas is taken from elsewhere; the demands are those of users (chatwoot#13516, osTicket#6213,
frappe/helpdesk#3182, zammad#3029). docs/algorithms/stuck.md, "Stuck work", says why each number is what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from watchbill.engine.base.intervals import Interval, outside
from watchbill.engine.clocks.durations import minutes_words

LONGEST = timedelta(days=14)
"""Nobody is waited for longer than this, whatever her hours."""


class StuckReason(StrEnum):
    """What makes an item stuck, the most pressing first."""

    UNACCEPTED = "unaccepted"
    LEFT = "left"
    ABSENT = "absent"
    OFF_SHIFT = "off_shift"
    QUEUE_RETIRED = "queue_retired"
    TEAM_EMPTY = "team_empty"
    NO_PATH = "no_path"
    BOUNCING = "bouncing"
    AGEING = "ageing"


REASON_WORDS: dict[StuckReason, str] = {
    StuckReason.UNACCEPTED: "not acted on in time",
    StuckReason.LEFT: "owner has left",
    StuckReason.ABSENT: "owner is away",
    StuckReason.OFF_SHIFT: "owner is back too late",
    StuckReason.QUEUE_RETIRED: "queue is retired",
    StuckReason.TEAM_EMPTY: "team has no people",
    StuckReason.NO_PATH: "no clock and no next step",
    StuckReason.BOUNCING: "passed around",
    StuckReason.AGEING: "old and quiet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckLimits:
    """From when on work counts as stuck: so many owners or queues in so many days; so many days without an act."""

    bounce_moves: int = 4
    bounce_days: int = 7
    quiet_days: int = 3


def accept_by(from_at: datetime, minutes: int, hours: Iterable[Interval] | None, away: Sequence[Interval]) -> datetime:
    """Return when *minutes* of the owner's own staffed time have passed since *from_at*, her absences left out.

    hours: her open intervals from *from_at* on, in order; None when none are known: then the minutes run through. Where
    her hours do not suffice within LONGEST, that is the end of it. O(intervals x absences).
    """
    if hours is None:
        return from_at + timedelta(minutes=minutes)
    left, last = timedelta(minutes=minutes), from_at + LONGEST
    for start, end in outside((one.span for one in hours), (one.span for one in away)):
        if end - start >= left:
            return min(last, start + left)
        left -= end - start
    return last


def unaccepted_words(owner: str, minutes: int, *, moves: bool) -> str:
    """Say what was waited for, and what follows."""
    then = "it is looked at anew for somebody else" if moves else "the managers are told"
    return f"{owner} has not acted on it within {minutes_words(minutes)} of her working time, so {then}"
