"""Calendars against counting on the wall: whatever is asked of one, in every zone, is what a patient clerk would say.

Ten thousand cases in CI, a thousand elsewhere: `tests.engine.cases`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.cases import cases
from tests.engine.walls import (
    ALONE,
    BESIDE,
    KNOWN,
    REACH,
    TOGETHER,
    WRITTEN,
    body_of,
    open_steps,
    spans_of,
    step_s,
    tree_of,
)
from watchbill.engine.base.calendar import BusinessHours, BusinessTime
from watchbill.engine.base.combined import Way, combined, definition_of

LONGEST = 2400
FIRST = st.integers(-REACH // 2, REACH // 2)
LENGTH = st.integers(1, LONGEST)
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large)


def hours_of(hours: object) -> BusinessHours:
    if isinstance(hours, tuple):
        way, parts = hours
        return combined(Way(way), [hours_of(part) for part in parts])
    return definition_of(hours)


def check(hours: BusinessHours, told: list[bool], start: datetime, step: int) -> None:
    """Every duty of a calendar over the stretch from *start* on, of which *told* says what is open."""

    def at(number: int) -> datetime:
        return start + timedelta(seconds=number * step)

    spans, end = spans_of(told), at(len(told))
    assert [(one.start_at, one.end_at) for one in hours.open_intervals(start, end)] == [
        (at(first), at(after)) for first, after in spans
    ]
    counted = timedelta(seconds=sum(told) * step)
    assert hours.business_between(start, end) == counted
    assert hours.business_between(end, start) == -counted
    within = timedelta(seconds=(len(told) - 1) * step)
    assert hours.next_opening(start, horizon=within) == (at(spans[0][0]) if spans else None)
    assert hours.is_open(start) is told[0]
    passed = 0
    for first, after in spans:
        passed += after - first
        amount = BusinessTime(timedelta(seconds=passed * step))
        assert hours.add_business(start, amount) == at(after)
        assert hours.add_business(start, amount, horizon=at(after - 1) - start) is None
        half = BusinessTime(amount - timedelta(seconds=(after - first) * step) / 2)
        assert hours.add_business(start, half) == at(after) - timedelta(seconds=(after - first) * step) / 2


@settings(max_examples=cases(0.5), deadline=None, suppress_health_check=CHECKS)
@given(ALONE, FIRST, LENGTH)
def test_a_calendar_is_what_its_wall_shows(case, first, length):
    """Random hours, nights, holidays and special dates, near a change of clocks of any zone since 1901."""
    (zone, moment), said = case
    body, step = body_of(said, zone, moment), step_s(zone, moment)
    told = open_steps(body, moment, step, first, first + length)
    check(hours_of(body), told, moment + timedelta(seconds=first * step), step)


@settings(max_examples=cases(0.35), deadline=None, suppress_health_check=CHECKS)
@given(TOGETHER, FIRST, LENGTH)
def test_a_combination_is_what_the_walls_of_its_parts_show(case, first, length):
    """Unions and intersections of calendars of several zones, nested ones too."""
    (zone, moment), way, said, others = case
    tree = way, (body_of(said, zone, moment), *(tree_of(zone, moment, part) for part in others))
    step = step_s(zone, moment)
    told = open_steps(tree, moment, step, first, first + length)
    check(hours_of(tree), told, moment + timedelta(seconds=first * step), step)


@settings(max_examples=cases(0.15), deadline=None, suppress_health_check=CHECKS)
@given(st.tuples(st.sampled_from(KNOWN), WRITTEN), st.sampled_from(BESIDE), FIRST, LENGTH)
def test_a_calendar_in_another_zone_is_what_the_walls_there_show(case, home, first, length):
    """The same hours, read where the clocks change."""
    (zone, moment), said = case
    body, step = body_of(said, home, moment), step_s(zone, moment)
    told = open_steps({**body, "zone": zone}, moment, step, first, first + length)
    check(hours_of(body).in_zone(zone), told, moment + timedelta(seconds=first * step), step)
