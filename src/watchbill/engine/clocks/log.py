"""The events of one item as all its clocks read them: checked, the opening first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import gt
from typing import NamedTuple

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import EPOCH, micros_in, micros_of
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks.facts import ClockEvent, Situation
from watchbill.engine.clocks.outcome import Phase

Mark = tuple[int, Phase]
"""A change of phase: index of the event in the log, phase from there on."""


class Log(NamedTuple):
    """Events, the opening first; for each the time since 1970, never going back, and the situation.

    ``order`` gives for each its index in the events as they came.
    """

    events: Sequence[ClockEvent]
    since: list[timedelta]
    situations: list[Situation]
    order: Sequence[int]

    def micros(self, index: int) -> int:
        """The instant of an event in microseconds since 1970."""
        return micros_in(self.since[index])

    def instant(self, index: int) -> datetime:
        """The instant of an event, aware UTC."""
        return EPOCH + self.since[index]


def read_log(events: Sequence[ClockEvent]) -> Log:
    """Check *events* and put the opening first."""
    if not events:
        raise InvalidFacts("a clock needs at least one event")
    try:
        since = [event.at - EPOCH for event in events]
    except TypeError:
        for index, event in enumerate(events):
            micros_of(event.at, f"events[{index}].at")
        raise
    if any(map(gt, since, islice(since, 1, None))):
        raise InvalidFacts(_out_of_order(events))
    order: Sequence[int] = range(len(events))
    if events[0].kind is not EventKind.OPENED:
        opening = next((index for index, event in enumerate(events) if event.kind is EventKind.OPENED), 0)
        order = [opening, *range(opening), *range(opening + 1, len(events))]
        events = [events[index] for index in order]
        since[: opening + 1] = [since[opening]] * (opening + 1)
    situations = [(event.kind, event.state, event.owner is not None, event.actor) for event in events]
    return Log(events, since, situations, order)


def _out_of_order(events: Sequence[ClockEvent]) -> str:
    index = next(index for index in range(1, len(events)) if events[index].at < events[index - 1].at)
    return (
        f"events must be in time order: events[{index}] at {events[index].at.isoformat()} comes after "
        f"{events[index - 1].at.isoformat()}"
    )
