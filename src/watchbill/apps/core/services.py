"""Writes of the installation: the audit log, the moving of its clock, locks, and the word that something changed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from watchbill.apps.core import models
from watchbill.apps.core.actor import Actor
from watchbill.engine.base.errors import InvalidFacts

CHANNEL = "watchbill"
"""Where PostgreSQL tells listeners that a desk changed; the payload is the desk's id."""

FASTEST_RATE = 1800.0
"""30 desk minutes a second."""


def audit_add(
    action: str,
    *,
    object_kind: str,
    object_ref: str = "",
    desk_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Write down an act on anything but a work item, in the caller's transaction."""
    models.AuditEvent.objects.create(
        at=now,
        desk_id=desk_id,
        actor_kind=by.kind,
        actor_name=by.name,
        actor_user_id=by.user_id,
        action=action,
        object_kind=object_kind,
        object_ref=object_ref,
        before=before,
        after=after,
        reason=reason,
    )


def desk_changed(desk_id: int) -> None:
    """Tell listeners, when this transaction commits, that something of the desk changed; repeats cost nothing."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, str(desk_id)])


@contextmanager
def lock_try(name: str) -> Iterator[bool]:
    """Hold the named lock for one transaction, or yield False at once when another process holds it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])
        yield bool(cursor.fetchone()[0])


def lock_take(name: str) -> None:
    """Wait for the named lock and hold it until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])


def clock_move(*, desk_at: datetime, rate: float, limit_at: datetime | None, by: Actor, now: datetime) -> None:
    """Let desk time go on from *desk_at* with *rate* desk seconds a second (0 stands still), not past *limit_at*.

    Raises InvalidFacts for a rate outside 0..1800. Going back is refused: what happened stays happened.
    """
    if not 0 <= rate <= FASTEST_RATE:
        raise InvalidFacts(f"The rate must be from 0 to {FASTEST_RATE:.0f} desk seconds a second, got {rate}")
    with transaction.atomic():
        row = models.Installation.objects.select_for_update().get(id=1)
        if row.clock_is_moved and desk_at < now:
            raise InvalidFacts("The desk clock cannot be set back; restart the demo instead")
        before = {"is_moved": row.clock_is_moved, "rate": row.rate}
        with connection.cursor() as cursor:
            cursor.execute(
                "update core_installation set clock_is_moved = true, desk_anchor_at = %s,"
                " wall_anchor_at = clock_timestamp(), rate = %s, limit_at = %s where id = 1",
                [desk_at, rate, limit_at],
            )
            cursor.execute("select pg_notify(%s, 'clock')", [CHANNEL])
        if before["rate"] != rate or not before["is_moved"]:
            audit_add(
                "clock_moved",
                object_kind="installation",
                before=before,
                after={"rate": rate, "desk_at": desk_at.isoformat()},
                by=by,
                now=desk_at,
            )


def clock_limit(*, limit_at: datetime, reached_rate: float | None) -> None:
    """Say how far desk time may run (the ticker's word that all before is done) and how fast it really went."""
    models.Installation.objects.filter(id=1).update(limit_at=limit_at, reached_rate=reached_rate)
