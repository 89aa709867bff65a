"""How the log's dates are moved: by whole weeks, so that weekdays stay weekdays and today is in the log's eighth week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = "America/Sao_Paulo"
"""The log carries no zone; its office hours and holidays point here (docs/howto/run-the-demo.md)."""

LOCAL = ZoneInfo(ZONE)

FIRST_MONDAY = date(2016, 2, 29)
"""The log begins here, with an empty backlog."""
EIGHTH_MONDAY = FIRST_MONDAY + timedelta(weeks=7)
"""Seven weeks have filled the queues by then; ten is the least that the log's later weeks leave to be told."""
LAST_SUNDAY = date(2016, 5, 15)
"""The last day on which incidents of the shipped part were opened; what follows are closings only."""

CLOSED_ON = (date(2016, 3, 25), date(2016, 4, 21), date(2016, 4, 22))
"""Days on which the log's office was closed: Good Friday, Tiradentes, and the Friday after it."""

OPENING = time(9, 0)
"""Local time at which the story begins: the office has filled, and the most arrivals of the day are about to come."""
LAST_FULL_WEEKDAY = 2
"""Wednesday: the log's Thursday and Friday of the eighth week are holidays."""


def weeks_to_shift(today: date) -> int:
    """Return by how many weeks the log's dates move so that *today* falls in its eighth week."""
    monday = today - timedelta(days=today.weekday())
    return (monday - EIGHTH_MONDAY).days // 7


def first_day(today: date) -> date:
    """Return the day on which the story begins: today from Monday to Wednesday, else the Monday of this week.

    The log's Thursday and Friday of that week were holidays, and nobody works at the weekend: a visitor of those days
    sees a working week from its start.
    """
    weekday = today.weekday()
    return today if weekday <= LAST_FULL_WEEKDAY else today - timedelta(days=weekday)


def begins_at(today: date) -> datetime:
    """Return the instant at which the story begins."""
    return datetime.combine(first_day(today), OPENING, tzinfo=LOCAL)


def ends_at(weeks: int) -> datetime:
    """Return the instant at which the story ends: the midnight after the last day with arrivals."""
    day = LAST_SUNDAY + timedelta(weeks=weeks, days=1)
    return datetime.combine(day, time(0), tzinfo=LOCAL)


def log_begins_at(weeks: int) -> datetime:
    """Return the instant before which nothing is in the log."""
    return datetime.combine(FIRST_MONDAY + timedelta(weeks=weeks), time(0), tzinfo=LOCAL)


def closed_on(weeks: int) -> tuple[date, ...]:
    """Return the log's own holidays, moved like everything else."""
    return tuple(day + timedelta(weeks=weeks) for day in CLOSED_ON)
