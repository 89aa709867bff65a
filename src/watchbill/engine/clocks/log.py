"""The events of one item as all its clocks read them: checked, the opening first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import EPOCH, MICROS_PER_DAY, MICROS_PER_S, instant_of, micros_of
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks.facts import ClockEvent, Situation
from watchbill.engine.clocks.fields import Value


class Log(NamedTuple):
    """Reduced events, the opening first: for each its instant in microseconds since 1970, never going back, and the situation.

    ``order`` gives for each its index in the events as they came; ``merged`` the openings of items merged into this one,
    by index.
    """

    micros: list[int]
    situations: list[Situation]
    order: Sequence[int]
    merged: Mapping[int, int]

    def instant(self, index: int) -> datetime:
        """The instant of an event, aware UTC; no earlier than the opening."""
        return instant_of(self.micros[index])


def read_log(events: Sequence[ClockEvent], fields: Sequence[str] = ()) -> Log:
    """Check *events*, put the opening first, and keep of them what a policy that looks at *fields* has to know."""
    if not events:
        raise InvalidFacts("a clock needs at least one event")
    try:
        since = [event.at - EPOCH for event in events]
    except TypeError:
        raise InvalidFacts(_naive(events)) from None
    micros = [one.days * MICROS_PER_DAY + one.seconds * MICROS_PER_S + one.microseconds for one in since]
    if micros != sorted(micros):
        raise InvalidFacts(_out_of_order(events))
    order: Sequence[int] = range(len(events))
    if events[0].kind is not EventKind.OPENED:
        order, micros = opening_first(events, micros)
        events = [events[index] for index in order]
    situations: list[Situation]
    if fields:
        situations = [
            (event.kind, event.state, event.owner is not None, event.actor, event.priority, known(event.facts, fields))
            for event in events
        ]
    else:
        situations = [
            (event.kind, event.state, event.owner is not None, event.actor, event.priority, None) for event in events
        ]
    merged = {index: micros_of(event.merged_at) for index, event in enumerate(events) if event.merged_at is not None}
    return Log(micros, situations, order, merged)


def known(facts: Mapping[str, Value] | None, fields: Sequence[str]) -> tuple[Value, ...]:
    """What *fields* hold."""
    return (None,) * len(fields) if facts is None else tuple(map(facts.get, fields))


def opening_first(events: Sequence[ClockEvent], micros: list[int]) -> tuple[list[int], list[int]]:
    """The order in which the opening comes first, and what is dated before it happens at its instant."""
    opening = next((index for index, event in enumerate(events) if event.kind is EventKind.OPENED), 0)
    order = [opening, *range(opening), *range(opening + 1, len(events))]
    return order, [micros[opening]] * (opening + 1) + micros[opening + 1 :]


def _naive(events: Sequence[ClockEvent]) -> str:
    index, at = next((index, event.at) for index, event in enumerate(events) if event.at.utcoffset() is None)
    return f"events[{index}].at must be an instant with a time zone, got {at.isoformat()}"


def _out_of_order(events: Sequence[ClockEvent]) -> str:
    index = next(index for index in range(1, len(events)) if events[index].at < events[index - 1].at)
    return (
        f"events must be in time order: events[{index}] at {events[index].at.isoformat()} comes after "
        f"{events[index - 1].at.isoformat()}"
    )
