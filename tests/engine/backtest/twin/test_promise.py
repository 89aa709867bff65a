"""Promises followed through a history come to what the clocks of the live system say of the same events."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.twin.walks import BEGIN, one, steps
from watchbill.engine.backtest.twin.history import STATES
from watchbill.engine.backtest.twin.legs import legs_of
from watchbill.engine.backtest.twin.promise import Promise, lived
from watchbill.engine.base.calendar import ALL_DAY, Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.base.work import DONE, EventKind, Priority, State
from watchbill.engine.clocks import ClockDefinition, ClockEvent, default_policy, elapsed_at, run_clock

OFFICE = Calendar.working_week("UTC", "09:00-17:00")
ALWAYS = Calendar(zone="UTC", weekly=((ALL_DAY,),) * 7)
RESOLUTION: ClockDefinition = default_policy(calendar="office").clocks[1]
MINUTE = timedelta(minutes=1)


def clock(history, calendar):
    """The outcome of the live system's clock of resolution, with its default policy."""
    events = [
        ClockEvent(
            at=instant_of(int(at)), kind=EventKind.STATE if number else EventKind.OPENED, state=STATES[int(state)],
            priority=Priority.P3,
        )
        for number, (at, state) in enumerate(zip(history.at_us, history.state, strict=True))
    ]  # fmt: skip
    return run_clock(RESOLUTION, calendar, events)


def paused_by_default():
    """The states in which that clock stands still, found by asking it."""
    found = set()
    for state in State:
        history = one([(60, state, None, None), (60, State.IN_PROGRESS, None, None)])
        spent = elapsed_at(clock(history, ALWAYS), ALWAYS, instant_of(int(history.at_us[-1])))
        if state not in DONE and spent < 120 * MINUTE:
            found.add(state)
    return frozenset(found)


@pytest.mark.parametrize("calendar", [ALWAYS, OFFICE], ids=["always", "office"])
@settings(max_examples=150, deadline=None)
@given(events=steps)
def test_time_spent_is_that_of_the_clocks(calendar, events):
    """Minute by minute, for whatever never pauses both ways in one wait, ends, and is opened again."""
    paused = paused_by_default()
    events = [step for step in events if step[1] is not State.CANCELLED]
    # A wait that is paused for a part of it pauses for most or not at all: see docs/algorithms/backtest.md, "Legs".
    outside = paused | DONE
    events = [step for step in events if step[1] in outside or step[1] in (State.NEW, State.IN_PROGRESS)]
    history = one(events)
    target = next(target.target_min for target in RESOLUTION.targets if target.priority is Priority.P3)
    promise = Promise(targets_min={Priority.P3: target}, hours={Priority.P3: calendar}, paused=paused)
    legs, until = legs_of(history, paused=paused), int(history.at_us[-1])
    mine = lived(history, legs, promise, until_us=until)
    theirs = elapsed_at(clock(history, calendar), calendar, instant_of(until))
    assert int(mine.spent_min[0]) == theirs // MINUTE


def promise(**facts):
    default = {"targets_min": {Priority.P3: 60}, "hours": {Priority.P3: ALWAYS}}
    return Promise(**(default | facts))


def test_kept_to_the_minute():
    """Done at the minute on which it is due is kept, a minute later is not."""
    for minutes, is_kept in ((60, True), (61, False)):
        history = one([(minutes, State.RESOLVED, "A", "ann")])
        found = lived(history, legs_of(history), promise(), until_us=int(history.at_us[-1]))
        assert (bool(found.is_kept[0]), bool(found.is_decided[0])) == (is_kept, True)


def test_open_is_undecided_until_its_target_is_used_up():
    """After half an hour nobody can say; after two hours everybody can."""
    history = one([(5, State.IN_PROGRESS, "A", "ann")])
    for minutes, is_decided in ((30, False), (120, True)):
        until = micros_of(BEGIN + timedelta(minutes=minutes))
        found = lived(history, legs_of(history), promise(), until_us=until)
        assert (bool(found.is_kept[0]), bool(found.is_decided[0])) == (False, is_decided)


def test_without_a_promise_nothing_is_decided():
    """A priority without a target is neither kept nor missed."""
    history = one([(5, State.RESOLVED, "A", "ann")])
    found = lived(
        history, legs_of(history), promise(targets_min={Priority.P1: 60}, hours={Priority.P1: ALWAYS}), until_us=0
    )
    assert not found.is_kept[0]
    assert not found.is_decided[0]


@given(st.sampled_from([{"targets_min": {}}, {"targets_min": {Priority.P3: 0}}, {"hours": {}}]))
def test_promises_without_targets_or_hours_are_refused(facts):
    """A promise says how long, and in which hours."""
    with pytest.raises(InvalidFacts):
        promise(**facts)
