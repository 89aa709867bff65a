"""Clocks against a second opinion that goes through the life of an item minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.clocks.days import RESOLUTION, RESPONSE
from tests.engine.wallclock import MINUTE, calendars_around, open_minutes
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, ClockKind, ClockStatus, Target, run_clock

DAY = timedelta(days=1)


def phase_of_response(before: str, event: ClockEvent) -> str:
    """The default policy in plain words, written a second time."""
    if before == "stopped":
        return before
    if event.state == "cancelled":
        return "cancelled"
    taken_up = event.owner is not None and event.state != "new"
    replied = event.kind == "reply" and event.actor == "person"
    return "stopped" if taken_up or replied or event.state in {"resolved", "closed"} else "running"


def phase_of_resolution(before: str, event: ClockEvent) -> str:
    """The default policy in plain words, written a second time."""
    if event.state in {"resolved", "closed"}:
        return "stopped"
    if event.state == "cancelled":
        return "stopped" if before == "stopped" else "cancelled"
    return "paused" if event.state in {"waiting_customer", "waiting_vendor"} else "running"


PHASE_OF = {ClockKind.RESPONSE: phase_of_response, ClockKind.RESOLUTION: phase_of_resolution}


@dataclass
class Opinion:
    phase: str
    target: int | None
    elapsed: int
    paused: int
    due: datetime | None
    breach: datetime | None
    warn: datetime | None


def opinion(definition, calendar, events, until: datetime) -> Opinion:
    """Walk from the first event to *until*, one minute at a time, and count."""
    phases, phase, judged = [], "waiting", len(events) - 1
    for index, event in enumerate(events):
        after = PHASE_OF[definition.kind](phase, event)
        if after in {"stopped", "cancelled"} and after != phase:
            judged = index
        phase = after
        phases.append(after)
    judged = judged if phase in {"stopped", "cancelled"} else len(events) - 1
    targets = {target.priority: target.target_min for target in definition.targets}
    target = targets.get(events[judged].priority)
    begin, last = events[0].at, events[-1].at
    is_open = open_minutes(calendar, begin, until)
    elapsed = paused = ran = heard = 0
    due = warn = runs_past_due = None
    for minute, opened in enumerate(is_open):
        at = begin + minute * MINUTE
        while heard + 1 < len(events) and events[heard + 1].at <= at:
            heard += 1
        now = phases[heard]
        if due is not None and runs_past_due is None and now == "running":
            runs_past_due = at
        goes_on = now == "running" or (phase == "stopped" and at >= events[judged].at)
        elapsed += opened and now == "running" and at < last
        paused += opened and now == "paused" and at < last
        ran += opened and goes_on
        if target is not None and opened and goes_on:
            if ran == target and due is None:
                due = at + MINUTE
            if ran * 4 == target * 3 and now == "running":
                warn = at + MINUTE
    told = [  # what changes while a clock stands still counts once it goes on
        event
        for index, event in enumerate(events[: judged + 1])
        if not index or phases[index] != phases[index - 1] or phases[index] not in {"stopped", "cancelled"}
    ]
    promised = promised_since(targets, told)
    breach = broken_at(events[: judged + 1], phases, runs_past_due, promised)
    if warn is not None and warn < promised:
        warn = None if breach is not None and breach <= promised else promised
    return Opinion(phase, target, elapsed, paused, due, breach, warn)


def promised_since(targets, events) -> datetime:
    """When the target in force was set."""
    changed = len(events) - 1
    while changed and targets.get(events[changed - 1].priority) == targets.get(events[-1].priority):
        changed -= 1
    return events[changed].at


def broken_at(events, phases, runs_past_due: datetime | None, promised: datetime) -> datetime | None:
    """Not before the target in force was set, and not while the clock was stopped."""
    if runs_past_due is None:
        return None
    breach = max(runs_past_due, promised)
    told = max(index for index in range(len(events)) if events[index].at <= breach)
    if phases[told] in {"running", "paused"}:
        return breach
    live = [index for index in range(len(events)) if phases[index] in {"running", "paused"}]
    return next((events[index].at for index in live if index > told), breach)


@st.composite
def logs(draw: st.DrawFn, begin: datetime) -> list[ClockEvent]:
    """An opening and up to nine events on whole minutes, some at the same one."""
    gaps = draw(st.lists(st.sampled_from([0, 1, 7, 30, 60, 200, 700]) | st.integers(0, 400), max_size=9))
    made, at = [], begin
    for index, gap in enumerate([0, *gaps]):
        at += gap * MINUTE
        kind = draw(st.sampled_from([EventKind.STATE, EventKind.NOTE, EventKind.REPLY, EventKind.PRIORITY]))
        made.append(
            ClockEvent(
                at=at,
                kind=EventKind.OPENED if index == 0 else kind,
                state=State.NEW if index == 0 else draw(st.sampled_from(sorted(State))),
                priority=draw(st.sampled_from([Priority.P2, Priority.P3, Priority.P4])),
                owner=draw(st.sampled_from([None, None, PersonId(7)])),
                actor=draw(st.sampled_from([ActorKind.PERSON, ActorKind.CUSTOMER, ActorKind.SYSTEM])),
            )
        )
    return made


@settings(max_examples=150, deadline=None)
@given(st.data(), calendars_around(), st.sampled_from([RESPONSE, RESOLUTION]))
def test_a_clock_is_what_counting_minutes_makes_it(data, around, definition):
    """Status, elapsed and paused time, due, breach and warning equal those of the minute-by-minute walk."""
    calendar, moment = around
    p2, p3 = (4 * data.draw(st.integers(1, 100)) for _ in range(2))
    definition = replace(
        definition,
        targets=(Target(priority=Priority.P2, target_min=p2), Target(priority=Priority.P3, target_min=p3)),
    )
    events = data.draw(logs(moment + data.draw(st.integers(-1500, 300)) * MINUTE))
    until = events[-1].at + 2 * DAY
    expected = opinion(definition, calendar, events, until)
    outcome = run_clock(definition, calendar, events)
    if expected.target is None:
        assert outcome.status is ClockStatus.ABSENT
        return
    assert outcome.target == expected.target * MINUTE
    assert outcome.elapsed == expected.elapsed * MINUTE
    assert outcome.paused == expected.paused * MINUTE
    assert (outcome.stopped_at is not None) == (expected.phase in {"stopped", "cancelled"})

    def seen(at: datetime | None) -> datetime | None:
        return at if at is not None and at <= until else None

    assert seen(outcome.due_at) == expected.due
    assert seen(outcome.warn_at) == expected.warn
    if expected.phase == "stopped":
        assert outcome.status is (ClockStatus.MET if expected.breach is None else ClockStatus.MISSED)
    else:
        assert outcome.status == expected.phase
    if outcome.breach_at is not None and outcome.breach_at < until:
        assert outcome.breach_at == expected.breach
    else:
        assert expected.breach is None
