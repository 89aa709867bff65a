"""What a change makes of the time on a clock where several rules meet; each of these was once wrong, and found by the clerk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.engine.clocks.days import OFFICE, events, hours, instant
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import EventKind, Priority
from watchbill.engine.clocks import (
    Choice,
    ClockDefinition,
    ClockEvent,
    ClockKind,
    ClockPolicy,
    ClockStatus,
    TakeOver,
    Target,
    ZoneOf,
    run_clocks,
)  # fmt: skip
from watchbill.engine.clocks.expressions import parse

MONDAY = "2016-03-07"
CALENDARS = {"office": OFFICE, "always": Calendar.always()}
PROMISE = ClockDefinition(
    kind=ClockKind.STAGE,
    name="repair",
    calendar="office",
    targets=(Target(priority=Priority.P1, target_min=120), Target(priority=Priority.P3, target_min=240)),
    start=parse("event is opened"),
    stop=parse("state in (resolved, closed)"),
    reopen=parse("state is open"),
)


def run(*clocks: ClockDefinition, lived: list[ClockEvent], later: tuple[TakeOver, ...] = ()):
    (outcome,) = run_clocks(ClockPolicy(version=1, clocks=clocks), CALENDARS, lived, later=later, explain=True)
    return outcome


def at(time: str, days: int = 0):
    return instant(MONDAY, time, days)


def test_a_cycle_that_was_met_stays_met_when_it_is_reset():
    """Only what was not decided yet is called restarted."""
    clock = replace(PROMISE, reset=parse("event is note"))
    lived = events(MONDAY, "09:00 opened new P3", "10:00 state resolved P3", "11:00 note new P3")
    outcome = run(clock, lived=lived)
    assert [cycle.status for cycle in outcome.cycles] == [ClockStatus.MET]
    assert (outcome.status, outcome.started_at) == (ClockStatus.RUNNING, at("11:00"))
    undecided = run(clock, lived=[lived[0], lived[2]])
    assert [cycle.status for cycle in undecided.cycles] == [ClockStatus.RESTARTED]


def test_a_reset_begins_under_what_is_promised_now():
    """Not under the priority at which the cycle before was stopped."""
    clock = replace(PROMISE, reset=parse("event is note"), reopen=parse("never"))
    outcome = run(
        clock, lived=events(MONDAY, "09:00 opened new P3", "10:00 state resolved P3", "11:00 note in_progress P1")
    )
    assert (outcome.target, outcome.due_at) == (hours(2), at("13:00"))


def test_nothing_begins_anew_where_nothing_is_promised():
    """At P4, without a target, a reset leaves the clock absent."""
    clock = replace(PROMISE, reset=parse("event is priority"))
    outcome = run(clock, lived=events(MONDAY, "09:00 opened new P3", "10:00 priority new P4"))
    assert (outcome.status, outcome.cycles) == (ClockStatus.ABSENT, ())


def test_opened_as_resolved_and_reopened_as_if_it_had_not_been():
    """It counts from the opening, where there was nothing but the stop."""
    clock = replace(PROMISE, on_reopen=Choice.RETROACTIVE)
    outcome = run(clock, lived=events(MONDAY, "09:00 opened resolved P3", "11:00 state new P3"))
    assert (outcome.started_at, outcome.elapsed, outcome.due_at) == (at("09:00"), hours(2), at("13:00"))


def test_a_target_that_comes_with_the_reopening_is_promised_then():
    """Reopened at P1 and counted through: due long ago, and broken now."""
    clock = replace(PROMISE, on_reopen=Choice.RETROACTIVE)
    outcome = run(clock, lived=events(MONDAY, "09:00 opened new P3", "10:00 state resolved P3", "12:00 state new P1"))
    assert (outcome.due_at, outcome.breach_at) == (at("11:00"), at("12:00"))


def test_a_clock_counts_since_its_instant_also_where_its_priority_changes_as_it_starts():
    """Taken up and raised in one event: since the opening nevertheless."""
    first = replace(PROMISE, start=parse("state is in_progress"), targets=PROMISE.targets[1:])
    urgent = replace(first, since="opened", targets=PROMISE.targets[:1], on_priority=Choice.KEEP)
    outcome = run(first, urgent, lived=events(MONDAY, "09:00 opened new P3", "10:00 priority in_progress P1"))
    assert (outcome.started_at, outcome.elapsed, outcome.due_at) == (at("09:00"), hours(1), at("11:00"))


def test_counting_again_honours_since_too():
    """A customer's promise that comes late, counted as if it had held all along: from the opening, not from the start."""
    clock = replace(
        PROMISE, start=parse("state is in_progress"), since="opened", when=parse("tier is gold"),
        on_customer=Choice.RETROACTIVE,
    )  # fmt: skip
    lived = events(MONDAY, "09:00 opened new P3", "10:00 state in_progress P3", "11:00 fields in_progress P3")
    lived[2] = replace(lived[2], facts={"tier": "gold"})
    assert run(clock, lived=lived).elapsed == hours(2)


