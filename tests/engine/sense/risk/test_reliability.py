"""How forecasts are judged, on cases that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from watchbill.engine.sense.risk.facts import HOUR_US
from watchbill.engine.sense.risk.reliability import reliability


def judged(forecast, missed, **others):
    forecast, missed = np.array(forecast, dtype=float), np.array(missed)
    size = len(missed)
    given = {
        "usual": np.full(size, 0.5), "plain": np.full(size, 0.5), "item": np.arange(size), "at_us": np.zeros(size, dtype=np.int64),
        "due_us": np.full(size, 6 * HOUR_US), "seed": 1,
    }  # fmt: skip
    return reliability(forecast, missed, **(given | others))


def test_the_worked_number():
    """The numbers of docs/algorithms/risk.md: four snapshots, of which two were missed."""
    found = judged([0.9, 0.6, 0.7, 0.2], [1, 1, 0, 0])
    assert found.auc == pytest.approx(0.75)
    assert found.brier == pytest.approx((0.01 + 0.16 + 0.49 + 0.04) / 4)
    assert found.skill == pytest.approx(1 - 0.175 / 0.25)
    assert found.precision == pytest.approx(2 / 3)
    assert found.lead_h == 6


def test_ties_count_half():
    """Forecasts that say nothing have the chance of a coin."""
    assert judged([0.5] * 10, [1, 0] * 5).auc == pytest.approx(0.5)


def test_forecasts_that_come_true_as_often_as_they_say_are_calibrated():
    """Their gap is what chance makes of so many, and is told beside."""
    drawn = np.random.default_rng(3)
    forecast = drawn.random(20_000)
    missed = (drawn.random(20_000) < forecast).astype(int)
    found = judged(forecast, missed)
    assert found.ece < 0.015
    assert found.ece_if_perfect == pytest.approx(found.ece, abs=0.005)
    assert all(one.low <= one.missed <= one.high for one in found.bins)
    assert len(found.bins) == 15


def test_what_cannot_be_said_is_not_said():
    """Of nothing; of misses alone."""
    assert judged([], []).auc is None
    only = judged([0.9, 0.8], [1, 1])
    assert (only.auc, only.precision, only.lead_h, only.skill_hindsight) == (None, None, None, None)


def test_the_lead_is_from_the_first_warning():
    """One promise looked at twice: the earlier warning counts."""
    found = judged([0.9, 0.95, 0.1], [1, 1, 0], item=np.array([0, 0, 1]), at_us=np.array([1, 3, 1]) * HOUR_US)
    assert found.lead_h == 5
