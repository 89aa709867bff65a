"""The events of items as a replay takes them: most of them from codes, shared by all that went the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from operator import le

from watchbill.apps.work.readthrough import Read
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, Log
from watchbill.engine.clocks.facts import Situation
from watchbill.engine.clocks.log import read_log

MOST_WAYS = 50_000
"""Ways of items that are remembered at most."""

NO_MERGES: Mapping[int, int] = {}
SOMEBODY = PersonId(0)
"""Owns an item that somebody owns: who it is, no clock asks."""


class Told:
    """An item's events as they are stored, with what policies look at."""

    __slots__ = ("_events", "_logs")

    def __init__(self, events: Sequence[ClockEvent]) -> None:
        self._events = events
        self._logs: dict[tuple[str, ...], Log] = {}

    def log(self, fields: tuple[str, ...]) -> Log:
        found = self._logs.get(fields)
        if found is None:
            found = self._logs[fields] = read_log(self._events, fields)
        return found

    def events(self) -> Sequence[ClockEvent]:
        return self._events


class Reduced:
    """An item's events reduced already, where no policy looks at more than state, priority, owner and actor."""

    __slots__ = ("_log",)

    def __init__(self, micros: list[int], situations: list[Situation]) -> None:
        self._log = Log(micros, situations, range(len(micros)), NO_MERGES)
        if situations[0][0] is not EventKind.OPENED or not all(map(le, micros, islice(micros, 1, None))):
            self._log = read_log(self.events())

    def log(self, _fields: tuple[str, ...]) -> Log:
        return self._log

    def events(self) -> Sequence[ClockEvent]:
        return [
            ClockEvent(
                at=instant_of(at), kind=kind, state=state, priority=priority, actor=actor,
                owner=SOMEBODY if is_owned else None,
            )
            for at, (kind, state, is_owned, actor, priority, _) in zip(
                self._log.micros, self._log.situations, strict=True
            )
        ]  # fmt: skip


class Ways(dict[str, list[Situation]]):
    """What codes of events stand for: whole ways that items went, and each event once."""

    def __init__(self) -> None:
        super().__init__()
        self._one: dict[str, Situation] = {}

    def story(self, read: Read) -> Reduced:
        """Return an item's events. Raises InvalidFacts for events that are not in time order."""
        return Reduced(read.micros, self[read.codes])

    def __missing__(self, codes: str) -> list[Situation]:
        if len(self) >= MOST_WAYS:
            self.clear()
        found = self[codes] = [self._one.get(code) or self._read(code) for code in codes.split(",")]
        return found

    def _read(self, code: str) -> Situation:
        kind, state, priority, actor = code.rstrip("+").split("-")
        read = (EventKind(kind), State(state), code.endswith("+"), ActorKind(actor), Priority(int(priority)), None)
        return self._one.setdefault(code, read)
