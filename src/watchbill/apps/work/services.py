"""Writes of work: the event and its projection in one statement, for one item or for thousands."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import CHANNEL
from watchbill.apps.work import fields, models
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.time import FAR_FUTURE, require_instant
from watchbill.engine.base.work import REFERENCE_PREFIX, STATES_OF, EventKind, Kind, State


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item to open. ``patch`` holds its fields (see `fields`); ``due_sort_at`` and ``act_by_at`` are those of its clocks."""

    desk_id: int
    patch: Mapping[str, Any]
    opened_at: datetime
    due_sort_at: datetime = FAR_FUTURE
    act_by_at: datetime = FAR_FUTURE
    external_source: str = ""
    external_ref: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event to add to one item.

    ``version`` is the version that the writer saw (None: whichever it has); ``patch`` the fields to set;
    ``data`` what else the event tells (``text`` for a note); ``due_sort_at`` and ``act_by_at`` the new earliest due and
    latest safe moment, if they changed; ``at`` the instant of the event, if it is not now.
    """

    item_id: int
    kind: EventKind
    version: int | None = None
    patch: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    due_sort_at: datetime | None = None
    act_by_at: datetime | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a write left behind: the event's id, and the item with its new version."""

    item_id: int
    event_id: int
    version: int
    reference: str


_EVENT_COLUMNS = (
    "item_id, desk_id, seq, kind, at, actor_kind, actor_name, actor_user_id, actor_person_id,"
    " state, priority, queue_id, team_id, owner_id, data"
)
_ACTOR = "%(actor_kind)s, %(actor_name)s, %(actor_user_id)s, %(actor_person_id)s"

_CREATE = f"""
with p as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as r(
        ord int, desk_id bigint, prefix text, external_source text, external_ref text, opened_at timestamptz,
        due_sort_at timestamptz, act_by_at timestamptz, patch jsonb, data jsonb)
), i as (
    insert into work_item (desk_id, reference, external_source, external_ref, opened_at, updated_at, due_sort_at,
        act_by_at, version, {fields.columns()})
    select desk_id, prefix || '-' || nextval('work_reference_seq'), external_source, external_ref, opened_at, opened_at,
        due_sort_at, act_by_at, 1, {fields.values("patch")}
    from p order by ord
    returning *
), n as materialized (
    select i.*, row_number() over (order by i.id) as ord from i
), e as (
    insert into work_event ({_EVENT_COLUMNS})
    select n.id, n.desk_id, 1, 'opened', n.opened_at, {_ACTOR}, n.state, n.priority, n.queue_id, n.team_id, n.owner_id,
        p.data || jsonb_build_object('set', p.patch)
    from n join p on p.ord = n.ord
    order by n.id
    returning id, item_id
)
select e.item_id, e.id, 1, n.reference,
    (select count(pg_notify('{CHANNEL}', d::text)) from (select distinct desk_id as d from p) as x)
from e join n on n.id = e.item_id order by n.ord
"""

# Each step below meets the one before it through the key of work_item: the planner takes every part for a hundred rows,
# whatever their number, and two of them side by side it would compare row by row.
_CHANGE = f"""
with p as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as r(
        item_id bigint, version int, kind text, at timestamptz, due_sort_at timestamptz,
        act_by_at timestamptz, patch jsonb, data jsonb)
), l as materialized (
    select p.*, i.updated_at as known_at from work_item as i join p on p.item_id = i.id
    order by i.id for no key update of i
), u as (
    update work_item as i set
    {fields.assignments("i", "l.patch")},
    due_sort_at = coalesce(l.due_sort_at, i.due_sort_at),
    act_by_at = coalesce(l.act_by_at, i.act_by_at),
    updated_at = greatest(i.updated_at, l.at),
    version = i.version + 1
    from l
    where i.id = l.item_id and (l.version is null or l.version = i.version)
    returning i.id, i.desk_id, i.version, i.state, i.priority, i.queue_id, i.team_id, i.owner_id,
        l.kind, case when l.kind = 'clock' then l.at else greatest(l.at, l.known_at) end as at, l.patch, l.data
), e as (
    insert into work_event ({_EVENT_COLUMNS})
    select id, desk_id, version, kind, at, {_ACTOR}, state, priority, queue_id, team_id, owner_id,
        case when patch = '{{}}'::jsonb then data else data || jsonb_build_object('set', patch) end
    from u
    order by id
    returning item_id, id, seq
)
select e.item_id, e.id, e.seq, i.reference,
    (select count(pg_notify('{CHANNEL}', d::text)) from (select distinct desk_id as d from u) as x)
from e join work_item as i on i.id = e.item_id order by e.item_id
"""


