"""Who held a clock: the time of each sums exactly to what the clock shows, and a worked case by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.clocks.days import OFFICE, RESOLUTION, RESPONSE, events, hours, instant
from tests.engine.clocks.test_against_the_wall import logs
from tests.engine.wallclock import calendars_around
from watchbill.engine.base.ids import PersonId
from watchbill.engine.clocks import Choice, Phase, elapsed_at, run_clock
from watchbill.engine.clocks.expressions import NEVER, parse
from watchbill.engine.clocks.held import Holder, Party, held_by, stints_of, the_holder, the_team
from watchbill.engine.clocks.lived import lived

MONDAY = "2016-03-07"
NOTHING = hours(0)
ANN, BOB = PersonId(7), PersonId(8)


def placed(log, *places):
    """The events with (queue, team) after each of them."""
    return [
        replace(event, facts={"queue": queue, "team": team}) for event, (queue, team) in zip(log, places, strict=True)
    ]


WORKED = placed(
    events(
        MONDAY,
        "09:00 opened new P3",
        "10:00 assigned in_progress P3 @7",
        "12:00 state waiting_customer P3 @7",
        "14:00 reply in_progress P3 @7 customer",
        "15:00 queue new P3",
        "+1 10:00 assigned in_progress P3 @8",
        "+1 11:00 state waiting_vendor P3 @8",
        "+1 13:00 state in_progress P3 @7",
        "+1 14:00 state resolved P3 @7",
    ),
    *[("Desk", "First line")] * 4,
    *[("Network", "Network")] * 5,
)


def test_each_holder_has_its_time_and_its_share():
    """Owner, queue without an owner, customer and vendor: 13 h of business time, 9 h running and 4 h paused."""
    outcome = run_clock(RESOLUTION, OFFICE, WORKED, explain=True)
    stints = stints_of(WORKED, outcome, {"office": OFFICE}, now=instant(MONDAY, "18:00", 1))
    told = [(one.who, one.running, one.paused, one.turns, round(one.share, 3)) for one in held_by(stints, the_holder)]
    assert told == [
        (Holder(party=Party.OWNER, owner=ANN), hours(4), NOTHING, 3, 0.308),
        (Holder(party=Party.UNASSIGNED, queue="Network"), hours(3), NOTHING, 1, 0.231),
        (Holder(party=Party.CUSTOMER), NOTHING, hours(2), 1, 0.154),
        (Holder(party=Party.VENDOR), NOTHING, hours(2), 1, 0.154),
        (Holder(party=Party.UNASSIGNED, queue="Desk"), hours(1), NOTHING, 1, 0.077),
        (Holder(party=Party.OWNER, owner=BOB), hours(1), NOTHING, 1, 0.077),
    ]
    assert (outcome.elapsed, outcome.paused) == (hours(9), hours(4))


def test_a_team_has_its_items_also_while_they_wait():
    """By team the waiting time counts with the team whose item it is."""
    outcome = run_clock(RESOLUTION, OFFICE, WORKED, explain=True)
    stints = stints_of(WORKED, outcome, {"office": OFFICE}, now=instant(MONDAY, "18:00", 1))
    told = [(one.who, one.running, one.paused, one.turns) for one in held_by(stints, the_team)]
    assert told == [("Network", hours(5), hours(2), 1), ("First line", hours(4), hours(2), 1)]


def test_a_clock_that_nobody_touched_is_held_up_to_now():
    """A live clock is counted on to the present instant; one that has not started is held by nobody."""
    log = events(MONDAY, "09:00 opened new P3")
    outcome = run_clock(RESOLUTION, OFFICE, log, explain=True)
    (stint,) = stints_of(log, outcome, {"office": OFFICE}, now=instant(MONDAY, "12:00"))
    assert (stint.holder.party, stint.business, stint.to_at) == (Party.UNASSIGNED, hours(3), instant(MONDAY, "12:00"))
    absent = run_clock(RESOLUTION, OFFICE, events(MONDAY, "09:00 note new P3"), explain=True)
    assert stints_of(log, absent, OFFICE, now=instant(MONDAY, "12:00")) == ()
    assert held_by((), the_holder) == ()


def test_time_outside_business_hours_is_nobodys():
    """Whoever owned it over the night had none of its time, and no share of nothing."""
    log = events(MONDAY, "18:00 opened in_progress P3 @7", "23:00 state resolved P3 @7")
    outcome = run_clock(RESOLUTION, OFFICE, log, explain=True)
    (held,) = held_by(stints_of(log, outcome, {"office": OFFICE}, now=instant(MONDAY, "23:00")), the_holder)
    assert (held.business, held.share, held.turns) == (NOTHING, 0.0, 1)


@settings(max_examples=200, deadline=None)
@given(st.data(), calendars_around(), st.sampled_from([RESPONSE, RESOLUTION]))
def test_what_holders_had_sums_exactly_to_what_the_clock_shows(data, around, definition):
    """On any calendar, in any zone, at any later instant: to the microsecond, by holder and by team."""
    calendar, moment = around
    log = [
        replace(event, facts={"queue": data.draw(st.sampled_from("AB")), "team": data.draw(st.sampled_from("XY"))})
        for event in data.draw(logs(moment - timedelta(days=1)))
    ]
    now = log[-1].at + timedelta(microseconds=data.draw(st.integers(0, 10**12)))
    outcome = run_clock(definition, calendar, log, explain=True)
    stints = stints_of(log, outcome, {"office": calendar}, now=now)
    later = calendar.business_between(outcome.as_of, now) if outcome.is_live else NOTHING
    elapsed = elapsed_at(outcome, calendar, now)
    paused = outcome.paused + (later if elapsed == outcome.elapsed else NOTHING)
    for who in (the_holder, the_team):
        found = held_by(stints, who)
        assert sum((one.running for one in found), timedelta()) == elapsed
        assert sum((one.paused for one in found), timedelta()) == paused
        assert sum(one.share for one in found) == pytest.approx(1.0 if elapsed + paused else 0.0)
    assert all(one.to_at <= other.from_at for one, other in pairwise(stints))


@settings(max_examples=200, deadline=None)
@given(st.data(), calendars_around())
def test_it_sums_under_any_choice_and_with_limited_pauses(data, around):
    """Pauses that end by themselves, promises that begin anew or are counted again, cycles: each cycle sums exactly."""
    calendar, moment = around
    log = data.draw(logs(moment - timedelta(days=1)))
    definition = replace(
        RESOLUTION,
        pause_limit_min=data.draw(st.sampled_from([None, 1, 45, 600])),
        reset=data.draw(st.sampled_from([NEVER, parse("event is reply")])),
        repeats=data.draw(st.booleans()),
        on_priority=data.draw(st.sampled_from(Choice)),
        on_reopen=data.draw(st.sampled_from(Choice)),
        since=data.draw(st.sampled_from(["event", "opened", "customer_message"])),
    )
    outcome = run_clock(definition, calendar, log, explain=True)
    now = log[-1].at + timedelta(minutes=data.draw(st.integers(0, 5000)))
    for cycle in (*outcome.cycles, outcome):
        at = now if cycle is outcome else cycle.as_of
        stints = stints_of(log, cycle, {"office": calendar}, now=at)
        running, paused = (
            sum((one.business for one in stints if one.phase is phase), timedelta())
            for phase in (Phase.RUNNING, Phase.PAUSED)
        )
        assert running == elapsed_at(cycle, calendar, at)
        if at == cycle.as_of or not cycle.is_live:
            assert paused == cycle.paused


def test_a_pause_that_reached_its_limit_goes_on_as_running():
    """Waiting for the customer from 10:00 with a limit of two hours: at 15:00 two hours are paused and four ran."""
    log = events(MONDAY, "09:00 opened in_progress P3 @7", "10:00 state waiting_customer P3 @7")
    definition = replace(RESOLUTION, pause_limit_min=120)
    outcome = run_clock(definition, OFFICE, log, explain=True)
    found = lived(outcome, {"office": OFFICE}, instant(MONDAY, "15:00"))
    assert [(one.phase, one.business, one.to_at) for one, _ in found] == [
        (Phase.RUNNING, hours(1), instant(MONDAY, "10:00")),
        (Phase.PAUSED, hours(2), instant(MONDAY, "12:00")),
        (Phase.RUNNING, hours(3), None),
    ]
