"""Reads for taking acts back: what was done, what was there before, and who changed the item since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.core.sql import records

RESTORED = (
    "owner_id", "owner_since", "is_taken_over", "state", "state_since", "resolved_at", "closed_at", "priority", "impact",
    "urgency", "next_step", "next_step_owner_id", "next_step_due_at",
)  # fmt: skip
"""Fields of an item that undoing brings back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One event that may be undone: the fields that it set, and what each field of `RESTORED` held before it.

    ``before`` lacks fields that no event had set. ``undone_by``: who has undone it ("" for nobody). ``leaver``: the name
    of who owned the item before it, if she is active no more.
    """

    item_id: int
    reference: str
    seq: int
    kind: str
    actor_kind: str
    actor_name: str
    actor_user_id: int | None
    source_key: str | None
    data: Mapping[str, Any]
    before: Mapping[str, Any]
    undone_by: str
    leaver: str


_DEEDS = """
select d.*, coalesce((select p.name from people_person as p
    where p.id = (d.before ->> 'owner_id')::bigint and not p.is_active), '') as leaver
from (select a.item_id, i.reference, a.seq, a.kind, a.actor_kind, a.actor_name, a.actor_user_id, a.source_key, a.data,
    (select coalesce(jsonb_object_agg(f.key, f.value order by e.seq), '{{}}') from work_event as e
        cross join lateral jsonb_each(e.data -> 'set') as f
        where e.item_id = a.item_id and e.seq < a.seq and f.key = any(%(fields)s)) as before,
    coalesce((select u.actor_name from work_event as u where u.item_id = a.item_id and u.seq > a.seq
        and (u.data ->> 'undoes')::int = a.seq order by u.seq limit 1), '') as undone_by
from work_event as a join work_item as i on i.id = a.item_id
where {where}) as d order by d.item_id
"""


def deeds_of(event_ids: Sequence[int]) -> list[Deed]:
    """Return what these events did, by item: one query. Before comes from the events, which are the truth."""
    rows = records(_DEEDS.format(where="a.id = any(%(ids)s)"), {"ids": list(event_ids), "fields": list(RESTORED)})
    return [Deed(**row) for row in rows]


def deed_get(item_id: int, seq: int) -> Deed | None:
    """Return what one event of an item did, if there is such an event."""
    where = "a.item_id = %(item)s and a.seq = %(seq)s"
    rows = records(_DEEDS.format(where=where), {"item": item_id, "seq": seq, "fields": list(RESTORED)})
    return Deed(**rows[0]) if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Somebody set something of an item."""

    seq: int
    kind: str
    at: datetime
    actor_name: str
    data: Mapping[str, Any]


def settings_since(versions: Mapping[int, int]) -> dict[int, list[Setting]]:
    """Return, by item, who set what after the versions given, in order: one query.

    Notes and proposals set nothing; what was set and undone since was never set.
    """
    rows = records(
        "select e.item_id, e.seq, e.kind, e.at, e.actor_name, e.data from work_event as e"
        " join unnest(%s::bigint[], %s::int[]) as s(item_id, seq) on s.item_id = e.item_id and e.seq > s.seq"
        " where e.data ? 'set' order by e.item_id, e.seq",
        [list(versions), list(versions.values())],
    )
    undone = {(row["item_id"], row["data"]["undoes"]): row["seq"] for row in rows if "undoes" in row["data"]}
    gone = {key for key in undone if key[1] > versions[key[0]]}
    gone |= {(item_id, undone[item_id, seq]) for item_id, seq in gone}
    found: dict[int, list[Setting]] = defaultdict(list)
    for row in rows:
        item_id = row.pop("item_id")
        if (item_id, row["seq"]) not in gone:
            found[item_id].append(Setting(**row))
    return dict(found)
