"""From instants to pill and fuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.interfaces.web.clockface import axis_percent, clock_pill, fuse
from watchbill.interfaces.web.viewmodels.parts import ClockState

NOW = datetime(2026, 11, 17, 14, 48, tzinfo=UTC)


def at(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "percent"),
    [(-90, 0), (-60, 0), (0, 12), (15, 38), (60, 63), (240, 80), (1440, 100), (9999, 100), (7.5, 25)],
)
def test_the_axis_has_the_anchors_of_the_design(minutes, percent):
    """Every fuse of every list is drawn on the same axis."""
    assert axis_percent(minutes) == percent


@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_the_axis_never_turns_back(one, other):
    """More time left is never drawn shorter."""
    low, high = sorted((one, other))
    assert 0 <= axis_percent(low) <= axis_percent(high) <= 100


@pytest.mark.parametrize(
    ("minutes", "amber_s", "state"),
    [(-1, 0, "breached"), (9, 0, "soon"), (9, 3600, "risk"), (59, 3600, "risk"), (61, 3600, "ok"), (600, 0, "ok")],
)
def test_a_running_clock_wears_the_face_of_its_time_left(minutes, amber_s, state):
    """Amber only where the policy asked for it; red once the instant has passed."""
    pill = clock_pill(now=NOW, due_at=at(minutes), amber_below_s=amber_s)
    assert pill.state == state
    assert pill.due_at == at(minutes)


def test_a_paused_clock_says_why_and_does_not_tick():
    """The page must not count down what is stopped."""
    pill = clock_pill(now=NOW, due_at=None, is_paused=True, pause_reason="waiting for the customer")
    assert (pill.state, pill.title, pill.due_at) == (ClockState.PAUSED, "waiting for the customer", None)


def test_a_clock_that_ended_shows_when():
    """Met and missed both keep the instant; only the missed one is red."""
    assert clock_pill(now=NOW, due_at=None, met_at=at(-7)).state == ClockState.MET
    assert clock_pill(now=NOW, due_at=None, missed_at=at(-7)).state == ClockState.BREACHED
    assert clock_pill(now=NOW, due_at=None, met_at=at(-7)).text == "14:41"


def test_overdue_time_grows_left_of_now():
    """A breach ends at the now line and has no tick ahead."""
    bar = fuse(now=NOW, due_at=at(-30))
    assert (bar.x, bar.width, bar.tick) == (6.0, 6.0, None)


def test_a_paused_fuse_shows_what_is_left():
    """Hatched from now to where the breach would be if it ran."""
    bar = fuse(now=NOW, due_at=None, is_paused=True, left_s=3600)
    assert (bar.state, bar.x, bar.width) == (ClockState.PAUSED, 12.0, 51.0)


def test_a_case_without_target_draws_nothing():
    """No bar is better than an invented one."""
    assert fuse(now=NOW, due_at=None).width == 0
