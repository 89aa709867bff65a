"""Reads of working time from now on: people's weeks and absences as the engine takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from watchbill.apps.core.sql import tuples
from watchbill.apps.people.places import REGION_ZONE_OF
from watchbill.apps.shifts.queries import calendar_of
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.holidays import Holidays
from watchbill.engine.base.intervals import Interval


def weeks_of(person_ids: Sequence[int], *, closed_on: Holidays) -> dict[int, Calendar]:
    """Return the usual week of each of these people whose hours are known: one query."""
    weeks: dict[tuple[int, str, str | None], list[list[tuple[int, int]]]] = defaultdict(lambda: [[] for _ in range(7)])
    for person_id, zone, region_zone, weekday, opens, closes in tuples(
        f"select p.id, p.zone, {REGION_ZONE_OF}, h.weekday, h.opens_min, h.closes_min from people_person as p"
        " join shifts_usualhours as h on h.person_id = p.id where p.id = any(%(people)s) order by 1, 4, 5",
        {"people": list(person_ids)},
    ):
        weeks[person_id, zone, region_zone][weekday].append((opens, closes))
    return {
        person_id: calendar_of(zone, tuple(tuple(day) for day in week), closed_on.of(zone, region_zone))
        for (person_id, zone, region_zone), week in weeks.items()
    }


def away_of(person_ids: Sequence[int], now: datetime) -> dict[int, list[Interval]]:
    """Return the absences of these people that are not over at *now*, in order: one query."""
    found: dict[int, list[Interval]] = defaultdict(list)
    for person_id, from_at, until_at in tuples(
        "select person_id, from_at, until_at from shifts_absence where person_id = any(%(people)s)"
        " and until_at > %(now)s and cancelled_at is null order by 1, 2",
        {"people": list(person_ids), "now": now},
    ):
        found[person_id].append(Interval(start_at=from_at, end_at=until_at))
    return found
