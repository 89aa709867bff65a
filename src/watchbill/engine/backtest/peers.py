"""How other products hand out work, after their own documentation: the rules of peers on the same arrivals.

Each pushes a case into the hands of a person with spare capacity; she works on what she has in hand by priority and age. What
their documents leave open is marked as a choice of ours here and in docs/algorithms/reference-model.md, "Peers".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from watchbill.engine.backtest.desk import Act, Desk, Job, Person
from watchbill.engine.backtest.match import Key, Match
from watchbill.engine.backtest.rules import FIXED, Order, Pull, fifo, strict_priority
from watchbill.engine.base.ids import SkillId

Pick = Callable[[Person], tuple[float, ...]]
"""The preference among people who may take a case and have capacity; the smallest is picked."""


def has_spare(person: Person) -> bool:
    """On shift, with less in hand than she may have."""
    return person.shift_end_min > 0 and len(person.held) + (person.current is not None) < person.agent.capacity


def least_recent(person: Person) -> tuple[float, ...]:
    """Longest without a new case, then the lower id."""
    return person.given_last_min, person.agent.id


def round_robin(person: Person) -> tuple[float, ...]:
    """The one who was given something the longest ago.

    Zendesk, "round robin": longest since the last assignment; Chatwoot's list does the same. Choice: the lower id among equals.
    """
    return least_recent(person)


def most_capacity(person: Person) -> tuple[float, ...]:
    """ServiceNow AWA, "most capacity": the largest spare capacity; documented tie: longest without an assignment."""
    return person.in_hand - person.agent.capacity, *least_recent(person)


def least_active(person: Person) -> tuple[float, ...]:
    """Salesforce Omni-Channel, "least active": the fewest open cases. Choice: longest idle among equals."""
    return person.in_hand, person.idle_since_min if person.is_free else 0, person.agent.id


def highest_percentage(person: Person) -> tuple[float, ...]:
    """Zendesk, "highest spare capacity" in percent: spare over maximum. Choice: longest since the last assignment."""
    return person.in_hand / person.agent.capacity, *least_recent(person)


@dataclass(slots=True)
class Push:
    """A case goes at once to somebody with spare capacity; when nobody has any, it queues by *order*."""

    name: str
    pick: Pick
    order: Order
    _match: Match | None = None

    def start(self, _desk: Desk) -> None:
        self._match = Match(has_spare, self._preference, self.order, is_fixed=self.order in FIXED)

    def give(self, desk: Desk) -> Iterable[Act]:
        return () if self._match is None else self._match.acts(desk)

    def choose(self, desk: Desk, person: Person) -> Job:
        return min(person.held, key=lambda j: (strict_priority(j, desk, 0.0), j.case.opened_min, j.case.id))

    def interrupt(self, _desk: Desk) -> Iterable[Act]:
        return ()

    def _preference(self, person: Person, _skill: SkillId) -> Key:
        return self.pick(person)


def peers() -> tuple[Push | Pull, ...]:
    """The six of the comparison, each in the order of its queue as documented."""
    return (
        Push("round robin", round_robin, strict_priority),
        Push("most available capacity (AWA-like)", most_capacity, strict_priority),
        Push("least active (Omni-Channel-like)", least_active, strict_priority),
        Push("highest capacity (Zendesk-like)", highest_percentage, strict_priority),
        Pull("FIFO pull", fifo, is_plain=True),
        Pull("priority pull", strict_priority, is_plain=True),
    )
