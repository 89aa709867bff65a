"""When a promise had used which share of its target, as its clock stood then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchbill.engine.base.calendar import BusinessTime, Calendar
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.clocks import Cause, Phase, Segment
from watchbill.engine.sense.risk import NEVER
from watchbill.engine.sense.risk.promised import reached

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALWAYS = {"always": Calendar.always()}


def segment(phase, from_h, to_h, *, target_h):
    return Segment(
        phase=phase, from_at=START + timedelta(hours=from_h), to_at=None if to_h is None else START + timedelta(hours=to_h),
        business=BusinessTime(timedelta(hours=0 if to_h is None else to_h - from_h)),
        target=None if target_h is None else BusinessTime(timedelta(hours=target_h)), cause=Cause.STARTED, event=0, because="",
        calendar="always",
    )  # fmt: skip


def hours(found):
    return [None if one.at_us == NEVER else (instant_of(one.at_us) - START) / timedelta(hours=1) for one in found]


def test_a_clock_that_runs_reaches_each_quarter():
    """Eight hours: at once, after two, four and six; due is the same each time."""
    found = reached([segment(Phase.RUNNING, 0, None, target_h=8)], ALWAYS)
    assert hours(found) == [0, 2, 4, 6]
    assert {instant_of(one.due_us) for one in found} == {START + timedelta(hours=8)}
    assert [one.left_s / 3600 for one in found] == [8, 6, 4, 2]


def test_what_ended_before_is_not_reached():
    """Met after three hours: half was never used."""
    assert hours(reached([segment(Phase.RUNNING, 0, 3, target_h=8)], ALWAYS)) == [0, 2, None, None]


def test_a_pause_that_comes_later_is_not_known_before():
    """The due that held at each instant, not the one that came of it."""
    found = reached(
        [segment(Phase.RUNNING, 0, 3, target_h=8), segment(Phase.PAUSED, 3, 13, target_h=8),
         segment(Phase.RUNNING, 13, None, target_h=8)], ALWAYS,
    )  # fmt: skip
    assert hours(found) == [0, 2, 14, 16]
    assert [(instant_of(one.due_us) - START) / timedelta(hours=1) for one in found] == [8, 8, 18, 18]


def test_a_target_that_is_cut_later_is_not_known_before():
    """Eight hours until the third, then four: a quarter was two hours; half and three quarters came with the cut."""
    found = reached([segment(Phase.RUNNING, 0, 3, target_h=8), segment(Phase.RUNNING, 3, None, target_h=4)], ALWAYS)
    assert hours(found) == [0, 2, 3, 3]
    assert [one.left_s / 3600 for one in found] == [8, 6, 1, 1]
    gone = reached([segment(Phase.RUNNING, 0, 5, target_h=8), segment(Phase.RUNNING, 5, None, target_h=4)], ALWAYS)
    assert hours(gone) == [0, 2, 4, None]


def test_time_that_was_counted_before_anything_was_promised():
    """Two hours are on the clock when eight are promised: a quarter is used there, and half two hours later."""
    found = reached([segment(Phase.RUNNING, 0, 2, target_h=None), segment(Phase.RUNNING, 2, None, target_h=8)], ALWAYS)
    assert hours(found) == [2, 2, 4, 6]
    assert [one.left_s / 3600 for one in found] == [6, 6, 4, 2]
