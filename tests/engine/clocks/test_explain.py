"""The segments of a clock's life: they tile it, add up to what the clock shows, and say why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.cases import cases
from tests.engine.clocks.cases_at_random import definitions, life
from tests.engine.clocks.days import OFFICE, RESOLUTION, RESPONSE, events, hours, instant
from tests.engine.clocks.test_against_a_clerk import CASES, CHECKS, Case
from tests.engine.clocks.test_against_the_wall import logs
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks import Cause, Choice, ClockPolicy, ClockStatus, Phase, Target, run_clock, run_clocks
from watchbill.engine.clocks.expressions import parse
from watchbill.engine.clocks.told import sentences
from watchbill.engine.clocks.told import told as told_json

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


# A target that changed afterwards

ROUND_THE_CLOCK = replace(
    RESOLUTION,
    calendar="always",
    when=parse("priority in (P1, P2)"),
    targets=(Target(priority=Priority.P1, target_min=120), Target(priority=Priority.P2, target_min=240)),
)
IN_HOURS = replace(RESOLUTION, targets=(Target(priority=Priority.P3, target_min=960),))
CALENDARS = {"office": OFFICE, "always": Calendar.always()}


def stretches(*lines, clocks=(ROUND_THE_CLOCK, IN_HOURS)):
    (outcome,) = run_clocks(ClockPolicy(version=1, clocks=clocks), CALENDARS, events(MONDAY, *lines), explain=True)
    return outcome, [(one.cause, one.phase, one.business, one.target, one.rule) for one in outcome.segments]


def test_a_stretch_keeps_the_target_that_was_in_force_then():
    """Counted again on another calendar: the time is that of the new one, the promise of each stretch is not."""
    log = ("08:00 opened new P2", "10:00 priority new P1", "11:00 priority new P3", "12:00 note new P3")
    outcome, told = stretches(*log)
    assert (outcome.target, outcome.elapsed) == (hours(16), hours(3))
    assert told == [
        (Cause.STARTED, Phase.RUNNING, hours(1), hours(4), ""),
        (Cause.RETARGETED, Phase.RUNNING, hours(1), hours(2), "targets_min"),
        (Cause.RECOUNTED, Phase.RUNNING, hours(1), hours(16), "on_priority"),
    ]
    clock = told_json(outcome, events(MONDAY, *log), CALENDARS, instant(MONDAY, "12:00"), names={})
    assert [line.split("; ")[0].rpartition(": ")[2] for line in sentences(clock)[1:4]] == [
        "1:00:00, 4:00:00 promised then", "1:00:00, 2:00:00 promised then", "1:00:00",
    ]  # fmt: skip


def test_counted_again_twice_each_stretch_keeps_its_own():
    """P3, P2, P3 again: three promises, one after the other."""
    _, told = stretches("09:00 opened new P3", "10:00 priority new P2", "11:00 priority new P3", "12:00 note new P3")
    assert [(target, cause) for cause, _, _, target, _ in told] == [
        (hours(16), Cause.STARTED),
        (hours(4), Cause.RECOUNTED),
        (hours(16), Cause.RECOUNTED),
    ]


def test_reopened_as_if_it_had_not_been_the_stop_keeps_its_promise():
    """Stopped at P3, reopened at P2 and counted through: until then sixteen hours were promised."""
    clock = replace(RESOLUTION, on_reopen=Choice.RETROACTIVE)
    _, told = stretches(
        "09:00 opened new P3", "10:00 state resolved P3", "12:00 state new P2", "13:00 note new P2", clocks=(clock,)
    )
    assert [(business, target) for _, _, business, target, _ in told] == [
        (hours(3), hours(16)),
        (hours(1), hours(8)),
    ]


@settings(max_examples=cases(0.1), deadline=None, suppress_health_check=CHECKS)
@given(*CASES)
def test_what_a_stretch_was_promised_does_not_change_afterwards(place, written, policy, tapes, begin):
    """Its target is what the clock had after the event that began it, when nobody knew what was to come."""
    case = Case(place, written)
    promised, log = case.policy(definitions(policy)), case.events(life(tapes, begin))
    (outcome,) = run_clocks(promised, case.calendars, log, explain=True)
    for cycle in (*outcome.cycles, outcome):
        for segment in cycle.segments:
            (then,) = run_clocks(promised, case.calendars, log[: segment.event + 1])
            if then.started_at is not None and then.cycle == cycle.cycle:
                assert segment.target == then.target
