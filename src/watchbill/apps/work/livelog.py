"""A desk's open items and what happened in its last weeks, as columns of numbers: for what is scored again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from watchbill.apps.core.sql import tuples
from watchbill.engine.base.work import State

Columns = Mapping[str, NDArray[np.int64]]

LATEST = 50_000
"""So many of a desk's latest items are looked at for what ended lately."""

_STATES = f"array[{', '.join(repr(state.value) for state in State)}]"
"""The place of a state in this list, from 0, is its code: as in `engine.base.work.State`."""

_ITEMS = (
    "select id from work_item where desk_id = %(desk)s and is_open union"
    " select id from (select id, updated_at from work_item where desk_id = %(desk)s order by id desc limit %(latest)s) as l"
    " where updated_at > %(since)s"
)
_EVENTS = (
    "select e.item_id, (extract(epoch from e.at) * 1000000)::bigint as at_us,"
    f" (array_position({_STATES}, e.state) - 1)::bigint as state, e.priority::bigint as priority,"
    " coalesce(e.queue_id, -1) as queue, coalesce(e.owner_id, -1) as owner,"
    " case when e.seq = 1 then -1 else hashtext(e.actor_name)::bigint + 2147483648 end as actor"
    f" from work_event as e where e.item_id in ({_ITEMS}) and e.at <= %(now)s"
    " and e.kind not in ('suggested', 'clock') order by e.item_id, e.seq"
)
_COLUMNS = ("item", "at_us", "state", "priority", "queue", "owner", "actor")


def live_events(desk_id: int, *, since: datetime, now: datetime) -> Columns:
    """Return the events of what is open, and of the latest items that changed after *since*; by item and in order: one COPY.

    state: the place in `State`; actor: `actor_code` of the name, -1 for openings; -1 for nobody and no queue.
    """
    values = {"desk": desk_id, "since": since, "now": now, "latest": LATEST}
    return _copied(_EVENTS, _COLUMNS, values)


def codes_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return the numbers by which `live_events` and `opening_codes` call texts: PostgreSQL's own hash, from 0 up."""
    rows = tuples(
        "select hashtext(t)::bigint + 2147483648 from unnest(%s::text[]) with ordinality as u(t, n) order by n",
        [list(texts)],
    )
    return np.array([code for (code,) in rows], dtype=np.int64)


def opening_codes(item_ids: Sequence[int], names: Sequence[str]) -> Columns:
    """Return what items were opened with, a column for each of *names* (a field, or “attributes.” and a name): one COPY.

    item: their keys, in order. A value is `codes_of` its text; -1 where there is none.
    """
    chosen, values = [], dict[str, Any]()
    for number, name in enumerate(names):
        values[f"path{number}"] = ["set", *name.split(".", 1)] if name.startswith("attributes.") else ["set", name]
        found = f"nullif(e.data #>> %(path{number})s::text[], '')"
        chosen.append(f"coalesce(hashtext({found})::bigint + 2147483648, -1)")
    sql = f"select {', '.join(['e.item_id', *chosen])} from work_event as e where e.item_id = any(%(items)s) and e.seq = 1 order by 1"
    return _copied(sql, ("item", *names), {**values, "items": list(item_ids)})


def items_weighed(item_ids: Sequence[int]) -> list[tuple[int, int, str, int | None, str]]:
    """Return key, priority, tier of the customer, owner and state of items, by key: what a weight and an act ask. One query."""
    return tuples(
        "select i.id, i.priority, coalesce(c.tier, 'standard'), i.owner_id, i.state from work_item as i"
        " left join customers_customer as c on c.id = i.customer_id where i.id = any(%s) order by i.id",
        [list(item_ids)],
    )


def _copied(sql: str, names: Sequence[str], values: Mapping[str, Any]) -> Columns:
    """Read rows of whole numbers by a binary COPY: every field has eight bytes, so every row is as long as the others."""
    with connection.cursor() as cursor, cursor.cursor.copy(f"copy ({sql}) to stdout (format binary)", values) as copy:
        sent = b"".join(bytes(block) for block in copy)
    kind = np.dtype(
        [
            ("fields", ">i2"),
            *((part, form) for n in range(len(names)) for part, form in ((f"l{n}", ">i4"), (f"v{n}", ">i8"))),
        ]
    )
    header = 11 + 4 + 4 + int.from_bytes(sent[15:19], "big")
    rows = np.frombuffer(sent, dtype=kind, offset=header, count=(len(sent) - header - 2) // kind.itemsize)
    return {name: rows[f"v{number}"].astype(np.int64) for number, name in enumerate(names)}
