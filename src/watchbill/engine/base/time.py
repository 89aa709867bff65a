"""Instants and durations: the only place where one becomes the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchbill.engine.base.errors import InvalidFacts

FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
"""Where an item without a running clock sorts: after everything that is due."""


def require_instant(value: datetime, name: str) -> datetime:
    """Return *value* in UTC; raise InvalidFacts when it carries no time zone."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidFacts(f"{name} must be an instant with a time zone, got {value.isoformat()}")
    return value.astimezone(UTC)


def seconds(duration: timedelta) -> int:
    """Whole seconds of *duration*, rounded towards zero."""
    return int(duration.total_seconds())


def minutes(duration: timedelta) -> int:
    """Whole minutes of *duration*, rounded towards zero: the unit inside solvers."""
    return seconds(duration) // 60
