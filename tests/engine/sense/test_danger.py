"""Danger is weight x probability x gain, and an item's worst promise speaks for it."""

from __future__ import annotations

import numpy as np
import pytest

from watchbill.engine.sense.danger import LEAST_GAIN, gains, ranks, weights


def floats(*numbers):
    return np.array(numbers, dtype=np.float64)


def test_an_act_that_hardly_lowers_a_risk_gains_nothing():
    """Half a point is the least that counts; what raises a risk gains nothing either."""
    assert gains(floats(0.5, 0.5, 0.5), floats(0.4, 0.497, 0.6)) == pytest.approx([0.1, 0, 0])


def test_the_worst_promise_ranks_its_item():
    """Of two promises of one item the greater product speaks for both; exactly one is the worst."""
    item = np.array([4, 4, 9])
    rank, is_worst = ranks(item, floats(2, 1, 8), floats(0.5, 0.9, 0.1), floats(0.2, 0.3, 0.0))
    assert rank == pytest.approx([0.27, 0.27, 8 * 0.1 * LEAST_GAIN])
    assert is_worst.tolist() == [False, True, True]


def test_equal_promises_have_one_worst():
    """Equal in all, the first speaks; nothing at all ranks nothing."""
    assert ranks(np.array([1, 1]), floats(1, 1), floats(0.4, 0.4), floats(0, 0))[1].tolist() == [True, False]
    assert len(ranks(np.empty(0, dtype=np.int64), floats(), floats(), floats())[0]) == 0


def test_weight_is_priority_times_tier():
    """A tier that is not listed counts once."""
    found = weights(
        np.array([1, 4]), ["premier", "odd"], by_priority={"1": 8, "2": 4, "3": 2, "4": 1}, by_tier={"premier": 1.5}
    )
    assert found == pytest.approx([12, 1])
