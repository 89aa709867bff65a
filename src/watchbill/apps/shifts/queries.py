"""Reads of usual hours and presence: who is at work, and for how long yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from watchbill.apps.core.sql import tuples
from watchbill.apps.people.places import REGION_ZONE_OF
from watchbill.apps.shifts import models
from watchbill.apps.shifts.absences import Away, away_ahead, away_at
from watchbill.apps.shifts.extra import extra_ahead, hours_with
from watchbill.engine.base.calendar import Calendar, WallInterval
from watchbill.engine.base.holidays import NO_HOLIDAYS, Holidays
from watchbill.engine.base.intervals import Interval, outside
from watchbill.engine.base.time import seconds

SOON = timedelta(days=7)
LATELY = timedelta(hours=1)
Week = tuple[tuple[tuple[int, int], ...], ...]
_Hours = tuple[bool, int, int, datetime | None, int | None]
_OFF: _Hours = (False, 0, 0, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffed:
    """One person's working time from an instant on, by usual and extra hours and by what she says of herself.

    ``left_s``: until this shift ends (0 off shift); ``next_week_s``: in the next seven days; ``opens_at``: when she is back
    who is off shift or, until an instant, off by her own word; None when no hours are known; ``presence``: available, away or
    off, and until when she said.
    ``changed_s``: since the last beginning or end of a shift, if it was within LATELY. ``is_absent``: she is away for a time
    that was said, with ``deputy_id`` standing in.
    """

    is_on_shift: bool
    left_s: int
    next_week_s: int
    opens_at: datetime | None
    presence: str
    presence_until: datetime | None = None
    changed_s: int | None = None
    is_absent: bool = False
    deputy_id: int | None = None


def week_of(spans: Iterable[tuple[int, int, int]]) -> Week:
    """Return usual hours by weekday, from weekday, opening and closing minute of each, in order."""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for weekday, opens, closes in spans:
        days[weekday].append((opens, closes))
    return tuple(tuple(day) for day in days)


@lru_cache(maxsize=4096)
def calendar_of(zone: str, weekly: Week, closed_on: frozenset[date]) -> Calendar:
    """Return the calendar of a week, the same for all who share it."""
    hours = tuple(tuple(WallInterval(a, b) for a, b in day) for day in weekly)
    return Calendar(zone=zone, weekly=hours, closed_on=closed_on)


@lru_cache(maxsize=16384)
def _hours_at(calendar: Calendar, now: datetime) -> _Hours:
    """One look at the calendar, from LATELY before to SOON after; a second one only for who does not come within SOON."""
    spans = list(calendar.open_intervals(now - LATELY, now + SOON))
    ahead = [span for span in spans if span.end_at > now]
    is_open = bool(ahead) and ahead[0].start_at <= now
    left = seconds(ahead[0].end_at - now) if is_open else 0
    soon = left + sum(seconds(span.length) for span in ahead[is_open:])
    edges = [edge for span in spans for edge in (span.start_at, span.end_at)]
    passed = [edge for edge in edges if now - LATELY < edge and (edge < now or (edge == now and not is_open))]
    changed = seconds(now - max(passed)) if passed else None
    opens_at = None if is_open else ahead[0].start_at if ahead else calendar.next_opening(now)
    return is_open, left, soon, opens_at, changed


@dataclass(frozen=True, slots=True)
class HoursBook:
    """What the working time of a desk's people comes from, at any instant from *since* on: see `hours_book`.

    people: key, zone, zone of her region, usual hours as text (`_week`), presence and until when she said. extra: hours beside those, from a week before on.
    """

    people: Sequence[tuple[int, str, str | None, str | None, str | None, datetime | None]]
    away: Mapping[int, Sequence[Away]]
    extra: Mapping[int, Sequence[Interval]] = field(default_factory=dict)

    def weeks(self, *, closed_on: Holidays = NO_HOLIDAYS) -> dict[int, Calendar]:
        """Return the usual week of everybody whose hours are known. People with the same hours share one calendar."""
        shared: dict[tuple[str, str | None, str], Calendar] = {}
        found = {}
        for person_id, zone, region_zone, week, _, _ in self.people:
            if week is not None:
                key = (zone, region_zone, week)
                if key not in shared:
                    shared[key] = calendar_of(zone, _week(week), closed_on.of(zone, region_zone))
                found[person_id] = shared[key]
        return found

    def at(self, now: datetime, *, closed_on: Holidays = NO_HOLIDAYS) -> dict[int, Staffed]:
        """Return working time by person, at the cost of the distinct weeks."""
        hours_of: dict[int, _Hours] = {}
        weeks, found = self.weeks(closed_on=closed_on), {}
        for person_id, _, _, _, state, until_at in self.people:
            calendar = weeks.get(person_id)
            if id(calendar) not in hours_of:
                hours_of[id(calendar)] = _OFF if calendar is None else _hours_at(calendar, now)
            hours = hours_of[id(calendar)]
            holds = until_at is None or until_at > now
            usual = _staffed(hours, state if holds else None, until_at if holds else None)
            away = [one for one in self.away.get(person_id, ()) if one.until_at > now]
            row = _without(usual, away, calendar, now) if away else usual
            if row.presence == "off" and row.presence_until is not None and calendar is not None:
                row = replace(row, opens_at=_back_at(row.presence_until, away, calendar))
            extra = [one for one in self.extra.get(person_id, ()) if one.end_at > now - LATELY]
            found[person_id] = _beside(row, extra, away, calendar, now) if extra else row
        return found


def hours_book(desk_id: int, since: datetime) -> HoursBook:
    """Return what people's working time comes from, from an instant on, robots left out: three queries."""
    rows = tuples(
        f"select p.id, p.zone, {REGION_ZONE_OF}, h.week, s.state, s.until_at from people_person as p"
        " left join shifts_presence as s on s.person_id = p.id"
        " left join (select person_id, string_agg(weekday || ' ' || opens_min || ' ' || closes_min, ','"
        "  order by weekday, opens_min) as week from shifts_usualhours where person_id in"
        "  (select id from people_person where desk_id = %(desk)s) group by person_id) as h on h.person_id = p.id"
        " where p.desk_id = %(desk)s and p.is_active and not p.is_robot",
        {"desk": desk_id},
    )
    return HoursBook(rows, away_ahead(desk_id, since), extra_ahead(desk_id, since - SOON))


