"""The choices of the past: who was given what and when, and how the work of a desk stood at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.sql import tuples


@dataclass(frozen=True, slots=True)
class Step:
    """How an item stood from an instant on. is_choice: somebody was given it at that instant who did not own it before."""

    item_id: int
    at: datetime
    state: str
    priority: int
    queue_id: int | None
    team_id: int | None
    owner_id: int | None
    is_choice: bool


_COLUMNS = "e.item_id, e.at, e.state, e.priority, e.queue_id, e.team_id, e.owner_id"


def steps_at(desk_id: int, since: datetime) -> list[Step]:
    """Return how each item that was open at *since* stood then, as a step that is no choice: one query."""
    rows = tuples(
        f"select {_COLUMNS}, false from work_item as i cross join lateral (select * from work_event where item_id = i.id"
        " and at <= %(since)s order by seq desc limit 1) as e where i.desk_id = %(desk)s and i.opened_at <= %(since)s"
        " and (i.is_open or i.closed_at > %(since)s or i.resolved_at > %(since)s) order by i.id",
        {"desk": desk_id, "since": since},
    )
    return [Step(*row) for row in rows]


def steps_between(desk_id: int, since: datetime, until: datetime) -> list[Step]:
    """Return every step of a desk's items after *since* and up to *until*, in order; what was undone is a step, too. One query."""
    rows = tuples(
        f"select {_COLUMNS}, e.owner_id is not null and e.owner_id is distinct from (select p.owner_id from work_event as p"
        " where p.item_id = e.item_id and p.seq < e.seq order by p.seq desc limit 1)"
        " from work_event as e where e.desk_id = %(desk)s and e.at > %(since)s and e.at <= %(until)s order by e.at, e.id",
        {"desk": desk_id, "since": since, "until": until},
    )
    return [Step(*row) for row in rows]


def opened_between(desk_id: int, since: datetime, until: datetime) -> list[int]:
    """Return the items opened in [since, until), the first opened first: one query."""
    return [
        item_id
        for (item_id,) in tuples(
            "select id from work_item where desk_id = %(desk)s and opened_at >= %(since)s and opened_at < %(until)s"
            " order by opened_at, id",
            {"desk": desk_id, "since": since, "until": until},
        )
    ]


def opened_first(desk_id: int) -> datetime | None:
    """Return when the first item of a desk was opened, None for an empty one: one query by an index."""
    rows: Sequence[tuple[datetime | None]] = tuples(
        "select min(opened_at) from work_item where desk_id = %s", [desk_id]
    )
    return rows[0][0]


def choices_since(desk_id: int, since: datetime, until: datetime, *, most: int) -> int:
    """Return how often somebody was given something after *since*, counted up to *most*: one query."""
    rows: Sequence[tuple[int]] = tuples(
        "select count(*) from (select from work_event as e where e.desk_id = %(desk)s and e.at > %(since)s and e.at <= %(until)s"
        " and e.owner_id is not null and e.data -> 'set' ? 'owner_id' limit %(most)s) as c",
        {"desk": desk_id, "since": since, "until": until, "most": most},
    )
    return rows[0][0]
