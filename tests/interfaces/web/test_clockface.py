"""From instants to pill, fuse and chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.interfaces.web.clockface import LETTER_W, ClockHistory, axis_percent, clock_chart, clock_pill, fuse
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


def test_the_chart_cuts_a_clock_into_run_pause_run_and_left():
    """The pieces follow each other without gap or overlap, in the order they happened."""
    chart = clock_chart(
        (ClockHistory(label="Resolution", start_at=at(-60), due_at=at(60), pauses=((at(-40), at(-20)),)),), now=NOW
    )
    spans = chart.lines[0].spans
    assert [span.look for span in spans] == ["run", "pause", "run", "left"]
    for before, after in pairwise(spans):
        assert before.x + before.width == pytest.approx(after.x, abs=0.11)
    assert chart.table[0][2] == "20 min"


def test_the_chart_shows_late_time_in_its_own_colour():
    """After the target the bar goes on, as late."""
    chart = clock_chart((ClockHistory(label="Response", start_at=at(-60), due_at=at(-20)),), now=NOW)
    assert chart.lines[0].spans[-1].look == "late"
    assert chart.summary.startswith("Response due 14:28")


def test_words_on_the_chart_stay_inside_it():
    """A label of any length fits between its mark and the edge, and the ticks' labels too."""
    histories = tuple(
        ClockHistory(label="Resolution", start_at=at(-60), due_at=at(minutes), note="Mon 30 Nov 18:25, late")
        for minutes in (5, 60, 9000)
    )
    chart = clock_chart(histories, now=NOW)
    for line in chart.lines:
        width = len(line.note) * LETTER_W
        left = line.note_x if line.note_anchor == "start" else line.note_x - width
        assert left >= 0
        assert left + width <= chart.width
    assert all(x + len(label) * LETTER_W / 2 <= chart.width for x, label in chart.ticks)


def test_a_target_that_was_met_has_its_words_at_the_instant_it_was():
    """No mark of the target stands between them, right of the present moment."""
    history = ClockHistory(label="Response", start_at=at(-60), due_at=at(90), ended_at=at(-30), note="met 14:18")
    (line,) = clock_chart((history,), now=NOW).lines
    assert line.due_x is None
    assert line.note_x == pytest.approx(line.spans[-1].x + line.spans[-1].width + 6, abs=0.2)


def test_the_chart_of_months_has_days_for_ticks():
    """A case of eighty days is not ruled in quarters of an hour."""
    chart = clock_chart((ClockHistory(label="Resolution", start_at=at(-80 * 1440), due_at=at(60)),), now=NOW)
    assert 1 <= len(chart.ticks) <= 7
    assert all(":" not in label for _, label in chart.ticks)
