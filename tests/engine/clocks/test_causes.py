"""What a stretch of a clock says of its cause is what happened: a tier is no priority, and a reopening is no reset."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.clocks.days import events
from tests.engine.clocks.test_changes import CALENDARS, MONDAY, PROMISE, at, run
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks import Choice, ClockPolicy, TakeOver, Target
from watchbill.engine.clocks.expressions import parse
from watchbill.engine.clocks.told import told

AGAIN = ", and time is counted again from the beginning"


def last(*clocks, lived, later=()):
    """Rule and reason of the last stretch."""
    outcome = run(*clocks, lived=lived, later=later)
    calendars: dict[str, BusinessHours] = dict(CALENDARS.items())
    segment = told(outcome, lived, calendars, at("15:00"), names={})["segments"][-1]
    return segment["rule"], segment["because"]


def tiers(choice):
    """Premier customers are promised two hours round the clock, others four of office time; the tier changes at ten."""
    fast = replace(
        PROMISE, calendar="always", when=parse("tier is premier"), on_customer=choice,
        targets=(Target(priority=Priority.P3, target_min=120),),
    )  # fmt: skip
    lived = events(MONDAY, "09:00 opened new P3", "10:00 fields new P3")
    lived[0] = replace(lived[0], facts={"tier": "standard"})
    lived[1] = replace(lived[1], facts={"tier": "premier"})
    return last(fast, replace(PROMISE, on_customer=choice), lived=lived)


@pytest.mark.parametrize(
    ("choice", "rule", "words"),
    [
        (Choice.KEEP, "when", "tier is now premier"),
        (Choice.RETROACTIVE, "on_customer", "tier is now premier" + AGAIN),
        (Choice.RESTART, "on_customer", "it begins anew: tier is now premier"),
    ],
)
def test_a_change_of_tier_is_called_one(choice, rule, words):
    """The priority was P3 all the time."""
    assert tiers(choice) == (rule, words)


@pytest.mark.parametrize(
    ("choice", "words"),
    [(Choice.RETROACTIVE, "it was reopened" + AGAIN), (Choice.RESTART, "it begins anew: it was reopened")],
)
def test_a_reopening_is_called_one(choice, words):
    """Not a change of priority, and not a reset."""
    lived = events(MONDAY, "09:00 opened new P3", "10:00 state resolved P3", "11:00 state new P3")
    assert last(replace(PROMISE, on_reopen=choice), lived=lived) == ("on_reopen", words)


def test_a_merge_is_called_one():
    """The older item gives its beginning."""
    lived = events(MONDAY, "09:00 opened new P3", "10:00 merged new P3")
    lived[1] = replace(lived[1], merged_at=at("08:00", -3))
    words = "another item was merged into this one" + AGAIN
    assert last(replace(PROMISE, on_merge=Choice.RETROACTIVE), lived=lived) == ("on_merge", words)


def test_a_priority_and_a_reset_are_called_so():
    """Begun anew by a change of priority, and by the condition of the reset."""
    lived = events(MONDAY, "09:00 opened new P3", "10:00 priority new P1")
    words = "it begins anew: priority is now P1"
    assert last(replace(PROMISE, on_priority=Choice.RESTART), lived=lived) == ("on_priority", words)
    lived = events(MONDAY, "09:00 opened new P3", "10:00 note new P3")
    assert last(replace(PROMISE, reset=parse("event is note")), lived=lived) == (
        "reset",
        "it begins anew: event is note",
    )


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice.KEEP, "a new policy holds"),
        (Choice.RETROACTIVE, "a new policy holds" + AGAIN),
        (Choice.RESTART, "it begins anew: a new policy holds"),
    ],
)
def test_a_version_that_takes_over_is_called_one(choice, words):
    """At noon, with other targets on another calendar."""
    fast = replace(PROMISE, calendar="always", targets=(Target(priority=Priority.P3, target_min=300),))
    policy = ClockPolicy(version=2, clocks=(fast,), takes_over=choice)
    later = (TakeOver(at=at("12:00"), policy=policy, calendars=CALENDARS),)
    assert last(PROMISE, lived=events(MONDAY, "09:00 opened new P3"), later=later) == ("takes_over", words)
