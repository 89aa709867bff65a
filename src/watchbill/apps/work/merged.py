"""Reads of merged items: where an item went, and which came into it."""

from __future__ import annotations

from watchbill.apps.core.sql import records, tuples


def merged_into(item_id: int) -> str:
    """Return the reference of the item that an item was merged into; "" for one that was not, or was opened again."""
    rows = records(
        "select coalesce(data ->> 'merged_into', '') as into from work_event"
        " where item_id = %(item)s and data -> 'set' ? 'state' order by seq desc limit 1",
        {"item": item_id},
    )
    return str(rows[0]["into"]) if rows else ""


def merged_from(item_id: int) -> list[str]:
    """Return the references of the items that were merged into an item and not taken out of it again, in order."""
    rows = tuples(
        "select e.data ->> 'reference' from work_event as e where e.item_id = %(item)s and e.kind = 'merged'"
        " and not e.data ? 'undoes' and not exists (select from work_event as u where u.item_id = e.item_id"
        " and u.kind = 'merged' and (u.data ->> 'undoes')::int = e.seq) order by e.seq",
        {"item": item_id},
    )
    return [reference for (reference,) in rows]
