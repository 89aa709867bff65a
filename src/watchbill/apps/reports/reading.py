"""What is read from clocks and timelines and kept: commitments, breaches with suggested reasons, pauses; and how far."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from django.db import connection

from watchbill.apps.core.sql import tuples
from watchbill.apps.work.timeline import IS_SEEN, UNDOES, as_if_never

EVENTS = 100_000
"""Work events that are looked through at once for items that changed."""


def read_up_to() -> int:
    """Return up to which work event timelines have been read."""
    rows = tuples("select event_id from reports_reading where id = 1", [])
    return int(rows[0][0]) if rows else 0


def reading_set(event_id: int) -> None:
    """Say up to which work event timelines have been read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into reports_reading (id, event_id) values (1, %s)"
            " on conflict (id) do update set event_id = excluded.event_id",
            [event_id],
        )


def items_changed(after: int, up_to: int, *, limit: int) -> tuple[dict[int, list[int]], int]:
    """Return items by desk to which something happened after event *after*, and up to which event that is all: one query.

    An item comes with its last event in the window, so that one that changed often is read once.
    """
    last = min(after + EVENTS, up_to)
    found: dict[int, list[int]] = defaultdict(list)
    rows = tuples(
        "select desk_id, item_id, max(id) from work_event where id > %s and id <= %s group by 1, 2 order by 3 limit %s",
        [after, last, limit],
    )
    for desk_id, item_id, _ in rows:
        found[desk_id].append(item_id)
    return found, rows[-1][2] if len(rows) == limit else last


def recomputed_add(desk_id: int, item_ids: Sequence[int]) -> None:
    """Say, in the caller's transaction, that clocks of items of one desk are made anew without an event of theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into reports_recomputed (desk_id, item_id) select %s, unnest(%s::bigint[])",
            [desk_id, list(item_ids)],
        )


def recomputed_take(limit: int) -> dict[int, list[int]]:
    """Return, by desk, items whose clocks were made anew, and forget them in the caller's transaction: one query."""
    found: dict[int, list[int]] = defaultdict(list)
    for desk_id, item_id in tuples(
        "with taken as (delete from reports_recomputed where id in"
        " (select id from reports_recomputed order by id limit %s) returning desk_id, item_id)"
        " select distinct desk_id, item_id from taken order by 1, 2",
        [limit],
    ):
        found[desk_id].append(item_id)
    return found


