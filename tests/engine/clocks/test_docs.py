"""The worked numbers of docs/algorithms/clocks.md are computed again, and must be found there word for word."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.engine.clocks.days import OFFICE, events, instant, resolution, response
from watchbill.engine.base.calendar import BusinessTime, Calendar
from watchbill.engine.base.work import ActorKind, EventKind
from watchbill.engine.clocks import Change, Choice, ClockPolicy, Since, TakeOver, ZoneOf, run_clocks
from watchbill.engine.clocks.expressions import parse
from watchbill.engine.clocks.facts import UNSEEN
from watchbill.engine.clocks.fields import FIELDS, STATE_GROUPS

PAGE = (Path(__file__).parents[3] / "docs" / "algorithms" / "clocks.md").read_text(encoding="utf-8")
FRIDAY, MONDAY = "2016-03-04", "2016-03-07"


def told(outcome) -> dict[str, str]:
    """What an outcome says, in the words of the page."""
    elapsed_min, paused_h = int(outcome.elapsed.total_seconds()) // 60, outcome.paused.total_seconds() / 3600
    hours, minutes = divmod(elapsed_min, 60)
    return {
        "warning": f"warning {outcome.warn_at:%a %H:%M}" if outcome.warn_at else "",
        "due": f"due {outcome.due_at:%a %H:%M}",
        "breached": f"breached {outcome.breach_at:%a %H:%M}" if outcome.breach_at else "",
        "verdict": f"{outcome.status} with {hours} h {minutes:02} min",
        "shown": f"{hours} h on the clock",
        "paused": f"{paused_h:.0f} h paused",
    }


@pytest.mark.parametrize(
    ("row", "outcome", "words"),
    [
        (
            "P3 opened Fri 4 Mar 16:30; a person replies Mon 10:00 | response",
            response(FRIDAY, "16:30 opened new P3", "+3 10:00 reply new P3"),
            ["due", "verdict"],
        ),
        ("P2 opened Mon 09:00 | resolution", resolution(MONDAY, "09:00 opened new P2"), ["warning", "due"]),
        (
            "the same, waiting for the customer from Mon 11:00 to Tue 10:00 | resolution",
            resolution(
                MONDAY, "09:00 opened new P2", "11:00 state waiting_customer P2", "+1 10:00 state in_progress P2"
            ),
            ["paused", "due"],
        ),
        (
            "P2 opened Mon 09:00, resolved Mon 11:00, reopened Tue 11:00 | resolution",
            resolution(MONDAY, "09:00 opened new P2", "11:00 state resolved P2", "+1 11:00 state in_progress P2"),
            ["shown", "due"],
        ),
        (
            "P3 opened Mon 09:00, raised to P1 at 10:00 | resolution",
            resolution(MONDAY, "09:00 opened new P3", "10:00 priority new P1"),
            ["due"],
        ),
        (
            "P3 opened Mon 09:00, raised to P1 at 15:00 | resolution",
            resolution(MONDAY, "09:00 opened new P3", "15:00 priority new P1"),
            ["due", "breached"],
        ),
        (
            "P2 opened Mon 09:00, cancelled 10:00, taken back 16:00 | resolution",
            resolution(MONDAY, "09:00 opened new P2", "10:00 state cancelled P2", "16:00 state in_progress P2"),
            ["shown", "due"],
        ),
        (
            "P2 opened Fri 4 Mar 09:00, resolved Sat 10:00 | resolution",
            resolution(FRIDAY, "09:00 opened new P2", "+1 10:00 state resolved P2"),
            ["due", "verdict"],
        ),
        (
            "logged as assigned at 06:30, P3 opened Mon 09:00, in progress from 10:00 | response",
            response(MONDAY, "06:30 assigned new P3 @7", "09:00 opened new P3 @7", "10:00 state in_progress P3 @7"),
            ["due", "verdict"],
        ),
    ],
)
def test_the_page_tells_what_the_engine_computes(row, outcome, words):
    """Each row of the table of worked numbers is the engine's own answer."""
    said = told(outcome)
    assert f"| {row} | {', '.join(said[word] for word in words)} |" in PAGE


def test_every_row_of_the_table_is_computed():
    """Nobody adds a worked number without its test."""
    table = PAGE.split("### Worked numbers")[1].split("## Pause")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    (mark,) = (mark for mark in test_the_page_tells_what_the_engine_computes.pytestmark if mark.name == "parametrize")
    assert len(rows) - 1 == len(mark.args[1])


CALENDARS = {"office": OFFICE, "always": Calendar.always()}
OFFICE_8H = {"kind": "resolution", "calendar": "office", "targets_min": {"P2": 480, "P3": 480}}
ALWAYS_6H = {"kind": "resolution", "calendar": "always", "targets_min": {"P3": 360}}


def policy(*clocks, **more) -> ClockPolicy:
    return ClockPolicy.from_json({"clocks": list(clocks), **more})


