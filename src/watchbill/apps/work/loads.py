"""Reads for workload: what effort is assumed, what arrives hour by hour, and what each person was given lately. For the system itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchbill.apps.core.sql import literals, tuples
from watchbill.apps.work.efforts import EFFORT, JOINED, MINUTES
from watchbill.engine.base.work import ACTIONABLE

_ACTIONABLE = literals(ACTIONABLE)


HOUR = timedelta(hours=1)


def work_arrived(
    desk_id: int, now: datetime, *, hours: int
) -> tuple[dict[int | None, tuple[list[int], list[int]]], int]:
    """Return, by team, how many items arrived in each of the last *hours* hours up to *now*, and their expected minutes.

    Hours are counted back from *now* itself. Second: how many of these hours the desk's history covers. One query.
    """
    start = now - hours * HOUR
    found: dict[int | None, tuple[list[int], list[int]]] = defaultdict(lambda: ([0] * hours, [0] * hours))
    first = hours
    for team_id, hour, count, minutes in tuples(
        f"with {EFFORT} select coalesce(i.team_id, q.team_id),"
        " floor(extract(epoch from i.opened_at - %(start)s::timestamptz) / 3600)::int, count(*),"
        f" sum({MINUTES})::bigint from work_item as i {JOINED} left join work_queue as q on q.id = i.queue_id"
        " where i.desk_id = %(desk)s and i.opened_at >= %(start)s and i.opened_at < %(now)s group by 1, 2",
        {"desk": desk_id, "start": start, "now": now},
    ):
        found[team_id][0][hour], found[team_id][1][hour] = count, minutes
        first = min(first, hour)
    return dict(found), hours - first


def work_newest(desk_id: int, *, before: datetime) -> int:
    """Return the key of the item of a desk that came to be known last of those opened *before*; 0 for none. A look at an index."""
    rows = tuples(
        "select id from work_item where desk_id = %(desk)s and opened_at < %(before)s order by id desc limit 1",
        {"desk": desk_id, "before": before},
    )
    return int(rows[0][0]) if rows else 0


def items_urgent(
    desk_id: int, owner_ids: Sequence[int], *, but: str = "", now: datetime | None = None, most: int
) -> list[int]:
    """Return the ids of the actionable items that each of these people has to act on first, at most *most* each: one query.

    *but* those with the ids of this subquery, which may ask for ``desk`` and ``now``.
    """
    left_out = f" and id not in ({but})" if but else ""
    return [
        row[0]
        for row in tuples(
            "select i.id from unnest(%(owners)s::bigint[]) as o(id) cross join lateral (select id from work_item"
            f" where owner_id = o.id and is_open and state in ({_ACTIONABLE}) and desk_id = %(desk)s{left_out}"
            " order by due_sort_at, id limit %(most)s) as i order by 1",
            {"desk": desk_id, "owners": list(owner_ids), "most": most, "now": now},
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What one person was given from an instant on: items, her part of their expected minutes, and how many were hard, by why."""

    person_id: int
    items: int
    effort_min: int
    hard: int
    top: int
    reopened: int
    bounced: int
    long: int


LONG = timedelta(days=7)
BOUNCED_OWNERS = 3
_RECEIVED = f"""
with {EFFORT},
g as (select distinct e.item_id, e.owner_id from work_event as e where e.desk_id = %(desk)s and e.at >= %(since)s
    and e.at <= %(now)s and e.owner_id is not null and e.data -> 'set' ? 'owner_id'),
v as materialized (select e.item_id, e.seq, e.owner_id, e.actor_person_id, e.state, e.data -> 'set' ? 'state' as is_state,
    coalesce(e.data -> 'set' ? 'owner_id', false) and e.owner_id = e.actor_person_id as is_taking
    from (select distinct item_id from g) as g join work_event as e on e.item_id = g.item_id and e.at <= %(now)s),
h as (select item_id, count(distinct owner_id) as owners,
    min(seq) filter (where state in ('resolved', 'closed') and is_state) as first_end,
    max(seq) filter (where is_state and state not in ('resolved', 'closed', 'cancelled')) as last_open
    from v group by item_id),
a as (select item_id, actor_person_id, count(*) as acts from v where actor_person_id is not null and is_taking is not true
    group by 1, 2),
o as (select w.item_id, w.owner_id, (1 + coalesce(a.acts, 0))
    / sum(1 + coalesce(a.acts, 0)) over (partition by w.item_id) as part
    from (select distinct item_id, owner_id from v where owner_id is not null) as w
    left join a on a.item_id = w.item_id and a.actor_person_id = w.owner_id),
j as (select g.owner_id, o.part * {MINUTES} as minutes, i.priority <= 2 as is_top,
    coalesce(h.first_end < h.last_open, false) as is_reopened, h.owners >= {BOUNCED_OWNERS} as is_bounced,
    coalesce(i.resolved_at, i.closed_at, %(now)s) - i.opened_at > %(long)s as is_long
    from g join work_item as i on i.id = g.item_id join h on h.item_id = g.item_id
    join o on o.item_id = g.item_id and o.owner_id = g.owner_id {JOINED})
select owner_id, count(*), round(sum(minutes))::bigint, count(*) filter (where is_top or is_reopened or is_bounced or is_long),
    count(*) filter (where is_top), count(*) filter (where is_reopened), count(*) filter (where is_bounced),
    count(*) filter (where is_long) from j group by 1 order by 1
"""


def work_received(desk_id: int, now: datetime, *, since: datetime) -> list[Received]:
    """Return what the people of a desk became owners of in [*since*, *now*], each item once a person: one query.

    The minutes of an item are shared among all who have owned it, by touches: having it is one, each act of her own on it another
    (but for taking it), so that the shares of an item never come to more than its effort.
    Hard is what is P1 or P2, was opened again after its end, has had BOUNCED_OWNERS owners or more, or was open for longer
    than LONG.
    """
    values = {"desk": desk_id, "now": now, "since": since, "long": LONG}
    return [
        Received(
            person_id=r[0], items=r[1], effort_min=r[2], hard=r[3], top=r[4], reopened=r[5], bounced=r[6], long=r[7]
        )
        for r in tuples(_RECEIVED, values)
    ]
