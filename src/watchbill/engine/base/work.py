"""What a work item is made of: kinds, states, priorities, events, and the item that events add up to."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum, StrEnum

from watchbill.engine.base.errors import InvalidFacts

# Members of an enumeration hash their names in Python; those that clocks look up by the million hash as what they are.


class Kind(StrEnum):
    """Every kind of work that competes for the same capacity."""

    CASE = "case"
    INCIDENT = "incident"
    CHANGE = "change"
    TASK = "task"
    WORK_ORDER = "work_order"
    RMA = "rma"
    PROJECT_TASK = "project_task"


REFERENCE_PREFIX: dict[Kind, str] = {
    Kind.CASE: "CASE",
    Kind.INCIDENT: "CASE",
    Kind.CHANGE: "CHG",
    Kind.TASK: "TASK",
    Kind.WORK_ORDER: "WO",
    Kind.RMA: "RMA",
    Kind.PROJECT_TASK: "PTASK",
}


class State(StrEnum):
    """Where an item stands. Each kind uses its own part of this list: see STATES_OF."""

    __hash__ = str.__hash__

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_VENDOR = "waiting_vendor"
    WAITING_OTHER = "waiting_other"
    SCHEDULED = "scheduled"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ACTIONABLE = frozenset({State.NEW, State.IN_PROGRESS})
WAITING = frozenset({State.WAITING_CUSTOMER, State.WAITING_VENDOR, State.WAITING_OTHER, State.SCHEDULED})
DONE = frozenset({State.RESOLVED, State.CLOSED, State.CANCELLED})
OPEN = ACTIONABLE | WAITING

_DESK_STATES = frozenset(State) - {State.SCHEDULED}
STATES_OF: dict[Kind, frozenset[State]] = {
    Kind.CASE: _DESK_STATES,
    Kind.INCIDENT: _DESK_STATES,
    Kind.CHANGE: frozenset(State) - {State.WAITING_CUSTOMER},
    Kind.TASK: frozenset(State) - {State.WAITING_CUSTOMER},
    Kind.WORK_ORDER: frozenset(State),
    Kind.RMA: frozenset(State) - {State.SCHEDULED},
    Kind.PROJECT_TASK: frozenset(State) - {State.WAITING_CUSTOMER},
}


class Priority(IntEnum):
    """P1 is the highest."""

    __hash__ = int.__hash__

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4


class Level(IntEnum):
    """Impact and urgency."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3


TIERS = ("standard", "plus", "premier")
"""Tiers of customers, the lowest first."""

MOST_NAMES = 50
"""Clearances, or limits by class, of one thing at most."""
NAME_LIMIT = 200
"""Characters of such a name."""


def clearances_of(names: Iterable[str]) -> list[str]:
    """Return clearances sorted, each once, without the space around it. Raises InvalidFacts for names that nobody could read."""
    found = sorted({name.strip() for name in names})
    if len(found) > MOST_NAMES or not all(0 < len(name) <= NAME_LIMIT and name.isprintable() for name in found):
        raise InvalidFacts(
            f"Expected at most {MOST_NAMES} clearances of 1 to {NAME_LIMIT} characters each", field="clearances"
        )
    return found


def require_class(name: str) -> None:
    """Raise InvalidFacts unless *name* is a class of work, by its kind or its category, so that a limit of it has effect."""
    sort, _, word = name.partition(":")
    if not word.strip() or len(name) > NAME_LIMIT or (sort != "category" and (sort != "kind" or word not in set(Kind))):
        near = get_close_matches(name, [f"kind:{kind}" for kind in Kind], n=1)
        hint = f" – did you mean {near[0]}?" if near else ""
        raise InvalidFacts(
            f"“{name[:NAME_LIMIT]}” is no class of work; expected category: and its name, or kind: and one of"
            f" {', '.join(Kind)}{hint}",
            field="class_limits",
        )


class ActorKind(StrEnum):
    """Who acted: a person, Watchbill itself, a robot of another system, or the other system's log."""

    __hash__ = str.__hash__

    PERSON = "person"
    SYSTEM = "system"
    ROBOT = "robot"
    CUSTOMER = "customer"


class EventKind(StrEnum):
    """What happened to an item. Every event carries the state, priority, queue, team and owner *after* it.

    TERMS and POLICY are never written: clocks read them in when terms of customer or site, or the policy, change under an item.
    """

    __hash__ = str.__hash__

    OPENED = "opened"
    STATE = "state"
    ASSIGNED = "assigned"
    PRIORITY = "priority"
    QUEUE = "queue"
    FIELDS = "fields"
    NEXT_STEP = "next_step"
    NOTE = "note"
    REPLY = "reply"
    UPDATED = "updated"
    SUGGESTED = "suggested"
    DECIDED = "decided"
    CLOCK = "clock"
    TAKEN_OVER = "taken_over"
    MERGED = "merged"
    TERMS = "terms"
    POLICY = "policy"
