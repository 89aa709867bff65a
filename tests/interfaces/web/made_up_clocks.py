"""Made-up lives of clocks, through the real engine: few or many, short or long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from tests.interfaces.web import made_up
from tests.interfaces.web.made_up import NOW
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, Target, default_policy, run_clock
from watchbill.flows.clocklife import Lives
from watchbill.interfaces.web.caseclocks import big_clocks, chart_of, held_of
from watchbill.interfaces.web.clocklife import Teller, known_clocks, life_of
from watchbill.interfaces.web.timeline import Names

OFFICE = Calendar.working_week("Europe/Dublin", "09:00-12:30", "13:30-17:30")
STATES = (State.IN_PROGRESS, State.WAITING_CUSTOMER, State.IN_PROGRESS, State.WAITING_VENDOR, State.WAITING_OTHER)
ITEM = SimpleNamespace(
    id=1, owner_id=7, state=State.IN_PROGRESS, opened_at=NOW - timedelta(days=20), resolved_at=None, closed_at=None
)


def an_event(number, of):
    """One of *of* events over twenty days that go to and fro between states, owners and queues."""
    return ClockEvent(
        at=ITEM.opened_at + timedelta(minutes=number * 20 * 1440 // of),
        kind=EventKind.STATE if number else EventKind.OPENED,
        state=STATES[number % 5] if number else State.NEW,
        priority=Priority.P3,
        owner=PersonId(1 + number % 11) if number % 3 else None,
        actor=ActorKind.PERSON,
        facts={"queue": "Network" if number % 2 else "Mail", "team": "First line" if number % 7 else "Second line"},
    )


def lives(clocks, events):
    """The lives of *clocks* clocks after *events* events."""
    log = [an_event(number, events) for number in range(events)]
    resolution = default_policy(calendar="office").clocks[1]
    outcomes = [
        run_clock(
            replace(resolution, targets=(Target(priority=Priority.P3, target_min=600 * (1 + number) ** 2),)),
            OFFICE, log, explain=True,
        )
        for number in range(clocks)
    ]  # fmt: skip
    return Lives(outcomes=outcomes, events=log, calendars={"office": OFFICE})


def a_teller(clocks, events):
    told = lives(clocks, events)
    names = Names({number: f"Resolver {number}" for number in range(20)}, {})
    return Teller(
        item=ITEM, lives=told, clocks=known_clocks(told, NOW), rows=[None] * events, names=names, now=NOW, event_href=lambda seq: f"/cases/X/#event-{seq}",
        here=lambda key: f"/cases/CASE-10377/clocks/#{key}",
    )  # fmt: skip


def a_case(clocks, events):
    """The page of a case with so many clocks and events."""
    teller = a_teller(clocks, events)
    return made_up.a_case(
        clocks=big_clocks(ITEM, teller.lives, now=NOW), chart=chart_of(teller), held=held_of(teller, "/x/"),
        lives=[life_of(teller, one, most=8) for one in teller.clocks],
    )  # fmt: skip
