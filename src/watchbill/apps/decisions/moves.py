"""Moves of owned items between people: those made, and those that the other side has yet to answer. For flows, which ask for the right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.decisions import models
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.people.rights import Right, may
from watchbill.engine.base.errors import Conflict, NotFound

HOUR = timedelta(hours=1)
GIVES, TAKES = "gives", "takes"
"""The two sides of a move: the region that the item leaves, and the one that it comes into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One move with the names that pages show. ``side`` has agreed; the other answers until ``answer_by_at``."""

    id: int
    desk_id: int
    item_id: int
    reference: str
    title: str
    priority: int
    item_version: int
    giver_id: int
    giver: str
    taker_id: int
    taker: str
    from_region_id: int | None
    from_region: str
    to_region_id: int | None
    to_region: str
    status: MoveStatus
    side: str
    body: Mapping[str, Any]
    policy_number: int
    asked_at: datetime
    asked_by_name: str
    answer_by_at: datetime | None
    answered_at: datetime | None
    answered_by_name: str
    reason: str
    act: str

    @property
    def awaits_region_id(self) -> int | None:
        """The region whose manager is to answer."""
        return self.to_region_id if self.side == GIVES else self.from_region_id


_ROW = """
select m.id, m.desk_id, m.item_id, i.reference, i.title, i.priority, m.item_version, m.giver_id, g.name as giver,
    m.taker_id, t.name as taker, m.from_region_id, coalesce(f.name, '') as from_region, m.to_region_id,
    coalesce(r.name, '') as to_region, m.status, m.side, m.body, m.policy_number, m.asked_at, m.asked_by_name,
    m.answer_by_at, m.answered_at, m.answered_by_name, m.reason, m.act
