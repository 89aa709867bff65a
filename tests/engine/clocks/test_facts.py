"""What clocks accept: order, zones, events before the opening, things that must not matter; and what they refuse."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.clocks.days import OFFICE, RESOLUTION, RESPONSE, events, hours, instant
from tests.engine.clocks.test_against_the_wall import logs
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import EventKind, Priority
from watchbill.engine.clocks import ClockPolicy, ClockStatus, Target, default_policy, run_clock, run_clocks

MONDAY = "2016-03-07"
POLICY = default_policy(calendar="office")
CALENDARS = {"office": OFFICE}


def test_no_event_naive_or_backwards_is_refused():
    """Each refusal names the event."""
    opened, note = events(MONDAY, "09:00 opened new P3", "10:00 note new P3")
    with pytest.raises(InvalidFacts, match="at least one event"):
        run_clock(RESPONSE, OFFICE, [])
    with pytest.raises(
        InvalidFacts, match=r"^events\[1\]\.at must be an instant with a time zone, got 2016-03-07T10:00:00$"
    ):
        run_clock(RESPONSE, OFFICE, [opened, replace(note, at=datetime(2016, 3, 7, 10))])
    with pytest.raises(InvalidFacts, match=r"^events must be in time order: events\[1\] at 2016-03-07T09:00:00\+00:00"):
        run_clocks(POLICY, CALENDARS, [note, opened])


def test_an_unknown_calendar_is_named_with_those_known():
    """A policy that runs on a calendar nobody has is a mistake in the policy, and says so."""
    with pytest.raises(InvalidFacts, match="response runs on the calendar 'office'; known: night"):
        run_clocks(POLICY, {"night": OFFICE}, events(MONDAY, "09:00 opened new P3"))


def test_events_before_the_opening_happen_at_the_opening():
    """A log that dates the assignment before the opening starts the clock at the opening, with the owner's state."""
    log = events(
        MONDAY,
        "06:30 assigned new P3 @7",
        "07:00 state in_progress P2 @7",
        "09:00 opened new P3",
        "10:00 note in_progress P2 @7",
    )
    first, then = run_clocks(POLICY, CALENDARS, log, explain=True)
    assert first.started_at == first.stopped_at == instant(MONDAY, "09:00")
    assert (first.status, first.elapsed) == (ClockStatus.MET, hours(0))
    assert first.segments[0].event == 1
    assert (then.started_at, then.elapsed, then.target) == (instant(MONDAY, "09:00"), hours(1), hours(8))


def test_without_an_opening_there_is_no_clock():
    """Where no start condition has held, nothing was promised."""
    outcome = run_clock(RESPONSE, OFFICE, events(MONDAY, "09:00 note new P3", "10:00 state in_progress P3 @7"))
    assert outcome.status is ClockStatus.ABSENT
    assert outcome.started_at is None


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_what_does_not_matter_does_not_matter(data):
    """Another owner instead of this one, instants told in another zone, notes in between: the same clocks."""
    log = data.draw(logs(instant(MONDAY, "08:10")))
    plain = run_clocks(POLICY, CALENDARS, log)
    india = timezone(timedelta(hours=5, minutes=30))
    told = [replace(event, at=event.at.astimezone(india), owner=event.owner and PersonId(8)) for event in log]
    assert run_clocks(POLICY, CALENDARS, told) == plain
    spot = data.draw(st.integers(1, len(log)))
    note = replace(log[spot - 1], kind=EventKind.NOTE)
    assert run_clocks(POLICY, CALENDARS, [*log[:spot], note, *log[spot:]]) == plain


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_promise_once_broken_stays_broken_under_the_same_target(data):
    """Without changes of priority, more events never heal a breach nor move it."""
    log = [replace(event, priority=Priority.P1) for event in data.draw(logs(instant(MONDAY, "08:10")))]
    for definition in (RESPONSE, RESOLUTION):
        breach = None
        for length in range(1, len(log) + 1):
            outcome = run_clock(definition, OFFICE, log[:length])
            if breach is not None:
                assert outcome.breach_at == breach
            known = outcome.breach_at is not None and outcome.breach_at < outcome.as_of
            breach = outcome.breach_at if known else None


def test_a_kind_may_be_promised_on_two_calendars():
    """P1 on a calendar that never closes and the rest on office hours: the one with a target answers."""
    urgent = replace(RESOLUTION, calendar="always", targets=(Target(priority=Priority.P1, target_min=240),))
    usual = replace(RESOLUTION, targets=(Target(priority=Priority.P3, target_min=240),))
    policy = ClockPolicy(version=2, clocks=(urgent, usual))
    calendars = {"always": Calendar.always(), **CALENDARS}
    lines = ["16:00 opened in_progress P3 @7", "18:00 priority in_progress P1 @7"]
    (usually,) = run_clocks(policy, calendars, events(MONDAY, *lines[:1]))
    assert (usually.calendar, usually.due_at) == ("office", instant(MONDAY, "12:00", 1))
    (urgently,) = run_clocks(policy, calendars, events(MONDAY, *lines))
    assert (urgently.calendar, urgently.due_at, urgently.elapsed) == ("always", instant(MONDAY, "20:00"), hours(2))
    (neither,) = run_clocks(policy, calendars, events(MONDAY, "16:00 opened new P4"))
    assert neither.status is ClockStatus.ABSENT


def test_a_calendar_that_never_opens_leaves_the_clock_without_a_due():
    """It runs, nothing passes, and nothing will happen by itself."""
    closed = Calendar(zone="UTC", weekly=((),) * 7)
    outcome = run_clock(RESOLUTION, closed, events(MONDAY, "09:00 opened new P3"))
    assert outcome.status is ClockStatus.RUNNING
    assert (outcome.due_at, outcome.warn_at, outcome.breach_at, outcome.next_at) == (None, None, None, None)


def test_policies_can_be_copied_and_kept():
    """A copy or a pickle is an equal policy that gives the same answers."""
    log = events(MONDAY, "09:00 opened new P3", "10:00 reply new P3")
    for twin in (copy.deepcopy(POLICY), pickle.loads(pickle.dumps(POLICY))):
        assert twin == POLICY
        assert run_clocks(twin, CALENDARS, log) == run_clocks(POLICY, CALENDARS, log)
