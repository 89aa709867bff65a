"""The resolution clock: stop, reopen, cancel, and changes of priority."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.engine.clocks.days import OFFICE, RESOLUTION, events, hours, instant, resolution
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import EventKind, Priority, State
from watchbill.engine.clocks import (
    ClockDefinition,
    ClockEvent,
    ClockKind,
    ClockStatus,
    Target,
    elapsed_at,
    remaining_at,
    run_clock,
)
from watchbill.engine.clocks.definition import DEFAULT_CONDITIONS
from watchbill.engine.clocks.expressions import NEVER, parse

MONDAY = "2016-03-07"


def test_reopening_keeps_elapsed_time_and_leaves_out_the_time_resolved():
    """Two hours before, a day resolved, then the six that are left."""
    lines = ["09:00 opened in_progress P2 @7", "11:00 state resolved P2 @7", "+1 11:00 state in_progress P2 @7"]
    outcome = resolution(MONDAY, *lines)
    assert outcome.status is ClockStatus.RUNNING
    assert outcome.stopped_at is None
    assert outcome.elapsed == hours(2)
    assert outcome.paused == hours(0)
    assert outcome.due_at == instant(MONDAY, "17:00", 1)


def test_closing_after_resolving_changes_nothing():
    """The clock stopped when it was resolved; the automatic close days later is not ours to answer for."""
    outcome = resolution(
        MONDAY, "09:00 opened in_progress P2 @7", "11:00 state resolved P2 @7", "+5 11:00 state closed P2 @7 robot"
    )
    assert outcome.stopped_at == instant(MONDAY, "11:00")
    assert outcome.status is ClockStatus.MET
    assert outcome.as_of == instant(MONDAY, "11:00", 5)


def test_a_clock_is_not_reopened_while_its_stop_condition_holds():
    """A customer's reply may reopen by policy, but not before the item has left resolved."""
    definition = replace(RESOLUTION, reopen=parse("event is reply"))
    lines = ["09:00 opened in_progress P2 @7", "10:00 state resolved P2 @7", "11:00 reply resolved P2 @7 customer"]
    assert resolution(MONDAY, *lines, definition=definition).stopped_at == instant(MONDAY, "10:00")
    again = resolution(MONDAY, *lines, "12:00 reply in_progress P2 @7", definition=definition)
    assert again.status is ClockStatus.RUNNING
    assert again.elapsed == hours(1)


def test_cancelling_ends_a_live_clock_without_a_verdict():
    """A cancelled item is neither met nor missed, and a late one keeps the fact of its breach."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P1 @7", "11:00 state cancelled P1 @7")
    assert outcome.status is ClockStatus.CANCELLED
    assert outcome.stopped_at == instant(MONDAY, "11:00")
    assert (outcome.due_at, outcome.breach_at, outcome.next_at) == (None, None, None)
    late = resolution(MONDAY, "09:00 opened in_progress P1 @7", "14:00 state cancelled P1 @7")
    assert late.status is ClockStatus.CANCELLED
    assert late.breach_at == instant(MONDAY, "13:00")


def test_cancelling_what_is_resolved_leaves_the_verdict():
    """What was met stays met."""
    outcome = resolution(
        MONDAY, "09:00 opened in_progress P1 @7", "10:00 state resolved P1 @7", "11:00 state cancelled P1 @7"
    )
    assert outcome.status is ClockStatus.MET
    assert outcome.stopped_at == instant(MONDAY, "10:00")


def test_a_cancellation_that_is_taken_back_costs_no_time():
    """The clock comes back with its elapsed time; the time cancelled is nobody's."""
    outcome = resolution(
        MONDAY, "09:00 opened in_progress P2 @7", "10:00 state cancelled P2 @7", "16:00 state in_progress P2 @7"
    )
    assert outcome.status is ClockStatus.RUNNING
    assert outcome.elapsed == hours(1)
    assert outcome.due_at == instant(MONDAY, "15:00", 1)


def test_a_higher_priority_keeps_elapsed_time_and_brings_its_own_target():
    """One hour as P3 counts towards the four of P1."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P3 @7", "10:00 priority in_progress P1 @7")
    assert outcome.target == hours(4)
    assert outcome.elapsed == hours(1)
    assert outcome.due_at == instant(MONDAY, "13:00")


def test_a_change_that_puts_the_due_into_the_past_breaks_the_promise_at_the_change():
    """After six hours as P3 the four of P1 were over at 13:00, but nobody had promised them before 15:00."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P3 @7", "15:00 priority in_progress P1 @7")
    assert outcome.due_at == instant(MONDAY, "13:00")
    assert outcome.breach_at == outcome.next_at == instant(MONDAY, "15:00")
    assert outcome.is_breached(instant(MONDAY, "15:00"))
    assert remaining_at(outcome, OFFICE, instant(MONDAY, "16:00")) == hours(-3)