from decisions_move as m join work_item as i on i.id = m.item_id join people_person as g on g.id = m.giver_id
join people_person as t on t.id = m.taker_id left join people_region as f on f.id = m.from_region_id
left join people_region as r on r.id = m.to_region_id where
"""


def _rows(where: str, values: Mapping[str, Any]) -> list[MoveRow]:
    return [MoveRow(**{**row, "status": MoveStatus(row["status"])}) for row in records(_ROW + where, values)]


def move_get(move_id: int, *, by: Actor) -> MoveRow:
    """Return one move. Raises NotFound when it does not exist or is on a desk not to be seen."""
    rows = _rows(" m.id = %(id)s", {"id": move_id}) if 0 < move_id < 2**63 else []
    if not rows or not may(by, Right.WORK_VIEW, rows[0].desk_id):
        raise NotFound("There is no such move, or you may not see it")
    return rows[0]


def move_list(
    desk_id: int, *, status: MoveStatus | None = None, before: int | None = None, limit: int = 50
) -> list[MoveRow]:
    """Return moves of a desk, the latest first, those with a smaller id than *before*: one query."""
    where = " m.desk_id = %(desk)s"
    where += " and m.status = %(status)s" if status is not None else ""
    where += " and m.id < %(before)s" if before is not None else ""
    values = {"desk": desk_id, "status": status, "before": before, "limit": limit}
    return _rows(where + " order by m.id desc limit %(limit)s", values)


def moves_of_ids(ids: Sequence[int]) -> list[MoveRow]:
    """Return moves in the order of their ids, for flows that keep these: one query."""
    return _rows(" m.id = any(%(ids)s) order by m.id", {"ids": list(ids)})


def moves_overdue(now: datetime, *, limit: int = 100) -> list[MoveRow]:
    """Return asked moves of all desks whose time to answer is over, the oldest first."""
    where = " m.status = 'asked' and m.answer_by_at <= %(now)s order by m.answer_by_at, m.id limit %(limit)s"
    return _rows(where, {"now": now, "limit": limit})


def move_next_at() -> datetime | None:
    """Return the earliest instant at which the time to answer a move is over: one look at an index."""
    first: datetime | None = models.Move.objects.filter(status=MoveStatus.ASKED).aggregate(first=Min("answer_by_at"))[
        "first"
    ]
    return first


def moved_in_hour(desk_id: int, now: datetime) -> int:
    """Return how many moves were made or asked in the hour before *now*, so that no more follow than the policy lets."""
    rows = tuples(
        "select count(*) from decisions_move where desk_id = %(desk)s and"
        " (status = 'asked' or (status = 'made' and answered_at > %(since)s))",
        {"desk": desk_id, "since": now - HOUR},
    )
    return int(rows[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMove:
    """A move to keep: made at once with its act, or asked of the other side until ``answer_by_at``."""

    desk_id: int
    item_id: int
    item_version: int
    giver_id: int
    taker_id: int
    from_region_id: int | None
    to_region_id: int | None
    body: Mapping[str, Any]
    policy_number: int
    side: str = ""
    answer_by_at: datetime | None = None
    act: str = ""


def move_add_many(moves: Sequence[NewMove], *, by: Actor, now: datetime) -> list[int]:
    """Keep moves in one statement; return the items whose move was kept. One that is asked already is left as it is."""
    if not moves:
        return []
    rows = json.dumps(
        [
            {
                "desk_id": m.desk_id, "item_id": m.item_id, "item_version": m.item_version, "giver_id": m.giver_id,
                "taker_id": m.taker_id, "from_region_id": m.from_region_id, "to_region_id": m.to_region_id,
                "body": dict(m.body), "policy_number": m.policy_number, "side": m.side, "act": m.act,
                "answer_by_at": m.answer_by_at and m.answer_by_at.isoformat(),
            }
            for m in moves
        ]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_move (desk_id, item_id, item_version, giver_id, taker_id, from_region_id, to_region_id,"
            " status, side, body, policy_number, asked_at, asked_by_name, answer_by_at, answered_at, answered_by_name,"
            " reason, act) select desk_id, item_id, item_version, giver_id, taker_id, from_region_id, to_region_id,"
            " case when answer_by_at is null then 'made' else 'asked' end, side, body, policy_number, %(now)s, %(by)s,"
            " answer_by_at, case when answer_by_at is null then %(now)s::timestamptz end,"
            " case when answer_by_at is null then %(by)s else '' end, '', act"
            " from jsonb_to_recordset(%(rows)s::jsonb) as r(desk_id bigint, item_id bigint, item_version int,"
            " giver_id bigint, taker_id bigint, from_region_id bigint, to_region_id bigint, body jsonb, policy_number int,"
            " side text, act text, answer_by_at timestamptz) order by item_id"
            " on conflict (item_id) where status = 'asked' do nothing returning item_id",
            {"rows": rows, "now": now, "by": by.name},
        )
        return [row[0] for row in cursor.fetchall()]


def moves_take_back(ids: Sequence[int], *, reason: str, by: Actor, now: datetime) -> frozenset[int]:
    """Take back those of these moves that are asked still, and return them: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update decisions_move set status = %(status)s, answered_at = %(now)s, answered_by_name = %(by)s, reason = %(reason)s"
            " where id = any(%(ids)s) and status = 'asked' returning id",
            {"status": MoveStatus.WITHDRAWN, "now": now, "by": by.name, "reason": reason, "ids": list(ids)},
        )
        return frozenset(row[0] for row in cursor.fetchall())


def move_answer(move_id: int, status: MoveStatus, *, reason: str = "", act: str = "", by: Actor, now: datetime) -> None:
    """Answer a move that is asked. Raises Conflict, naming who answered and how, when it is asked no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update decisions_move set status = %s, answered_at = %s, answered_by_name = %s, reason = %s, act = %s"
            " where id = %s and status = 'asked'",
            [status, now, by.name, reason, act, move_id],
        )
        if cursor.rowcount == 1:
            return
    row = models.Move.objects.filter(id=move_id).values("status", "answered_by_name").first()
    if row is None:
        raise NotFound("There is no such move, or you may not see it")
    raise Conflict(
        f"{row['answered_by_name']} has answered this move already: {row['status']}",
        status=row["status"], by=row["answered_by_name"],
    )  # fmt: skip