def row(*cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def number(duration) -> str:
    """Hours as the page writes them."""
    return f"{duration.total_seconds() / 3600:g} h"


def shown(outcome, *, cycles="") -> tuple[str, str]:
    """What a clock shows of its target, and its due with a breach that has happened."""
    cycle = f", cycle {outcome.cycle}{cycles}" if outcome.cycle > 1 else ""
    due = f"{outcome.due_at:%a %H:%M}"
    if outcome.is_breached(outcome.as_of):
        due += f", breached {outcome.breach_at:%a %H:%M}"
    return f"{number(outcome.elapsed)} of {number(outcome.target)}{cycle}", due


def with_field(log, name, *values):
    return [replace(event, facts={name: value}) for event, value in zip(log, values, strict=True)]


def changed_priority(choice):
    """P1 is promised round the clock."""
    urgent = ALWAYS_6H | {"targets_min": {"P1": 360}, "on_priority": choice}
    log = events(MONDAY, "15:00 opened new P3", "+1 10:00 priority new P1")
    return run_clocks(policy(OFFICE_8H | {"targets_min": {"P3": 480}}, urgent), CALENDARS, log)[0]


def changed_field(choice, key, name, before, after):
    """Another definition answers because a field has changed."""
    log = with_field(events(MONDAY, "15:00 opened new P3", "+1 10:00 fields new P3"), name, before, after)
    both = (ALWAYS_6H | {"when": f"{name} is {after}", key: choice}, OFFICE_8H)
    return run_clocks(policy(*both), CALENDARS, log)[0]


def changed_policy(choice):
    """Another version takes over."""
    after = policy(ALWAYS_6H, version=2, takes_over=choice)
    taking = TakeOver(at=instant(MONDAY, "10:00", 1), policy=after, calendars=CALENDARS)
    return run_clocks(policy(OFFICE_8H), CALENDARS, events(MONDAY, "15:00 opened new P3"), later=[taking])[0]


@pytest.mark.parametrize("choice", list(Choice))
@pytest.mark.parametrize(
    "changed",
    [
        changed_priority,
        partial(changed_field, key="on_customer", name="tier", before="standard", after="premier"),
        partial(changed_field, key="on_transfer", name="queue", before="Desk", after="Network"),
        changed_policy,
    ],
    ids=["priority", "customer", "transfer", "policy"],
)
def test_each_choice_on_a_change_is_worked_out(changed, choice):
    """Keep, restart, retroactive: the same three rows for priority, customer, transfer and a new version."""
    assert row(choice, *shown(changed(choice))) in PAGE


@pytest.mark.parametrize("choice", list(Choice))
def test_each_choice_on_reopening_is_worked_out(choice):
    """Two hours before it was resolved, and reopened on the next day."""
    log = events(MONDAY, "09:00 opened new P2", "11:00 state resolved P2", "+1 11:00 state in_progress P2")
    (outcome,) = run_clocks(policy(OFFICE_8H | {"on_reopen": choice}), CALENDARS, log)
    ended = "".join(f"; cycle {each.cycle} {each.status}" for each in outcome.cycles)
    assert row(choice, *shown(outcome, cycles=ended)) in PAGE


@pytest.mark.parametrize("choice", list(Choice))
def test_each_choice_on_merging_is_worked_out(choice):
    """Another item of the day before is merged into this one; one of a later day changes nothing."""
    opened, merged = events(MONDAY, "+1 09:00 opened new P2", "+1 11:00 merged new P2")
    rules = policy(OFFICE_8H | {"on_merge": choice})
    (outcome,) = run_clocks(rules, CALENDARS, [opened, replace(merged, merged_at=instant(MONDAY, "15:00"))])
    assert row(choice, *shown(outcome)) in PAGE
    if choice is Choice.RETROACTIVE:
        (outcome,) = run_clocks(rules, CALENDARS, [opened, replace(merged, merged_at=instant(MONDAY, "10:00", 1))])
        assert outcome.due_at == instant(MONDAY, "17:00", 1)


@pytest.mark.parametrize("zone_of", list(ZoneOf))
def test_each_zone_is_worked_out(zone_of):
    """Nine to five on four walls."""
    office = Calendar.working_week("Europe/Dublin", "09:00-17:00")
    zones = {"customer_zone": "America/New_York", "site_zone": "Asia/Kolkata", "team_zone": "Europe/Dublin"}
    (opened,) = events(MONDAY, "03:00 opened new P2")
    rules = policy(OFFICE_8H | {"zone_of": zone_of})
    (outcome,) = run_clocks(rules, {"office": office}, [replace(opened, facts=zones)])
    hours = office.in_zone(outcome.zone) if outcome.zone else office
    opens = hours.add_business(opened.at, BusinessTime(timedelta(microseconds=1)))
    cells = f"{opens:%H:%M} to {hours.add_business(opened.at, outcome.target):%H:%M}"
    assert row(f"`{zone_of}`", hours.zone, cells, f"{outcome.due_at:%a %H:%M}") in PAGE


def test_all_other_choices_keep():
    """What the page says of the defaults."""
    (clock,) = policy(OFFICE_8H).clocks
    assert {each: clock.choice(each) for each in Change if clock.choice(each) is not Choice.KEEP} == {
        Change.PRIORITY: Choice.RETROACTIVE
    }
    assert "Defaults: `on_priority` retroactive, all others keep." in PAGE


@pytest.mark.parametrize("since", [*Since, "attributes.reported_at"])
def test_each_instant_from_which_a_clock_can_count_is_worked_out(since):
    """The second line's promise begins with the queue, and counts since one of six instants."""
    log = with_field(
        events(
            MONDAY,
            "09:00 opened new P3",
            "13:00 reply new P3 customer",
            "15:00 state in_progress P3",
            "+1 10:00 assigned in_progress P3 @7",
            "+1 11:00 queue in_progress P3 @7",
        ),
        "queue",
        *["Desk"] * 4,
        "Network",
    )
    log = [replace(each, facts={**each.facts, "attributes.reported_at": "2016-03-07T11:00+00:00"}) for each in log]
    clock = {
        "kind": "stage", "name": "second line", "agreement": "ola", "calendar": "office", "targets_min": {"P3": 960},
        "start": "event is queue and queue is Network", "stop": "state in (resolved, closed)", "since": since,
    }  # fmt: skip
    (outcome,) = run_clocks(policy(clock), CALENDARS, log)
    assert row(f"`{since}`", number(outcome.elapsed), f"{outcome.due_at:%a %H:%M}") in PAGE


def test_the_cycles_of_the_page_are_those_of_an_hourly_update():
    """Two updates, one of them late, and resolved."""
    log = events(
        MONDAY,
        "09:00 opened new P1",
        "09:50 reply in_progress P1",
        "10:00 reply in_progress P1 customer",
        "11:20 reply in_progress P1",
        "11:45 state resolved P1",
    )
    clock = {"kind": "next_update", "calendar": "always", "targets_min": {"P1": 60}}
    (outcome,) = run_clocks(policy(clock), CALENDARS, log)
    for each in (*outcome.cycles, outcome):
        due = f"{each.due_at:%a %H:%M}" if each.due_at else ""
        minutes = f"{each.elapsed.total_seconds() / 60:g} min"
        cells = (each.cycle, f"{each.started_at:%a %H:%M}", due, f"{each.stopped_at:%a %H:%M}", minutes, each.status)
        assert row(*cells).replace("|  |", "| |") in PAGE


def test_the_limit_of_a_pause_is_worked_out():
    """Four hours of waiting, then the clock runs again by itself; its due is known at once."""
    log = events(MONDAY, "09:00 opened in_progress P2 @7", "11:00 state waiting_customer P2 @7")
    (outcome,) = run_clocks(policy(OFFICE_8H | {"pause_limit_min": 240}), CALENDARS, log)
    assert f"runs again {outcome.resumes_at:%a %H:%M}, due {outcome.due_at:%a %H:%M}." in PAGE


@pytest.mark.parametrize(("choice", "began"), [("keep", "10:00"), ("restart", "10:00"), ("retroactive", "15:00")])
def test_what_is_promised_later_counts_as_the_page_says(choice, began):
    """The customer becomes premier on Tuesday at 10:00; opened on Monday at 15:00."""
    log = with_field(events(MONDAY, "15:00 opened new P3", "+1 10:00 fields new P3"), "tier", "standard", "premier")
    clock = OFFICE_8H | {"when": "tier is premier", "on_customer": choice}
    (outcome,) = run_clocks(policy(clock), CALENDARS, log)
    assert outcome.started_at == instant(MONDAY, began, 0 if choice == "retroactive" else 1)


def test_the_expressions_of_the_page_can_be_read():
    """Each example parses, and says itself again in the same words."""
    examples = re.findall(r"^    ((?:state in|owned|tier is|not attributes).+)$", PAGE, re.MULTILINE)
    assert len(examples) == 4
    assert [str(parse(text)) for text in examples] == examples
    assert not parse(examples[3]).holds({"attributes.devices": None})
    assert parse(examples[3]).holds({"attributes.devices": 21})


def test_every_field_of_conditions_is_on_the_page():
    """The table of fields names all of them, and the words of events and actors that clocks look at."""
    table = PAGE.split("| field | holds |")[1].split("\n\n")[0]
    words = [*FIELDS, *STATE_GROUPS, *ActorKind, *(set(EventKind) - UNSEEN)]
    assert [word for word in words if f"`{word}`" not in table] == []
    assert [word for word in UNSEEN if f"`{word}`" in table] == []
