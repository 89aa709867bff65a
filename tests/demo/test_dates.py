"""How the log's dates are moved: pure, for any day."""

from datetime import UTC, date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchbill.demo import dates
from watchbill.demo.desk import OFFICE, calendars

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 1, 1))


@given(DAYS)
def test_today_falls_in_the_eighth_week(today):
    """Whatever today is: moved back by as many weeks, it lies in the log's week of 18 April 2016."""
    there = today - timedelta(weeks=dates.weeks_to_shift(today))
    assert date(2016, 4, 18) <= there <= date(2016, 4, 24)
    assert there.weekday() == today.weekday()


def test_own_week_of_the_log_is_not_moved():
    """In the log's own eighth week nothing moves; a week later everything by one."""
    assert dates.weeks_to_shift(date(2016, 4, 20)) == 0
    assert dates.weeks_to_shift(date(2016, 4, 24)) == 0
    assert dates.weeks_to_shift(date(2016, 4, 25)) == 1
    assert dates.weeks_to_shift(date(2016, 4, 17)) == -1
    assert dates.weeks_to_shift(date(2026, 11, 22)) == 552


@given(DAYS)
def test_story_begins_on_a_day_on_which_the_office_works(today):
    """In this very week, today or before, in office hours: on a holiday or a weekend at the Monday."""
    begins_at, weeks = dates.begins_at(today), dates.weeks_to_shift(today)
    assert begins_at.date() <= today < begins_at.date() + timedelta(days=7)
    assert calendars(weeks)[OFFICE].is_open(begins_at)


def test_story_begins_today_while_the_log_works():
    """Monday to Wednesday are told as they come; Thursday to Sunday begin on Monday."""
    monday = date(2026, 11, 16)
    begins = [dates.first_day(monday + timedelta(days=n)) for n in range(7)]
    assert begins == [monday, monday + timedelta(days=1), monday + timedelta(days=2), *[monday] * 4]


@given(DAYS)
def test_holidays_of_the_log_move_alike(today):
    """Good Friday stays a Friday, Tiradentes a Thursday, and the office is closed on them."""
    weeks = dates.weeks_to_shift(today)
    closed = dates.closed_on(weeks)
    assert [day.weekday() for day in closed] == [4, 3, 4]
    assert calendars(weeks)[OFFICE].closed_on == frozenset(closed)


def test_story_ends_after_the_last_arrivals():
    """Four weeks after the eighth Monday, at local midnight."""
    assert dates.ends_at(0).astimezone(UTC).isoformat() == "2016-05-16T03:00:00+00:00"
    assert dates.ends_at(3) - dates.ends_at(0) == timedelta(weeks=3)
