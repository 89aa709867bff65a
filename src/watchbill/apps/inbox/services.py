"""Writes of imports: their beginning, their progress, their end. Progress is written with what it counts."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Sum
from django.db.models.functions import Now

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.inbox import models, staging
from watchbill.engine.base.errors import Conflict
from watchbill.engine.intake.rows import Refusal, StagedRow

STAGING, APPLYING, DONE, STOPPED = "staging", "applying", "done", "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What makes two imports the same one: desk, the file's bytes, the profile, and how dates are moved and held."""

    desk_id: int
    sha256: str
    profile_digest: str
    shift_weeks: int
    hold_after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import has come."""

    id: int
    status: str
    is_new: bool
    rows_read: int
    rows_accepted: int
    rows_rejected: int


def desk_key(desk_id: int) -> int:
    """Return the number under which PostgreSQL knows the lock of a desk's imports."""
    return zlib.crc32(f"intake:{desk_id}".encode())


@contextmanager
def desk_lock(desk_id: int, *, tries: int = 20, pause_s: float = 0.25) -> Iterator[None]:
    """Let one import into a desk run at a time: hold a lock of this connection, or raise Conflict.

    A little patience, because the server needs a moment to see that a killed importer is gone.
    """
    key = desk_key(desk_id)
    with connection.cursor() as cursor:
        for attempt in range(tries):
            cursor.execute("select pg_try_advisory_lock(%s)", [key])
            if cursor.fetchone()[0]:
                break
            if attempt + 1 < tries:
                cursor.execute("select pg_sleep(%s)", [pause_s])
        else:
            raise Conflict(_running(desk_id), desk_id=desk_id)
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has lost its locks, too
            cursor.execute("select pg_advisory_unlock(%s)", [key])


def _running(desk_id: int) -> str:
    row = (
        models.Import.objects.filter(desk_id=desk_id, status__in=[STAGING, APPLYING])
        .order_by("-id")
        .values_list("file_name", "by_name")
        .first()
    )
    what = f" of {row[0]} by {row[1]}" if row else ""
    return f"An import{what} into this desk is running. Wait for it, then try again"


def import_begin(
    identity: Identity, *, profile: str, file_name: str, file_size: int, by: Actor, now: datetime
) -> Progress:
    """Return the import of this identity, made if there is none: begun, half done or done. The desk's lock is held."""
    row, is_new = models.Import.objects.get_or_create(
        desk_id=identity.desk_id,
        sha256=identity.sha256,
        profile_digest=identity.profile_digest,
        shift_weeks=identity.shift_weeks,
        hold_after=identity.hold_after,
        defaults={
            "profile": profile, "file_name": file_name, "file_size": file_size, "by_name": by.name, "started_at": now,
        },
    )  # fmt: skip
    if is_new:
        audit_add(
            "import_begun", object_kind="import", object_ref=str(row.id), desk_id=identity.desk_id,
            after={"file": file_name, "profile": profile, "sha256": identity.sha256}, by=by, now=now,
        )  # fmt: skip
    return Progress(
        id=row.id, status=row.status, is_new=is_new, rows_read=row.rows_read, rows_accepted=row.rows_accepted,
        rows_rejected=row.rows_rejected,
    )  # fmt: skip


def staging_restart(import_id: int) -> None:
    """Forget the rows read so far: their table is gone, or the file was stopped. Applied batches stay."""
    models.RejectedRow.objects.filter(imported_id=import_id).delete()
    models.Import.objects.filter(id=import_id).update(
        status=STAGING, message="", read_share=0, rows_read=0, rows_accepted=0, rows_rejected=0
    )
    staging.staging_make(import_id)


