"""Shares with their intervals, and who stands out."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.report import Proportion, compare, wilson


def test_the_worked_number():
    """The number of docs/algorithms/report.md: 45 of 50 are 90 %, and the interval is 78.6 % to 95.7 %."""
    low, high = wilson(45, 50)
    assert (round(low, 4), round(high, 4)) == (0.7864, 0.9565)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_an_interval_holds_its_share_and_stays_within_nought_and_one(a, b):
    """Whatever was counted."""
    hits, total = min(a, b), max(a, b)
    low, high = wilson(hits, total)
    assert 0 <= low <= high <= 1
    if total:
        assert low <= hits / total <= high


@given(st.integers(0, 200), st.integers(1, 200))
def test_an_interval_is_what_the_score_test_does_not_refute(hits, more):
    """Its ends are shares at which the standardised distance is exactly 1.96 (the definition, reckoned anew)."""
    total = hits + more
    low, high = wilson(hits, total)
    for end in (low, high):
        if 0 < end < 1:
            assert abs(hits / total - end) / (end * (1 - end) / total) ** 0.5 == pytest.approx(1.959964, abs=1e-4)


def test_it_covers_as_often_as_it_says():
    """Of 4,000 samples of 40 from a share of 0.9 about 95 % of the intervals hold 0.9."""
    draw = random.Random(7)
    held = 0
    for _ in range(4000):
        low, high = wilson(sum(draw.random() < 0.9 for _ in range(40)), 40)
        held += low <= 0.9 <= high
    assert 0.93 <= held / 4000 <= 0.98


def test_nothing_is_anything():
    """Of nothing there is no share, and its interval is everything."""
    nothing = Proportion(hits=0, total=0)
    assert (nothing.share, nothing.interval, nothing.is_small) == (None, (0, 1), True)


def test_more_hits_than_there_were_are_refused():
    """A count that cannot be is a fault of the caller."""
    with pytest.raises(InvalidFacts):
        Proportion(hits=3, total=2)


def test_noise_accuses_hardly_anybody():
    """Sixty people who do all the same: in 200 desks, somebody is named on fewer than one of ten."""
    draw = random.Random(11)
    named = 0
    for _ in range(200):
        people = {n: Proportion(hits=sum(draw.random() < 0.2 for _ in range(80)), total=80) for n in range(60)}
        named += any(one.stands_out for one in compare(people))
    assert named < 20


def test_who_differs_clearly_stands_out():
    """Sixty of a hundred beside a desk of one in ten; three of four does not, because four are too few to say."""
    found = compare(
        {
            "clear": Proportion(hits=60, total=100), "few": Proportion(hits=3, total=4),
            **{f"p{n}": Proportion(hits=10, total=100) for n in range(20)},
        }
    )  # fmt: skip
    assert [one.key for one in found if one.stands_out] == ["clear"]
    assert found[0].key == "few"
    assert found[1].others == Proportion(hits=203, total=2004)


def test_one_group_alone_has_nobody_to_differ_from():
    """A desk of one person accuses nobody."""
    (one,) = compare({"only": Proportion(hits=90, total=100)})
    assert not one.stands_out
