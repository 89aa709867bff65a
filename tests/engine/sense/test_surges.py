"""More than usual: learned from what came, alarmed as rarely as stated, bursts found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as times
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.surges import (
    BINS,
    NOTHING_YET,
    SHIFTS,
    WEEK_H,
    Usual,
    increments,
    limits,
    raised,
    surges,
    thresholds,
    thresholds_held,
    usual,
    watch,
)

FLAT = Usual(means=(2.0,) * WEEK_H, size=4.0, weeks=8)
OFFICE = [12 if 8 <= hour % 24 < 18 and hour < 120 else 1 for hour in range(WEEK_H)]


def drawn(of: Usual, weeks: int, seed: int) -> np.ndarray:
    """Counts of 15 minutes of usual weeks: another generator and another way than the one under test."""
    rng = np.random.default_rng(seed)
    means = np.tile(np.repeat(np.asarray(of.means) / BINS, BINS), weeks)
    return rng.negative_binomial(of.size, of.size / (of.size + means))


def test_what_an_hour_of_the_week_brings_is_learned():
    """Eight weeks of office hours, begun on a Wednesday at 05:00: the means are where they belong."""
    rng = np.random.default_rng(1)
    first = 2 * 24 + 5
    counts = [int(rng.poisson(OFFICE[(first + n) % WEEK_H])) for n in range(8 * WEEK_H)]
    found = usual(counts, first_hour=first)
    assert found.weeks == 8
    assert found.means[24 + 12] == pytest.approx(12, rel=0.25)
    assert found.means[5 * 24 + 12] == pytest.approx(1, abs=0.8)
    assert sum(found.means) == pytest.approx(sum(OFFICE), rel=0.08)
    assert found.size > 20, "a Poisson varies little more than its mean"


def test_more_varied_numbers_have_a_smaller_size():
    """Negative binomials of size 3 are learned as such, near enough."""
    rng = np.random.default_rng(2)
    counts = [int(rng.negative_binomial(3, 3 / (3 + OFFICE[n % WEEK_H]))) for n in range(10 * WEEK_H)]
    assert 2 < usual(counts, first_hour=0).size < 4.5


def test_a_desk_that_grows_is_measured_by_its_latest_weeks():
    """Twice as much in the last two weeks: usual is nearer to that than to the mean of all."""
    counts = [OFFICE[n % WEEK_H] * (2 if n >= 6 * WEEK_H else 1) for n in range(8 * WEEK_H)]
    assert sum(usual(counts, first_hour=0).means) == pytest.approx(2 * sum(OFFICE), rel=0.02)


def test_too_little_history_says_nothing():
    """Two weeks and six days are too few; three weeks are enough."""
    assert usual([1] * (3 * WEEK_H - 1), first_hour=0) is None
    assert usual([1] * (3 * WEEK_H), first_hour=0) is not None
    assert limits([1] * (3 * WEEK_H - 1), first_hour=0, per_week=1) is None


def test_a_desk_on_which_nothing_ever_came_is_usual_too():
    """No division by nought, and one item is no surge by itself... but a flood is."""
    found = usual([0] * (4 * WEEK_H), first_hour=0)
    limit = thresholds(found, per_week=1)
    assert list(surges(found, limit, [0] * 100, first_bin=0)) == []
    assert list(surges(found, limit, [9] * 8, first_bin=0))


@pytest.mark.parametrize("per_week", [0.25, 1.0])
def test_usual_weeks_alarm_as_rarely_as_stated(per_week):
    """400 other weeks, drawn otherwise: within 30 % above what was asked for."""
    limit = thresholds(FLAT, per_week=per_week, seed=1)
    found = len(list(surges(FLAT, limit, drawn(FLAT, 400, 7).tolist(), first_bin=0)))
    assert 0.5 * per_week < found / 400 < 1.3 * per_week


@pytest.mark.parametrize(("more", "within_min"), [(12, 30), (8, 50)])
def test_bursts_are_found_in_time(more, within_min):
    """The targets of the method: base 2 an hour, one false alarm a week, bursts of two hours of +12 and +8 an hour: at
    least 95 % are found, half of them within 30 and 50 minutes."""
    limit = thresholds(FLAT, per_week=1)
    rng = np.random.default_rng(3)
    delays = []
    for seed in range(200):
        counts = drawn(FLAT, 1, 1000 + seed)
        at = int(rng.integers(200, 600))
        counts[at : at + 8] += rng.poisson(more / BINS, 8)
        in_burst = [
            one.bin - at + 1 for one in surges(FLAT, limit, counts.tolist(), first_bin=0) if at <= one.bin < at + 8
        ]
        delays.append(15 * in_burst[0] if in_burst else 10_000)
    assert sum(delay < 10_000 for delay in delays) >= 190
    assert sorted(delays)[100] <= within_min


def test_a_surge_says_since_when_and_how_much_more():
    """Three bins of ten after a quiet night: begun with the first of them."""
    (found, *_) = surges(FLAT, (3.0, 3.0), [0] * 20 + [10, 10, 10], first_bin=40)
    assert found.since == 60
    assert found.came == 10 * (found.bin - 59)
    assert found.expected == pytest.approx(0.5 * (found.bin - 59))


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(0, 59))
def test_the_watch_can_stop_and_go_on_anywhere(counts, cut):
    """What a process has seen is all that the next needs: the same surges as in one go."""
    seen, found = NOTHING_YET, []
    for part in (range(min(cut, len(counts))), range(min(cut, len(counts)), len(counts))):
        seen = tuple(replace(one) for one in seen)
        for number in part:
            seen, one = watch(FLAT, (4.0, 4.0), seen, bin=number, came=counts[number])
            found += [one] if one else []
    assert found == list(surges(FLAT, (4.0, 4.0), counts, first_bin=0))


@given(st.floats(0.01, 30), st.floats(0.5, 50), st.integers(0, 40))
def test_the_score_is_the_ratio_of_two_likelihoods(mean, size, count):
    """Against the two probabilities themselves, by their logarithms."""
    from math import lgamma, log

    def chance(m):
        return (
            lgamma(count + size)
            - lgamma(size)
            - lgamma(count + 1)
            + size * log(size / (size + m))
            + count * log(m / (size + m))
        )

    of = Usual(means=(mean,) * WEEK_H, size=size, weeks=4)
    for times_, more in SHIFTS:
        found = increments(of, mean, count, shift=(times_, more))[count]
        assert found == pytest.approx(chance(times_ * mean + more) - chance(mean), abs=1e-6)


@times(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.5, 1.0, 3.0]), st.integers(0, WEEK_H - 1))
def test_a_limit_was_passed_in_its_history_as_rarely_as_stated(seed, per_week, first_hour):
    """Whatever waits: counted anew from the levels, coming from below."""
    rng = np.random.default_rng(seed)
    levels = np.maximum(0, np.cumsum(rng.integers(-2, 3, 6 * WEEK_H))).tolist()
    found = limits(levels, first_hour=first_hour, per_week=per_week)
    passed, was_above = 0, False
    for number, level in enumerate(levels, start=first_hour):
        is_above = level > found.limits[number % WEEK_H] + 1e-9
        passed += is_above and not was_above
        was_above = is_above
    assert passed <= per_week * 6
    assert found.per_week == pytest.approx(passed / 6, abs=1e-9)


def test_never_is_no_rate():
    """A threshold for no alarm at all does not exist."""
    with pytest.raises(InvalidFacts, match="more than 0"):
        thresholds(FLAT, per_week=0)
    with pytest.raises(InvalidFacts, match="more than 0"):
        limits([1] * 600, first_hour=0, per_week=0)


def test_weeks_whose_days_differ_alarm_as_rarely_as_stated():
    """Days busier or quieter as a whole: simulated thresholds alone alarm often; those held against history do not."""
    rng = np.random.default_rng(5)
    weeks = []
    for _ in range(24):
        days = np.repeat(rng.gamma(12, 1 / 12, 7), 24 * BINS)
        weeks.append(rng.poisson(np.repeat(np.asarray(OFFICE) / BINS, BINS) * days))
    past, ahead = weeks[:12], weeks[12:]
    counts = np.concatenate(past).tolist()
    of = usual(np.concatenate(past).reshape(-1, BINS).sum(axis=1).tolist(), first_hour=0)
    simulated, held = thresholds(of, per_week=1), thresholds_held(of, counts, first_bin=0, per_week=1)
    told = [
        sum(len(raised(of, limit, week.tolist(), first_bin=0)) for week in ahead) / 12 for limit in (simulated, held)
    ]
    assert told[0] > 1
    assert told[1] <= 1
    assert thresholds_held(of, counts[: 3 * BINS * WEEK_H], first_bin=0, per_week=1) is None
    flood = weeks[12].copy()
    flood[200:208] += 12
    assert raised(of, held, flood.tolist(), first_bin=0)
