"""A second opinion on business time that shares nothing with the engine: look at the wall again and again, and count.

Calendars are plain JSON bodies here; a combination is ``(way, parts)``. Time passes in steps, a minute each unless an
offset of the zone is not whole minutes. Nothing of Watchbill is imported.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import gcd
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86_400
REACH = 4800
"""How many steps around a moment the walls are looked at; what is asked lies within."""

WARM_S = 2 * DAY_S
"""How long before that one begins to look: no clocks have gone back by more since 1900."""

KNOWN = (
    ("America/Sao_Paulo", datetime(2016, 2, 21, 2, tzinfo=UTC)),  # back at midnight: a Saturday of 25 hours
    ("America/Sao_Paulo", datetime(2016, 10, 16, 3, tzinfo=UTC)),  # on at midnight: that midnight never happens
    ("Europe/Dublin", datetime(2016, 3, 27, 1, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2016, 10, 30, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2016, 4, 2, 15, tzinfo=UTC)),  # half an hour back: a day of 24.5 hours
    ("Australia/Lord_Howe", datetime(2016, 10, 1, 15, 30, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2016, 2, 28, 18, 15, tzinfo=UTC)),  # +05:45, leap day
    ("Asia/Kathmandu", datetime(1985, 12, 31, 18, 30, tzinfo=UTC)),  # from +05:30 to +05:45, at the end of a year
    ("Asia/Kolkata", datetime(2016, 2, 28, 18, 30, tzinfo=UTC)),  # +05:30, leap day
    ("Asia/Pyongyang", datetime(2015, 8, 14, 15, tzinfo=UTC)),  # half an hour back for good
    ("America/Caracas", datetime(2016, 5, 1, 7, tzinfo=UTC)),  # half an hour on for good
    ("America/St_Johns", datetime(2006, 10, 29, 2, 31, tzinfo=UTC)),  # -03:30, at one minute past midnight
    ("Pacific/Chatham", datetime(2016, 4, 2, 14, tzinfo=UTC)),  # +13:45 back to +12:45
    ("Pacific/Chatham", datetime(2016, 9, 24, 14, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # 30 December never happened
    ("Pacific/Kwajalein", datetime(1993, 8, 21, 12, tzinfo=UTC)),  # nor did this 21 August
    ("Pacific/Kwajalein", datetime(1969, 9, 30, 13, tzinfo=UTC)),  # a day that happened twice
    ("Antarctica/Troll", datetime(2016, 3, 27, 1, tzinfo=UTC)),  # two hours at once
    ("Africa/Casablanca", datetime(2016, 7, 10, 2, tzinfo=UTC)),  # changes four times in this year
    ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)),  # from -00:44:30 to UTC
    ("Europe/Amsterdam", datetime(1937, 6, 30, 22, 40, 28, tzinfo=UTC)),  # +01:19:32, then +01:20, where data keep it
    ("Europe/Amsterdam", datetime(1940, 5, 15, 22, 40, tzinfo=UTC)),  # from +00:20 to +02:00
    ("Europe/London", datetime(1968, 2, 18, 2, tzinfo=UTC)),  # summer that lasted three years
    ("America/New_York", datetime(2016, 11, 6, 6, tzinfo=UTC)),
    ("America/New_York", datetime(1967, 4, 30, 7, tzinfo=UTC)),
    ("Asia/Tehran", datetime(2016, 3, 20, 20, 30, tzinfo=UTC)),  # on at midnight, +03:30
    ("America/Santiago", datetime(2016, 8, 14, 4, tzinfo=UTC)),
    ("UTC", datetime(2016, 2, 29, tzinfo=UTC)),
    ("UTC", datetime(2016, 12, 31, tzinfo=UTC)),
)
"""A zone and an instant around which something happens there."""

BESIDE = ("UTC", "Asia/Kolkata", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
"""Zones of the other parts of a combination, and of calendars that are read elsewhere."""


def _offset_s(zone: ZoneInfo, at: datetime) -> int:
    return int(at.astimezone(zone).utcoffset().total_seconds())


def _changes(seed: int, count: int) -> tuple[tuple[str, datetime], ...]:
    """*count* changes of clocks since 1901, of zones and years at random."""
    draw, names, found = random.Random(seed), sorted(available_timezones()), []
    while len(found) < count:
        name, year = draw.choice(names), draw.randrange(1901, 2038)
        zone, months = ZoneInfo(name), [datetime(year, month, 1, tzinfo=UTC) for month in range(1, 13)]
        seen = [_offset_s(zone, month) for month in months]
        changed = [n for n in range(11) if seen[n] != seen[n + 1]]
        if not changed:
            continue
        before, after = months[changed[-1]], months[changed[-1] + 1]
        while after - before > timedelta(seconds=1):
            middle = (before + (after - before) / 2).replace(microsecond=0)
            before, after = (middle, after) if _offset_s(zone, middle) == _offset_s(zone, before) else (before, middle)
        if step_s(name, after) >= 4:
            found.append((name, after))
    return tuple(found)


@lru_cache(maxsize=512)
def step_s(zone: str, moment: datetime) -> int:
    """The longest step, at most a minute, on which every minute of the wall near *moment* begins."""
    here = ZoneInfo(zone)
    offsets = [_offset_s(here, moment + timedelta(days=days)) for days in (-6, -3, 0, 3, 6)]
    return gcd(60, int(moment.timestamp()), *offsets)


MOMENTS = (*KNOWN, *_changes(2016, 90))


@lru_cache(maxsize=512)
def _walls(zone: str, moment: datetime, step: int) -> tuple[tuple[int, int], ...]:
    """What the wall has shown at most, as (day, minute of it), at each of 2 x `REACH` steps around *moment*."""
    here, most, shown = ZoneInfo(zone), 0, []
    at, length = moment - timedelta(seconds=REACH * step + WARM_S), timedelta(seconds=step)
    for number in range(-(WARM_S // step), 2 * REACH):
        wall = at.astimezone(here)
        second = wall.toordinal() * DAY_S + wall.hour * 3600 + wall.minute * 60 + wall.second
        if second > most:  # plainly, as it is looked at four million times
            most = second
        if number >= 0:
            shown.append((most // DAY_S, most % DAY_S // 60))
        at += length
    return tuple(shown)


def open_steps(hours: object, moment: datetime, step: int, first: int, last: int) -> list[bool]:
    """Whether *hours* are open in each step from *first* to *last*, counted from *moment*."""
    if isinstance(hours, tuple):
        way, parts = hours
        each = [open_steps(part, moment, step, first, last) for part in parts]
        return [any(told) if way == "union" else all(told) for told in zip(*each, strict=True)]
    seen: dict[int, bytearray] = {}
    found = []
    for day, minute in _walls(hours["zone"], moment, step)[REACH + first : REACH + last]:
        if day not in seen:
            seen[day] = _minutes_of(hours, day)
        found.append(bool(seen[day][minute]))
    return found


def _minutes_of(body: dict, day: int) -> bytearray:
    """The open minutes of one day on the wall: of its own hours, and of those that began the day before."""
    minutes = bytearray(1440)
    for back in (0, 1):
        on = date.fromordinal(day - back)
        texts = body["weekly"].get(DAYS[on.weekday()], ())
        if on.isoformat() in body["closed_on"]:
            texts = ()
        for text in body["special_on"].get(on.isoformat(), texts):
            begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
            end += 1440 if end <= begin else 0
            for minute in range(max(begin - back * 1440, 0), min(end - back * 1440, 1440)):
                minutes[minute] = 1
    return minutes


def _text(begin: int, end: int) -> str:
    end = end if end <= 1440 else end - 1440
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"


CUTS = st.lists(st.integers(0, 1440), max_size=6, unique=True)
LONGER = st.sampled_from((0, 0, 60, 480, 1200))


@st.composite
def day_texts(draw: st.DrawFn) -> list[str]:
    """Up to three intervals of one day that do not overlap, the last one perhaps into the next morning."""
    cuts = sorted(draw(CUTS))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    if pairs:
        begin, end = pairs[-1]
        pairs[-1] = begin, min(end + draw(LONGER), max(end, begin + 1439))
    return [_text(*pair) for pair in pairs]


# Made once: to make a strategy costs more than to draw from it.
DAY_TEXTS = day_texts()
PATTERNS = st.lists(DAY_TEXTS, min_size=1, max_size=3)
WEEK = st.lists(st.integers(0, 3), min_size=7, max_size=7)
NEAR = st.integers(-3, 3)
CLOSED = st.lists(NEAR, max_size=2, unique=True)
SPECIAL = st.dictionaries(NEAR, DAY_TEXTS, max_size=2)


@st.composite
def written(draw: st.DrawFn) -> tuple[list, list[int], list[int], dict[int, list[str]]]:
    """What a calendar says, its dates as days after some moment."""
    return [[], *draw(PATTERNS)], draw(WEEK), draw(CLOSED), draw(SPECIAL)


WRITTEN = written()


def body_of(said: tuple, zone: str, moment: datetime) -> dict:
    """A calendar of *zone* that says so, with its holidays and special dates near *moment*."""
    patterns, week, closed, special = said
    day = moment.astimezone(ZoneInfo(zone)).date()
    return {
        "zone": zone,
        "weekly": {name: patterns[number % len(patterns)] for name, number in zip(DAYS, week, strict=True)},
        "closed_on": sorted((day + timedelta(days=days)).isoformat() for days in closed),
        "special_on": {(day + timedelta(days=days)).isoformat(): texts for days, texts in special.items()},
    }


ALONE = st.tuples(st.sampled_from(MOMENTS), WRITTEN)
"""A calendar near an instant at which its zone changes its clocks: see `body_of`."""


PART = st.tuples(st.sampled_from((None, *BESIDE)), WRITTEN)
WAY = st.sampled_from(("union", "intersection"))
TOGETHER = st.tuples(
    st.sampled_from(KNOWN), WAY, WRITTEN,
    st.lists(st.one_of(PART, st.tuples(WAY, st.tuples(PART, PART))), min_size=1, max_size=2),
)  # fmt: skip
"""A combination of two or three calendars, some of them perhaps combinations again: see `tree_of`."""


def tree_of(zone: str, moment: datetime, part: object) -> object:
    """A part as a calendar, or as a combination of calendars, near *moment*; without a zone it has this one."""
    first, second = part
    if first in ("union", "intersection"):
        return first, tuple(tree_of(zone, moment, one) for one in second)
    return body_of(second, first or zone, moment)


def spans_of(told: Sequence[bool]) -> list[tuple[int, int]]:
    """The runs of open steps as (first, after the last)."""
    marks = [0, *told, 0]
    edges = [n for n in range(len(marks) - 1) if bool(marks[n]) is not bool(marks[n + 1])]
    return list(zip(edges[::2], edges[1::2], strict=True))