def staffed(desk_id: int, now: datetime, *, closed_on: Holidays = NO_HOLIDAYS) -> dict[int, Staffed]:
    """Return working time by person of a desk, robots left out: three queries.

    Nobody works on the dates *closed_on* of her place: of her zone, else of her region's. Somebody without known hours counts
    as off shift.
    """
    return hours_book(desk_id, now).at(now, closed_on=closed_on)


def _week(text: str) -> Week:
    """Return usual hours by weekday, from “weekday opens closes” joined by commas."""
    each = ([int(part) for part in span.split()] for span in text.split(","))
    return week_of((weekday, opens, closes) for weekday, opens, closes in each)


def _without(usual: Staffed, away: Sequence[Away], calendar: Calendar | None, now: datetime) -> Staffed:
    """Return the same working time without what she is away."""
    absence = away_at(away, now)
    is_absent, deputy_id = absence is not None, absence.deputy_id if absence else None
    if calendar is None:
        return replace(usual, is_absent=is_absent, deputy_id=deputy_id)
    lost = sum(
        seconds(span.length)
        for one in away
        if one.from_at < now + SOON
        for span in calendar.open_intervals(max(now, one.from_at), min(now + SOON, one.until_at))
    )
    back_from = usual.opens_at if absence is None else absence.until_at
    is_on = usual.is_on_shift and absence is None
    ahead = min((seconds(one.from_at - now) for one in away if one.from_at > now), default=usual.left_s)
    return replace(
        usual,
        is_on_shift=is_on,
        left_s=min(usual.left_s, ahead) if is_on else 0,
        next_week_s=usual.next_week_s - lost,
        opens_at=None if is_on or back_from is None else _back_at(back_from, away, calendar),
        is_absent=is_absent,
        deputy_id=deputy_id,
    )


