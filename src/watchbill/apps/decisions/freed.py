"""Owned items that compete for a new owner, and why: what nobody acted on, what waits too long, what goes with the sun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.sql import literals, records
from watchbill.apps.decisions.acceptances import HAS_ACTED
from watchbill.apps.decisions.queries import STAYS
from watchbill.engine.base.work import ACTIONABLE

_ACTIONABLE = literals(ACTIONABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreedItem:
    """One item that competes although it is owned. ``not_to``: who is not to be given it, the owner among them."""

    item_id: int
    owner_id: int
    why: str
    text: str
    not_to: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFreed:
    """An item that is to compete from ``from_at`` until ``until_at`` (None: as long as it is with this owner)."""

    item_id: int
    owner_id: int
    why: str
    text: str
    from_at: datetime
    until_at: datetime | None = None
    also_not: Sequence[int] = ()


_HOLDS = (
    "i.id = f.item_id and i.owner_id = f.owner_id and coalesce(i.owner_since <= f.from_at, true)"
    f" and (f.why <> 'unaccepted' or (i.state = 'new' and not {HAS_ACTED}))"
)
"""Whether a row f still speaks of the item i: of the owner who let it wait, since it was hers the last time."""
FREED = (
    f"select f.item_id from decisions_freed as f join work_item as i on {_HOLDS}"
    f" and i.is_open and i.state in ({_ACTIONABLE}) where f.desk_id = %(desk)s and f.from_at <= %(now)s"
    " and (f.until_at is null or f.until_at > %(now)s)"
    " and not exists (select 1 from decisions_decision as d where d.item_id = f.item_id"
    f" and ({STAYS} or d.undone_at >= f.from_at))"
    " and not exists (select 1 from decisions_traffic as t where t.item_id = f.item_id and t.owner_id = f.owner_id"
    " and t.is_pinned)"
)
"""The items of ``desk`` that compete at ``now`` although they are owned, as a subquery.

What the owner has taken up, what somebody said is to stay with her since it is hers, and what somebody has undone since,
does not.
"""


def freed_of(desk_id: int, now: datetime) -> dict[int, FreedItem]:
    """Return, by item, what competes at *now* although it is owned: one query."""
    rows = records(
        f"select item_id, owner_id, why, text, also_not from decisions_freed where item_id in ({FREED}) order by item_id",
        {"desk": desk_id, "now": now},
    )
    return {
        row["item_id"]: FreedItem(
            item_id=row["item_id"], owner_id=row["owner_id"], why=row["why"], text=row["text"],
            not_to=frozenset((row["owner_id"], *row["also_not"])),
        )
        for row in rows
    }  # fmt: skip


def freed_set(desk_id: int, items: Sequence[NewFreed]) -> None:
    """Let items compete: one statement. What an item competes for already stays, as long as that holds."""
    if not items:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_freed as f (item_id, desk_id, owner_id, why, text, also_not, from_at, until_at)"
            " select x.i, %s, x.o, x.w, x.t, x.n::jsonb, x.f, x.u from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[],"
            " %s::text[], %s::timestamptz[], %s::timestamptz[]) as x(i, o, w, t, n, f, u)"
            " on conflict (item_id) do update set owner_id = excluded.owner_id, why = excluded.why,"
            " text = excluded.text, also_not = excluded.also_not, from_at = excluded.from_at,"
            " until_at = excluded.until_at where f.until_at <= excluded.from_at or f.why = excluded.why"
            f" or not exists (select 1 from work_item as i where {_HOLDS})",
            [
                desk_id,
                [one.item_id for one in items],
                [one.owner_id for one in items],
                [one.why for one in items],
                [one.text for one in items],
                [f"[{', '.join(str(person) for person in one.also_not)}]" for one in items],
                [one.from_at for one in items],
                [one.until_at for one in items],
            ],
        )


def freed_end(desk_id: int, why: str, *, but: Sequence[int] = (), now: datetime) -> None:
    """Take back what competes for one reason, *but* these items; what is past is tidied up with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from decisions_freed where desk_id = %s and ((why = %s and not item_id = any(%s)) or until_at <= %s)",
            [desk_id, why, list(but), now],
        )


def freed_drop(item_ids: Sequence[int], why: str) -> None:
    """Take back what these items compete for, if it is for this reason."""
    with connection.cursor() as cursor:
        cursor.execute("delete from decisions_freed where item_id = any(%s) and why = %s", [list(item_ids), why])


def freed_next_at(now: datetime) -> datetime | None:
    """Return the earliest instant after *now* at which an item begins to compete."""
    rows = records("select min(from_at) as first from decisions_freed where from_at > %(now)s", {"now": now})
    first: datetime | None = rows[0]["first"]
    return first
