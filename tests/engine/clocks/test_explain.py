"""The segments of a clock's life: they tile it, add up to what the clock shows, and say why."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.clocks.days import OFFICE, RESOLUTION, RESPONSE, events, hours, instant
from tests.engine.clocks.test_against_the_wall import logs
from watchbill.engine.clocks import Cause, ClockStatus, Phase, run_clock

MONDAY = "2016-03-07"


def test_each_segment_says_from_when_to_when_and_why():
    """Started, retargeted, paused, resumed, stopped, reopened: with the event's index and the condition in words."""
    log = events(
        MONDAY,
        "09:00 opened new P3",
        "10:00 priority in_progress P2 @7",
        "11:00 state waiting_customer P2 @7",
        "13:00 state in_progress P2 @7",
        "13:30 note in_progress P2 @7",
        "14:00 state resolved P2 @7",
        "15:00 state new P2",
        "16:00 state cancelled P2",
        "16:30 state new P2",
    )
    told = [
        (one.cause, one.event, one.business, one.target, one.because)
        for one in run_clock(RESOLUTION, OFFICE, log, explain=True).segments
    ]
    assert told == [
        (Cause.STARTED, 0, hours(1), hours(16), "event is opened"),
        (Cause.RETARGETED, 1, hours(1), hours(8), "priority is now P2"),
        (Cause.PAUSED, 2, hours(2), hours(8), "state in (waiting_customer, waiting_vendor)"),
        (Cause.RESUMED, 3, hours(1), hours(8), "the reason to be paused no longer holds"),
        (Cause.STOPPED, 5, hours(1), hours(8), "state in (resolved, closed)"),
        (Cause.REOPENED, 6, hours(1), hours(8), "state is open"),
        (Cause.CANCELLED, 7, hours(0.5), hours(8), "state is cancelled"),
        (Cause.RESTORED, 8, hours(0), hours(8), "the reason to be cancelled no longer holds"),
    ]


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from([RESPONSE, RESOLUTION]))
def test_segments_tile_the_life_and_add_up(data, definition):
    """Each begins where the one before ends; running ones sum to elapsed, paused ones to paused."""
    log = data.draw(logs(instant(MONDAY, "08:10")))
    plain = run_clock(definition, OFFICE, log)
    outcome = run_clock(definition, OFFICE, log, explain=True)
    if outcome.status is ClockStatus.ABSENT:
        assert outcome.segments == ()
        return
    segments = outcome.segments
    assert plain.segments == ()
    assert (plain.elapsed, plain.paused, plain.due_at) == (outcome.elapsed, outcome.paused, outcome.due_at)
    assert segments[0].from_at == outcome.started_at
    assert [one.to_at for one in segments] == [*(one.from_at for one in segments[1:]), None]
    sums = {
        phase: sum((one.business for one in segments if one.phase is phase), timedelta())
        for phase in (Phase.RUNNING, Phase.PAUSED)
    }
    assert sums == {Phase.RUNNING: outcome.elapsed, Phase.PAUSED: outcome.paused}
