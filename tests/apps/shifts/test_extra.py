"""Extra hours beside usual ones and absences: on shift in them, for as long as both last, unless she is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories import BOSS, NOW, make_desk, make_extra, make_person
from watchbill.apps.shifts.absences import Away, absence_add
from watchbill.apps.shifts.extra import extra_of
from watchbill.apps.shifts.hours import present, present_without
from watchbill.apps.shifts.queries import LATELY, HoursBook, staffed
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.intervals import Interval

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = "0 480 720,0 780 1020,1 480 720,1 780 1020,2 480 720,2 780 1020,3 480 720,3 780 1020,4 480 720,4 780 1020"
"""Eight to twelve and one to five, Monday to Friday."""


@pytest.fixture
def desk(db):
    return make_desk(zone="UTC", has_clocks=False)


@pytest.fixture
def ana(desk):
    person = make_person(desk, "Ana")
    usual_hours_set(person, desk_id=desk, week=[["09:00-17:00"]] * 7, by=BOSS, now=NOW)
    return person


def works_on(desk, person, begin, end):
    """Extra hours from *begin* to *end* o'clock of the first day."""
    make_extra(desk, person, MONDAY + begin * HOUR, MONDAY + end * HOUR)


def test_a_shift_that_is_cut_short_is_not_made_whole_by_extra_hours(desk, ana):
    """From seven on beside nine to five, and away from eleven to one: at eight three hours are left, not nine."""
    works_on(desk, ana, 7, 9)
    absence_add(ana, from_at=MONDAY + 11 * HOUR, until_at=MONDAY + 13 * HOUR, by=BOSS, now=MONDAY)
    row = staffed(desk, MONDAY + 8 * HOUR)[ana]
    assert (row.is_on_shift, row.left_s) == (True, 3 * 3600)


def test_extra_hours_within_an_absence_are_not_worked(desk, ana):
    """Asked to stay from five on, she is away from three on: after lunch one hour is left, and it is not more tomorrow."""
    works_on(desk, ana, 17, 20)
    absence_add(ana, from_at=MONDAY + 15 * HOUR, until_at=MONDAY + 32 * HOUR, by=BOSS, now=MONDAY)
    row = staffed(desk, MONDAY + 14 * HOUR)[ana]
    assert (row.left_s, row.next_week_s) == (3600, (1 + 6 * 8 + 5) * 3600)
    away = staffed(desk, MONDAY + 18 * HOUR)[ana]
    assert (away.is_on_shift, away.is_absent, away.opens_at) == (False, True, MONDAY + 33 * HOUR)


def test_hours_on_both_sides_of_a_shift_are_one_with_it(desk, ana):
    """From seven to nine and from five to seven: at eight eleven hours are left, and she has been there for one."""
    works_on(desk, ana, 7, 9)
    works_on(desk, ana, 17, 19)
    row = staffed(desk, MONDAY + 8 * HOUR)[ana]
    assert (row.left_s, row.changed_s) == (11 * 3600, None)
    assert staffed(desk, MONDAY + 7.5 * HOUR)[ana].changed_s == 1800
    assert extra_of([ana], MONDAY + 10 * HOUR) == {
        ana: [Interval(start_at=MONDAY + 17 * HOUR, end_at=MONDAY + 19 * HOUR)]
    }


def spans_of(hours):
    return st.lists(st.integers(0, hours), min_size=2, max_size=6, unique=True).map(
        lambda edges: edges[len(edges) % 2 :]
    )


spans = spans_of(96)


@given(spans, spans, st.integers(0, 47))
def test_working_time_with_extra_hours_is_what_counting_quarters_says(gone, more, hour):
    """Against each quarter of an hour by itself: on shift, time left, time in a week, back when, since when it is so."""
    calendar = Calendar.working_week("UTC", "08:00-12:00", "13:00-17:00")
    now = MONDAY + hour * HOUR
    away, extra = (
        [(MONDAY + first * HOUR, MONDAY + last * HOUR) for first, last in zip(*(sorted(edges)[n::2] for n in (0, 1)), strict=True)]
        for edges in (gone, more)
    )  # fmt: skip

    def is_hers(at):
        return calendar.is_open(at) or any(begin <= at < end for begin, end in extra)

    def works(at):
        return is_hers(at) and not any(begin <= at < end for begin, end in away)

    book = HoursBook(
        people=[(1, "UTC", None, WEEK, None, None)],
        away={1: [Away(*one) for one in away]},
        extra={1: [Interval(start_at=begin, end_at=end) for begin, end in extra]},
    )
    row = book.at(now)[1]
    quarters = [now + n * HOUR / 4 for n in range(4 * 24 * 8)]
    assert row.is_on_shift == works(now)
    assert row.left_s == next(n for n, at in enumerate(quarters) if not works(at)) * 900
    assert row.next_week_s == sum(works(at) for at in quarters[: 7 * 96]) * 900
    assert row.opens_at == (None if works(now) else next(at for at in quarters if works(at)))
    before = [now - n * HOUR / 4 for n in range(int(LATELY / HOUR * 4) + 1)]
    changes = [
        n for n, at in enumerate(before[:-1]) if is_hers(at) != is_hers(before[n + 1]) and (n or not is_hers(now))
    ]
    assert row.changed_s == (changes[0] * 900 if changes else None)


@given(spans_of(168), spans_of(168))
@example([], [120, 126])
def test_presence_with_extra_hours_is_what_counting_quarters_says(gone, more):
    """All minutes, and those at night or at the weekend, of a week; extra hours within usual ones count once."""
    calendar = Calendar.working_week("Europe/Berlin", "08:00-12:00", "13:00-17:00")
    since, until = MONDAY, MONDAY + 168 * HOUR
    away, extra = (
        [(MONDAY + first * HOUR, MONDAY + last * HOUR) for first, last in zip(*(sorted(edges)[n::2] for n in (0, 1)), strict=True)]
        for edges in (gone, more)
    )  # fmt: skip
    quarters = [since + n * HOUR / 4 for n in range(4 * 168)]
    there = [
        at
        for at in quarters
        if (calendar.is_open(at) or any(begin <= at < end for begin, end in extra))
        and not any(begin <= at < end for begin, end in away)
    ]
    hours = [Interval(start_at=begin, end_at=end) for begin, end in extra]
    found = present_without(calendar, since, until, [Away(*one) for one in away], hours)
    assert found.all_min == 15 * len(there)
    assert found.unpopular_min == 15 * sum((at + HOUR).weekday() > 4 or not 6 <= (at + HOUR).hour < 22 for at in there)
    assert present_without(calendar, since, until, []) == present(calendar, since, until)
