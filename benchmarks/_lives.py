"""Items as they live on a desk with office hours, for measuring what their clocks cost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, default_policy

DESK = Calendar.working_week(
    "America/Sao_Paulo",
    "08:00-12:00",
    "13:00-18:00",
    closed_on=[date(2016, 3, 25), date(2016, 4, 21), date(2016, 4, 22), date(2016, 9, 7), date(2016, 10, 12)],
)
POLICY = default_policy(calendar="desk")
CALENDARS = {"desk": DESK}
WAITING = (State.WAITING_CUSTOMER, State.WAITING_VENDOR)


def item(draw: random.Random, length: int) -> list[ClockEvent]:
    """The life of one item in *length* events: opened, taken, worked on, waiting, now and then resolved and reopened."""
    at = datetime(2016, 2, 29, tzinfo=UTC) + timedelta(seconds=draw.randrange(300 * 86_400))
    event = ClockEvent(at=at, kind=EventKind.OPENED, state=State.NEW, priority=Priority(draw.choice((2, 3, 3, 4))))
    events = [event]
    while len(events) < length:
        at += timedelta(seconds=int(draw.expovariate(1 / 10_000)))
        kind = draw.choices((EventKind.NOTE, EventKind.STATE, EventKind.ASSIGNED, EventKind.PRIORITY), (9, 6, 4, 1))[0]
        event = replace(event, at=at, kind=kind)
        if kind is EventKind.STATE:
            states = (State.IN_PROGRESS, State.IN_PROGRESS, State.IN_PROGRESS, *WAITING, State.RESOLVED)
            event = replace(event, state=draw.choice(states))
        elif kind is EventKind.ASSIGNED:
            event = replace(event, owner=PersonId(draw.randrange(1, 300)))
        elif kind is EventKind.PRIORITY:
            event = replace(event, priority=Priority(draw.randrange(1, 5)))
        events.append(event)
    return events


def per_second(work: Callable[[], object], count: int, *, rounds: int = 9) -> float:
    """*count* divided by the processor time of *work*, the best of *rounds*."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return count / best
