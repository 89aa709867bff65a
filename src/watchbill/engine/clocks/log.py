"""The events of one item as all its clocks read them: checked, the opening first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import EPOCH, MICROS_PER_DAY, MICROS_PER_S
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks.facts import ClockEvent, Situation
from watchbill.engine.clocks.outcome import Phase

Mark = tuple[int, Phase]
"""A change of phase: index of the event in the log, phase from there on."""


class Log(NamedTuple):
    """Events, the opening first; for each its instant in microseconds since 1970, never going back, and the situation.

    ``order`` gives for each its index in the events as they came.
    """

    events: Sequence[ClockEvent]
    micros: list[int]
    situations: list[Situation]
    order: Sequence[int]

    def instant(self, index: int) -> datetime:
        """The instant of an event, aware UTC; no earlier than the opening."""
        at = self.events[index if self.micros[index] > self.micros[0] else 0].at
        return at if at.tzinfo is UTC else at.astimezone(UTC)


def read_log(events: Sequence[ClockEvent]) -> Log:
    """Check *events* and put the opening first."""
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
        opening = next((index for index, event in enumerate(events) if event.kind is EventKind.OPENED), 0)
        order = [opening, *range(opening), *range(opening + 1, len(events))]
        events = [events[index] for index in order]
        micros[: opening + 1] = [micros[opening]] * (opening + 1)
    situations = [(event.kind, event.state, event.owner is not None, event.actor) for event in events]
    return Log(events, micros, situations, order)


def _naive(events: Sequence[ClockEvent]) -> str:
    index, at = next((index, event.at) for index, event in enumerate(events) if event.at.utcoffset() is None)
    return f"events[{index}].at must be an instant with a time zone, got {at.isoformat()}"


def _out_of_order(events: Sequence[ClockEvent]) -> str:
    index = next(index for index in range(1, len(events)) if events[index].at < events[index - 1].at)
    return (
        f"events must be in time order: events[{index}] at {events[index].at.isoformat()} comes after "
        f"{events[index - 1].at.isoformat()}"
    )
