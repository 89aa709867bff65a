"""From an item's events to its timeline: who did what, in words, by day, the latest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from watchbill.apps.work.timeline import EventRow
from watchbill.engine.base.work import ActorKind, EventKind
from watchbill.interfaces.web import words
from watchbill.interfaces.web.formats import day, day_and_year, moment, time_of_day
from watchbill.interfaces.web.viewmodels.case import Event, EventDay
from watchbill.interfaces.web.viewmodels.parts import Link

FILTERS: dict[str, tuple[str, ...]] = {
    "all": (),
    "notes": (EventKind.NOTE, EventKind.REPLY, EventKind.DECIDED),
    "proposals": (EventKind.SUGGESTED, EventKind.DECIDED),
    "customer": (EventKind.REPLY, EventKind.OPENED),
    "clock": (EventKind.CLOCK, EventKind.STATE, EventKind.PRIORITY, EventKind.MERGED),
}
"""Which kinds of events each part of the timeline shows; () is every one."""

FILTER_WORDS = {"all": "All", "notes": "Notes", "proposals": "Proposals", "customer": "Customer", "clock": "Clock"}

SYSTEM_KINDS = frozenset({EventKind.CLOCK, EventKind.SUGGESTED})


class Names:
    """The names that events speak of by key: people and queues."""

    def __init__(self, people: Mapping[int, str], queues: Mapping[int, str]) -> None:
        self.people = people
        self.queues = queues

    def person(self, person_id: object) -> str:
        return self.people.get(person_id, f"person {person_id}") if isinstance(person_id, int) else "nobody"

    def queue(self, queue_id: object) -> str:
        return self.queues.get(queue_id, f"queue {queue_id}") if isinstance(queue_id, int) else "no queue"


def people_in(events: Sequence[EventRow]) -> set[int]:
    """Return the keys of the people whose names a timeline needs."""
    found: set[int] = set()
    for event in events:
        changed = event.data.get("set", {})
        found |= {changed[name] for name in ("owner_id", "next_step_owner_id") if isinstance(changed.get(name), int)}
    return found


def days_of(
    events: Sequence[EventRow],
    names: Names,
    *,
    now: datetime,
    proposals: Link | None = None,
    undo: tuple[int, str] = (0, ""),
    case_href: Callable[[str], str] | None = None,
) -> list[EventDay]:
    """Return the events, latest first as given, by day. *proposals* leads on from the one proposal shown for many.

    *undo*: the number of the event that can be taken back, and where. *case_href* gives the address of a case that an
    event names: one that was merged into this one, or that this one was merged into.
    """
    made = [
        replace(
            one,
            link=proposals if event.kind == EventKind.SUGGESTED else _other_case(event, case_href),
            undo_href=undo[1] if event.seq == undo[0] else "",
        )
        for event, one in ((event, event_of(event, names, now=now)) for event in events)
    ]
    is_recent = {one.at.year for one in made} <= {now.year}
    label = day if is_recent else day_and_year
    return [EventDay(label=title, events=list(part)) for title, part in groupby(made, key=lambda one: label(one.at))]


def _other_case(event: EventRow, case_href: Callable[[str], str] | None) -> Link | None:
    other = event.data.get("merged_into") or (event.data.get("reference") if event.kind == EventKind.MERGED else None)
    return Link(label=f"Open {other}", href=case_href(other)) if other and case_href else None


def event_of(event: EventRow, names: Names, *, now: datetime) -> Event:
    """Return one entry: the act, what was said, and what changed beside it."""
    changed: Mapping[str, Any] = event.data.get("set", {})
    act, told = _merge(event) or _act(event, changed, names)
    details = [*_changes(event.data, names, told=told, now=now), *_log_time(event)]
    return Event(
        id=str(event.seq),
        at=event.at,
        actor=event.actor_name,
        actor_href="",
        act=act,
        text=str(event.data.get("text", "")),
        detail="; ".join(details),
        is_system=event.actor_kind in {ActorKind.SYSTEM, ActorKind.ROBOT} or event.kind in SYSTEM_KINDS,
        is_hot=event.kind == EventKind.CLOCK and event.data.get("what") == "breach",
    )


def _merge(event: EventRow) -> tuple[str, frozenset[str]] | None:
    """Return the words for an event of a merge, on either of its cases; None for any other."""
    if "merged_into" in event.data:
        return f"merged it into {event.data['merged_into']}", frozenset({"state"})
    is_merge = event.kind == EventKind.MERGED and "undoes" not in event.data
    return (f"merged {event.data['reference']} into it", frozenset()) if is_merge else None


def _act(event: EventRow, changed: Mapping[str, Any], names: Names) -> tuple[str, frozenset[str]]:
    """Return the act in words, and the fields that the words have told already."""
    data = event.data
    said = PLAIN_ACTS.get(event.kind, "changed it")
    told: set[str] = set()
    if event.kind == EventKind.OPENED:
        told = {"title", "description"}
    elif "undoes" in data:
        said = UNDOINGS.get(event.kind, "undid the decision")
    elif event.kind == EventKind.STATE:
        said, told = f"set the state to {words.STATE[event.state].lower()}", {"state"}
    elif event.kind == EventKind.ASSIGNED and "owner_id" in changed:
        to = data.get("to") or names.person(changed["owner_id"])
        said = "took it back to the queue" if changed["owner_id"] is None else f"gave it to {to}"
        told = {"owner_id"}
    elif event.kind == EventKind.PRIORITY:
        said, told = f"set the priority to P{event.priority}", {"priority"}
    elif event.kind == EventKind.QUEUE and "queue_id" in changed:
        said, told = f"moved it to {data.get('to') or names.queue(changed['queue_id'])}", {"queue_id"}
    elif event.kind == EventKind.DECIDED and event.actor_kind == ActorKind.SYSTEM:
        said = "gave it away on autopilot"
    elif event.kind == EventKind.NEXT_STEP:
        said = _next_step(data, changed)
    elif event.kind == EventKind.CLOCK and data.get("what") == "breach":
        said = "told of a missed target"
    return said, frozenset(told)


PLAIN_ACTS: dict[str, str] = {
    EventKind.OPENED: "opened it",
    EventKind.CLOCK: "warned",
    EventKind.NOTE: "wrote a work note",
    EventKind.REPLY: "wrote to the customer",
    EventKind.UPDATED: "worked on it",
    EventKind.SUGGESTED: "made a proposal",
    EventKind.DECIDED: "answered the proposal",
    EventKind.FIELDS: "changed its fields",
    EventKind.TAKEN_OVER: "took it over from the log",
    EventKind.MERGED: "merged another into it",
}


UNDOINGS: dict[str, str] = {
    EventKind.ASSIGNED: "undid the change of owner",
    EventKind.STATE: "undid the change of state",
    EventKind.PRIORITY: "undid the change of priority",
    EventKind.MERGED: "undid the merge",
}


def _next_step(data: Mapping[str, Any], changed: Mapping[str, Any]) -> str:
    if "done" in data:
        return f"did the next step: {data['done']}"
    return f"set the next step: {data.get('who', 'somebody')}, {changed.get('next_step', '')}"


def _changes(data: Mapping[str, Any], names: Names, *, told: frozenset[str], now: datetime) -> list[str]:
    """Return the changes of fields that a reader wants to know of; what follows from others is left out."""
    lines = []
    for name, value in data.get("set", {}).items():
        if name in told or name not in _FIELD or (name in _NAMED and _NAMED[name] not in data):
            continue
        label = _FIELD[name]
        if name in {"owner_id", "next_step_owner_id"}:
            shown = names.person(value)
        elif name == "queue_id":
            shown = names.queue(value)
        elif name in _NAMED:
            shown = data[_NAMED[name]] or "none"
        elif name == "next_step_due_at":
            shown = moment(datetime.fromisoformat(value), now) + " UTC" if value else "none"
        elif name == "state":
            shown = words.STATE.get(value, str(value)).lower()
        elif name == "priority":
            shown = f"P{value}"
        elif name in {"impact", "urgency"}:
            shown = words.LEVEL.get(value, "none").lower()
        else:
            shown = "none" if value in (None, "") else str(value)
        lines.append(f"{label}: {shown}")
    return lines


_NAMED = {"customer_id": "customer", "site_id": "site", "attributes": "clearances"}
"""Fields whose events tell the name beside the key."""

_FIELD = {
    "customer_id": "customer",
    "site_id": "site",
    "attributes": "clearances",
    "owner_id": "owner",
    "queue_id": "queue",
    "state": "state",
    "priority": "priority",
    "impact": "impact",
    "urgency": "urgency",
    "category": "category",
    "title": "title",
    "description": "description",
    "next_step_due_at": "due",
    "skill_level": "skill level",
}


def _log_time(event: EventRow) -> list[str]:
    """Return when an event of a log truly happened, where its dates were moved."""
    true_at = event.data.get("log_at")
    if not true_at:
        return []
    at = datetime.fromisoformat(true_at)
    return [] if at == event.at else [f"in the log {day_and_year(at)} {time_of_day(at)}"]
