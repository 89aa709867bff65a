"""Reads for learning how long work takes: items by class, and when each was begun, waited and was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from watchbill.apps.core.sql import tuples
from watchbill.apps.work.timeline import IS_SEEN, UNDOES, as_if_never


class ItemClass(NamedTuple):
    """What says how long an item takes, as it stands."""

    kind: str
    priority: int
    category: str
    queue_id: int | None


_CLASS = "id, kind, priority, category, queue_id"


def item_classes(item_ids: Sequence[int]) -> dict[int, ItemClass]:
    """Return the classes of items: one query."""
    rows = tuples(f"select {_CLASS} from work_item where id = any(%s)", [list(item_ids)])
    return {item_id: ItemClass(*parts) for item_id, *parts in rows}


def items_latest(desk_id: int, *, until: datetime, limit: int) -> dict[int, ItemClass]:
    """Return the classes of the desk's latest items that were opened by *until*: one query."""
    rows = tuples(
        f"select {_CLASS} from work_item where desk_id = %s and opened_at <= %s order by id desc limit %s",
        [desk_id, until, limit],
    )
    return {item_id: ItemClass(*parts) for item_id, *parts in rows}


def items_open(desk_id: int, *, after: int, limit: int) -> list[int]:
    """Return open items of a desk with keys above *after*, by id."""
    rows = tuples(
        "select id from work_item where desk_id = %s and is_open and id > %s order by id limit %s",
        [desk_id, after, limit],
    )
    return [item_id for (item_id,) in rows]


Step = tuple[datetime, str, str, int | None, str]
"""Instant, kind of event, and state, owner and kind of actor of it."""

STANDING = slice(2, 4)
"""Where a `Step` says how the item stood."""


def handling_steps(item_ids: Sequence[int]) -> dict[int, list[Step]]:
    """Return the events of items that say how long they took, in order, without what was undone: one query."""
    rows = tuples(
        f"select item_id, seq, {UNDOES}, at, kind, state, owner_id, actor_kind from work_event where item_id = any(%s)"
        f" and {IS_SEEN} order by item_id, seq",
        [list(item_ids)],
    )
    return {item_id: as_if_never(list(each), standing=STANDING) for item_id, each in groupby(rows, key=itemgetter(0))}
