"""What becomes of items at changes of region: kept with reasons, listed by the coming change, pinned by people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queries import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficRow:
    """One item at the coming change of its owner's region. ``body``: reason, and what was rejected and why."""

    item_id: int
    reference: str
    title: str
    priority: int
    due_sort_at: datetime
    owner_id: int
    owner: str
    region: str
    to_region: str | None
    leaves_at: datetime
    choice: str
    body: Mapping[str, Any]
    decided_at: datetime
    is_pinned: bool
    pinned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCount:
    """One coming change of region: which, when, and how many items are kept, passed and parked."""

    region_id: int
    region: str
    leaves_at: datetime
    kept: int
    passed: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided about one item, to be kept."""

    item_id: int
    owner_id: int
    region_id: int
    to_region_id: int | None
    leaves_at: datetime
    choice: str
    body: Mapping[str, Any]


_ROW = """
select t.item_id, i.reference, i.title, i.priority, i.due_sort_at, t.owner_id, p.name as owner, r.name as region,
    n.name as to_region, t.leaves_at, t.choice, t.body, t.decided_at, t.is_pinned, t.pinned_by_name as pinned_by
from decisions_traffic as t join work_item as i on i.id = t.item_id and i.owner_id = t.owner_id and i.is_open
join people_person as p on p.id = t.owner_id join people_region as r on r.id = t.region_id
left join people_region as n on n.id = t.to_region_id where
"""


def traffic_page(
    desk_id: int,
    *,
    region_id: int | None = None,
    choice: str = "",
    after: Key | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,
) -> list[TrafficRow]:
    """Return what was decided for changes of region that are still to come, the next change first: one query by key."""
    require(by, Right.WORK_VIEW, desk_id)
    where = " t.desk_id = %(desk)s and t.leaves_at > %(now)s"
    where += " and t.region_id = %(region)s" if region_id is not None else ""
    where += " and t.choice = %(choice)s" if choice else ""
    where += " and (t.leaves_at, t.item_id) > (%(key_at)s, %(key_id)s)" if after else ""
    values = {
        "desk": desk_id, "now": now, "region": region_id, "choice": choice, "limit": limit,
        "key_at": after.at if after else None, "key_id": after.id if after else None,
    }  # fmt: skip
    return [
        TrafficRow(**{**row, "body": _read(row["body"])})
        for row in records(f"{_ROW}{where} order by t.leaves_at, t.item_id limit %(limit)s", values)
    ]


def traffic_of(item_id: int, now: datetime) -> TrafficRow | None:
    """Return what was decided about one item for its owner's coming change of region; whoever asks may see the item."""
    rows = records(
        f"{_ROW} t.item_id = %(item)s and (t.leaves_at > %(now)s or t.is_pinned)", {"item": item_id, "now": now}
    )
    return TrafficRow(**{**rows[0], "body": _read(rows[0]["body"])}) if rows else None


def _read(body: Any) -> Mapping[str, Any]:
    return json.loads(body) if isinstance(body, str) else body


def changes_ahead(desk_id: int, *, by: Actor, now: datetime) -> list[ChangeCount]:
    """Return the changes of region that were decided on and are still to come, with counts: one query."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = records(
        "select t.region_id, r.name as region, max(t.leaves_at) as leaves_at,"
        " count(*) filter (where t.choice = 'keep') as kept, count(*) filter (where t.choice = 'pass') as passed,"
        " count(*) filter (where t.choice = 'park') as parked from decisions_traffic as t"
        " join work_item as i on i.id = t.item_id and i.owner_id = t.owner_id and i.is_open"
        " join people_region as r on r.id = t.region_id where t.desk_id = %(desk)s and t.leaves_at > %(now)s"
        " group by t.region_id, r.name order by 3, 2",
        {"desk": desk_id, "now": now},
    )
    return [ChangeCount(**row) for row in rows]


def pinned_of(desk_id: int) -> frozenset[int]:
    """Return the items of a desk that somebody has pinned to their present owners."""
    rows = records(
        "select t.item_id from decisions_traffic as t join work_item as i on i.id = t.item_id and i.owner_id = t.owner_id"
        " where t.desk_id = %(desk)s and t.is_pinned",
        {"desk": desk_id},
    )
    return frozenset(row["item_id"] for row in rows)


def choices_of(desk_id: int, item_ids: Sequence[int]) -> dict[int, tuple[int, str, datetime]]:
    """Return, by item, the owner, the choice and the change of region of what was decided last."""
    rows = models.Traffic.objects.filter(desk_id=desk_id, item_id__in=list(item_ids))
    return {row[0]: row[1:] for row in rows.values_list("item_id", "owner_id", "choice", "leaves_at")}


def traffic_keep(desk_id: int, decided: Sequence[Decided], *, now: datetime) -> None:
    """Keep what was decided: one statement. Pins stay as long as the item is with the same owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_traffic (item_id, desk_id, owner_id, region_id, to_region_id, leaves_at, choice, body,"
            " decided_at, is_pinned, pinned_by_name)"
            " select i, %s, o, r, t, l, c, b::jsonb, %s, false, '' from unnest(%s::bigint[], %s::bigint[],"
            " %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[]) as n(i, o, r, t, l, c, b)"
            " on conflict (item_id) do update set owner_id = excluded.owner_id, region_id = excluded.region_id,"
            " to_region_id = excluded.to_region_id, leaves_at = excluded.leaves_at, choice = excluded.choice,"
            " body = excluded.body, decided_at = excluded.decided_at,"
            " is_pinned = decisions_traffic.is_pinned and decisions_traffic.owner_id = excluded.owner_id",
            [
                desk_id,
                now,
                [one.item_id for one in decided],
                [one.owner_id for one in decided],
                [one.region_id for one in decided],
                [one.to_region_id for one in decided],
                [one.leaves_at for one in decided],
                [one.choice for one in decided],
                [json.dumps(one.body) for one in decided],
            ],
        )


def pin_set(
    item_id: int, *, desk_id: int, owner_id: int, region_id: int, is_pinned: bool, body: Mapping[str, Any],
    leaves_at: datetime, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Pin an item to its owner, or let it go; what was decided while somebody else owned it is forgotten."""
    pin = {"is_pinned": is_pinned, "pinned_by_name": by.name if is_pinned else ""}
    kept = {"choice": "keep", "to_region_id": None, "body": dict(body)}
    models.Traffic.objects.filter(item_id=item_id).exclude(owner_id=owner_id).delete()
    models.Traffic.objects.update_or_create(
        item_id=item_id,
        defaults={**pin, **kept} if is_pinned else pin,
        create_defaults={
            **pin, **kept, "desk_id": desk_id, "owner_id": owner_id, "region_id": region_id, "leaves_at": leaves_at,
            "decided_at": now,
        },
    )  # fmt: skip
