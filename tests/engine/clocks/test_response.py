"""The response clock: the earlier of time to own and first reply."""

from __future__ import annotations

import pytest

from tests.engine.clocks.days import hours, instant, response
from watchbill.engine.clocks import ClockStatus

MONDAY = "2016-03-07"
OPENED = "09:00 opened new P3"


@pytest.mark.parametrize(
    "line",
    [
        "10:00 state in_progress P3 @7",
        "10:00 state waiting_customer P3 @7",
        "10:00 reply new P3",
        "10:00 state resolved P3",
        "10:00 state closed P3 robot",
    ],
)
def test_it_stops_at_the_first_real_answer(line):
    """Taken up by somebody, a reply written by a person, or done with: each is a response."""
    outcome = response(MONDAY, OPENED, line, "11:00 note in_progress P3 @7")
    assert outcome.status is ClockStatus.MET
    assert outcome.stopped_at == instant(MONDAY, "10:00")
    assert outcome.elapsed == hours(1)
    assert outcome.due_at == instant(MONDAY, "11:00")


@pytest.mark.parametrize(
    "line",
    [
        "10:00 assigned new P3 @7",
        "10:00 state in_progress P3",
        "10:00 reply new P3 customer",
        "10:00 reply new P3 system",
        "10:00 reply new P3 robot",
        "10:00 note new P3 @7",
    ],
)
def test_it_runs_on_where_nobody_has_answered(line):
    """An owner who has not begun, a state without an owner, and letters from machines or the customer are none."""
    outcome = response(MONDAY, OPENED, line)
    assert outcome.status is ClockStatus.RUNNING
    assert outcome.due_at == outcome.breach_at == instant(MONDAY, "11:00")


def test_it_is_answered_once_and_for_all():
    """An item that goes back to new without an owner does not ask for a second response."""
    outcome = response(MONDAY, OPENED, "10:00 reply new P3", "12:00 state new P3", "16:00 note new P3")
    assert outcome.stopped_at == instant(MONDAY, "10:00")
    assert outcome.status is ClockStatus.MET


def test_late_answer_is_missed_at_the_due():
    """The breach is the due itself, not the instant at which somebody noticed."""
    outcome = response(MONDAY, OPENED, "15:00 reply in_progress P3 @7")
    assert outcome.status is ClockStatus.MISSED
    assert outcome.breach_at == instant(MONDAY, "11:00")
    assert outcome.elapsed == hours(6)


def test_an_answer_at_the_very_due_is_in_time():
    """The promise is kept up to and including the due."""
    outcome = response(MONDAY, OPENED, "11:00 reply new P3")
    assert outcome.status is ClockStatus.MET
    assert outcome.breach_at is None


def test_logged_after_the_fact_is_met_at_once():
    """A case that is written down when it is already solved was answered in no time."""
    outcome = response(MONDAY, "10:00 opened resolved P3 @7")
    assert outcome.status is ClockStatus.MET
    assert outcome.elapsed == hours(0)
    assert outcome.due_at == instant(MONDAY, "12:00")