def test_a_lower_priority_is_judged_by_the_target_in_force():
    """Overdue as P1 and then found to be P3: the sixteen hours of P3 are what counts from there on."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P1 @7", "14:00 priority in_progress P3 @7")
    assert outcome.breach_at == outcome.due_at == instant(MONDAY, "17:00", 1)
    assert not outcome.is_breached(instant(MONDAY, "14:00"))


def test_a_change_of_priority_after_the_stop_changes_nothing():
    """The verdict is that of the priority at the stop, until the item is reopened."""
    lines = ["09:00 opened in_progress P2 @7", "14:00 state resolved P2 @7", "15:00 priority resolved P1 @7"]
    assert resolution(MONDAY, *lines).target == hours(8)
    assert resolution(MONDAY, *lines).status is ClockStatus.MET
    reopened = resolution(MONDAY, *lines, "16:00 state in_progress P1 @7")
    assert reopened.target == hours(4)
    assert reopened.breach_at == instant(MONDAY, "16:00")


def test_a_priority_without_a_target_has_no_clock_until_it_has_one():
    """Nothing is promised at P4; raised to P2, the time since opening counts."""
    definition = replace(RESOLUTION, targets=(Target(priority=Priority.P2, target_min=480),))
    lines = ["09:00 opened in_progress P4 @7", "12:00 priority in_progress P2 @7"]
    absent = run_clock(definition, OFFICE, events(MONDAY, *lines[:1]))
    assert absent.status is ClockStatus.ABSENT
    assert (absent.target, absent.due_at, absent.next_at) == (None, None, None)
    assert remaining_at(absent, OFFICE, instant(MONDAY, "12:00")) is None
    raised = run_clock(definition, OFFICE, events(MONDAY, *lines))
    assert raised.elapsed == hours(3)
    assert raised.due_at == instant(MONDAY, "17:00")


def test_warning_then_breach_come_by_themselves():
    """At three quarters of eight hours the warning, at eight the breach, then nothing more."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P2 @7")
    assert outcome.warn_at == outcome.next_at == instant(MONDAY, "15:00")
    assert outcome.breach_at == instant(MONDAY, "17:00")
    later = resolution(MONDAY, "09:00 opened in_progress P2 @7", "15:00 note in_progress P2 @7")
    assert later.next_at == instant(MONDAY, "15:00")
    past = resolution(MONDAY, "09:00 opened in_progress P2 @7", "15:01 note in_progress P2 @7")
    assert past.next_at == instant(MONDAY, "17:00")
    over = resolution(MONDAY, "09:00 opened in_progress P2 @7", "+1 09:01 note in_progress P2 @7")
    assert over.next_at is None
    assert over.is_breached(instant(MONDAY, "09:01", 1))


def test_elapsed_and_remaining_follow_the_present_instant():
    """At 18:00 the office is closed: eight hours have passed since 09:00, none is left; a day later it is over."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P2 @7", "10:00 note in_progress P2 @7")
    assert outcome.elapsed == hours(1)
    assert elapsed_at(outcome, OFFICE, instant(MONDAY, "18:00")) == hours(8)
    assert remaining_at(outcome, OFFICE, instant(MONDAY, "18:00")) == hours(0)
    assert remaining_at(outcome, OFFICE, instant(MONDAY, "12:00", 1)) == hours(-3)


def test_a_target_set_while_cancelling_and_never_live_again_breaks_at_the_change():
    """Called off late under a new target, then closed: the breach is at the change, for the clock never ran again."""
    calendar = Calendar.always("UTC")
    definition = ClockDefinition(
        kind=ClockKind.RESOLUTION,
        calendar="office",
        targets=(Target(priority=Priority.P2, target_min=4), Target(priority=Priority.P3, target_min=400)),
        **{**DEFAULT_CONDITIONS[ClockKind.RESOLUTION], "reopen": NEVER},
    )
    opened = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def event(later, kind, state, priority):
        return ClockEvent(at=opened + timedelta(minutes=later), kind=kind, state=state, priority=priority)

    outcome = run_clock(
        definition,
        calendar,
        [
            event(0, EventKind.OPENED, State.NEW, Priority.P3),
            event(9, EventKind.STATE, State.CANCELLED, Priority.P2),
            event(11, EventKind.STATE, State.CLOSED, Priority.P2),
        ],
    )
    assert outcome.breach_at == opened + timedelta(minutes=9)


def test_a_warning_is_not_written_before_the_change_that_caused_it():
    """Raised with 3 1/2 h on the clock, P1's warning at 3 h comes at the change; where P1 is broken there, none comes."""
    raised = resolution(MONDAY, "09:00 opened in_progress P3 @7", "12:30 priority in_progress P1 @7")
    assert (raised.warn_at, raised.breach_at) == (instant(MONDAY, "12:30"), instant(MONDAY, "13:00"))
    broken = resolution(MONDAY, "09:00 opened in_progress P3 @7", "15:00 priority in_progress P1 @7")
    assert (broken.warn_at, broken.breach_at) == (None, instant(MONDAY, "15:00"))
