"""Finding stuck work: one statement over the open items of a desk, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import literals, records
from watchbill.apps.decisions.acceptances import HAS_ACTED
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queries import ItemRow, Key, work_rows
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import ACTIONABLE
from watchbill.engine.sense.stuck import StuckLimits, StuckReason

USUAL_AGE_S = 30 * 86_400
"""How old nine in ten items are assumed to become on a desk that has finished too few to say."""
_ACTIONABLE = literals(ACTIONABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckItem:
    """One item with everything that makes it stuck, the most pressing first."""

    row: ItemRow
    reasons: tuple[StuckReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckPage:
    """A page of stuck items; ``next`` is where the following page begins, ``counts`` are those of the whole desk."""

    items: Sequence[StuckItem]
    counts: Mapping[StuckReason, int]
    total: int
    next: Key | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """An item with a promise that is due before its owner is back."""

    item_id: int
    owner_id: int
    owner: str


def promises_before(desk_id: int, returns: Mapping[int, datetime], now: datetime) -> list[Waits]:
    """Return actionable items with a promise due after *now* and before their owner returns: one query by owner and due."""
    rows = records(
        "select i.id as item_id, i.owner_id, p.name as owner from unnest(%(people)s::bigint[], %(returns)s::timestamptz[])"
        " as r(person, at) join people_person as p on p.id = r.person join work_item as i on i.owner_id = r.person"
        " and i.is_open and i.due_sort_at > %(now)s and i.due_sort_at < r.at"
        f" where i.desk_id = %(desk)s and i.state in ({_ACTIONABLE}) order by i.due_sort_at, i.id limit 5000",
        {"desk": desk_id, "people": list(returns), "returns": list(returns.values()), "now": now},
    )
    return [Waits(**row) for row in rows]


_MOVED = "desk_id = %(desk)s and at > %(bounce_from)s and (data -> 'set') ?| array['owner_id', 'queue_id']"
_OPEN = "select i.id, i.due_sort_at as due from work_item as i"
_CLAIMS: dict[StuckReason, str] = {
    StuckReason.UNACCEPTED: f"{_OPEN} join decisions_acceptance as a on a.item_id = i.id and a.owner_id = i.owner_id"
    " and a.given_at = i.owner_since where a.desk_id = %(desk)s and a.status = 'raised' and i.state = 'new'"
    f" and not {HAS_ACTED}",
    StuckReason.LEFT: f"{_OPEN} where i.is_open and i.owner_id in"
    " (select id from people_person where desk_id = %(desk)s and not is_active)",
    StuckReason.ABSENT: f"{_OPEN} where i.is_open and i.owner_id = any(%(absent)s)",
    StuckReason.OFF_SHIFT: f"{_OPEN} join unnest(%(people)s::bigint[], %(returns)s::timestamptz[]) as r(person, at)"
    " on r.person = i.owner_id where i.is_open and i.due_sort_at > %(now)s and i.due_sort_at < r.at"
    f" and i.state in ({_ACTIONABLE})",
    StuckReason.QUEUE_RETIRED: f"{_OPEN} where i.is_open and i.queue_id in"
    " (select id from work_queue where desk_id = %(desk)s and not is_active)",
    StuckReason.TEAM_EMPTY: f"{_OPEN} where i.is_open and i.queue_id in"
    " (select q.id from work_queue as q join empty_team as t on t.id = q.team_id)"
    f" union {_OPEN} where i.desk_id = %(desk)s and i.is_open and exists (select 1 from empty_team)"
    " and i.team_id in (select id from empty_team)",
    StuckReason.NO_PATH: f"{_OPEN} where i.desk_id = %(desk)s and i.is_open and i.due_sort_at = %(never)s"
    " and i.next_step_due_at is null",
    StuckReason.BOUNCING: f"{_OPEN} where i.is_open and i.id in (select item_id from work_event where {_MOVED}"
    f" and item_id = any(array(select item_id from work_event where {_MOVED} group by item_id"
    " having count(*) >= %(bounce_moves)s)) group by item_id"
    " having greatest(count(distinct owner_id), count(distinct queue_id)) >= %(bounce_moves)s)",
    StuckReason.AGEING: f"{_OPEN} left join ages as b on b.category = i.category and b.category <> ''"
    " and b.priority = i.priority left join ages as p on p.category = '' and p.priority = i.priority"
    " where i.desk_id = %(desk)s and i.is_open and i.opened_at < %(old_from)s"
    " and i.opened_at < %(now)s - make_interval(secs => coalesce(b.age, p.age, %(usual_age)s))"
    " and (i.updated_at < %(quiet_from)s or not exists (select 1 from work_event as e where e.item_id = i.id"
    " and e.at > %(quiet_from)s and e.actor_kind <> 'system'))",
}
"""What is stuck for each reason, each found by an index of its own."""

_SETS = """
empty_team as materialized (select t.id from people_team as t where t.desk_id = %(desk)s and not exists (
    select 1 from people_membership as m join people_person as p on p.id = m.person_id and p.is_active and not p.is_robot
    where m.team_id = t.id)),