def _beside(
    row: Staffed, extra: Sequence[Interval], away: Sequence[Away], calendar: Calendar | None, now: datetime
) -> Staffed:
    """Return the same working time with extra hours: she is on shift in them, unless she is away."""
    soon = now + SOON
    whole = list(hours_with(calendar, extra, now - LATELY, max(soon, *(one.end_at for one in extra))))
    here = outside(whole, ((one.from_at, one.until_at) for one in away))
    ahead = [(max(start, now), end) for start, end in here if end > now]
    is_on = bool(ahead) and ahead[0][0] == now
    until_at = row.presence_until if row.presence == "off" else None
    backs = [max(start, until_at or now) for start, end in ahead if until_at is None or end > until_at]
    is_open = any(start <= now < end for start, end in whole)
    passed = [at for span in whole for at in span if now - LATELY < at and (at < now or (at == now and not is_open))]
    return replace(
        row,
        is_on_shift=is_on,
        left_s=seconds(min(ahead[0][1], soon) - now) if is_on else 0,
        next_week_s=sum(seconds(min(end, soon) - start) for start, end in ahead if start < soon),
        opens_at=None if is_on and until_at is None else min([*backs, *filter(None, [row.opens_at])], default=None),
        changed_s=seconds(now - max(passed)) if passed else None,
    )


def _back_at(at: datetime, away: Sequence[Away], calendar: Calendar) -> datetime | None:
    """Return the first instant from *at* on at which somebody works and is not away."""
    opens_at = at if calendar.is_open(at) else calendar.next_opening(at)
    while opens_at is not None and (later := away_at(away, opens_at)) is not None:
        opens_at = later.until_at if calendar.is_open(later.until_at) else calendar.next_opening(later.until_at)
    return opens_at


def _staffed(hours: _Hours, presence: str | None, presence_until: datetime | None) -> Staffed:
    is_open, left, soon, opens_at, changed = hours
    return Staffed(
        is_on_shift=is_open, left_s=left, next_week_s=soon, opens_at=opens_at, presence=presence or "available",
        presence_until=presence_until, changed_s=changed,
    )  # fmt: skip


def team_calendars(desk_id: int, *, closed_on: Holidays) -> dict[int | None, tuple[Calendar, ...]]:
    """Return the different usual weeks of the people of each team, and of the whole desk (None): one query.

    A team of whose people somebody's hours are not known is left out: when nobody was there cannot be said of it.
    """
    rows = tuples(
        f"select p.id, p.zone, {REGION_ZONE_OF}, m.teams, h.hours from people_person as p"
        " left join lateral (select array_agg(team_id) as teams from people_membership where person_id = p.id) as m on true"
        " left join lateral (select array_agg(array[weekday::int, opens_min, closes_min] order by weekday, opens_min)"
        "  as hours from shifts_usualhours where person_id = p.id) as h on true"
        " where p.desk_id = %s and p.is_active and not p.is_robot order by p.id",
        [desk_id],
    )
    found: dict[int | None, dict[Calendar | None, None]] = defaultdict(dict)
    for _, zone, region_zone, teams, hours in rows:
        week = None
        if hours is not None:
            week = calendar_of(zone, week_of(hours), closed_on.of(zone, region_zone))
        for team_id in (None, *(teams or ())):
            found[team_id][week] = None
    return {team: tuple(week for week in weeks if week) for team, weeks in found.items() if None not in weeks}


def hours_of(person_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return usual hours by person, in order of the week."""
    hours: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in (
        models.UsualHours.objects.filter(person_id__in=list(person_ids))
        .order_by("weekday", "opens_min")
        .values("person_id", "weekday", "opens_min", "closes_min", "is_confirmed", "evidence")
    ):
        hours[row["person_id"]].append(dict(row))
    return hours


def presence_of(person_id: int, now: datetime) -> Mapping[str, Any] | None:
    """Return what a person says of herself, unless its time has passed."""
    row = models.Presence.objects.filter(person_id=person_id).values("state", "since_at", "until_at").first()
    return row if row and (row["until_at"] is None or row["until_at"] > now) else None


def hours_known(desk_id: int) -> dict[str, int]:
    """Return how many people's hours are known, by how: ``own``, ``team``, ``desk``, or ``confirmed`` by hand. One query."""
    rows = tuples(
        "select case when h.is_confirmed then 'confirmed' else coalesce(h.evidence ->> 'basis', 'own') end as how,"
        " count(distinct h.person_id) from shifts_usualhours as h join people_person as p on p.id = h.person_id"
        " where p.desk_id = %s group by 1",
        [desk_id],
    )
    return dict(rows)
