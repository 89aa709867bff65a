"""The life of an item's clocks: what they were computed from, every segment, and who held them for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.people.queries import person_names
from watchbill.apps.work import timeline
from watchbill.apps.work.timeline import EventRow
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.ids import PersonId
from watchbill.engine.clocks import ClockEvent, ClockOutcome, ClockPolicy, run_clocks
from watchbill.engine.clocks.decide import with_policies
from watchbill.engine.clocks.told import told
from watchbill.flows.clockfacts import clock_events
from watchbill.flows.clocks import run

HELD_BY = ("queue", "team")
"""What is asked of events beyond what policies look at: where an item lay while nobody owned it."""
MOST_EVENTS = 10_000
"""Events of an item that its clocks are told with; the latest ones, when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The clocks of an item with their segments, and the events and calendars that they come from.

    ``safe_ats``: latest safe moments of those that run, by name, as they are kept.
    """

    outcomes: Sequence[ClockOutcome]
    events: Sequence[ClockEvent]
    calendars: Mapping[str, BusinessHours]
    safe_ats: Mapping[str, datetime] = field(default_factory=dict)


def lives_of(desk_id: int, item_id: int, now: datetime) -> Lives:
    """Return the clocks of an item with their whole life, from its stored events; none without a policy.

    The caller has made sure that the item may be seen. A handful of queries, and what is kept compiled.
    """
    book = clocks.rulebook(desk_id)
    events = clock_events(desk_id, book, [item_id], now=now, also=HELD_BY)[item_id]
    held, outcomes = run(book, events, now=now, explain=True) if events else ([], ())
    calendars: dict[str, BusinessHours] = {}
    for rules in held:
        calendars |= rules.compiled()
    later = [at for at, _ in book.later(events[0].at, now)] if events else []
    return Lives(
        outcomes=outcomes,
        events=with_policies(events, later),
        calendars=calendars,
        safe_ats=clocks.safe_moments(item_id) if outcomes else {},
    )


def lives_under(body: Mapping[str, Any], desk_id: int, item_id: int, now: datetime, *, is_kept: bool = False) -> Lives:
    """Return the clocks of an item as a draft of the policy would have them, on the calendars that hold now.

    *is_kept*: on those that held when it was opened, as far as there were such; the item keeps those.

    Raises InvalidFacts for a body that is no policy, or that names a calendar which the desk does not have.
    """
    book = clocks.rulebook(desk_id)
    policy = ClockPolicy.from_json(body)
    rules = book.at(now)
    calendars = rules.compiled() if rules else {}
    events = clock_events(desk_id, book, [item_id], now=now, also=(*HELD_BY, *policy.fields))[item_id]
    opened = book.at(events[0].at) if events and is_kept else None
    calendars = {**calendars, **(opened.compiled() if opened else {})}
    outcomes = run_clocks(policy, calendars, events, explain=True) if events else ()
    return Lives(outcomes=outcomes, events=events, calendars=calendars)


def explain_at(desk_id: int, item_id: int, now: datetime) -> list[dict[str, Any]]:
    """Return the clocks of an item as plain JSON, as they stand at *now* (`engine.clocks.told.told`).

    The caller has made sure that the item may be seen. Three queries.
    """
    lives = lives_of(desk_id, item_id, now)
    found = person_names(sorted({event.owner for event in lives.events if event.owner is not None}))
    names = {PersonId(person): name for person, name in found.items()}
    return [
        told(outcome, lives.events, lives.calendars, max(now, outcome.as_of), names=names)
        | {"safe_at": safe_at.isoformat() if (safe_at := lives.safe_ats.get(outcome.name)) else None}
        for outcome in lives.outcomes
    ]


def told_events(item_id: int, events: Sequence[ClockEvent]) -> list[EventRow | None]:
    """Return the event of the timeline behind each of *events*, in their order: who did it, and in which words.

    What was undone is among the item's events, but not among those of clocks. One query.
    """
    kinds = sorted({event.kind.value for event in events})
    rows = timeline.work_events(item_id, limit=MOST_EVENTS, kinds=kinds)[::-1] if kinds else []
    found: list[EventRow | None] = []
    place = 0
    for event in events:
        same = (at for at in range(place, len(rows)) if rows[at].at == event.at and rows[at].kind == event.kind)
        at = next(same, None)
        found.append(None if at is None else rows[at])
        place = place if at is None else at + 1
    return found
