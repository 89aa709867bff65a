"""Hours of the local week: where they begin in any zone, and what comes or waits in them, over clock changes, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.sense.alarms import HOUR, by_local_time, hour_of_week, hour_start, hours_between

ZONES = (
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Europe/Berlin",
)
BACK = datetime(2026, 4, 4, 16, 30, tzinfo=UTC)
"""Adelaide: 03:00 becomes 02:00."""
FORWARD = datetime(2026, 10, 3, 16, 30, tzinfo=UTC)
"""Adelaide: 02:00 becomes 03:00."""


@pytest.mark.parametrize(
    ("zone", "at", "begins", "of_week"),
    [
        ("UTC", (2026, 3, 2, 9, 44), (2026, 3, 2, 9, 0), 9),
        ("Asia/Kolkata", (2026, 3, 2, 9, 44), (2026, 3, 2, 9, 30), 15),
        ("Asia/Kolkata", (2026, 3, 2, 9, 29), (2026, 3, 2, 8, 30), 14),
        ("Asia/Kathmandu", (2026, 3, 2, 9, 44), (2026, 3, 2, 9, 15), 15),
        ("Australia/Adelaide", (2026, 4, 4, 16, 29), (2026, 4, 4, 15, 30), 5 * 24 + 26),
        ("Australia/Adelaide", (2026, 4, 4, 16, 31), (2026, 4, 4, 16, 30), 5 * 24 + 26),
        ("Australia/Adelaide", (2026, 10, 3, 16, 31), (2026, 10, 3, 16, 30), 5 * 24 + 27),
    ],
)
def test_an_hour_begins_where_the_local_clock_says(zone, at, begins, of_week):
    """Half an hour, or a quarter, after one of UTC, where the zone says so; on the nights of clock changes, too."""
    instant = datetime(*at, tzinfo=UTC)
    assert hour_start(instant, zone) == datetime(*begins, tzinfo=UTC)
    assert hour_of_week(hour_start(instant, zone), zone) == of_week


@given(zone=st.sampled_from(ZONES), start=st.integers(0, 2 * 365 * 24 * 60), many=st.integers(1, 400))
def test_hours_follow_each_other_and_hold_every_instant(zone, start, many):
    """Whatever the zone does to its clock: hours rise, none is longer than an hour and a half, and each instant's own is among them."""
    since = hour_start(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=start), zone)
    until = since + many * HOUR
    hours = list(hours_between(since, until, zone))
    assert all(timedelta() < after - before <= 1.5 * HOUR for before, after in pairwise(hours))
    assert {hour_start(since + n * HOUR / 4, zone) for n in range(4 * many)} <= set(hours)


def test_what_comes_and_what_waits_are_read_over_clock_changes():
    """Of 24 hours a day: what came in the hour that is twice is one sum, what waited is its end; where one is missing nothing came, and
    as much waited as before.
    """
    adelaide = {"zone": "Australia/Adelaide"}
    since = hour_start(BACK, **adelaide) - 3 * HOUR
    rising = {since + n * HOUR: float(n) for n in range(7)}
    assert by_local_time(rising, **adelaide, since=since, until=since + 7 * HOUR) == [0, 1, 2 + 3, 4, 5, 6]
    assert by_local_time(rising, **adelaide, since=since, until=since + 7 * HOUR, is_level=True) == [0, 1, 3, 4, 5, 6]
    since = FORWARD - 3 * HOUR
    rising = {since + n * HOUR: float(n + 1) for n in range(5)}
    assert by_local_time(rising, **adelaide, since=since, until=since + 5 * HOUR) == [1, 2, 3, 0, 4, 5]
    assert by_local_time(rising, **adelaide, since=since, until=since + 5 * HOUR, is_level=True) == [1, 2, 3, 3, 4, 5]
    assert datetime(2026, 10, 4, 3, tzinfo=ZoneInfo("Australia/Adelaide")) == FORWARD
