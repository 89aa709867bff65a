"""How other products hand out work, after their own documentation: the rules of peers on the same arrivals.

Each pushes a case into the hands of a person with spare capacity; she works on what she has in hand by priority and age. What
their documents leave open is marked as a choice of ours here and in docs/algorithms/reference-model.md, "Peers".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from watchbill.engine.backtest.desk import Act, Desk, Job, Person
from watchbill.engine.backtest.rules import Order, Pull, fifo, in_order, strict_priority

Pick = Callable[[Person], tuple[float, ...]]
"""The preference among people who may take a case and have capacity; the smallest is picked."""


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


@dataclass(frozen=True, slots=True)
class Push:
    """A case goes at once to somebody with spare capacity; when nobody has any, it queues by *order*."""

    name: str
    pick: Pick
    order: Order

    def start(self, _desk: Desk) -> None:
        """Nothing to remember."""

    def give(self, desk: Desk) -> Iterator[Act]:
        spare = [p for p in desk.on_shift.values() if p.in_hand < p.agent.capacity]
        if not spare or not desk.waiting:
            return
        for job in in_order(desk, self.order):
            able = [p for p in spare if p.agent.may(job)]
            if able:
                taker = min(able, key=self.pick)
                yield job, taker
                if taker.in_hand >= taker.agent.capacity:
                    spare.remove(taker)

    def choose(self, desk: Desk, person: Person) -> Job:
        return min(person.held, key=lambda j: (strict_priority(j, desk, 0.0), j.case.opened_min, j.case.id))

    def interrupt(self, _desk: Desk) -> Iterable[Act]:
        return ()


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