def rows_stage(
    import_id: int,
    *,
    seen: int,
    share: Callable[[], float],
    rows: Iterable[Sequence[StagedRow]],
    refused: Sequence[Refusal],
) -> int:
    """Stage one chunk with its mark, in the caller's transaction; return how many rows have been read by then.

    *rows* are staged as they come, block by block, and *refused* may grow while they do; *share* says afterwards how much
    of the file's bytes that was. *seen* is the mark before: Conflict when another process has moved it meanwhile.
    """
    accepted = staging.rows_copy(import_id, rows)
    models.RejectedRow.objects.bulk_create(
        [
            models.RejectedRow(
                imported_id=import_id, line=r.line, column=r.column, value=r.value,
                expected=r.expected, is_disproof=r.is_disproof,
            )
            for r in refused
        ]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "update inbox_import set rows_read = rows_read + %s, rows_accepted = rows_accepted + %s,"
            " rows_rejected = rows_rejected + %s, read_share = %s where id = %s and rows_read = %s returning rows_read",
            [accepted + len(refused), accepted, len(refused), share(), import_id, seen],
        )
        row = cursor.fetchone()
    if row is None:
        raise Conflict("Another process imports this file at the same time")
    return int(row[0])


def import_stop(import_id: int, *, message: str, details: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Keep why the file could not be imported; nothing of it was applied, and its staged rows are dropped."""
    row = models.Import.objects.get(id=import_id)
    models.Import.objects.filter(id=import_id).update(status=STOPPED, message=message, finished_recorded_at=Now())
    staging.staging_drop(import_id)
    audit_add(
        "import_stopped", object_kind="import", object_ref=str(import_id), desk_id=row.desk_id,
        after={"message": message, **details}, by=by, now=now,
    )  # fmt: skip


def import_apply_begin(
    import_id: int, *, items: int, people: int, first_at: datetime | None, last_at: datetime | None
) -> None:
    """Note what the staged rows hold: from here on batches are applied."""
    models.Import.objects.filter(id=import_id).update(
        status=APPLYING, items=items, people=people, first_at=first_at, last_at=last_at
    )


def names_map(import_id: int, space: str, ids: Mapping[str, int]) -> None:
    """Keep what names of the file stand for on the desk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into inbox_importname (import_id, space, name, target_id)"
            " select %s, %s, name, target_id from unnest(%s::text[], %s::bigint[]) as n(name, target_id)"
            " on conflict (import_id, space, name) do nothing",
            [import_id, space, list(ids), list(ids.values())],
        )


def names_close() -> None:
    """Tell the planner how many names there are: it would believe in one, and look through all of them for each row."""
    with connection.cursor() as cursor:
        cursor.execute("analyze inbox_importname")


def batch_claim(import_id: int, number: int) -> bool:
    """Say whether a batch is still to be done, and claim it for the caller's transaction.

    Another transaction that has claimed it and not ended is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into inbox_importbatch (import_id, number, items_added, events, events_added, events_held)"
            " values (%s, %s, 0, 0, 0, 0) on conflict (import_id, number) do nothing returning id",
            [import_id, number],
        )
        return cursor.fetchone() is not None


def batch_close(import_id: int, number: int, *, items_added: int, events: int, events_added: int, held: int) -> None:
    """Write what a batch added into its mark."""
    models.ImportBatch.objects.filter(imported_id=import_id, number=number).update(
        items_added=items_added, events=events, events_added=events_added, events_held=held
    )


def import_finish(
    import_id: int, *, seconds: float, peak_rss_mb: float, rejects_file: str, by: Actor, now: datetime
) -> None:
    """Close an import whose batches are all applied, and drop its staged rows."""
    models.Import.objects.filter(id=import_id).update(
        status=DONE, message="", seconds=seconds, peak_rss_mb=peak_rss_mb, rejects_file=rejects_file,
        finished_recorded_at=Now(),
    )  # fmt: skip
    models.ImportName.objects.filter(imported_id=import_id).delete()
    staging.staging_drop(import_id)
    row = models.Import.objects.get(id=import_id)
    added = models.ImportBatch.objects.filter(imported_id=import_id).aggregate(
        items=Sum("items_added"), events=Sum("events_added")
    )
    audit_add(
        "import_done", object_kind="import", object_ref=str(import_id), desk_id=row.desk_id,
        after={"rows_accepted": row.rows_accepted, "rows_rejected": row.rows_rejected, "items_added": added["items"] or 0,
               "events_added": added["events"] or 0},
        by=by, now=now,
    )  # fmt: skip
    desk_changed(row.desk_id)
