"""A draft beside what was done: what counts as a difference, the interval of a sum, and when the stop rule is broken."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.assign.shadow import Shadowed, StopRule, Sums
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority

ANA, BEN, CLEO = PersonId(1), PersonId(2), PersonId(3)


def choice(done, in_force, draft, p_done=None, p_draft=None):
    return Shadowed(item=ItemId(1), priority=Priority.P2, done=done, in_force=in_force, draft=draft, p_done=p_done, p_draft=p_draft)  # fmt: skip


def sums(values):
    return Sums(count=len(values), total=sum(values), squares=sum(v * v for v in values))


@pytest.mark.parametrize(
    ("one", "agrees", "difference"),
    [
        (choice(ANA, ANA, ANA), True, 0.0),
        (choice(CLEO, ANA, ANA), True, 0.0),  # the plan saw more than this item; the draft makes no difference
        (choice(BEN, ANA, BEN), True, 0.0),
        (choice(ANA, ANA, BEN, 0.25, 0.75), False, 0.5),
        (choice(ANA, ANA, None, 0.25), False, 0.75),
        (choice(None, None, BEN, None, 0.1), False, None),
        (choice(ANA, ANA, BEN, None, 0.5), False, None),
        (choice(ANA, ANA, BEN, 0.5, None), False, None),
    ],
)
def test_what_a_difference_is(one, agrees, difference):
    """Of those who differ the chances, where both are known; a draft is never credited with work that live left to nobody."""
    assert one.agrees is agrees
    assert one.difference == (None if difference is None else pytest.approx(difference))


def test_a_draft_that_is_worse_is_stopped_and_one_that_is_not_goes_on():
    """Beyond chance, after enough choices, and by more than the margin."""
    rule = StopRule(least=20, deviations=3.0, margin=0.5)
    worse = [0.4 if n % 2 else 0.2 for n in range(40)]
    assert rule.broken_by(sums(worse)).startswith("Stop rule: of 40 choices")
    assert rule.broken_by(sums(worse[:19])) == ""
    assert rule.broken_by(sums([-one for one in worse])) == ""
    assert rule.broken_by(sums([0.0] * 1000)) == ""
    assert StopRule(margin=20).broken_by(sums(worse)) == ""


def test_chance_alone_seldom_stops_one():
    """Of 300 drafts that are as good as what is in force, looked at after each of 400 choices, at most 3 in 100 are stopped."""
    luck, rule, stopped = random.Random(5), StopRule(), 0
    for _ in range(300):
        total = squares = 0.0
        for count in range(1, 401):
            value = luck.gauss(0, 0.3) if luck.random() < 0.2 else 0.0
            total, squares = total + value, squares + value * value
            if rule.broken_by(Sums(count=count, total=total, squares=squares)):
                stopped += 1
                break
    assert stopped <= 9


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=200))
def test_the_interval_holds_the_sum(values):
    """Whatever was seen: around the sum, as wide to both sides, and never of nothing but numbers."""
    low, high = sums(values).interval()
    assert low <= sum(values) + 1e-9
    assert high >= sum(values) - 1e-9
    assert not math.isnan(low)
    assert math.isclose(sum(values) - low, high - sum(values), abs_tol=1e-6)


@pytest.mark.parametrize("wrong", [{"least": 1}, {"deviations": 0}, {"margin": -1}])
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    """At once, in a sentence."""
    with pytest.raises(InvalidFacts, match="stop rule"):
        StopRule(**wrong)
