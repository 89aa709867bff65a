"""Arrivals by hour of the week, and how much days vary beyond chance, are found in counts that were drawn with both known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.engine.backtest.twin.oddlogs import Odd, told
from watchbill.engine.backtest.twin.arrivals import Arrivals, arrivals_of, wall_hours
from watchbill.engine.backtest.twin.history import Told, history_of
from watchbill.engine.backtest.twin.legs import legs_of
from watchbill.engine.backtest.twin.staff import staff_of

UTC_ZONE = ZoneInfo("UTC")
HOURS = np.arange(168)
PER_HOUR = np.where((HOURS // 24 < 5) & (HOURS % 24 >= 8) & (HOURS % 24 < 18), 12.0, 0.0)


def drawn(size, *, weeks=200, seed=1):
    known = Arrivals(per_hour=PER_HOUR, size=size, counted=0, closed_share=0.0)
    hours = np.tile(HOURS, weeks)
    return known.draw(hours, np.zeros(hours.size, dtype=bool), seed).reshape(weeks, 7, 24)


@pytest.mark.parametrize("size", [5.0, 20.0, float("inf")])
def test_days_vary_as_they_were_told_to(size):
    """The mean is that of the hour, and the variance of a day is that of a negative binomial of this size."""
    days = drawn(size).sum(axis=2)[:, :5].ravel()
    assert days.mean() == pytest.approx(120, rel=0.05)
    assert days.var() == pytest.approx(120 + 120**2 / size, rel=0.2)


def test_nothing_comes_on_a_holiday_of_which_nothing_is_known():
    """The share of holidays multiplies the hour's mean."""
    known = Arrivals(per_hour=PER_HOUR, size=9.0, counted=0, closed_share=0.0)
    assert known.draw(HOURS, np.ones(168, dtype=bool), 1).sum() == 0


@pytest.mark.parametrize("size", [4.0, 30.0])
def test_hours_and_size_are_found_in_what_was_drawn(size):
    """Four weeks of items drawn with a known size: the hours within a fifth, the spread of days within a third of itself."""
    counts = drawn(size, weeks=5, seed=2)
    begin = datetime(2026, 6, 1, tzinfo=UTC)
    lines = [
        Told(f"C{week}-{day}-{hour}-{number}", at.isoformat(), at.isoformat(), "new", 3, "", "A", None, False)
        for (week, day, hour), count in np.ndenumerate(counts)
        for number in range(count)
        for at in (begin + timedelta(days=7 * week + day, hours=hour),)
    ]
    history = history_of(lines, zone=UTC_ZONE)
    found = arrivals_of(history, staff_of(history, legs_of(history)))
    real = counts.reshape(5, 168)[1:].mean(axis=0)
    assert found.per_hour.sum() == pytest.approx(real.sum(), rel=0.2)
    assert found.per_hour[PER_HOUR == 0].sum() == 0
    beyond, truth = 1 / found.size**0.5, 1 / size**0.5
    assert abs(beyond - truth) < 0.5 * truth


def test_hours_of_the_week_follow_the_wall():
    """Over a clock change the hour of the week is what the wall shows."""
    history = told(Odd(begins_at=datetime(2026, 10, 19, 6, tzinfo=UTC)))
    since = history.opened_us[0] // 3_600_000_000 * 3_600_000_000
    hours, _ = wall_hours(history, staff_of(history, legs_of(history)), int(since), int(since) + 7 * 86_400_000_000)
    first = datetime.fromtimestamp(since / 1e6, tz=history.zone)
    assert hours[0] == 24 * first.weekday() + first.hour
    # A week of 168 hours on the clock ends an hour earlier on the wall.
    assert hours[-1] == (hours[0] + 166) % 168
