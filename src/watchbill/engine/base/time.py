"""Instants and durations: the only place where one becomes the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchbill.engine.base.errors import InvalidFacts

FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
"""Where an item without a running clock sorts: after everything that is due."""

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def require_instant(value: datetime, name: str) -> datetime:
    """Return *value* in UTC; raise InvalidFacts when it carries no time zone, or is no instant that anybody means.

    Within the bounds every instant has a local time in every zone and fits the database, so that none has to ask again.
    """
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidFacts(f"{name} must be an instant with a time zone, got {value.isoformat()}", field=name)
    if not EARLIEST <= value < LATEST:
        raise InvalidFacts(f"{name} must lie in the years 1900 to 2199, got {value.isoformat()}", field=name)
    return value.astimezone(UTC)


def seconds(duration: timedelta) -> int:
    """Whole seconds of *duration*, rounded towards zero."""
    return int(duration.total_seconds())


def minutes(duration: timedelta) -> int:
    """Whole minutes of *duration*, rounded towards zero: the unit inside solvers."""
    return seconds(duration) // 60
