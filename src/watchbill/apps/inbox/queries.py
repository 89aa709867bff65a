"""Reads of imports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.expressions import RawSQL

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import tuples
from watchbill.apps.inbox import models
from watchbill.apps.inbox.services import APPLYING, DONE, STAGING, desk_key
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import NotFound
from watchbill.engine.intake.rows import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One import as pages and commands show it. ``events`` are those that the file tells of, ``*_added`` what was new.

    While its file is read, ``read_share`` is the part of its bytes that has been. ``is_interrupted``: it was begun and has
    not ended, and nobody is at it; ``message`` says how it goes on. ``is_kept``: its file was sent and waits here, so it goes
    on by itself.
    """

    id: int
    desk_id: int
    profile: str
    file_name: str
    file_size: int
    sha256: str
    status: str
    message: str
    is_interrupted: bool
    is_kept: bool
    shift_weeks: int
    hold_after: datetime | None
    read_share: float
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    items: int
    people: int
    items_added: int
    events: int
    events_added: int
    events_held: int
    batches: int
    first_at: datetime | None
    last_at: datetime | None
    rejects_file: str
    seconds: float
    peak_rss_mb: float
    by_name: str
    started_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None


_COLUMNS = (
    "id", "desk_id", "profile", "file_name", "file_size", "sha256", "status", "message", "shift_weeks", "hold_after",
    "read_share", "rows_read", "rows_accepted", "rows_rejected", "items", "people", "first_at", "last_at", "rejects_file", "seconds",
    "peak_rss_mb", "by_name", "started_at", "recorded_at", "finished_recorded_at",
)  # fmt: skip


_LOCKS = (
    "array(select objid::bigint from pg_locks where locktype = 'advisory' and granted and classid = 0 and objsubid = 1"
    " and database = (select oid from pg_database where datname = current_database()))"
)
"""The named locks that anybody holds: whoever imports into a desk holds the one of `desk_key`."""

INTERRUPTED = "Interrupted: send or import the same file again and it goes on"
INTERRUPTED_KEPT = "Interrupted: it goes on by itself"


def _import_rows(**where: Any) -> list[ImportRow]:
    found = models.Import.objects.filter(**where).annotate(
        locks=RawSQL(_LOCKS, []),  # noqa: S611 - a constant of this module
        is_kept=Exists(models.Upload.objects.filter(imported=OuterRef("id"))),
    )
    rows = [_told(row) for row in found.order_by("-id").values(*_COLUMNS, "locks", "is_kept")[:200]]
    sums = {
        row["imported_id"]: row
        for row in models.ImportBatch.objects.filter(imported_id__in=[row["id"] for row in rows])
        .values("imported_id")
        .annotate(
            added=Sum("items_added"), all=Sum("events"), new=Sum("events_added"), held=Sum("events_held"), n=Count("id")
        )
    }
    none = {"added": 0, "all": 0, "new": 0, "held": 0, "n": 0}
    return [
        ImportRow(
            **row, items_added=s["added"], events=s["all"], events_added=s["new"], events_held=s["held"], batches=s["n"]
        )
        for row, s in ((row, sums.get(row["id"], none)) for row in rows)
    ]  # fmt: skip


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with what the locks say of it: somebody is at it, or it was interrupted."""
    is_interrupted = desk_key(row["desk_id"]) not in row.pop("locks") and row["status"] in (STAGING, APPLYING)
    if is_interrupted:
        row["message"] = INTERRUPTED_KEPT if row["is_kept"] else INTERRUPTED
    return {**row, "is_interrupted": is_interrupted}


def import_list(desk_id: int, *, by: Actor) -> list[ImportRow]:
    """Return the imports into a desk, the latest first, at most 200: two queries."""
    require(by, Right.IMPORT_VIEW, desk_id)
    return _import_rows(desk_id=desk_id)


def import_get(import_id: int, *, by: Actor) -> ImportRow:
    """Return one import. Raises NotFound for one that is not there, or of a desk that the actor may not see."""
    found = _import_rows(id=import_id)
    if not found or not may(by, Right.IMPORT_VIEW, found[0].desk_id):
        raise NotFound(f"There is no import {import_id}")
    return found[0]


def rejects_page(import_id: int, *, after_line: int = 0, limit: int = 100, by: Actor) -> list[dict[str, Any]]:
    """Return rejected rows of an import in order of their lines."""
    import_get(import_id, by=by)
    rows = models.RejectedRow.objects.filter(imported_id=import_id, line__gt=after_line).order_by("line")
    return [dict(row) for row in rows.values("line", "column", "value", "expected")[:limit]]


def rejects_all(import_id: int) -> Iterator[tuple[int, str, str, str]]:
    """Give every rejected row of an import as (line, column, value, expected), in order, a few at a time."""
    rows = models.RejectedRow.objects.filter(imported_id=import_id).order_by("line")
    return rows.values_list("line", "column", "value", "expected").iterator(chunk_size=2000)


def rejects_disproving(import_id: int) -> list[Refusal]:
    """Return the rejected rows of an import whose dates disprove the stated format."""
    rows = models.RejectedRow.objects.filter(imported_id=import_id, is_disproof=True).order_by("line")
    return [Refusal(*row, is_disproof=True) for row in rows.values_list("line", "column", "value", "expected")]


def held_count(desk_id: int) -> int:
    """Return how many events of the log are held back for a desk."""
    return models.HeldEvent.objects.filter(desk_id=desk_id).count()


def held_next_at() -> datetime | None:
    """Return the instant of the earliest held event of all desks: one look at the index."""
    with connection.cursor() as cursor:
        cursor.execute("select min(at) from inbox_heldevent")
        return cursor.fetchone()[0]


def people_named(import_id: int) -> int:
    """Return how many people the file names as owners of work."""
    return models.ImportName.objects.filter(imported_id=import_id, space="owner").count()


def is_importing(desk_id: int) -> bool:
    """Whether an import into a desk runs at this moment, in whatever process: one that was killed does not. One query."""
    return bool(tuples(f"select %(key)s = any({_LOCKS})", {"key": desk_key(desk_id)})[0][0])


def desks_in_making(desk_ids: Sequence[int]) -> dict[int, float]:
    """Return how far the first import into each desk is, from 0 to 1, where it has not ended: one query, none for no desk."""
    if not desk_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select d.id, case when i.status = %(applying)s and i.items > 0 then 0.3 + 0.7 * least(1, (select sum(b.items_added)"
            "  from inbox_importbatch as b where b.import_id = i.id)::float / i.items) else 0.3 * coalesce(i.read_share, 0) end"
            " from unnest(%(desks)s::bigint[]) as d(id) left join lateral (select * from inbox_import where desk_id = d.id"
            "  order by id limit 1) as i on true where i.status is distinct from %(done)s",
            {"desks": list(desk_ids), "applying": APPLYING, "done": DONE},
        )
        return {desk_id: float(share or 0) for desk_id, share in cursor.fetchall()}
