"""Intervals and paired differences."""

import math

import pytest

from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.backtest.compare import best_of, interval, paired
from watchbill.engine.backtest.outcome import gini, quantile
from watchbill.engine.backtest.rules import Pull, fifo, strict_priority
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority


def test_an_interval_by_hand():
    """1, 2, 3: mean 2, deviation 1, t of two degrees 4.303, half width 2.484."""
    found = interval([1, 2, 3])
    assert (found.mean, found.low, found.high) == pytest.approx((2, -0.4841, 4.4841), abs=1e-3)


def test_one_value_says_nothing_of_the_rest():
    """Its limits are infinite, and no value is an error."""
    assert interval([5]).low == -math.inf
    with pytest.raises(InvalidFacts):
        interval([])


def test_differences_are_paired():
    """What both policies meet cancels out: a constant lead has no width."""
    rush = [case(1, due_min=200, effort_min=60), case(2, due_min=60, priority=Priority.P1)]
    desk = model(rush, [agent()])
    early, late = (simulate(desk, Pull("p", rule)).figures() for rule in (strict_priority, fifo))
    assert (early.attainment, late.attainment) == (100, pytest.approx(20))
    lead = paired([early, early], [late, late], lambda run: run.p1)
    assert (lead.mean, lead.low, lead.high) == (100, 100, 100)
    assert best_of({"late": [late], "early": [early]}, lambda run: run.attainment) == "early"
    with pytest.raises(InvalidFacts):
        paired([early], [], lambda run: run.p1)


def test_gini_and_quantiles_by_hand():
    """All equal is 0, one of four with everything is 0.75; a quantile is a value that occurs."""
    assert gini([2, 2, 2]) == pytest.approx(0)
    assert gini([0, 0, 0, 4]) == pytest.approx(0.75)
    assert gini([0, 0]) == 0
    assert [quantile([1, 2, 3, 4], share) for share in (0, 0.5, 0.51, 0.95, 1)] == [1, 2, 3, 4, 4]