def test_a_priority_that_changed_while_stopped_begins_anew_on_reopening():
    """Where the choice is to restart: what was stopped stays decided."""
    clock = replace(PROMISE, on_priority=Choice.RESTART)
    outcome = run(
        clock,
        lived=events(
            MONDAY, "09:00 opened new P3", "10:00 state resolved P3", "11:00 priority resolved P1", "12:00 state new P1"
        ),
    )
    assert [cycle.status for cycle in outcome.cycles] == [ClockStatus.MET]
    assert (outcome.started_at, outcome.due_at) == (at("12:00"), at("14:00"))


def test_what_was_merged_stays_counted_when_the_zone_changes():
    """From the opening of the merged item, on the calendar of the customer's zone."""
    clock = replace(PROMISE, zone_of=ZoneOf.CUSTOMER, on_merge=Choice.RETROACTIVE, on_customer=Choice.RETROACTIVE)
    lived = events(MONDAY, "11:00 opened new P3", "12:00 merged new P3", "13:00 fields new P3")
    lived[1] = replace(lived[1], merged_at=at("10:00"))
    lived[2] = replace(lived[2], facts={"customer": "acme", "customer_zone": "Europe/Paris"})
    outcome = run(clock, lived=lived)
    assert (outcome.started_at, outcome.elapsed) == (at("10:00"), hours(3))


def test_a_merge_into_another_promise_breaks_it_at_the_merge():
    """The merged opening puts the due of the new target into the past; nobody had promised that before."""
    first = replace(PROMISE, when=parse("not event is merged"), on_merge=Choice.RETROACTIVE)
    shorter = replace(first, when=parse("event is merged"), targets=(Target(priority=Priority.P3, target_min=60),))
    lived = events(MONDAY, "11:00 opened new P3", "12:00 merged new P3")
    lived[1] = replace(lived[1], merged_at=at("09:30"))
    outcome = run(first, shorter, lived=lived)
    assert (outcome.elapsed, outcome.due_at, outcome.breach_at) == (hours(2.5), at("10:30"), at("12:00"))


def test_a_repeating_promise_is_not_stopped_again_by_what_began_its_cycle():
    """The reply that ends one cycle and begins the next is no stop when the cycle is counted again in another zone."""
    clock = replace(
        PROMISE, start=parse("state is open"), stop=parse("event is reply"), repeats=True, zone_of=ZoneOf.CUSTOMER,
        on_customer=Choice.RETROACTIVE,
    )  # fmt: skip
    lived = events(MONDAY, "09:00 opened new P3", "10:00 reply new P3", "11:00 fields new P3")
    lived[2] = replace(lived[2], facts={"customer_zone": "Europe/Lisbon"})
    outcome = run(clock, lived=lived)
    assert (outcome.status, outcome.cycle, outcome.started_at) == (ClockStatus.RUNNING, 2, at("10:00"))


def test_a_cycle_that_a_later_version_restarts_keeps_its_pause_limit():
    """The version that takes over has no limit; the cycle before is measured by its own."""
    clock = replace(PROMISE, pause=parse("state is waiting"), pause_limit_min=60)
    later = ClockPolicy(version=2, clocks=(PROMISE,), takes_over=Choice.RESTART)
    outcome = run(
        clock,
        lived=events(MONDAY, "09:00 opened waiting_vendor P3"),
        later=(TakeOver(at=at("12:00"), policy=later, calendars=CALENDARS),),
    )
    assert (outcome.cycles[0].paused, outcome.cycles[0].elapsed) == (hours(1), hours(2))


def test_a_later_version_that_promises_more_is_heard_when_a_cancelled_item_comes_back():
    """It finds the item cancelled and promises nothing; afterwards it counts."""
    silent = replace(PROMISE, when=parse("tier is gold"))
    clock = replace(PROMISE, start=parse("state is open"), cancel=parse("state is cancelled"), reopen=parse("never"))
    later = ClockPolicy(version=2, clocks=(clock,), takes_over=Choice.KEEP)
    outcome = run(
        silent,
        lived=events(MONDAY, "09:00 opened new P3", "10:00 state cancelled P3", "14:00 state new P3"),
        later=(TakeOver(at=at("12:00"), policy=later, calendars=CALENDARS),),
    )
    assert (outcome.status, outcome.target) == (ClockStatus.RUNNING, hours(4))


def test_another_zone_of_the_customer_is_a_change_of_customer():
    """Whether or not another definition of the policy looks at zones."""
    clock = replace(PROMISE, on_customer=Choice.RESTART)
    lived = events(MONDAY, "09:00 opened new P3", "10:00 fields new P3")
    lived[1] = replace(lived[1], facts={"customer_zone": "Asia/Kolkata"})
    assert run(clock, lived=lived).started_at == at("10:00")


def test_of_several_changes_at_once_the_strongest_choice_counts():
    """Priority and queue change in one event: counted again for the one, begun anew for the other."""
    clock = replace(PROMISE, on_priority=Choice.RETROACTIVE, on_transfer=Choice.RESTART)
    lived = events(MONDAY, "09:00 opened new P3", "10:00 priority new P1")
    lived[1] = replace(lived[1], facts={"queue": "network"})
    outcome = run(clock, lived=lived)
    assert (outcome.started_at, outcome.due_at) == (at("10:00"), at("10:00") + timedelta(hours=2))
    assert lived[1].kind is EventKind.PRIORITY
