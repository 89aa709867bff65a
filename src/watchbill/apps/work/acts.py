"""Acts on many items, each kept as one: who did what to which, and whether it was undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ACT
from watchbill.apps.core.sql import records
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work import models
from watchbill.engine.base.errors import Conflict, NotFound
from watchbill.engine.base.work import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """One act on many items. ``what``: the person ("" for nobody), the state or the priority; ``items``: how many."""

    id: int
    desk_id: int
    kind: EventKind
    what: str
    items: int
    event_ids: Sequence[int]
    at: datetime
    recorded_at: datetime
    actor_name: str
    actor_user_id: int | None
    undone_at: datetime | None
    undone_by_name: str

    @property
    def reference(self) -> str:
        return f"{ACT}-{self.id}"


_ROW = (
    "select id, desk_id, kind, what, cardinality(event_ids) as items, event_ids, at, recorded_at, actor_name,"
    " actor_user_id, undone_at, undone_by_name from work_bulkact where "
)


def act_number() -> int:
    """Return the number of a new act: its events name it before it is kept."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('work_bulkact', 'id'))")
        return int(cursor.fetchone()[0])


def act_add(
    act_id: int, desk_id: int, *, kind: EventKind, what: str, event_ids: Sequence[int], by: Actor, now: datetime
) -> None:
    """Keep an act under its number, in the transaction of its events."""
    models.BulkAct.objects.create(
        id=act_id, desk_id=desk_id, kind=kind, what=what, event_ids=list(event_ids), at=now, actor_name=by.name,
        actor_user_id=by.user_id,
    )  # fmt: skip


def act_get(act_id: int, *, by: Actor) -> ActRow:
    """Return one act. Raises NotFound when it does not exist or is on a desk not to be seen."""
    rows = records(_ROW + "id = %(id)s", {"id": act_id})
    if not rows or not may(by, Right.WORK_VIEW, rows[0]["desk_id"]):
        raise NotFound(f"There is no act {ACT}-{act_id}, or you may not see it")
    return _row(rows[0])


def act_list(
    desk_id: int, *, before: int | None = None, since: datetime | None = None, limit: int = 50, by: Actor
) -> list[ActRow]:
    """Return the acts of a desk, the latest first; those with smaller numbers than *before*, and kept (by the machine's
    clock) after *since*. One query.
    """
    require(by, Right.WORK_VIEW, desk_id)
    more = " and id < %(before)s" if before is not None else ""
    more += " and recorded_at > %(since)s" if since is not None else ""
    rows = records(
        f"{_ROW} desk_id = %(desk)s{more} order by id desc limit %(limit)s",
        {"desk": desk_id, "before": before, "since": since, "limit": limit},
    )
    return [_row(row) for row in rows]


def _row(row: dict[str, Any]) -> ActRow:
    return ActRow(**{**row, "kind": EventKind(row["kind"])})


def require_standing(act_id: int) -> None:
    """Raise Conflict, naming who, when an act was undone. The caller has locked its items, so that it stays as it is."""
    undone = models.BulkAct.objects.filter(id=act_id, undone_at__isnull=False)
    name = undone.values_list("undone_by_name", flat=True).first()
    if name is not None:
        raise Conflict(f"{name} has undone this already", by=name)


def act_undone(act_id: int, *, by: Actor, now: datetime) -> None:
    """Mark an act as undone, in the transaction that has made sure that it stands (`require_standing`)."""
    models.BulkAct.objects.filter(id=act_id).update(undone_at=now, undone_by_name=by.name)
