"""Open minutes backwards, and the most of them that a window can hold."""

from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.backtest.hours import FAR_MIN, Hours

some_hours = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda one: (one[0], sum(one))), max_size=4
).map(Hours)


@given(some_hours, st.integers(-5, 90), st.integers(0, 40))
def test_since_is_the_latest_minute_from_which_enough_is_open(hours, until, minutes):
    """As a walk back minute by minute finds it."""
    found = next((at for at in range(until, -10, -1) if hours.between(at, until) >= minutes), -FAR_MIN)
    assert hours.since(until, minutes) == found


@given(some_hours, st.integers(0, 30), st.integers(-5, 80), st.integers(-5, 80))
def test_most_is_the_best_of_all_windows(hours, length, first, last):
    """As trying every beginning finds it."""
    found = max((hours.between(at, at + length) for at in range(first, last + 1)), default=0)
    assert hours.most(length, first, last) == found
