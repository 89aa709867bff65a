"""Business calendars: wall-clock opening hours of one zone, and the exact business time between instants.

What a wall time stands for, where clocks change, and which day a night belongs to: docs/algorithms/clocks.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from itertools import pairwise
from typing import NewType
from zoneinfo import ZoneInfo

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import (
    MICROS_PER_S,
    Chunk,
    Interval,
    OpenTable,
    instant_of,
    merged,
    micros_in,
    micros_of,
)
from watchbill.engine.base.jsonform import read_list, read_object, read_text, read_whole, refuse
from watchbill.engine.base.zones import nearest_zone

BusinessTime = NewType("BusinessTime", timedelta)
"""Time during which a calendar is open. Never add it to an instant or to elapsed time: ask the calendar."""

HORIZON = timedelta(days=3653)
"""How far ahead of its start `add_business` and `next_opening` look: ten years."""

DAY_MIN = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHUNK_DAYS = 64
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True, order=True)
class WallInterval:
    """Opening hours of one day: minutes after its local midnight, half-open; after 1,440 it is the next day."""

    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if not (0 <= self.start_min < DAY_MIN and self.start_min < self.end_min <= self.start_min + DAY_MIN):
            raise InvalidFacts(
                f"opening hours must start within the day and last at most 24 hours, got minutes {self.start_min} "
                f"to {self.end_min}"
            )

    @classmethod
    def parse(cls, text: str, key: str = "hours") -> WallInterval:
        """Read ``"09:00-17:30"``; ``"22:00-06:00"`` ends the next morning, ``"00:00-24:00"`` is the whole day."""
        start_min, end_min = (_minutes_of(part) for part in (text.split("-") if text.count("-") == 1 else ("", "")))
        if start_min is None or end_min is None or start_min in {DAY_MIN, end_min}:
            raise refuse(key, text, "opening hours such as 09:00-17:30, 22:00-06:00 or 00:00-24:00")
        return cls(start_min, end_min if start_min < end_min else end_min + DAY_MIN)

    def __str__(self) -> str:
        end_min = self.end_min if self.end_min <= DAY_MIN else self.end_min - DAY_MIN
        return f"{self.start_min // 60:02}:{self.start_min % 60:02}-{end_min // 60:02}:{end_min % 60:02}"


ALL_DAY = WallInterval(0, DAY_MIN)
Hours = tuple[WallInterval, ...]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date with hours of its own, which stand in place of its weekday's and of a holiday; none: closed."""

    on: date
    hours: Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours(ABC):
    """When business time passes, however that is written: what a `Calendar` and a combination of calendars can do.

    ``zone`` is the IANA name of the zone whose walls they hang on (of several zones: UTC). Business time is exact to the
    microsecond. Equal hours share one compiled table, which grows as far as it is asked (years 1900 to 2199).
    """

    zone: str
    _table: OpenTable | None = field(default=None, init=False, repr=False, compare=False)
    _zoned: dict[str, BusinessHours] = field(default_factory=dict, init=False, repr=False, compare=False)
    _hash: int | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """Worked out once: many caches are keyed by calendars."""
        if self._hash is None:
            known = tuple(getattr(self, part.name) for part in fields(self) if part.compare)
            object.__setattr__(self, "_hash", hash(known))
        assert self._hash is not None
        return self._hash

    def __reduce__(self) -> tuple[Callable[[], BusinessHours], tuple[()]]:
        """Copies and pickles carry the definition only; the compiled table holds a lock and is made again."""
        return partial(type(self), **{part.name: getattr(self, part.name) for part in fields(self) if part.init}), ()

    @abstractmethod
    def _compiled(self) -> OpenTable:
        """The table of these hours, one for all that are equal."""

    @abstractmethod
    def _moved(self, zone: str) -> BusinessHours:
        """The same wall hours and dates as they are read in another zone."""

    def in_zone(self, zone: str) -> BusinessHours:
        """The same hours and dates on the walls of *zone*: nine to five there is nine to five. Worked out once a zone.

        A combination is made anew of its parts on those walls. Raises InvalidFacts for an unknown zone.
        """
        found = self._zoned.get(zone)
        if found is None:
            zone_of(zone)
            found = self._zoned[zone] = self._moved(zone)
        return found

    @property
    def table(self) -> OpenTable:
        """The compiled open spans, shared by all equal calendars; for code that does many look-ups."""
        if self._table is None:
            object.__setattr__(self, "_table", self._compiled())
        assert self._table is not None
        return self._table

    def business_between(self, start: datetime, end: datetime) -> BusinessTime:
        """Business time in [start, end); negative when *end* comes first. Two bisections."""
        table = self.table
        micros = table.position(micros_of(end, "end")) - table.position(micros_of(start, "start"))
        return BusinessTime(timedelta(microseconds=micros))

    def add_business(self, start: datetime, duration: BusinessTime, *, horizon: timedelta = HORIZON) -> datetime | None:
        """The earliest instant by which *duration* of business time has passed since *start*.

        Zero gives *start* itself; a full day's worth from opening gives that day's closing, not the next opening.
        None when the calendar has not been open for long enough within *horizon* (elapsed time). Raises
        InvalidFacts for a negative duration or a naive start.
        """
        if duration < timedelta(0):
            raise InvalidFacts(f"business time to add must not be negative, got {duration}")
        begin, wanted = micros_of(start, "start"), micros_in(duration)
        if not wanted:
            return start.astimezone(UTC)
        table = self.table
        micros = table.reach(table.position(begin) + wanted, until=begin + micros_in(horizon))
        return None if micros is None else instant_of(micros)

    def is_open(self, at: datetime) -> bool:
        """Whether business time passes at the instant *at*."""
        micros = micros_of(at)
        return self.table.position(micros + 1) > self.table.position(micros)

    def next_opening(self, at: datetime, *, horizon: timedelta = HORIZON) -> datetime | None:
        """The earliest open instant at or after *at* (*at* itself when open), or None within *horizon*."""
        micros = micros_of(at)
        opening = self.table.next_open(micros, until=micros + micros_in(horizon))
        return None if opening is None else instant_of(opening)

    def open_intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The open intervals inside [start, end), clipped to it, sorted, apart; none when *end* comes first."""
        for lo, hi in self.table.spans(micros_of(start, "start"), micros_of(end, "end")):
            yield Interval(start_at=instant_of(lo), end_at=instant_of(hi))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryHolidays:
    """Public holidays of a country (and a part of it) that a calendar's closed dates list up to the end of a year."""

    country: str
    subdivision: str = ""
    until_year: int

    def __str__(self) -> str:
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar(BusinessHours):
    """The opening hours of a week in one zone, with holidays and dates of their own.

    Parameters
    ----------
    zone: IANA name; all hours and dates are local to it.
    weekly: seven tuples of hours, Monday first; the hours of one day must not overlap. Hours past midnight belong to
        the day on which they begin; where they run into the next day's hours, the union counts.
    closed_on: dates on which no hours begin (holidays).
    special_on: dates with hours of their own; these win over *closed_on*.
    holidays: of which countries *closed_on* holds the holidays, and until when; they change nothing by themselves.

    Raises InvalidFacts for an unknown zone, overlapping hours, or a date given twice.
    """

    weekly: tuple[Hours, ...]
    closed_on: frozenset[date] = frozenset()
    special_on: tuple[SpecialDay, ...] = ()
    holidays: tuple[CountryHolidays, ...] = ()
    __hash__ = BusinessHours.__hash__

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if len(self.weekly) != len(WEEKDAYS):
            raise InvalidFacts(f"weekly must hold seven days, Monday first, got {len(self.weekly)}")
        for name, hours in zip(WEEKDAYS, self.weekly, strict=True):
            _check_apart(hours, f"weekly.{name}")
        for special in self.special_on:
            _check_apart(special.hours, f"special_on.{special.on}")
        require_once([special.on for special in self.special_on], "special_on")

    @classmethod
    def always(cls, zone: str = "UTC") -> Calendar:
        """Open day and night, every day of the year."""
        return cls(zone=zone, weekly=((ALL_DAY,),) * 7)

    @classmethod
    def working_week(cls, zone: str, *hours: str, days: int = 5, closed_on: Iterable[date] = ()) -> Calendar:
        """The same *hours* (``"09:00-17:00"``, several for a split day) on the first *days* days from Monday."""
        parsed = tuple(WallInterval.parse(text) for text in hours)
        return cls(zone=zone, weekly=(parsed,) * days + ((),) * (7 - days), closed_on=frozenset(closed_on))

    def hours_on(self, day: date) -> Hours:
        """The hours that begin on the local date *day*."""
        for special in self.special_on:
            if special.on == day:
                return special.hours
        return () if day in self.closed_on else self.weekly[day.weekday()]

    def _compiled(self) -> OpenTable:
        return _table_of(self)

    def _moved(self, zone: str) -> Calendar:
        return self if zone == self.zone else replace(self, zone=zone)

    def swallowed(self) -> list[tuple[date, WallInterval]]:
        """Special hours that never come: clocks in the zone skip all of them on that date."""
        zone = zone_of(self.zone)
        found = []
        for special in (one for one in self.special_on if one.on.year in _YEARS):
            midnight = datetime(special.on.year, special.on.month, special.on.day)  # noqa: DTZ001 - a wall time
            for hours in special.hours:
                ends = [first_instant(midnight + timedelta(minutes=m), zone) for m in (hours.start_min, hours.end_min)]
                if ends[0] == ends[1]:
                    found.append((special.on, hours))
        return sorted(found)

    def as_json(self) -> dict[str, object]:
        """A plain dict that `from_json` reads back to an equal calendar."""
        return {
            "zone": self.zone,
            "weekly": {
                name: [str(hours) for hours in day] for name, day in zip(WEEKDAYS, self.weekly, strict=True) if day
            },
            "closed_on": [day.isoformat() for day in sorted(self.closed_on)],
            "special_on": {
                special.on.isoformat(): [str(hours) for hours in special.hours]
                for special in sorted(self.special_on, key=lambda special: special.on)
            },
        } | ({"holidays": [_holidays_json(each) for each in self.holidays]} if self.holidays else {})

    @classmethod
    def from_json(cls, body: object, key: str = "calendar") -> Calendar:
        """Read the shape that `as_json` writes; weekdays left out are closed.

        Raises InvalidFacts naming the key, its value, and what was expected.
        """
        parts = read_object(body, key, keys=("zone", "weekly", "closed_on", "special_on", "holidays"))
        weekly = read_object(parts.get("weekly", {}), f"{key}.weekly", keys=WEEKDAYS)
        special_on = parts.get("special_on", {})
        if not isinstance(special_on, Mapping):
            raise refuse(f"{key}.special_on", special_on, "an object of dates")
        zone = read_text(parts.get("zone"), f"{key}.zone")
        zone_of(zone, f"{key}.zone")
        return cls(
            zone=zone,
            weekly=tuple(_read_hours(weekly.get(name, ()), f"{key}.weekly.{name}") for name in WEEKDAYS),
            closed_on=frozenset(read_list(parts.get("closed_on", ()), f"{key}.closed_on", _read_date)),
            special_on=tuple(
                SpecialDay(_read_date(on, f"{key}.special_on"), _read_hours(hours, f"{key}.special_on.{on}"))
                for on, hours in sorted(special_on.items())
            ),
            holidays=read_list(parts.get("holidays", ()), f"{key}.holidays", _read_holidays),
        )


