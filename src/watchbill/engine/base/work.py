"""What a work item is made of: kinds, states, priorities, events, and the item that events add up to."""

from __future__ import annotations

from enum import IntEnum, StrEnum

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
