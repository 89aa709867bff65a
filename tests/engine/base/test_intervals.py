"""Spans of time joined and taken away from each other, minute by minute the same as sets of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.base.intervals import Interval, merged, outside

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def minutes_of(found):
    return {minute for start, end in found for minute in range(start, end)}


def are_apart(found):
    return all(start < end for start, end in found) and all(one[1] < two[0] for one, two in pairwise(found))


@given(spans, spans)
def test_spans_hold_the_minutes_of_both_or_of_one_without_the_other(some, gone):
    """Whatever the order, and whether they overlap, touch or are empty; what comes out is sorted and does not touch."""
    whole = list(merged([*some, *gone]))
    assert minutes_of(whole) == minutes_of(some) | minutes_of(gone)
    assert are_apart(whole)
    left = list(outside(merged(some), gone))
    assert minutes_of(left) == minutes_of(some) - minutes_of(gone)
    assert are_apart(left)


def test_instants_are_joined_as_minutes_are():
    """Hours until noon and from noon on are one; without the hour around noon they are two."""
    hour = timedelta(hours=1)
    day = Interval(start_at=NOON - 4 * hour, end_at=NOON), Interval(start_at=NOON, end_at=NOON + 4 * hour)
    whole = list(merged(one.span for one in day))
    assert whole == [(NOON - 4 * hour, NOON + 4 * hour)]
    assert list(outside(whole, [(NOON, NOON + hour)])) == [(NOON - 4 * hour, NOON), (NOON + hour, NOON + 4 * hour)]


def test_no_more_is_looked_at_than_is_asked_for():
    """Of hours without an end, the first that are left are found."""
    days = ((24 * day + 9, 24 * day + 17) for day in count())
    left = outside(days, [(0, 48)])
    assert [next(left), next(left)] == [(57, 65), (81, 89)]
