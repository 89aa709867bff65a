"""What a clock is decided from: the events of one item, the choices of a policy, and targets. The policy: policy.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.fields import Value

MAX_TARGET_MIN = 5_256_000
"""The longest target: ten years of minutes, the horizon of calendars."""


class ClockKind(StrEnum):
    """What is promised.

    RESPONSE is the earlier of *time to own* (a person owns it and it has left `new`) and *first reply* (a person
    wrote to the customer); NEXT_UPDATE is the next word to the customer; RESOLUTION is *time to resolve*; STAGE is any
    other stretch of an item's life.
    """

    RESPONSE = "response"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"
    STAGE = "stage"


class Agreement(StrEnum):
    """With whom it is promised: the customer, another team (operational level), a vendor (underpinning contract)."""

    SLA = "sla"
    OLA = "ola"
    UC = "uc"


class Choice(StrEnum):
    """What a change makes of time already on a clock.

    KEEP it, and go on under what holds now; RESTART from nothing; RETROACTIVE: count again from the beginning as if what
    holds now had held all along.
    """

    KEEP = "keep"
    RESTART = "restart"
    RETROACTIVE = "retroactive"


class Change(StrEnum):
    """What may change under a running clock, as far as a policy chooses what becomes of its time."""

    PRIORITY = "on_priority"
    CUSTOMER = "on_customer"
    REOPEN = "on_reopen"
    TRANSFER = "on_transfer"
    MERGE = "on_merge"


class Since(StrEnum):
    """From which instant a clock counts once its start condition holds; all but EVENT lie at or before that event."""

    EVENT = "event"
    OPENED = "opened"
    CUSTOMER_MESSAGE = "customer_message"
    ASSIGNED = "assigned"
    STATE = "state"


class ZoneOf(StrEnum):
    """In whose time zone a calendar's hours are read; where that one is not known, in the calendar's own."""

    FIXED = "fixed"
    CUSTOMER = "customer"
    SITE = "site"
    TEAM = "team"


UNSEEN = frozenset({EventKind.NOTE, EventKind.UPDATED, EventKind.SUGGESTED, EventKind.CLOCK, EventKind.NEXT_STEP})
"""Kinds of event that clocks of stored items never look at: notes, and what is said of an item beside its life."""

PARTY_FIELDS = frozenset({"customer", "tier", "contract", "sensitive", "site", "customer_zone", "site_zone"})
TRANSFER_FIELDS = frozenset({"queue", "team", "team_zone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent:
    """One event of an item, as far as clocks look at it; state, priority, owner and facts are those *after* it.

    facts: what else expressions may look at, by field (`expressions.FIELDS`, ``attributes.…``), with ``customer_zone``,
    ``site_zone`` and ``team_zone``. merged_at: when the item that was merged into this one was opened.
    """

    at: datetime
    kind: EventKind
    state: State
    priority: Priority
    owner: PersonId | None = None
    actor: ActorKind = ActorKind.PERSON
    facts: Mapping[str, Value] | None = None
    merged_at: datetime | None = None


Situation = tuple[EventKind, State, bool, ActorKind, Priority, tuple[Value, ...] | None]
"""All that a policy looks at: kind of event, state, whether somebody owns the item, actor, priority, and the fields that
its expressions name, in its order (`ClockPolicy.fields`); None where they name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is promised at one priority, in business minutes of the clock's calendar."""

    priority: Priority
    target_min: int

    def __post_init__(self) -> None:
        if not 1 <= self.target_min <= MAX_TARGET_MIN:
            raise InvalidFacts(
                f"the target of P{self.priority} must be 1 to {MAX_TARGET_MIN:,} minutes, got {self.target_min}"
            )
