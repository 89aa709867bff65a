"""How pages write numbers, durations, times and dates: one function each, all of them pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from watchbill.engine.base.intervals import EPOCH

MINUS = "\u2212"
MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
BEGINNING = "the beginning"
"""Since when something holds that holds for a whole history."""


def duration(seconds: float) -> str:
    """Time left or gone by as a person says it: ``48 s``, ``9 min``, ``3 h 52``, ``2 d 4 h``.

    Cut off, never rounded up, so that a page does not promise a minute that is not there.
    A negative duration carries a true minus sign.
    """
    sign = MINUS if seconds < 0 else ""
    left = int(abs(seconds))
    if left < MINUTE_S:
        return f"{sign}{left} s"
    if left < HOUR_S:
        return f"{sign}{left // MINUTE_S} min"
    if left < DAY_S:
        minutes = left % HOUR_S // MINUTE_S
        return f"{sign}{left // HOUR_S} h" + (f" {minutes:02d}" if minutes else "")
    days, hours = left // DAY_S, left % DAY_S // HOUR_S
    return f"{sign}{days} d" + (f" {hours} h" if hours and days < 10 else "")


def stopwatch(seconds: float) -> str:
    """Business time of the large clocks of a case: to the second (``9:12``) below ten minutes, never in days (``52 h 15``)."""
    left = int(abs(seconds))
    sign = MINUS if seconds < 0 else ""
    if left >= HOUR_S:
        minutes = left % HOUR_S // MINUTE_S
        return f"{sign}{left // HOUR_S} h" + (f" {minutes:02d}" if minutes else "")
    if left >= 10 * MINUTE_S:
        return duration(seconds)
    return f"{sign}{left // MINUTE_S}:{left % MINUTE_S:02d}"


def time_of_day(at: datetime, zone: str = "UTC") -> str:
    """Hours and minutes on the 24 h clock of *zone*: ``14:48``."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def time_to_second(at: datetime, zone: str = "UTC") -> str:
    """The same with seconds: ``14:48:02``."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")


def day(at: datetime, zone: str = "UTC") -> str:
    """Weekday, day and month: ``Tue 17 Nov``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}"


def day_and_year(at: datetime, zone: str = "UTC") -> str:
    """With the year, for anything that may be months ago: ``17 Nov 2026``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b} {local.year}"


def since(at: datetime, zone: str = "UTC") -> str:
    """The day from which something holds; what holds for a whole history has none."""
    return BEGINNING if at <= EPOCH else day_and_year(at, zone)


def moment(at: datetime, now: datetime, zone: str = "UTC") -> str:
    """The shortest unambiguous time: ``14:48`` today, ``Mon 16 Nov 09:00`` this year, else with the year."""
    there, here = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if there.date() == here.date():
        return time_of_day(at, zone)
    if abs((there.date() - here.date()).days) < 180:
        return f"{day(at, zone)} {time_of_day(at, zone)}"
    return f"{day_and_year(at, zone)} {time_of_day(at, zone)}"


def iso(at: datetime) -> str:
    """For ``datetime`` and ``data-`` attributes: ISO 8601 in UTC, to the second."""
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(amount: float) -> str:
    """A contribution with its sign: ``+34``, ``−11``, ``0``."""
    rounded = round(amount)
    if rounded == 0:
        return "0"
    return f"+{rounded}" if rounded > 0 else f"{MINUS}{-rounded}"


def count(number: int) -> str:
    """A whole number with thousands set apart: ``141,712``."""
    return f"{number:,}".replace("-", MINUS)


def percent(ratio: float) -> str:
    """A share of one as whole per cent: ``89%``."""
    return f"{round(ratio * 100)}%".replace("-", MINUS)


def plural(number: int, one: str, many: str = "") -> str:
    """``1 case``, ``23 cases``; *many* only where the plural is not *one* plus s."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def initials(name: str) -> str:
    """What the round badge says: first letters of first and last word, the first two of a code, or a code's number.

    Codes of a log all begin alike: "Resolver 125" and "Resolver 57" are told apart by their last three digits.
    """
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    if len(words) > 1 and words[-1].isdecimal():
        return words[-1][-3:]
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()
