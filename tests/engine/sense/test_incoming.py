"""What comes in by the hour of the week, and how wide the band is."""

from __future__ import annotations

import random

import pytest

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.incoming import WEEK_H, Arrivals, expected, quantile


def arrivals(*weeks, effort=30):
    """Weeks of 168 counts each; every item is *effort* minutes of work."""
    counts = [count for week in weeks for count in week]
    return Arrivals(counts=counts, effort_min=[effort * count for count in counts])


def week(**at):
    """A quiet week but for the hours named, as in h5=3."""
    counts = [0] * WEEK_H
    for name, count in at.items():
        counts[int(name[1:])] = count
    return counts


def test_the_hour_of_the_week_is_what_counts():
    """Three weeks that bring 2, 4 and 6 items in the second hour from now make four expected there, and none before."""
    first, second, *_ = expected(arrivals(week(h1=2), week(h1=4), week(h1=6)), hours=4)
    assert first.mean_min == 0
    assert second.mean_min == pytest.approx(4 * 30)


def test_expected_work_adds_up_and_the_band_holds_it():
    """Cumulative sums never fall, and the mean lies within its band."""
    chance = random.Random(1)
    weeks = [[chance.randrange(5) for _ in range(WEEK_H)] for _ in range(6)]
    ahead = expected(arrivals(*weeks), hours=24)
    means = [one.mean_min for one in ahead]
    assert means == sorted(means)
    assert all(one.low_min <= one.mean_min <= one.high_min for one in ahead[2:])


def test_no_whole_week_expects_nothing():
    """Less than a week of history says nothing, rather than something from half a week."""
    half = Arrivals(counts=[3] * 100, effort_min=[90] * 100)
    assert {one.mean_min for one in expected(half, hours=8)} == {0.0}


def test_a_poisson_and_a_wider_quantile():
    """Poisson of mean 4: P(X <= 7) = 0.949, P(X <= 6) = 0.889; more spread moves the quantile out."""
    assert quantile(0.9, mean=4, variance=4) == 7
    assert quantile(0.1, mean=4, variance=4) == 2
    assert quantile(0.9, mean=4, variance=20) > 7
    assert quantile(0.9, mean=400, variance=400) == pytest.approx(425.6, abs=0.1)
    assert quantile(0.9, mean=0, variance=0) == 0


def test_what_cannot_be_is_refused():
    """Lists of different length, negative arrivals and a horizon beyond a week."""
    with pytest.raises(InvalidFacts):
        Arrivals(counts=[1], effort_min=[])
    with pytest.raises(InvalidFacts):
        Arrivals(counts=[-1], effort_min=[0])
    with pytest.raises(InvalidFacts):
        expected(arrivals(week()), hours=200)
