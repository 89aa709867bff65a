"""When work goes with the sun: its owner is away, and nobody of her region is at work either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from watchbill.apps.clocks.loads import Gap
from watchbill.apps.people.abilities import Ability
from watchbill.apps.shifts.absences import Away, away_at
from watchbill.apps.shifts.hours import Spans, closed_since
from watchbill.apps.shifts.queries import HoursBook, Staffed
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.intervals import Interval
from watchbill.engine.sense.due import SEEN_H


def gaps_of(
    people: Mapping[int, Ability],
    shifts: Mapping[int, Staffed],
    spans: Mapping[int, Spans],
    weeks: Mapping[int, Calendar],
    book: HoursBook,
    *,
    horizon_h: int,
    now: datetime,
) -> dict[int, Gap]:
    """Return by person from when on she and her region are away, until she is back, if that begins within the horizon.

    Whoever has colleagues of her region at work is not missed yet. People whose hours are not known have no gap.
    """
    left_at = {person: _left_at(week, book.extra.get(person, ()), now) for person, week in weeks.items()}
    there, left = _by_region(people, spans, left_at)
    found = {}
    for person, one in people.items():
        if person not in shifts or person not in weeks:
            continue
        gap = _gap(shifts[person], spans.get(person, ()), left_at[person], book.away.get(person, ()), now)
        if gap is None:
            continue
        leaves_at = _region_leaves(max(gap.leaves_at, now), there[one.region_id], now)
        if leaves_at == now:  # nobody is there: since when?
            leaves_at = max(gap.leaves_at, left[one.region_id])
        if leaves_at < min(gap.returns_at, now + timedelta(hours=horizon_h)):
            found[person] = Gap(leaves_at=leaves_at, returns_at=gap.returns_at, left_min=gap.left_min)
    return found


def _left_at(week: Calendar, extra: Sequence[Interval], now: datetime) -> datetime:
    """When somebody's last hours before now ended, usual or extra ones."""
    return max([closed_since(week, now), *(one.end_at for one in extra if one.end_at <= now)])


def _by_region(
    people: Mapping[int, Ability], spans: Mapping[int, Spans], left_at: Mapping[int, datetime]
) -> tuple[dict[int | None, list[tuple[int, int]]], dict[int | None, datetime]]:
    """By region when somebody is at work, in order, and when the last shift before now ended."""
    there: dict[int | None, set[tuple[int, int]]] = defaultdict(set)
    left: dict[int | None, datetime] = {}
    for person, one in people.items():
        there[one.region_id].update(spans.get(person, ()))
        if (at := left_at.get(person)) is not None:
            left[one.region_id] = max(at, left.get(one.region_id, at))
    return {region: sorted(times) for region, times in there.items()}, left


def _region_leaves(at: datetime, there: Sequence[tuple[int, int]], now: datetime) -> datetime:
    """From *at* on, the first instant at which nobody of a region is at work."""
    minute = (at - now) / timedelta(minutes=1)
    for start, end in there:
        if start > minute:
            break
        minute = max(minute, end)
    return now + timedelta(minutes=minute)


def _gap(shift: Staffed, spans: Spans, left_at: datetime, away: Sequence[Away], now: datetime) -> Gap | None:
    """When a person is away next, or since when she has been; None when that is not known."""
    if spans and spans[0][0] <= 0:
        left_min = spans[0][1]
        back_min = spans[1][0] if len(spans) > 1 else 60 * SEEN_H
        return Gap(
            leaves_at=now + timedelta(minutes=left_min), returns_at=now + timedelta(minutes=back_min), left_min=left_min
        )
    if shift.is_on_shift or shift.opens_at is None:
        return None
    absence = away_at(away, now)
    return Gap(
        leaves_at=left_at if absence is None else min(left_at, absence.from_at), returns_at=shift.opens_at, left_min=0
    )
