"""Reads of work events as an audit trail: who did what to which item, with what was there before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.core.sql import records

_BEFORE = ("state", "priority", "queue_id", "team_id", "owner_id")
"""What an event keeps of its item as typed columns, so that the event before it tells what was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One work event with its item's reference, and what the typed fields were before it (empty for the first)."""

    id: int
    at: datetime
    recorded_at: datetime
    desk_id: int
    actor_kind: str
    actor_name: str
    kind: str
    reference: str
    data: Mapping[str, Any]
    before: Mapping[str, Any]


REACH = 100_000
"""Rows that a search by actor or act looks through at once: about 80 ms. An index would cost every write of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """How far back a search looks: to the event *id*, or the first one after it, recorded at *at*."""

    id: int
    at: datetime


def event_floor(below: int | None) -> Floor | None:
    """Return where a search ends that begins below an event (None: at the newest); None: nothing lies further back."""
    rows = records(
        "with top as (select least(%(below)s, (select max(id) + 1 from work_event)) - %(reach)s as id)"
        " select top.id, (select recorded_at from work_event as e where e.id >= top.id order by e.id limit 1) as at"
        " from top where exists (select from work_event as e where e.id < top.id)",
        {"below": below, "reach": REACH},
    )
    return Floor(**rows[0]) if rows else None


def event_page(
    *,
    desk_ids: Collection[int] | None,
    actor_name: str = "",
    kind: str = "",
    reference: str = "",
    below: int | None = None,
    down_to: int | None = None,
    limit: int = 50,
) -> list[TrailEvent]:
    """Return work events, newest first, those with ids below *below*; only of the desks given (None: everything).

    Without an actor or a kind it reads as many rows as it returns; with them it may have to read far back, so it looks
    at none with an id under *down_to*: `event_floor`.
    """
    clauses = ["true"]
    clauses += ["e.desk_id = any(%(desks)s)"] if desk_ids is not None else []
    clauses += ["e.actor_name = %(actor)s"] if actor_name else []
    clauses += ["e.kind = %(kind)s"] if kind else []
    clauses += ["e.item_id = (select id from work_item where reference = %(reference)s)"] if reference else []
    clauses += ["e.id < %(below)s"] if below is not None else []
    clauses += ["e.id >= %(down_to)s"] if down_to is not None else []
    earlier = ", ".join(f"'{name}', p.{name}" for name in _BEFORE)
    rows = records(
        "select e.id, e.at, e.recorded_at, e.desk_id, e.actor_kind, e.actor_name, e.kind, i.reference, e.data,"
        f" case when p.id is null then '{{}}'::jsonb else jsonb_build_object({earlier}) end as before"
        f" from (select * from work_event as e where {' and '.join(clauses)}"
        " order by e.id desc limit %(limit)s) as e join work_item as i on i.id = e.item_id"
        " left join work_event as p on p.item_id = e.item_id and p.seq = e.seq - 1 order by e.id desc",
        {
            "desks": None if desk_ids is None else list(desk_ids), "actor": actor_name, "kind": kind,
            "reference": reference, "below": below, "down_to": down_to, "limit": limit,
        },
    )  # fmt: skip
    return [TrailEvent(**row) for row in rows]
