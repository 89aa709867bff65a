"""How the report writes numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.backtest.answer import Span
from watchbill.flows.backtest.report import figures

NUMBERS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (figures.number(-0.04), "0.0"),
        (figures.number(-1234.56), "\u22121,234.6"),
        (figures.number(None), "-"),
        (figures.points(0.04), "+0.04"),
        (figures.points(-0.02), "\u22120.02"),
        (figures.points(0.004), "0.0"),
        (figures.points(2.1), "+2.1"),
        (figures.points(-0.7), "\u22120.7"),
        (figures.fitting(4213.4), "4,213"),
        (figures.fitting(0), "0"),
        (figures.fitting(0.0421), "0.042"),
        (figures.fitting(0.421), "0.42"),
        (figures.hours(0.42), "0.4 h"),
        (figures.hours(319.4), "319 h"),
        (figures.long_hours(0.5), "30 min"),
        (figures.long_hours(336), "2 wk"),
        (figures.between(1.0, None), ""),
        (figures.between(-0.1, 2.84, figures.points), "\u22120.1 to +2.8"),
        (figures.share_of(0.967, 30), "29 of 30 replications"),
        (figures.share_of(1.0, 1), "1 of 1 replication"),
        (figures.day("2016-05-01T20:00:00+00:00", "Australia/Melbourne"), "2 May 2016"),
        (figures.day("2016-05-01"), "1 May 2016"),
        (figures.day("soon"), "soon"),
        (figures.day("2016-05-01T20:00:00+00:00", "No/Where"), "2016-05-01T20:00:00+00:00"),
        (figures.clipped("a long name", 7), "a long…"),
    ],
)
def test_numbers_are_said_as_people_say_them(said, wanted):
    """True minus, thousands apart, no sign on nothing, no more digits than mean something."""
    assert said == wanted


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (None, ""),
        (Span(mean=3.0, low=None, high=None), ""),
        (Span(mean=3.0, low=0.0, high=6.0), ""),
        (Span(mean=3.0, low=0.1, high=6.0), "better"),
        (Span(mean=-3.0, low=-6.0, high=-0.1), "worse"),
    ],
)
def test_clearly_needs_the_whole_interval(gain, said):
    """One that touches nothing is no difference, and a mean alone never is."""
    assert figures.clearly(gain) == said


@given(NUMBERS, NUMBERS, st.integers(2, 8))
def test_marks_of_an_axis_lie_on_it(one, other, wanted):
    """Round steps between the ends, growing, and not many more than were wanted."""
    low, high = sorted((one, other))
    marks = figures.steps(low, high, wanted)
    reach = max(high - low, 1e-9)
    assert all(low - 1e-6 * reach <= mark <= high + 1e-6 * reach for mark in marks)
    assert marks == sorted(set(marks))
    assert len(marks) <= wanted + 1
