"""Pauses: what they cost, what they move, and what they cannot undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.clocks.days import OFFICE, RESOLUTION, events, hours, instant, resolution
from watchbill.engine.base.work import EventKind, State
from watchbill.engine.clocks import ClockStatus, elapsed_at, remaining_at, run_clock
from watchbill.engine.clocks.expressions import parse

MONDAY = "2016-03-07"


@given(st.integers(0, 470), st.integers(1, 20_000))
def test_a_pause_moves_the_due_by_exactly_the_business_time_in_it(after_min, length_min):
    """Take the due without the pause, add the pause's business time on the calendar: that is the due with it."""
    opened, *_ = events(MONDAY, "09:00 opened in_progress P2 @7")
    pause = replace(
        opened, at=opened.at + timedelta(minutes=after_min), kind=EventKind.STATE, state=State.WAITING_CUSTOMER
    )
    resume = replace(pause, at=pause.at + timedelta(minutes=length_min), state=State.IN_PROGRESS)
    plain = run_clock(RESOLUTION, OFFICE, [opened])
    paused = run_clock(RESOLUTION, OFFICE, [opened, pause, resume])
    inside = OFFICE.business_between(pause.at, resume.at)
    assert paused.paused == inside
    assert paused.due_at == OFFICE.add_business(plain.due_at, inside)


def test_a_pause_over_the_weekend_adds_no_business_time():
    """Waiting from Friday's close to Monday's opening costs nothing and moves nothing."""
    friday = "2016-03-04"
    plain = resolution(friday, "16:00 opened in_progress P2 @7")
    paused = resolution(
        friday,
        "16:00 opened in_progress P2 @7",
        "17:00 state waiting_customer P2 @7",
        "+3 09:00 state in_progress P2 @7",
    )
    assert paused.paused == hours(0)
    assert paused.due_at == plain.due_at == instant(friday, "16:00", 3)


def test_a_paused_clock_has_no_due_and_nothing_comes_by_itself():
    """While we wait for the customer there is no due, no breach and no warning ahead, and the time left stands still."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P2 @7", "11:00 state waiting_vendor P2 @7")
    assert outcome.status is ClockStatus.PAUSED
    assert (outcome.due_at, outcome.breach_at, outcome.warn_at, outcome.next_at) == (None, None, None, None)
    assert remaining_at(outcome, OFFICE, instant(MONDAY, "16:00")) == hours(6)
    assert elapsed_at(outcome, OFFICE, instant(MONDAY, "16:00")) == hours(2)


def test_a_breach_before_the_pause_stays_one():
    """P1 promises four hours; a pause in the fifth keeps the due that was missed, and the clock breached."""
    outcome = resolution(MONDAY, "09:00 opened in_progress P1 @7", "14:00 state waiting_customer P1 @7")
    assert outcome.status is ClockStatus.PAUSED
    assert outcome.due_at == outcome.breach_at == instant(MONDAY, "13:00")
    assert outcome.is_breached(instant(MONDAY, "14:00"))


def test_a_pause_at_the_very_due_is_in_time_until_the_clock_runs_again():
    """Paused at the instant of the due is no breach; the next instant of running is."""
    lines = ["09:00 opened in_progress P1 @7", "13:00 state waiting_customer P1 @7"]
    assert resolution(MONDAY, *lines).breach_at is None
    assert resolution(MONDAY, *lines, "15:00 state resolved P1 @7").status is ClockStatus.MET
    again = resolution(MONDAY, *lines, "15:00 state in_progress P1 @7")
    assert again.due_at == instant(MONDAY, "13:00")
    assert again.breach_at == again.next_at == instant(MONDAY, "15:00")
    at_once = resolution(MONDAY, *lines, "15:00 state in_progress P1 @7", "15:00 state resolved P1 @7")
    assert at_once.status is ClockStatus.MET


def test_a_due_at_closing_time_is_broken_over_the_weekend():
    """Due on Friday 17:00, resolved on Saturday: no business time has passed since, and yet it is late."""
    outcome = resolution("2016-03-04", "09:00 opened in_progress P2 @7", "+1 10:00 state resolved P2 @7")
    assert outcome.elapsed == outcome.target == hours(8)
    assert outcome.status is ClockStatus.MISSED
    assert outcome.breach_at == outcome.due_at == instant("2016-03-04", "17:00")


def test_waiting_for_something_else_runs_on_unless_the_policy_says_so():
    """By default only customer and vendor stop our time; a policy may add any state."""
    lines = ("09:00 opened in_progress P2 @7", "10:00 state waiting_other P2 @7", "12:00 note waiting_other P2 @7")
    patient = replace(RESOLUTION, pause=parse(f"{RESOLUTION.pause} or state is waiting_other"))
    assert resolution(MONDAY, *lines).elapsed == hours(3)
    assert resolution(MONDAY, *lines, definition=patient).elapsed == hours(1)


def test_a_resume_condition_keeps_the_pause_until_it_holds():
    """A policy may ask for the customer's reply before time runs again, whatever the state says."""
    strict = replace(RESOLUTION, resume=parse("event is reply"))
    lines = (
        "09:00 opened in_progress P2 @7",
        "10:00 state waiting_customer P2 @7",
        "11:00 state in_progress P2 @7",
        "12:00 reply in_progress P2 @7 customer",
        "13:00 note in_progress P2 @7",
    )
    assert resolution(MONDAY, *lines).paused == hours(1)
    assert resolution(MONDAY, *lines, definition=strict).paused == hours(2)
