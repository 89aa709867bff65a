"""Reads of working time ahead and gone by: when each person is at work, for workload and for fair shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from watchbill.apps.core.sql import tuples
from watchbill.apps.people.places import REGION_ZONE_OF
from watchbill.apps.shifts.absences import Away
from watchbill.apps.shifts.queries import calendar_of, week_of
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.holidays import Holidays
from watchbill.engine.base.intervals import Interval, merged, outside

Spans = tuple[tuple[int, int], ...]
NIGHT = (time(6), time(22))
"""Hours before the first and from the second on are night, in the person's own zone."""
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A person's minutes at work in a stretch of time: all, and those at night or on Saturday and Sunday."""

    all_min: int
    unpopular_min: int


def weeks_of(desk_id: int, *, closed_on: Holidays) -> dict[int, Calendar]:
    """Return the usual week of every active person of a desk whose hours are known, robots left out: one query."""
    return _weeks("p.desk_id = %s and p.is_active and not p.is_robot", desk_id, closed_on)


def weeks_of_people(person_ids: Sequence[int], *, closed_on: Holidays) -> dict[int, Calendar]:
    """Return the usual week of each of these people whose hours are known, also of who has left: one query."""
    return _weeks("p.id = any(%s)", list(person_ids), closed_on)


def _weeks(which: str, value: Any, closed_on: Holidays) -> dict[int, Calendar]:
    weeks: dict[tuple[int, str, str | None], list[tuple[int, int, int]]] = defaultdict(list)
    for person_id, zone, region_zone, *span in tuples(
        f"select p.id, p.zone, {REGION_ZONE_OF}, h.weekday, h.opens_min, h.closes_min from people_person as p"
        f" join shifts_usualhours as h on h.person_id = p.id where {which} order by 1, 4, 5",
        [value],
    ):
        weeks[person_id, zone, region_zone].append(tuple(span))
    return {
        person_id: calendar_of(zone, week_of(spans), closed_on.of(zone, region_zone))
        for (person_id, zone, region_zone), spans in weeks.items()
    }


def spans_ahead(
    weeks: Mapping[int, Calendar],
    now: datetime,
    *,
    until: datetime,
    off: Mapping[int, datetime | None],
    away: Mapping[int, Sequence[Away]],
    extra: Mapping[int, Sequence[Interval]] | None = None,
) -> dict[int, Spans]:
    """Return by person the minutes from *now* at which she is at work up to *until*, [start, end).

    *off*: who says that she is off, and until when; without an end until her present shift is over. *away*: absences; *extra*: hours beside the usual ones.
    Calendars are shared, so the cost is that of the distinct weeks.
    """
    found = {}
    extra = extra or {}
    most = _minutes(until, now)
    for person, calendar in weeks.items():
        spans = _ahead(calendar, now, until)
        for one in extra.get(person, ()):
            span = max(0, _minutes(one.start_at, now)), min(most, _minutes(one.end_at, now))
            spans = tuple(merged([*spans, span]))
        if person in off:
            spans = _without(spans, off[person], now)
        if person in away:
            gone = ((_minutes(one.from_at, now), _minutes(one.until_at, now)) for one in away[person])
            spans = tuple(outside(spans, gone))
        found[person] = spans
    return found


def _minutes(at: datetime, now: datetime) -> int:
    return int((at - now) / MINUTE)


def present_without(
    calendar: Calendar, since: datetime, until: datetime, away: Sequence[Away], extra: Sequence[Interval] = ()
) -> Present:
    """Return what `present` does with *extra* hours, without the stretches in which the person was away; these do not overlap."""
    whole = present(calendar, since, until)
    for one in away:
        start, end = max(since, one.from_at), min(until, one.until_at)
        if start < end:
            lost = present(calendar, start, end)
            whole = Present(
                all_min=whole.all_min - lost.all_min, unpopular_min=whole.unpopular_min - lost.unpopular_min
            )
    if not extra:
        return whole
    begun = merged((max(since, one.start_at), min(until, one.end_at)) for one in extra)
    beside = outside(begun, (one.span for one in calendar.open_intervals(since, until)))
    more = _counted(outside(beside, ((one.from_at, one.until_at) for one in away)), ZoneInfo(calendar.zone))
    return Present(
        all_min=whole.all_min + more.all_min, unpopular_min=whole.unpopular_min + more.unpopular_min
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _ahead(calendar: Calendar, now: datetime, until: datetime) -> Spans:
    return tuple(
        (int((span.start_at - now) / MINUTE), int((span.end_at - now) / MINUTE))
        for span in calendar.open_intervals(now, until)
    )


@lru_cache(maxsize=4096)
def closed_since(calendar: Calendar, now: datetime) -> datetime:
    """Return when the last shift before *now* ended; a week ago when there was none since."""
    since = now - 7 * DAY
    return max((span.end_at for span in calendar.open_intervals(since, now)), default=since)


def _without(spans: Spans, until_at: datetime | None, now: datetime) -> Spans:
    """What is left of *spans* when nobody comes before *until_at*; with None, without the span that runs now."""
    if until_at is None:
        return tuple(span for span in spans if span[0] > 0)
    back = max(0, int((until_at - now) / MINUTE))
    return tuple((max(start, back), end) for start, end in spans if end > back)


@lru_cache(maxsize=4096)
def present(calendar: Calendar, since: datetime, until: datetime) -> Present:
    """Return the minutes that a usual week holds between two instants, and how many of them are unpopular."""
    return _counted((one.span for one in calendar.open_intervals(since, until)), ZoneInfo(calendar.zone))


def _counted(spans: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> Present:
    whole = unpopular = 0
    for start, stop_at in spans:
        at, end = start.astimezone(zone), stop_at.astimezone(zone)
        while at < end:
            stop = min(end, _next_border(at, zone))
            minutes = int((stop.timestamp() - at.timestamp()) / 60)
            whole += minutes
            is_night = not NIGHT[0] <= at.time() < NIGHT[1]
            unpopular += minutes if is_night or at.weekday() >= 5 else 0
            at = stop
    return Present(all_min=whole, unpopular_min=unpopular)


def _next_border(at: datetime, zone: ZoneInfo) -> datetime:
    """The next midnight, begin or end of a night, on the person's own clock."""
    today = at.date()
    borders = [datetime.combine(today, hour, zone) for hour in NIGHT]
    borders.append(datetime.combine(today + DAY, time(0), zone))
    return next(border for border in borders if border > at)


def off_until(desk_id: int, now: datetime) -> dict[int, datetime | None]:
    """Return who of a desk says that she is off, with until when she said (None: she did not): one query."""
    rows = tuples(
        "select s.person_id, s.until_at from shifts_presence as s join people_person as p on p.id = s.person_id"
        " where p.desk_id = %s and s.state = 'off' and (s.until_at is null or s.until_at > %s)",
        [desk_id, now],
    )
    return dict(rows)
