"""Reads of many items' events as columns of plain numbers, for models that look at a whole desk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from watchbill.apps.core.sql import tuples

_SAID_BY_US = ("suggested", "clock")
"""Kinds of events that are words about an item, not something that happened to it."""


class Happened(NamedTuple):
    """One event: the item, when, how it stood after it, and who did it. ``opening``: of the first one, what it set."""

    item_id: int
    at_us: int
    state: str
    priority: int
    queue_id: int | None
    owner_id: int | None
    actor: str
    opening: dict[str, Any] | None


def items_opened_latest(desk_id: int, *, until: datetime, limit: int) -> list[int]:
    """Return the desk's latest items that were opened by *until*, by id."""
    rows = tuples(
        "select id from work_item where desk_id = %s and opened_at <= %s order by id desc limit %s",
        [desk_id, until, limit],
    )
    return sorted(item_id for (item_id,) in rows)


def events_happened(item_ids: Sequence[int], *, until: datetime) -> list[Happened]:
    """Return the events of items up to *until*, by item and in order: one query. Undone ones are among them: they stood."""
    rows = tuples(
        "select item_id, (extract(epoch from at) * 1000000)::bigint, state, priority, queue_id, owner_id, actor_name,"
        " case when seq = 1 then data -> 'set' end from work_event where item_id = any(%(items)s) and at <= %(until)s"
        " and kind <> all(%(ours)s) order by item_id, seq",
        {"items": list(item_ids), "until": until, "ours": list(_SAID_BY_US)},
    )
    return [Happened._make((*row[:7], None if row[7] is None else json.loads(row[7]))) for row in rows]


def items_count(desk_id: int, *, until: datetime) -> int:
    """Return how many items of a desk were opened by an instant."""
    ((count,),) = tuples("select count(*) from work_item where desk_id = %s and opened_at <= %s", [desk_id, until])
    return int(count)
