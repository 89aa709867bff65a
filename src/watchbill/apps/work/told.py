"""Writes what clocks tell into items: many events at once, several of one item among them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import CHANNEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event of an item that changes nothing about it, at its true instant."""

    item_id: int
    at: datetime
    data: Mapping[str, Any]


_TELL = f"""
with p as (
    select item_id, at, data::jsonb as data, row_number() over (partition by item_id order by ord) as number
    from unnest(%(items)s::bigint[], %(ats)s::timestamptz[], %(data)s::text[]) with ordinality as r(item_id, at, data, ord)
), u as (
    update work_item as i set version = i.version + n.events, updated_at = greatest(i.updated_at, n.latest_at)
    from (select item_id, count(*) as events, max(at) as latest_at from p group by item_id) as n
    where i.id = n.item_id
    returning i.id, i.desk_id, i.version - n.events as before, i.state, i.priority, i.queue_id, i.team_id, i.owner_id
), e as (
    insert into work_event (item_id, desk_id, seq, kind, at, actor_kind, actor_name, actor_user_id, actor_person_id,
        state, priority, queue_id, team_id, owner_id, data)
    select u.id, u.desk_id, u.before + p.number, 'clock', p.at, %(kind)s, %(name)s, %(user)s, %(person)s, u.state,
        u.priority, u.queue_id, u.team_id, u.owner_id, p.data
    from p join u on u.id = p.item_id
    order by u.id, p.number
)
select count(pg_notify('{CHANNEL}', d::text)) from (select distinct desk_id as d from u) as x
"""


def items_tell(rows: Sequence[Told], *, by: Actor) -> None:
    """Add events of what clocks tell, in the order given, in one statement. The caller has locked the items."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL,
            {
                "items": [row.item_id for row in rows],
                "ats": [row.at for row in rows],
                "data": [json.dumps(row.data) for row in rows],
                "kind": by.kind,
                "name": by.name,
                "user": by.user_id,
                "person": by.person_id,
            },
        )
