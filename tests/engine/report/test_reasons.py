"""Why a commitment was broken: one rule at a time, with few facts; and how a clock was paused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.intervals import Interval
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, ClockKind, ClockPolicy, Target, default_policy, run_clocks
from watchbill.engine.clocks.expressions import parse
from watchbill.engine.report import BreachFacts, Moment, Reason, pauses, suggest

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALWAYS = Calendar.always()


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def life(*changes, kind=ClockKind.RESOLUTION, calendar=ALWAYS, policy=None):
    """The clock of an item and its moments, from (hours, what changes) told one after the other; P2: 8 hours to resolve."""
    stands = {"state": State.NEW, "priority": Priority.P2, "owner": None, "team": None}
    events, moments = [], []
    for number, (hours, change) in enumerate(changes):
        stands |= change
        kind_of = EventKind.OPENED if not number else EventKind.PRIORITY if "priority" in change else EventKind.STATE
        events.append(
            ClockEvent(
                at=at(hours), kind=kind_of, state=stands["state"], priority=stands["priority"], owner=stands["owner"],
                actor=ActorKind.PERSON,
            )
        )  # fmt: skip
        moments.append(Moment(at=at(hours), state=stands["state"], owner=stands["owner"], team=stands["team"]))
    outcomes = run_clocks(
        policy or default_policy(calendar="c"), {"c": calendar, "always": ALWAYS}, events, explain=True
    )
    (clock,) = [one for one in outcomes if one.kind is kind]
    return clock, moments


def reason_of(*changes, staffing=None, **more):
    clock, moments = life(*changes, **more)
    facts = BreachFacts(
        segments=clock.segments, calendars={"c": more.get("calendar", ALWAYS), "always": ALWAYS}, breach_at=clock.breach_at, moments=moments,
        staffing=staffing or {},
    )  # fmt: skip
    return suggest(facts)


WORKING = {"state": State.IN_PROGRESS, "owner": 1}
DONE = {"state": State.RESOLVED}


def shares(found):
    return {one.reason: round(one.share, 4) for one in found.shares}


def test_waited_unassigned():
    """Six of the eight hours nobody owned it: 75 %."""
    found = reason_of((0, {}), (6, WORKING), (12, DONE))
    assert found.reason is Reason.UNASSIGNED
    assert shares(found) == {Reason.UNASSIGNED: 0.75, Reason.TOOK_LONGER: 0.25}
    assert found.counted_s == 8 * 3600


def test_the_worked_number_of_the_docs():
    """docs/algorithms/report.md: 2 h unassigned, 1 h with Ann, 3 h with another party, 2 h with Ann of 8 h."""
    found = reason_of(
        (0, {}), (2, WORKING), (3, {"state": State.WAITING_OTHER}), (6, {"state": State.IN_PROGRESS}), (20, DONE)
    )
    assert shares(found) == {Reason.OTHER_PARTY: 0.375, Reason.TOOK_LONGER: 0.375, Reason.UNASSIGNED: 0.25}
    assert found.reason is Reason.OTHER_PARTY


@pytest.mark.parametrize(
    ("state", "reason"), [(State.WAITING_CUSTOMER, Reason.CUSTOMER), (State.WAITING_VENDOR, Reason.VENDOR)]
)
def test_waited_for_somebody_outside_while_the_clock_ran(state, reason):
    """The clock of the response is not paused: an hour of its half hour at P2 went by in that state."""
    found = reason_of((0, {"state": state}), (1, WORKING), kind=ClockKind.RESPONSE)
    assert (found.reason, found.counted_s) == (reason, 30 * 60)


def test_a_pause_is_no_reason():
    """A day of waiting for the customer stops the clock, so that it breaks no promise."""
    found = reason_of((0, WORKING), (4, {"state": State.WAITING_CUSTOMER}), (28, WORKING), (40, DONE))
    assert shares(found) == {Reason.TOOK_LONGER: 1.0}


def test_handed_over_twice():
    """Two handovers: what was not the longest stay (3 of 8 hours) counts as handed over."""
    found = reason_of((0, WORKING), (1, {"owner": 2}), (3, {"owner": 3}), (12, DONE))
    assert shares(found) == {Reason.TOOK_LONGER: 0.625, Reason.HANDED_OVER: 0.375}
    assert found.handovers == 2
    again = reason_of(*((hours, {**WORKING, "owner": hours}) for hours in range(8)), (20, DONE))
    assert (again.reason, shares(again)[Reason.HANDED_OVER]) == (Reason.HANDED_OVER, 0.875)


def test_one_handover_is_ordinary():
    """What a second person has is work like any other."""
    found = reason_of((0, WORKING), (4, {"owner": 2}), (12, DONE))
    assert shares(found) == {Reason.TOOK_LONGER: 1.0}


def test_back_to_the_queue_and_to_the_same_person_is_no_handover():
    """Only another person or team makes one."""
    found = reason_of((0, WORKING), (1, {"owner": None}), (2, {"owner": 1}), (12, DONE))
    assert found.handovers == 0


def test_no_staff_on_shift():
    """The clock runs around the clock, the team works from the fifth hour on: five of eight hours nobody was there."""
    there = {7: [Interval(start_at=at(5), end_at=at(13))]}
    found = reason_of((0, {"team": 7}), (6, WORKING), (20, DONE), staffing=there)
    assert found.reason is Reason.NO_STAFF
    assert shares(found) == {Reason.NO_STAFF: 0.625, Reason.TOOK_LONGER: 0.25, Reason.UNASSIGNED: 0.125}


def test_a_team_whose_hours_nobody_knows_is_taken_to_have_been_there():
    """What is not known accuses nobody of being away."""
    found = reason_of((0, {"team": 8}), (6, WORKING), (20, DONE), staffing={7: []})
    assert Reason.NO_STAFF not in shares(found)


def test_reopened_late():
    """Resolved after seven of its eight hours and reopened two days later: 87.5 % was gone when it came back."""
    found = reason_of((0, WORKING), (7, DONE), (55, WORKING), (80, DONE))
    assert (found.reason, shares(found)) == (Reason.REOPENED, {Reason.REOPENED: 0.875, Reason.TOOK_LONGER: 1.0})


def test_reopened_early_explains_nothing():
    """With three quarters of the time still there, it is the work that took longer."""
    found = reason_of((0, WORKING), (2, DONE), (55, WORKING), (80, DONE))
    assert (found.reason, shares(found)[Reason.REOPENED]) == (Reason.TOOK_LONGER, 0.25)


def test_a_target_shortened_by_a_change_of_priority():
    """P3 (16 h) becomes P1 (4 h) after five hours: the change itself broke the promise."""
    found = reason_of((0, {**WORKING, "priority": Priority.P3}), (5, {"priority": Priority.P1}), (6, DONE))
    assert (found.reason, shares(found)[Reason.SHORTENED]) == (Reason.SHORTENED, 1.0)


RESOLUTION = default_policy(calendar="c").clocks[1]
TWO_CALENDARS = ClockPolicy(
    version=1,
    clocks=(
        replace(
            RESOLUTION,
            calendar="always",
            when=parse("priority is P1"),
            targets=(Target(priority=Priority.P1, target_min=240),),
        ),
        replace(RESOLUTION, targets=(Target(priority=Priority.P3, target_min=960),)),
    ),
)


def test_a_target_shortened_with_its_calendar():
    """P3 (16 h of the office) becomes P1 (4 h round the clock) after five hours: counted again, and shortened all the same."""
    office = Calendar.working_week("UTC", "08:00-18:00")
    found = reason_of(
        (0, {**WORKING, "priority": Priority.P3}), (5, {"priority": Priority.P1}), (6, DONE), calendar=office,
        policy=TWO_CALENDARS,
    )  # fmt: skip
    assert (found.reason, shares(found)[Reason.SHORTENED]) == (Reason.SHORTENED, 1.0)


def test_a_longer_target_is_no_reason():
    """P2 to P3 gives time."""
    found = reason_of((0, WORKING), (5, {"priority": Priority.P3}), (40, DONE))
    assert Reason.SHORTENED not in shares(found)


def test_a_mixture_has_no_reason():
    """Nothing reaches three tenths: nothing is suggested, and the shares say why."""
    found = reason_of(
        (0, {}), (2, {"state": State.WAITING_OTHER}), (4, WORKING), (6, {"owner": 2}), (7, {"owner": 3}), (20, DONE),
        staffing={None: [Interval(start_at=at(0), end_at=at(1)), Interval(start_at=at(2), end_at=at(40))]},
    )  # fmt: skip
    assert found.reason is None
    assert sum(shares(found).values()) == pytest.approx(1)


def test_only_time_that_counts_is_divided():
    """Nights of the office do not make an owner of ten days slow: eight business hours over a day and a half."""
    office = Calendar.working_week("UTC", "08:00-13:00")
    found = reason_of((0, {}), (24, WORKING), (72, DONE), calendar=office)
    assert shares(found) == {Reason.UNASSIGNED: 0.625, Reason.TOOK_LONGER: 0.375}


def test_pauses_with_how_much_was_gone_and_the_nearest_message():
    """Two pauses: after 7 of 8 hours, the customer told ten minutes later; and one after the breach."""
    clock, _ = life(
        (0, WORKING), (7, {"state": State.WAITING_CUSTOMER}), (9, WORKING), (12, {"state": State.WAITING_VENDOR}), (14, DONE)
    )  # fmt: skip
    found = pauses(clock.segments, messages=[at(1), at(7) + timedelta(minutes=10)])
    assert [(one.began_at, one.ended_at, one.gone_ratio) for one in found] == [
        (at(7), at(9), 7 / 8), (at(12), at(14), 10 / 8)
    ]  # fmt: skip
    assert [one.message_s for one in found] == [600, 290 * 60]
    assert [one.message_s for one in pauses(clock.segments, messages=[])] == [None, None]


def test_a_target_that_changes_in_a_pause_makes_no_second_one():
    """The pause goes on; it began when it began."""
    clock, _ = life((0, WORKING), (4, {"state": State.WAITING_CUSTOMER}), (5, {"priority": Priority.P3}), (9, DONE))
    (one,) = pauses(clock.segments, messages=[])
    assert (one.began_at, one.ended_at, one.gone_ratio) == (at(4), at(9), 0.5)


def test_a_pause_under_no_promise_takes_no_other_one_with_it():
    """Paused twice; the second began where nothing was promised, and the promise came while it lasted."""
    clock, _ = life(
        (0, WORKING), (1, {"state": State.WAITING_CUSTOMER}), (2, WORKING), (3, {"state": State.WAITING_CUSTOMER}),
        (4, {"priority": Priority.P3}), (9, DONE),
    )  # fmt: skip
    segments = [replace(one, target=None) if one.from_at == at(3) else one for one in clock.segments]
    found = pauses(segments, messages=[])
    assert [(one.began_at, one.ended_at) for one in found] == [(at(1), at(2)), (at(4), at(9))]