def _actor_values(by: Actor) -> dict[str, Any]:
    return {
        "actor_kind": by.kind,
        "actor_name": by.name,
        "actor_user_id": by.user_id,
        "actor_person_id": by.person_id,
    }


def _run(statement: str, rows: Sequence[Mapping[str, Any]], by: Actor) -> list[Written]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"rows": json.dumps(rows, default=str), **_actor_values(by)})
        return [Written(item_id=r[0], event_id=r[1], version=r[2], reference=r[3]) for r in cursor.fetchall()]


def require_state(kind: Kind, state: State) -> None:
    """Raise InvalidFacts when items of *kind* do not know *state*."""
    if state not in STATES_OF[kind]:
        known = ", ".join(sorted(STATES_OF[kind]))
        raise InvalidFacts(f"A {kind.value} cannot be “{state.value}”; it knows {known}", field="state")


def work_create_many(items: Sequence[NewItem], *, by: Actor) -> list[Written]:
    """Open items, each with its first event, in one statement; return them in the order given.

    Raises InvalidFacts for a field, state or text that does not fit, and Conflict when one of them has the
    external reference of an item that exists. Nothing is written unless all are.
    """
    rows = []
    for ord_, item in enumerate(items, start=1):
        at = require_instant(item.opened_at, "opened_at")
        kind = Kind(item.patch["kind"])
        require_state(kind, State(item.patch["state"]))
        fields.require_text("external_source", item.external_source, limit=fields.REF_LIMIT)
        fields.require_text("external_ref", item.external_ref, limit=fields.REF_LIMIT)
        fields.require_data(item.data)
        rows.append(
            {
                "ord": ord_,
                "desk_id": item.desk_id,
                "prefix": REFERENCE_PREFIX[kind],
                "external_source": item.external_source,
                "external_ref": item.external_ref,
                "opened_at": at,
                "due_sort_at": item.due_sort_at,
                "act_by_at": item.act_by_at,
                "patch": fields.completed(item.patch, at=at),
                "data": item.data,
            }
        )
    try:
        return _run(_CREATE, rows, by)
    except IntegrityError as error:
        if "work_item_external" not in str(error):
            raise
        known = ", ".join(item.external_ref for item in items[:3]) + (", ..." if len(items) > 3 else "")
        raise Conflict(f"This desk has an item with this external reference already ({known})") from None


def work_change_many(changes: Sequence[Change], *, by: Actor, now: datetime) -> list[Written]:
    """Add one event to each of several items and bring their rows up to date, in one statement.

    A change whose version is no longer the item's is left out: compare the ids that come back. At most one
    change per item and call. Rows are locked in the order of their ids, so that two bulk writes never wait for each other.
    An event never comes before the item's last one, whatever the writer's clock says; only what clocks tell keeps its
    true instant. Raises InvalidFacts for a field or text that does not fit.
    """
    if len({change.item_id for change in changes}) != len(changes):
        raise InvalidFacts("Two changes of one item cannot be written at once")
    rows = []
    for change in changes:
        at = require_instant(change.at or now, "at")
        fields.require_data(change.data)
        rows.append(
            {
                "item_id": change.item_id,
                "version": change.version,
                "kind": change.kind,
                "at": at,
                "due_sort_at": change.due_sort_at,
                "act_by_at": change.act_by_at,
                "patch": fields.completed(change.patch, at=at),
                "data": change.data,
            }
        )
    return _run(_CHANGE, rows, by)


