"""Reads of the audit log: pages for people, and canonical lines for seals and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from watchbill.apps.core import models

BATCH = 2_000

COLUMNS = (
    "id", "at", "recorded_at", "desk_id", "actor_kind", "actor_name", "actor_user_id", "action", "object_kind",
    "object_ref", "before", "after", "reason",
)  # fmt: skip
"""Every column of an audit event, in the order of an export for spreadsheets."""

_SHOWN = (
    "id",
    "at",
    "recorded_at",
    "desk_id",
    "actor_kind",
    "actor_name",
    "action",
    "object_kind",
    "object_ref",
    "before",
    "after",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which audit events: empty fields ask for nothing."""

    action: str = ""
    object_kind: str = ""
    object_ref: str = ""
    actor_name: str = ""
    since: datetime | None = None
    until: datetime | None = None


def audit_lines(first_id: int, last_id: int) -> Iterator[tuple[int, str]]:
    """Give (id, canonical line) of the audit events from *first_id* to *last_id*, a few at a time."""
    return lines_of("core_auditevent", COLUMNS, first_id, last_id)


def lines_of(table: str, columns: Sequence[str], first_id: int, last_id: int) -> Iterator[tuple[int, str]]:
    """Give (id, canonical line) of the rows of *table* by id, `BATCH` at a time.

    A line is PostgreSQL's canonical JSON of *columns*: keys by length, then by bytes; instants in UTC.
    """
    pairs = ", ".join(f"'{column}', {column}" for column in columns)
    while first_id <= last_id:
        with connection.cursor() as cursor:
            cursor.execute(
                f'select id, jsonb_build_object({pairs})::text from "{table}" where id between %s and %s order by id limit {BATCH}',
                [first_id, last_id],
            )
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        first_id = rows[-1][0] + 1


def audit_page(
    wanted: AuditFilter, *, desk_ids: Collection[int] | None, after: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return audit events, newest first, those with ids below *after*; only of the desks given (None: everything)."""
    events = models.AuditEvent.objects.order_by("-id")
    if desk_ids is not None:
        events = events.filter(desk_id__in=list(desk_ids))
    for name in ("action", "object_kind", "object_ref", "actor_name"):
        if value := getattr(wanted, name):
            events = events.filter(**{name: value})
    if wanted.since is not None:
        events = events.filter(at__gte=wanted.since)
    if wanted.until is not None:
        events = events.filter(at__lt=wanted.until)
    if after is not None:
        events = events.filter(Q(id__lt=after))
    return list(events.values(*_SHOWN)[:limit])


@dataclass(frozen=True, slots=True, kw_only=True)
class SealState:
    """How far a stream is sealed: the last id under a seal and when that was made, and the newest id there is."""

    stream: str
    sealed_id: int
    sealed_at: datetime | None
    newest_id: int
    seals: int


def seal_state(stream: str, table: str) -> SealState:
    """Return how far a stream is sealed: two queries."""
    last = models.Seal.objects.filter(stream=stream).order_by("-first_id").values("last_id", "sealed_at").first()
    with connection.cursor() as cursor:
        cursor.execute(
            f'select coalesce(max(id), 0), (select count(*) from core_seal where stream = %s) from "{table}"', [stream]
        )
        newest_id, seals = cursor.fetchone()
    return SealState(
        stream=stream,
        sealed_id=last["last_id"] if last else 0,
        sealed_at=last["sealed_at"] if last else None,
        newest_id=newest_id,
        seals=seals,
    )
