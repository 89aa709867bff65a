"""Distances between logs, against scipy and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from watchbill.engine.backtest.twin.distances import (
    MEASURES,
    Log,
    absolute,
    by_team,
    circadian,
    cycle,
    ngrams,
    relative,
    wasserstein,
    workforce,
)
from watchbill.engine.backtest.twin.legs import NEVER


def log(cases, *, wall_min=0):
    """Of cases (opened, pieces), a piece being (ended, skill, who); the last one's end is the case's."""
    rows = [(number, *piece) for number, (_, pieces) in enumerate(cases) for piece in pieces]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Log(
        opened_min=np.array([opened for opened, _ in cases], dtype=np.int64),
        done_min=np.array([pieces[-1][0] if pieces else NEVER for _, pieces in cases], dtype=np.int64),
        case=table[:, 0], ended_min=table[:, 1], skill=table[:, 2], who=table[:, 3], wall_min=wall_min,
    )  # fmt: skip


pieces = st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 3), st.integers(0, 3)), max_size=4)
logs = st.lists(st.tuples(st.integers(0, 20_000), pieces), min_size=1, max_size=6).map(log)


@given(logs, logs)
def test_every_distance_is_one(one, other):
    """Nothing of itself, the same both ways, never below nothing."""
    for _, _, _, measure in MEASURES:
        assert measure(one, one) == pytest.approx(0, abs=1e-12)
        assert measure(one, other) == pytest.approx(measure(other, one))
        assert measure(one, other) >= 0


@given(logs, logs)
def test_times_are_compared_as_scipy_does(one, other):
    """Cycle, absolute and relative times are Wasserstein distances in hours."""
    if one.ended_min.size and other.ended_min.size:
        assert absolute(one, other) == pytest.approx(wasserstein_distance(one.ended_min / 60, other.ended_min / 60))
        since = [(each.ended_min - each.opened_min[each.case]) / 60 for each in (one, other)]
        assert relative(one, other) == pytest.approx(wasserstein_distance(*since))
    if one.cycle_h.size and other.cycle_h.size:
        assert cycle(one, other) == pytest.approx(wasserstein_distance(one.cycle_h, other.cycle_h))


def test_nothing_against_something_is_without_end():
    """Two empty samples are the same; one alone is as far as can be."""
    none, one = np.zeros(0), np.ones(1)
    assert wasserstein(none, none) == 0
    assert wasserstein(none, one) == wasserstein(one, none) == float("inf")


def test_runs_of_teams_are_compared_as_shares():
    """Of one case through teams 1, 2 and one through 1 alone: of 4 and 3 trigrams they share the first, a third and a quarter."""
    one, other = log([(0, [(10, 1, 1), (20, 2, 1)])]), log([(0, [(10, 1, 1)])])
    # (-,-,1) (-,1,2) (1,2,-) (2,-,-) against (-,-,1) (-,1,-) (1,-,-)
    assert ngrams(one, other) == pytest.approx(1 - 1 / 4)
    assert ngrams(one, one) == 0


def test_an_hour_later_is_an_hour_apart():
    """On one weekday, the same work an hour later; on two other weekdays, as far as can be."""
    one, later, other = (log([(0, [(at, 1, 1)])]) for at in (600, 660, 600 + 1440))
    assert circadian(one, later) == workforce(one, later) == 1.0
    assert circadian(one, other) == 23.0


def test_the_wall_clock_is_what_counts():
    """The same hours, counted from another minute."""
    assert circadian(log([(0, [(600, 1, 1)])]), log([(0, [(540, 1, 1)])], wall_min=60)) == 0


def test_people_count_once_an_hour():
    """Three pieces of one person in an hour are as busy as one."""
    one, other = log([(0, [(600, 1, 1), (610, 1, 1), (620, 1, 1)])]), log([(0, [(600, 1, 1)])])
    assert workforce(one, other) == 0


def test_work_by_team_is_the_share_that_lies_elsewhere():
    """Half with team 2 against nothing."""
    assert by_team(log([(0, [(1, 1, 1), (2, 2, 1)])]), log([(0, [(1, 1, 1)])])) == 0.5
