"""Writes of work by the ten thousand: events of another system's log, and their projection, set by set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from watchbill.apps.core.services import desk_changed
from watchbill.apps.core.sql import tuples
from watchbill.apps.work import fields
from watchbill.apps.work.timeline import IS_SEEN
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import REFERENCE_PREFIX, Kind

STEP_COLUMNS = (
    "number int, external_ref text, opened_at timestamptz, ord bigint, at timestamptz, is_opening boolean,"
    " actor_kind text, actor_name text, source_key text, patch jsonb, data jsonb"
)
"""What a relation handed to `work_load` holds: one row per event of the log.

``number`` is the same for all rows of one item and says in which order items are made; ``ord`` orders rows of the
same instant. ``patch`` is what the row sets, as `fields` names it, without what follows from it (`fields.completed`).
"""

OPENING_KEY = "opening"
"""Source key of an opening that no row of the log tells by itself; only an item that is new needs it."""

_COMPLETED = """case when not patch ? 'state' then '{}'::jsonb
        when patch ->> 'state' = 'resolved'
            then jsonb_build_object('state_since', at, 'resolved_at', at, 'closed_at', null)
        when patch ->> 'state' in ('closed', 'cancelled') then jsonb_build_object('state_since', at, 'closed_at', at)
        else jsonb_build_object('state_since', at, 'resolved_at', null, 'closed_at', null) end
    || case when not patch ? 'owner_id' then '{}'::jsonb
        else jsonb_build_object('owner_since', case when patch ->> 'owner_id' is null then null else at end) end
    || patch"""
"""`fields.completed` as SQL; a test holds the two together."""

_LEFT = (
    """case when site_id is not null and patch ? 'customer_id' then '{"site_id": null}'::jsonb else '{}'::jsonb end"""
)
"""An item that gets another customer is at none of the sites of the one before, which no log tells of."""

_KIND = """case when is_opening and item_id is null then 'opened'
        when patch ? 'state' then 'state'
        when patch ? 'owner_id' then 'assigned'
        when patch ? 'priority' then 'priority'
        when patch ? 'queue_id' or patch ? 'team_id' then 'queue'
        when patch <> '{}'::jsonb then 'fields'
        else 'updated' end"""

_TYPED = {"state": "text", "priority": "smallint", "queue_id": "bigint", "team_id": "bigint", "owner_id": "bigint"}


def _typed(name: str, kind: str) -> str:
    after = f"(fold ->> '{name}')" if kind == "text" else f"(fold ->> '{name}')::{kind}"
    return f"case when item_id is null or fold ? '{name}' then {after} else {name} end"


# "limit 1" and "+ 0" keep the planner at one look into the unique index per reference, whatever it believes about the
# table: of a desk that has filled since the statistics were taken it would read every item, for each reference.
_ITEM_OF = """select * from work_item where desk_id + 0 = %(desk_id)s and external_source = %(source)s
    and external_ref = s.external_ref and external_ref <> '' limit 1"""

_LOCK_ITEMS = f"""
select id from work_item where id = any(array(
    select i.id from (select distinct external_ref from @relation) as s cross join lateral ({_ITEM_OF}) as i
)) order by id for no key update
"""
"""A statement of its own: the next one sees what the last holder of the lock has written."""

# "step" holds one row per event that is not there yet, with the item as it stands after it. The fold of an item's
# patches is kept on its last row: from it the item's own row is written, so that a rebuild from the events cannot differ.
_LOAD = f"""
with target as materialized (
    select i.* from (select distinct external_ref from @relation) as s cross join lateral ({_ITEM_OF}) as i
), seen as materialized (
    select t.id as item_id, e.source_key from target as t cross join lateral (
        select source_key from work_event where item_id = t.id and source_key is not null offset 0) as e
), known as (
    select s.*, i.id as item_id, coalesce(i.version, 0) as version, i.updated_at as known_at, i.is_taken_over,
        i.state, i.priority, i.queue_id, i.team_id, i.owner_id, i.site_id
    from @relation as s
    left join target as i on i.external_ref = s.external_ref
    left join seen as e on e.item_id = i.id and e.source_key = s.source_key
    where e.item_id is null and (i.id is null or s.source_key <> %(opening_key)s)
), allowed as (
    select number, external_ref, opened_at, ord, is_opening, actor_kind, actor_name, source_key, item_id, version,
        state, priority, queue_id, team_id, owner_id, site_id,
        case when %(is_live)s and known_at > at then known_at else at end as at,
        case when %(is_live)s and known_at > at then jsonb_build_object('log_at', at) || data else data end as data,
        case
            when item_id is null then patch
            when not %(is_live)s and at < known_at then '{{}}'::jsonb
            when is_opening then (
                select coalesce(jsonb_object_agg(f.key, f.value), '{{}}'::jsonb)
                from jsonb_each(patch - 'kind') as f, work_item as w
                where w.id = item_id and f.value is distinct from to_jsonb(w) -> f.key)
            when %(is_live)s and is_taken_over then patch - array['owner_id', 'team_id', 'queue_id']
            else patch
        end as patch
    from known offset 0
), whole as (
    select *, {_KIND} as kind, case when patch <> '{{}}'::jsonb then {_COMPLETED} || {_LEFT} end as whole from allowed offset 0
), folded as (
    select *, version + row_number() over log as seq, work_patch_fold(whole) over log as fold,
        lead(ord) over log is null as is_last
    from whole window log as (partition by number order by at, ord)
), step as materialized (
    select number, external_ref, opened_at, item_id, seq, at, kind, actor_kind, actor_name, source_key, whole, data,
        {", ".join(f"{_typed(name, kind)} as {name}" for name, kind in _TYPED.items())},
        case when is_last then fold end as fold
    from folded
), changed as (
    update work_item as i set
        {fields.assignments("i", "n.fold")},
        updated_at = greatest(i.updated_at, n.latest_at), version = n.seq
    from (
        select item_id, max(seq) as seq, max(at) as latest_at,
            (array_agg(fold) filter (where fold is not null))[1] as fold
        from step where item_id is not null group by item_id
    ) as n
    where i.id = n.item_id
), added as (
    insert into work_item (desk_id, reference, external_source, external_ref, opened_at, updated_at, due_sort_at,
        act_by_at, version, {fields.columns()})
    select %(desk_id)s, %(prefix)s || '-' || nextval('work_reference_seq'), %(source)s, external_ref, opened_at,
        greatest(opened_at, at), %(far_future)s, %(far_future)s, seq, {fields.values("fold")}
    from (select * from step where fold is not null and item_id is null order by number) as n
    returning id, external_ref
), events as (
    insert into work_event (item_id, desk_id, seq, kind, at, actor_kind, actor_name, source_key,
        {", ".join(_TYPED)}, data)
    select coalesce(s.item_id, a.id), %(desk_id)s, s.seq, s.kind, s.at, s.actor_kind, s.actor_name, s.source_key,
        {", ".join(f"s.{name}" for name in _TYPED)},
        case when s.whole is null then s.data else s.data || jsonb_build_object('set', s.whole) end
    from step as s left join added as a on s.item_id is null and a.external_ref = s.external_ref
    order by 1, s.seq
    returning item_id
)
select (select count(*) from events), (select array_agg(id order by id) from added),
    (select array_agg(distinct item_id) from step where item_id is not null)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load added: events, and the ids of the items that it made and of those that it changed."""

    events_added: int
    made: tuple[int, ...]
    changed: tuple[int, ...]


def items_known(desk_id: int, source: str, external_refs: Sequence[str]) -> list[str]:
    """Return those of *external_refs* that the desk has an item for."""
    rows = tuples(
        f"select s.external_ref from unnest(%(refs)s::text[]) as s(external_ref) cross join lateral ({_ITEM_OF}) as i",
        {"desk_id": desk_id, "source": source, "refs": list(external_refs)},
    )
    return [row[0] for row in rows]


def work_load(relation: str, *, desk_id: int, kind: Kind, source: str, is_live: bool) -> Loaded:
    """Add the events of a log that stand in the temporary table *relation* (`STEP_COLUMNS`), in the caller's transaction.

    An event whose source key its item has already is left out, so loading twice changes nothing. Of an item that
    exists, a row that lies before what is known of it is kept as an event that sets nothing. With *is_live* (the
    log's people act beside our own) such a row counts as happening now instead, its own instant kept as ``log_at``,
    and it does not touch owner, team and queue of an item that was taken over.
    """
    values: dict[str, Any] = {
        "desk_id": desk_id, "source": source, "is_live": is_live, "far_future": FAR_FUTURE,
        "prefix": REFERENCE_PREFIX[kind], "opening_key": OPENING_KEY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ITEMS.replace("@relation", relation), values)
        cursor.execute(_LOAD.replace("@relation", relation), values)
        events_added, made, changed = cursor.fetchone()
    if events_added:
        desk_changed(desk_id)
    return Loaded(events_added=events_added, made=tuple(made or ()), changed=tuple(changed or ()))


def clock_events_load(item_ids: Sequence[int]) -> list[tuple[int, int, str, str, int, int | None, str]]:
    """Return what clocks need of the events of items, in order: `timeline.clock_events` for thousands of items.

    Each is (item, microseconds since 1970, kind, state, priority, owner, actor kind).
    """
    return tuples(
        "select item_id, (extract(epoch from at) * 1000000)::bigint, kind, state, priority, owner_id, actor_kind"
        " from work_event where item_id = any(%s)"
        f" and {IS_SEEN} order by item_id, seq",
        [list(item_ids)],
    )


def queue_ensure_many(desk_id: int, rows: Sequence[tuple[str, int | None]]) -> dict[str, int]:
    """Return the ids of the desk's queues by name, made where they are missing; each row is (name, team id)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into work_queue (desk_id, name, team_id, skill_level, is_active)"
            " select %s, name, team_id, 1, true from unnest(%s::text[], %s::bigint[]) as n(name, team_id)"
            " on conflict (desk_id, name) do nothing",
            [desk_id, [name for name, _ in rows], [team_id for _, team_id in rows]],
        )
        cursor.execute(
            "select name, id from work_queue where desk_id = %s and name = any(%s)",
            [desk_id, [name for name, _ in rows]],
        )
        return dict(cursor.fetchall())


def statistics_renew() -> None:
    """Let the planner see how much was loaded, before its own time comes: lists read at once as they will."""
    with connection.cursor() as cursor:
        cursor.execute("analyze work_item, work_event")
