"""A desk's history as risk wants it: its items' events in columns, and its promises as their clocks tell them."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.work.columns import Happened, events_happened, items_opened_latest
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.intervals import micros_in, micros_of
from watchbill.engine.base.work import DONE, State
from watchbill.engine.clocks import Segment
from watchbill.engine.sense.risk import NEVER, Log, Promises
from watchbill.engine.sense.risk.facts import MOST_TRAITS
from watchbill.engine.sense.risk.promised import reached, verdict
from watchbill.flows.clockfacts import clock_events
from watchbill.flows.clocks import holder, run

LATEST = 100_000
"""So many of a desk's latest items are looked at: about a gigabyte at the peak (docs/algorithms/risk.md), whatever the desk holds."""

BATCH = 1000

STATES = tuple(State)
_OPENING = ("kind", "category", "customer_id", "site_id", "skill_id", "language", "impact", "urgency")
"""What an item was opened with, as far as it is neither text nor a state; its attributes come beside."""


class Codes:
    """Small whole numbers for whatever comes, in the order in which it comes; nothing is -1."""

    def __init__(self, known: Sequence[Hashable] = ()) -> None:
        self._codes: dict[Hashable, int] = {value: code for code, value in enumerate(known)}

    def of(self, value: Hashable) -> int:
        if value is None or value == "":
            return -1
        return self._codes.setdefault(value, len(self._codes))

    @property
    def names(self) -> tuple[Any, ...]:
        return tuple(self._codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A desk's log and promises, with what their codes stand for.

    items: the item's key by its row. names: the commitment by its code. Queues and owners are coded by their own keys.
    actors, traits: names of who did things, and values of each trait, by their codes.
    left_out: items that are older than the latest `LATEST`.
    """

    items: Sequence[int]
    names: tuple[str, ...]
    actors: tuple[str, ...]
    traits: Mapping[str, tuple[Any, ...]]
    log: Log
    promises: Promises
    left_out: int


@dataclass(slots=True)
class _Columns:
    item: array[int] = field(default_factory=lambda: array("q"))
    at_us: array[int] = field(default_factory=lambda: array("q"))
    state: array[int] = field(default_factory=lambda: array("q"))
    priority: array[int] = field(default_factory=lambda: array("q"))
    queue: array[int] = field(default_factory=lambda: array("q"))
    owner: array[int] = field(default_factory=lambda: array("q"))
    actor: array[int] = field(default_factory=lambda: array("q"))


def history_of(desk_id: int, *, zone: str, items: int, names: Sequence[str] = (), now: datetime) -> History:
    """Gather a desk up to *now*: two queries and the clocks' own fold per thousand items.

    items: how many the desk has, to say how many are left out. names: commitments that have their codes already.
    """
    keys = items_opened_latest(desk_id, until=now, limit=LATEST)
    columns, opened, traits = _Columns(), array("q", [NEVER]) * len(keys), _Traits()
    actors, row_of = Codes(), {key: row for row, key in enumerate(keys)}
    coded, told = Codes(names), _Promised()
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        for event in events_happened(batch, until=now):
            _append(columns, row_of[event.item_id], event, actors, opened)
            if event.opening is not None:
                traits.see(row_of[event.item_id], event.opening)
        told.read(desk_id, batch, row_of, coded, now)
    log = Log(
        opened_us=_column(opened),
        traits=traits.columns(len(keys)),
        item=_column(columns.item),
        at_us=_column(columns.at_us),
        state=_column(columns.state),
        priority=_column(columns.priority),
        queue=_column(columns.queue),
        owner=_column(columns.owner),
        actor=_column(columns.actor),
        new=STATES.index(State.NEW),
        done=frozenset(STATES.index(each) for each in DONE),
        zone_us=micros_in(now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)),
    )
    return History(
        items=keys, names=coded.names, actors=actors.names, traits={name: traits.values(name) for name in log.traits},
        log=log, promises=told.promises(), left_out=max(items - len(keys), 0),
    )  # fmt: skip


def _column(numbers: array[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.frombuffer(numbers, dtype=np.int64) if numbers else np.empty(0, dtype=np.int64)


def _append(columns: _Columns, row: int, event: Happened, actors: Codes, opened: array[int]) -> None:
    """Add an event; one that came late, with an instant before the one before it, counts as coming after it."""
    is_first = not columns.item or columns.item[-1] != row
    at_us = event.at_us if is_first else max(event.at_us, columns.at_us[-1])
    if is_first:
        opened[row] = at_us
    columns.item.append(row)
    columns.at_us.append(at_us)
    columns.state.append(STATES.index(State(event.state)))
    columns.priority.append(event.priority)
    columns.queue.append(-1 if event.queue_id is None else event.queue_id)
    columns.owner.append(-1 if event.owner_id is None else event.owner_id)
    columns.actor.append(-1 if is_first else actors.of(event.actor))


class _Traits:
    """What items were opened with, by name; only as many names as a log takes, those that most items have."""

    def __init__(self) -> None:
        self._codes: dict[str, Codes] = defaultdict(Codes)
        self._rows: dict[str, array[int]] = defaultdict(lambda: array("q"))
        self._values: dict[str, array[int]] = defaultdict(lambda: array("q"))

    def see(self, row: int, opening: Mapping[str, Any]) -> None:
        told = {name: opening.get(name) for name in _OPENING}
        told |= {f"attributes.{name}": value for name, value in (opening.get("attributes") or {}).items()}
        for name, value in told.items():
            code = self._codes[name].of(value if isinstance(value, str | int | float | bool) else None)
            if code >= 0:
                self._rows[name].append(row)
                self._values[name].append(code)

    def values(self, name: str) -> tuple[Any, ...]:
        return self._codes[name].names

    def columns(self, items: int) -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
        often = Counter({name: len(rows) for name, rows in self._rows.items() if len(self._codes[name].names) > 1})
        found = {}
        for name in sorted(name for name, _ in sorted(often.items(), key=lambda one: (-one[1], one[0]))[:MOST_TRAITS]):
            found[name] = np.full(items, -1, dtype=np.int64)
            found[name][_column(self._rows[name])] = _column(self._values[name])
        return found


class _Promised:
    """The promises of items, cycle by cycle, read from their clocks."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int]] = []
        self._reached: list[tuple[tuple[int, int, float], ...]] = []

    def read(self, desk_id: int, batch: Sequence[int], row_of: Mapping[int, int], names: Codes, now: datetime) -> None:
        until_us = micros_of(now)
        book = rulebook(desk_id)
        for item_id, events in clock_events(desk_id, book, batch, now=now).items():
            held, outcomes = run(book, events, now=now, explain=True) if events else ([], ())
            for whole in outcomes:
                for outcome in (*whole.cycles, whole):
                    if outcome.segments:
                        calendars: dict[str, BusinessHours] = {}
                        for rules in (*held, holder(held, outcome)):
                            calendars.update(rules.compiled())
                        ended = verdict(outcome, until_us)
                        self._rows.append((row_of[item_id], names.of(outcome.name), *ended))
                        self._reached.append(_up_to(outcome.segments, calendars, until_us))

    def promises(self) -> Promises:
        rows = np.array(self._rows, dtype=np.int64).reshape(-1, 4)
        told = [[one[part] for one in each] for part in range(3) for each in self._reached]
        size = len(rows)
        at_us, due_us, left_s = (told[part * size : (part + 1) * size] for part in range(3))
        return Promises(
            item=rows[:, 0], name=rows[:, 1], missed=rows[:, 2], known_us=rows[:, 3],
            at_us=np.array(at_us, dtype=np.int64).reshape(size, 4), due_us=np.array(due_us, dtype=np.int64).reshape(size, 4),
            left_s=np.array(left_s, dtype=np.float64).reshape(size, 4),
        )  # fmt: skip


def _up_to(
    segments: Sequence[Segment], calendars: Mapping[str, BusinessHours], until_us: int
) -> tuple[tuple[int, int, float], ...]:
    """The shares of the target that were used by an instant; later ones are not there yet."""
    return tuple(one if one.at_us <= until_us else (NEVER, NEVER, 0.0) for one in reached(segments, calendars))
