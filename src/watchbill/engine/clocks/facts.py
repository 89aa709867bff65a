"""What a clock is decided from: the events of one item, conditions on them, and targets. The policy: policy.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State

MAX_TARGET_MIN = 5_256_000
"""The longest target: ten years of minutes, the horizon of calendars."""


class ClockKind(StrEnum):
    """What is promised.

    RESPONSE is the earlier of *time to own* (a person owns it and it has left `new`) and *first reply* (a person
    wrote to the customer); RESOLUTION is *time to resolve*.
    """

    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvent:
    """One event of an item, as far as clocks look at it; state, priority and owner are those *after* it."""

    at: datetime
    kind: EventKind
    state: State
    priority: Priority
    owner: PersonId | None = None
    actor: ActorKind = ActorKind.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A claim about an event and the item after it; every part that is given must hold, none given holds always."""

    states: frozenset[State] | None = None
    events: frozenset[EventKind] | None = None
    actors: frozenset[ActorKind] | None = None
    owned: bool | None = None

    def __str__(self) -> str:
        parts = [
            f"{name} is {' or '.join(sorted(words))}"
            for name, words in (("event", self.events), ("state", self.states), ("actor", self.actors))
            if words is not None
        ]
        if self.owned is not None:
            parts.append("somebody owns it" if self.owned else "nobody owns it")
        return " and ".join(parts) or "always"


Situation = tuple[EventKind, State, bool, ActorKind]
"""All that a condition looks at: the event's kind, the state, whether somebody owns the item, the actor."""

Conditions = tuple[Condition, ...]
"""Any of these; the empty tuple never holds."""


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
