"""Instants as people write them into forms: "16:30", "tomorrow 9:00", "18 Nov 16:30", "in 2 h"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watchbill.engine.base.calendar import WEEKDAYS
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.time import require_instant

EXPECTED = "Write a time such as 16:30, tomorrow 9:00, 18 Nov 16:30 or in 2 h"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days"}

_IN = re.compile(r"(?:in\s+|\+\s*)(\d{1,4})\s*(min|m|h|d)\w*")
_CLOCK = re.compile(r"(?:(?P<day>.+?)[\s,T]+(?:at\s+)?)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?")
_DAY_MONTH = re.compile(r"(\d{1,2})\.?\s+([a-z]{3,9})\.?(?:\s+(\d{4}))?")


def instant_of(text: str, *, now: datetime, zone: str, field: str) -> datetime | None:
    """Return what *text* means in *zone*, as UTC; None for nothing. Without a day the next such time is meant.

    A day without a year is the nearest one that lies ahead. Raises InvalidFacts naming *field* for anything else, and
    for a local time that the zone skips.
    """
    words = " ".join(text.lower().split())
    if not words:
        return None
    if ahead := _IN.fullmatch(words):
        return now + timedelta(**{UNITS[ahead[2]]: int(ahead[1])})
    found = _CLOCK.fullmatch(words.replace("t", " ") if re.match(r"\d{4}-", words) else words)
    if found is None:
        raise InvalidFacts(EXPECTED, field=field)
    try:
        at = time(int(found["hour"]), int(found["minute"]))
    except ValueError:
        raise InvalidFacts(f"There is no time {found['hour']}:{found['minute']}. {EXPECTED}", field=field) from None
    here = now.astimezone(ZoneInfo(zone))
    if found["day"] is None:
        today = _local(here.date(), at, zone, field)
        return today if today > now else _local(here.date() + timedelta(days=1), at, zone, field)
    return _local(_day_of(found["day"].strip(" ,"), here.date(), field), at, zone, field)


def _local(day: date, at: time, zone: str, field: str) -> datetime:
    wall = datetime.combine(day, at, ZoneInfo(zone))
    try:
        instant = require_instant(wall, "The time")
    except InvalidFacts as error:
        raise InvalidFacts(f"{error.message}. {EXPECTED}", field=field) from None
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise InvalidFacts(f"{at:%H:%M} does not exist on {day} in {zone}: the clocks go forward then", field=field)
    return instant


def _day_of(words: str, today: date, field: str) -> date:
    if words in {"today", "tomorrow"}:
        return today + timedelta(days=words == "tomorrow")
    if words[:3] in WEEKDAYS and words.isalpha():
        return today + timedelta(days=(WEEKDAYS.index(words[:3]) - today.weekday()) % 7)
    try:
        return date.fromisoformat(words)
    except ValueError:
        pass
    named = _DAY_MONTH.fullmatch(words.removeprefix(f"{words[:3]} ") if words[:3] in WEEKDAYS else words)
    if named is None or named[2][:3] not in MONTHS:
        raise InvalidFacts(EXPECTED, field=field)
    month = MONTHS.index(named[2][:3]) + 1
    years = [int(named[3])] if named[3] else [today.year, today.year + 1, today.year + 2, today.year + 3]
    for year in years:
        try:
            day = date(year, month, int(named[1]))
        except ValueError:
            continue
        if named[3] or day >= today:
            return day
    raise InvalidFacts(f"There is no {named[1]} {named[2].capitalize()}. {EXPECTED}", field=field)
