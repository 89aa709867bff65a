"""Clocks of the items that a batch has loaded: the same computation as ever, fed and kept by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from watchbill.apps.clocks.bulk import clocks_load
from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.clocks.services import cycles_write
from watchbill.apps.work.bulk import clock_events_load
from watchbill.apps.work.services import due_set_many
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import EPOCH
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent
from watchbill.flows.clockfacts import clock_events, fields_of
from watchbill.flows.clocks import classes_of, compute_after

_Words = tuple[EventKind, State, Priority, ActorKind]


@lru_cache(maxsize=4096)
def _words(kind: str, state: str, priority: int, actor_kind: str) -> _Words:
    return EventKind(kind), State(state), Priority(priority), ActorKind(actor_kind)


def _event(micros: int, kind: str, state: str, priority: int, owner_id: int | None, actor_kind: str) -> ClockEvent:
    event, stands, rank, actor = _words(kind, state, priority, actor_kind)
    return ClockEvent(
        at=EPOCH + timedelta(microseconds=micros), kind=event, state=stands, priority=rank,
        owner=None if owner_id is None else PersonId(owner_id), actor=actor,
    )  # fmt: skip


def clocks_add(desk_id: int, item_ids: Sequence[int], *, told_at: datetime | None) -> None:
    """Compute the clocks of items that have none yet, and keep them, in the caller's transaction.

    What lies before *told_at* counts as told. The same clocks as `flows.clocks.recompute` makes (tested).
    """
    book, now = rulebook(desk_id), told_at or FAR_FUTURE
    if fields_of(book):
        events = clock_events(desk_id, book, item_ids, now=now)
    else:
        events = {
            item_id: [_event(*row[1:]) for row in rows]
            for item_id, rows in groupby(clock_events_load(item_ids), key=itemgetter(0))
        }
    computed = compute_after(desk_id, book, events, classes=classes_of(item_ids), now=now)
    clocks_load(computed.writes, told_at=told_at)
    cycles_write(computed.repeating, computed.cycles)
    running = {item_id: due for item_id, due in computed.due_sort_at.items() if due != FAR_FUTURE}
    due_set_many(running, computed.act_by_at)