def work_change(change: Change, *, by: Actor, now: datetime) -> Written:
    """Add one event to one item. Raises NotFound, or Conflict naming who changed what since *change.version*."""
    written = work_change_many([change], by=by, now=now)
    if written:
        return written[0]
    raise conflict(change.item_id, change.version)


def conflict(item_id: int, seen_version: int | None) -> Conflict | NotFound:
    """Return the error for a write that came second: its details say who changed what since *seen_version*."""
    since = list(
        models.WorkEvent.objects.filter(item_id=item_id, seq__gt=seen_version or 0)
        .order_by("seq")
        .values("seq", "kind", "at", "actor_name", "data")
    )
    item = models.WorkItem.objects.filter(id=item_id).values("reference", "version").first()
    if item is None:
        return NotFound("This item does not exist")
    changes = [
        {
            "version": event["seq"],
            "kind": event["kind"],
            "at": event["at"].isoformat(),
            "by": event["actor_name"],
            "set": event["data"].get("set", {}),
            "text": event["data"].get("text", ""),
        }
        for event in since
    ]
    names = ", ".join(dict.fromkeys(change["by"] for change in changes)) or "somebody"
    return Conflict(
        f"{item['reference']} was changed by {names} since you opened it",
        reference=item["reference"],
        version=item["version"],
        changes=changes,
    )


def due_set_many(dues: Mapping[int, datetime], act_bys: Mapping[int, datetime]) -> None:
    """Set where items sort by due and by latest safe moment, after their clocks were recomputed; both for the same items.

    No event: nothing happened to them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "update work_item as i set due_sort_at = d.due, act_by_at = d.act_by"
            " from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) as d(id, due, act_by)"
            " where i.id = d.id and (i.due_sort_at, i.act_by_at) is distinct from (d.due, d.act_by)",
            [list(dues), list(dues.values()), [act_bys[item_id] for item_id in dues]],
        )


_REBUILD = f"""
with folded as materialized (
    select e.item_id, jsonb_object_agg(f.key, f.value order by e.seq) filter (where f.key is not null) as patch,
        max(e.seq) as version, max(e.at) as updated_at
    from work_event as e left join lateral jsonb_each(e.data -> 'set') as f on true
    where e.item_id = any(%(ids)s)
    group by e.item_id
)
update work_item as i set
    ({fields.columns()}, version, updated_at) = (
        select {fields.values("f.patch")}, f.version, greatest(i.opened_at, f.updated_at))
from folded as f
where i.id = f.item_id
"""

REBUILD_BATCH = 2000
"""Items made anew by one statement, so that memory stays flat whatever the number of items."""


def items_lock(item_ids: Collection[int]) -> frozenset[int]:
    """Keep items from being changed until the caller's transaction ends, taken in the one order that all use.

    Items come first, by id; what hangs on them (clocks, decisions) after them. So nobody waits for each other in a ring.
    Returns those that their owner has begun.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, owner_id is not null and state <> 'new' from work_item where id = any(%s)"
            " order by id for no key update",
            [list(item_ids)],
        )
        return frozenset(item_id for item_id, is_begun in cursor.fetchall() if is_begun)


def projection_rebuild(item_ids: Sequence[int] | None = None) -> int:
    """Make item rows anew from their events (all, or those named); return how many. Same rows as before.

    One transaction for each `REBUILD_BATCH` items, which are locked before their events are read: whoever acts on one
    of them meanwhile waits, and nothing of it is lost. Linear in the number of events.
    """
    with connection.cursor() as cursor:
        if item_ids is None:
            cursor.execute("select array(select id from work_item order by id)")
            item_ids = cursor.fetchone()[0]
        rebuilt = 0
        for start in range(0, len(item_ids), REBUILD_BATCH):
            batch = list(item_ids[start : start + REBUILD_BATCH])
            with transaction.atomic():
                items_lock(batch)
                cursor.execute(_REBUILD, {"ids": batch})
                rebuilt += int(cursor.rowcount)
    return rebuilt