def zone_of(name: str, key: str = "zone") -> ZoneInfo:
    """The zone of an IANA *name*; raise InvalidFacts when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError, TypeError):
        raise refuse(key, name, f"an IANA time zone such as {nearest_zone(str(name)) or 'Europe/Dublin'}") from None


def first_instant(wall: datetime, zone: ZoneInfo) -> int:
    """The first instant, in microseconds since 1970, at which clocks in *zone* show *wall* (naive) or later.

    A wall time that happens twice is its first showing; one that never happens is the instant of the change.
    """
    at = micros_of(wall.replace(tzinfo=zone).astimezone(UTC))
    if instant_of(at).astimezone(zone).replace(tzinfo=None) == wall:
        return at
    lo, hi = micros_of(wall.replace(tzinfo=zone, fold=1).astimezone(UTC)) // MICROS_PER_S, at // MICROS_PER_S
    while lo < hi:
        middle = (lo + hi) // 2
        if instant_of(middle * MICROS_PER_S).astimezone(zone).replace(tzinfo=None) < wall:
            lo = middle + 1
        else:
            hi = middle
    return lo * MICROS_PER_S


@lru_cache(maxsize=1024)
def _table_of(calendar: Calendar) -> OpenTable:
    """One table for all equal calendars."""
    zone = zone_of(calendar.zone)

    def chunk_at(micros: int) -> int:
        return instant_of(micros).date().toordinal() // _CHUNK_DAYS

    def chunk_of(number: int) -> Chunk:
        begin = date.fromordinal(max(number * _CHUNK_DAYS, 1))
        if begin.year not in _YEARS:
            raise InvalidFacts(f"calendars reach from {_YEARS.start} to {_YEARS.stop - 1}, not to {begin}")
        midnight = datetime(begin.year, begin.month, begin.day)  # noqa: DTZ001 - a wall time; the zone comes with the rule
        lo, hi = first_instant(midnight, zone), first_instant(midnight + timedelta(days=_CHUNK_DAYS), zone)
        spans = []
        for offset in range(-1, _CHUNK_DAYS):  # the night before may run into the first day
            day = midnight + timedelta(days=offset)
            for hours in calendar.hours_on(day.date()):
                start = first_instant(day + timedelta(minutes=hours.start_min), zone)
                end = first_instant(day + timedelta(minutes=hours.end_min), zone)
                spans.append((max(start, lo), min(end, hi)))
        return Chunk(lo, hi, list(merged(spans)))

    return OpenTable(chunk_at=chunk_at, chunk_of=chunk_of)


def require_once(days: Sequence[date], key: str) -> None:
    """Raise InvalidFacts, naming it, when a date is given twice: the second may have been meant for another day."""
    twice = sorted({day for day in days if days.count(day) > 1})
    if twice:
        raise refuse(key, twice[0].isoformat(), "each date once")


def require_reached(days: Sequence[date], key: str) -> None:
    """Raise InvalidFacts for a date of a year that no calendar reaches: 0026-12-25 was meant to be 2026-12-25."""
    for day in days:
        if day.year not in _YEARS:
            raise refuse(key, day.isoformat(), f"dates of the years {_YEARS.start} to {_YEARS.stop - 1}")


def _check_apart(hours: Hours, key: str) -> None:
    """Overlapping hours of one day are a slip of the pen, not a union."""
    ordered = sorted(hours)
    for one, other in pairwise(ordered):
        if other.start_min < one.end_min:
            raise refuse(key, f"{one} and {other}", "hours that do not overlap")


def _minutes_of(text: str) -> int | None:
    hour, colon, minute = text.strip().partition(":")
    if not (
        colon and len(minute) == 2 and 1 <= len(hour) <= 2 and (hour + minute).isascii() and (hour + minute).isdigit()
    ):
        return None
    minutes = int(hour) * 60 + int(minute)
    return minutes if int(minute) < 60 and minutes <= DAY_MIN else None


def _read_hours(body: object, key: str) -> Hours:
    hours = read_list(body, key, lambda value, at: WallInterval.parse(read_text(value, at), at))
    _check_apart(hours, key)
    return hours


def _holidays_json(one: CountryHolidays) -> dict[str, object]:
    return {"country": one.country, "subdivision": one.subdivision, "until": one.until_year}


def _read_holidays(body: object, key: str) -> CountryHolidays:
    parts = read_object(body, key, keys=("country", "subdivision", "until"))
    subdivision = parts.get("subdivision", "")
    return CountryHolidays(
        country=read_text(parts.get("country"), f"{key}.country"),
        subdivision=read_text(subdivision, f"{key}.subdivision") if subdivision else "",
        until_year=read_whole(parts.get("until"), f"{key}.until", low=_YEARS.start, high=_YEARS.stop - 1),
    )


def _read_date(body: object, key: str) -> date:
    try:
        return date.fromisoformat(read_text(body, key))
    except ValueError:
        raise refuse(key, body, "a date such as 2016-03-25") from None