ages as materialized (select category, priority, age from unnest(%(categories)s::text[], %(priorities)s::int[],
    %(ages)s::float8[]) as a(category, priority, age))
"""
_FOUND = " union all ".join(f"select '{reason}' as reason, x.* from ({sql}) as x" for reason, sql in _CLAIMS.items())


def stuck_page(
    desk_id: int,
    *,
    limits: StuckLimits,
    ages: Mapping[str, int],
    absent: Sequence[int],
    returns: Mapping[int, datetime],
    reason: StuckReason | None,
    after: Key | None,
    limit: int,
    by: Actor,
    now: datetime,
) -> StuckPage:
    """Return stuck items, first due first, paged by key, and the count of each reason: two queries.

    ages: as `deskwatch.ages_learned` has them; absent: who is away; returns: when those off shift are back.
    """
    require(by, Right.WORK_VIEW, desk_id)
    seek = "and (due, id) > (%(key_at)s, %(key_id)s)" if after else ""
    only = "where reason = %(reason)s" if reason else "where true"
    rows = records(
        f"with {_SETS}, found as materialized ({_FOUND}),"
        f" page as (select distinct id, due from found {only} {seek} order by due, id limit %(limit)s),"
        " told as (select p.id, p.due, array_agg(f.reason) as reasons from page as p join found as f on f.id = p.id"
        " group by p.id, p.due)"
        " select null as reason, null as n, i.reference, t.reasons, t.id, t.due from told as t"
        " join work_item as i on i.id = t.id"
        " union all select '', count(*), null, null, null, null from (select from found group by id) as once"
        " union all select reason, count(*), null, null, null, null from found group by reason",
        {
            **_values(desk_id, limits, ages, absent, returns, now),
            "reason": reason,
            "limit": limit + 1,
            "key_at": after.at if after else None,
            "key_id": after.id if after else None,
        },
    )
    counts = {row["reason"]: row["n"] for row in rows if row["reason"] is not None}
    listed = sorted((row for row in rows if row["reason"] is None), key=lambda row: (row["due"], row["id"]))
    page = listed[:limit]
    items = {row.id: row for row in work_rows(desk_id, [row["reference"] for row in page], by=by)}
    return StuckPage(
        items=[
            StuckItem(row=items[row["id"]], reasons=tuple(name for name in StuckReason if name in row["reasons"]))
            for row in page
            if row["id"] in items
        ],
        counts={name: counts[name] for name in StuckReason if name in counts},
        total=counts[""],
        next=Key(at=page[-1]["due"], id=page[-1]["id"]) if len(listed) > limit else None,
    )


def _values(
    desk_id: int,
    limits: StuckLimits,
    ages: Mapping[str, int],
    absent: Sequence[int],
    returns: Mapping[int, datetime],
    now: datetime,
) -> dict[str, Any]:
    """What `_SETS` and `_FOUND` ask for."""
    classes = [(*key.rpartition("|")[::2], age) for key, age in ages.items() if not key.endswith("|")]
    return {
        "desk": desk_id,
        "now": now,
        "never": FAR_FUTURE,
        "absent": list(absent),
        "people": list(returns),
        "returns": list(returns.values()),
        "bounce_from": now - timedelta(days=limits.bounce_days),
        "bounce_moves": limits.bounce_moves,
        "quiet_from": now - timedelta(days=limits.quiet_days),
        "categories": [category for category, _, _ in classes],
        "priorities": [int(priority) for _, priority, _ in classes],
        "ages": [float(age) for _, _, age in classes],
        "old_from": now - timedelta(seconds=min([*ages.values(), ages.get("|", USUAL_AGE_S)])),
        "usual_age": float(ages.get("|", USUAL_AGE_S)),
    }