def items_with_a_story(item_ids: Sequence[int], now: datetime) -> list[int]:
    """Return those of the items of which a clock was paused, or was broken by *now*: one query."""
    where = "item_id = any(%(items)s) and (paused_s > 0 or status = 'paused' or breach_at <= %(now)s)"
    rows = tuples(
        f"select item_id from clocks_clock where {where} and status <> 'absent'"
        f" union select item_id from clocks_cycle where {where} order by 1",
        {"items": list(item_ids), "now": now},
    )
    return [item_id for (item_id,) in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How an item stood after one of its events, and who acted; ``is_message``: a person wrote to the customer."""

    at: datetime
    state: str
    owner_id: int | None
    team_id: int | None
    by_person_id: int | None
    by_name: str
    is_message: bool


STANDING = slice(1, 4)
"""Where a row of what is read of `stands` says how the item stood: state, owner and team."""


def stands(item_ids: Sequence[int]) -> dict[int, list[Stand]]:
    """Return the events of items that moved them or were messages, in time order, without what was undone: one query."""
    rows = tuples(
        f"select item_id, seq, {UNDOES}, at, state, owner_id, team_id, actor_person_id, actor_name,"
        " kind = 'reply' and actor_kind = 'person' from work_event where item_id = any(%s)"
        f" and {IS_SEEN} order by item_id, seq",
        [list(item_ids)],
    )
    found: dict[int, list[Stand]] = defaultdict(list)
    for item_id, each in groupby(rows, key=itemgetter(0)):
        for at, state, owner_id, team_id, by_person_id, by_name, is_message in as_if_never(
            list(each), standing=STANDING
        ):
            found[item_id].append(
                Stand(
                    at=at, state=state, owner_id=owner_id, team_id=team_id, by_person_id=by_person_id, by_name=by_name,
                    is_message=is_message,
                )
            )  # fmt: skip
        found[item_id].sort(key=attrgetter("at"))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachWrite:
    """One breach as it is to be kept."""

    item_id: int
    desk_id: int
    name: str
    agreement: str
    cycle: int
    breach_at: datetime
    suggested: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWrite:
    """One pause as it is to be kept."""

    item_id: int
    desk_id: int
    name: str
    agreement: str
    cycle: int
    began_at: datetime
    ended_at: datetime | None
    gone_ratio: float
    message_s: int | None
    state: str
    by_person_id: int | None
    by_name: str
    team_id: int | None


_BREACH_TYPES = (
    "item_id bigint, desk_id bigint, name text, agreement text, cycle int, breach_at timestamptz, suggested text,"
    " evidence jsonb"
)
_PAUSE_TYPES = (
    "item_id bigint, desk_id bigint, name text, agreement text, cycle int, began_at timestamptz, ended_at timestamptz,"
    " gone_ratio float8, message_s int, state text, by_person_id bigint, by_name text, team_id bigint"
)


def _names(types: str) -> str:
    return ", ".join(part.split()[0] for part in types.split(","))


_COMMITMENT = "item_id, desk_id, name, agreement, cycle, status, target_s, elapsed_s"
_OWN = _COMMITMENT.replace("status", "case c.status when 'cancelled' then 'missed' else c.status end as status")
_AT = "case when c.status in ('running', 'paused') then c.breach_at else c.stopped_at end"
"""What was called off after its breach was missed, decided at the instant at which it was called off."""
_COMMITMENTS = (
    "with n as materialized ("
    + " union all ".join(
        f"select {_OWN}, {_AT} as at from {table} as c where c.item_id = any(%(items)s)"
        " and (c.status in ('met', 'missed', 'running', 'paused') or c.status = 'cancelled' and c.breach_at is not null)"
        for table in ("clocks_clock", "clocks_cycle")
    )
    + "), away as (delete from reports_commitment as c where c.item_id = any(%(items)s) and not exists"
    " (select from n where n.item_id = c.item_id and n.name = c.name and n.cycle = c.cycle))"
    f" insert into reports_commitment ({_COMMITMENT}, at, priority, queue_id, team_id, owner_id, customer_id)"
    f" select {', '.join(f'n.{one}' for one in _COMMITMENT.split(', '))}, n.at, i.priority, i.queue_id, i.team_id,"
    " i.owner_id, i.customer_id from n join work_item as i on i.id = n.item_id"
    " on conflict (item_id, name, cycle) do update set "
    + ", ".join(
        f"{one} = excluded.{one}"
        for one in (
            "agreement", "status", "target_s", "elapsed_s", "at", "priority", "queue_id", "team_id", "owner_id",
            "customer_id",
        )
    )
)  # fmt: skip


def commitments_keep(item_ids: Sequence[int]) -> None:
    """Keep the commitments of items as their clocks stand, in the caller's transaction: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COMMITMENTS, {"items": list(item_ids)})


def breaches_keep(item_ids: Sequence[int], breaches: Sequence[BreachWrite]) -> None:
    """Keep the breaches of items, in the caller's transaction: all that they have now, and none that they have not.

    What was confirmed stays; a breach that is none any more is removed, or kept as void when somebody answered it.
    """
    names = _names(_BREACH_TYPES)
    rows = json.dumps([asdict(row) for row in breaches], default=str)
    with connection.cursor() as cursor:
        cursor.execute(
            f"with n as materialized (select * from jsonb_to_recordset(%(rows)s::jsonb) as r({_BREACH_TYPES})),"
            " gone as (select b.id, b.confirmed from reports_breach as b where b.item_id = any(%(items)s) and not exists"
            " (select from n where n.item_id = b.item_id and n.name = b.name and n.cycle = b.cycle)),"
            " void as (update reports_breach set is_void = true where id in (select id from gone where confirmed <> '')),"
            " away as (delete from reports_breach where id in (select id from gone where confirmed = ''))"
            f" insert into reports_breach ({names}, is_void, confirmed, note, confirmed_by_name)"
            f" select {names}, false, '', '', '' from n on conflict (item_id, name, cycle) do update set"
            " agreement = excluded.agreement, breach_at = excluded.breach_at, suggested = excluded.suggested,"
            " evidence = excluded.evidence, is_void = false",
            {"rows": rows, "items": list(item_ids)},
        )


def pauses_keep(item_ids: Sequence[int], pauses: Sequence[PauseWrite]) -> None:
    """Keep the pauses of items in place of those that were kept, in the caller's transaction."""
    names = _names(_PAUSE_TYPES)
    with connection.cursor() as cursor:
        cursor.execute("delete from reports_pause where item_id = any(%s)", [list(item_ids)])
        cursor.execute(
            f"insert into reports_pause ({names}) select {names} from jsonb_to_recordset(%s::jsonb) as r({_PAUSE_TYPES})",
            [json.dumps([asdict(row) for row in pauses], default=str)],
        )
