"""Days that other programs get wrong, each with its number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from watchbill.engine.base.calendar import BusinessTime, Calendar

OFFICE = Calendar.working_week("UTC", "09:00-17:00")
LUNCH = Calendar.working_week("UTC", "09:00-12:00", "13:00-17:00")
SHIFTS = Calendar.working_week("UTC", "06:00-10:00", "14:00-18:00", "20:00-23:00", days=7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(number: float) -> BusinessTime:
    return BusinessTime(timedelta(hours=number))


@pytest.mark.parametrize(
    ("calendar", "start", "end", "passed"),
    [
        (LUNCH, "2026-03-02T11:00", "2026-03-02T14:00", 2),  # an hour on each side of lunch
        (LUNCH, "2026-03-02T12:10", "2026-03-02T12:50", 0),  # within lunch
        (SHIFTS, "2026-03-02T09:00", "2026-03-02T21:00", 6),  # 1 + 4 + 1
        (OFFICE, "2026-03-06T16:00", "2026-03-09T10:00", 2),  # Friday afternoon to Monday morning
        (OFFICE, "2026-03-07T00:00", "2026-03-08T23:59", 0),  # a weekend
        (OFFICE, "2028-02-28T16:00", "2028-03-01T10:00", 10),  # 29 February 2028, a Tuesday, is one whole day
        (OFFICE, "2027-02-26T16:00", "2027-03-01T10:00", 2),  # none in 2027
        (OFFICE, "2026-12-31T16:00", "2027-01-01T10:00", 2),  # a year ends on a Thursday
    ],
)
def test_time_between_two_instants(calendar, start, end, passed):
    """Only open hours count."""
    assert calendar.business_between(at(start), at(end)) == hours(passed)


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "due"),
    [
        (LUNCH, "2026-03-02T11:00", 1, "2026-03-02T12:00"),  # the end of the morning, not the end of lunch
        (LUNCH, "2026-03-02T11:00", 2, "2026-03-02T14:00"),
        (LUNCH, "2026-03-02T12:30", 1, "2026-03-02T14:00"),  # begun at lunch
        (SHIFTS, "2026-03-02T17:00", 5, "2026-03-03T07:00"),  # 1 + 3, and the first hour of the next day
        (OFFICE, "2026-03-06T16:00", 2, "2026-03-09T10:00"),
        (OFFICE, "2028-02-28T16:00", 9, "2028-02-29T17:00"),
        (OFFICE, "2026-12-31T16:00", 2, "2027-01-01T10:00"),
    ],
)
def test_time_added(calendar, start, amount, due):
    """The earliest instant by which the time has passed."""
    assert calendar.add_business(at(start), hours(amount)) == at(due)


def test_the_first_of_january_is_open_unless_it_is_a_holiday():
    """Two hours over the end of a year take one more day when New Year is one."""
    closed = Calendar.working_week("UTC", "09:00-17:00", closed_on=[date(2027, 1, 1)])
    assert closed.add_business(at("2026-12-31T16:00"), hours(2)) == at("2027-01-04T10:00")


@pytest.mark.parametrize(
    ("zone", "start", "length"),
    [
        ("Europe/Dublin", "2026-03-29T00:00+00:00", 23),
        ("Europe/Dublin", "2026-10-25T00:00+01:00", 25),
        ("Australia/Lord_Howe", "2026-04-05T00:00+11:00", 24.5),
        ("Australia/Lord_Howe", "2026-10-04T00:00+10:30", 23.5),
    ],
)
def test_a_day_of_23_or_24_and_a_half_or_25_hours(zone, start, length):
    """From midnight to midnight on a calendar that never closes, and 24 hours added to its midnight."""
    always, midnight = Calendar.always(zone), datetime.fromisoformat(start)
    one_date = Calendar.working_week(zone, "00:00-24:00", days=7)
    spans = list(one_date.open_intervals(midnight, midnight + timedelta(hours=length)))
    assert [one.length for one in spans] == [timedelta(hours=length)]
    assert (midnight + timedelta(hours=length)).astimezone(spans[0].end_at.tzinfo) == spans[0].end_at
    assert always.add_business(midnight, hours(24)) == midnight + timedelta(hours=24)
