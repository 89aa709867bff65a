"""Days and times on a desk's wall as somebody types them: those that have an instant in every zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from watchbill.engine.base.calendar import first_instant
from watchbill.engine.base.errors import InvalidFacts

FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2999, 12, 30)
"""Days that have a midnight before and after them in every zone and calendar."""


def wall_instant(wall: datetime, zone: ZoneInfo, *, field: str) -> int:
    """The instant of a time on the wall, in microseconds. Raises InvalidFacts for one that no desk has lived or will live."""
    if not FIRST_DAY <= wall.date() <= LAST_DAY:
        raise InvalidFacts(f"{wall.date()} is out of range; expected a day from {FIRST_DAY} to {LAST_DAY}", field=field)
    return first_instant(wall, zone)
