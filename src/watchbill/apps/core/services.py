"""Writes of the installation: the audit log, the moving of its clock, locks, and the word that something changed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from watchbill.apps.core import models
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import Story
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.time import require_instant

CHANNEL = "watchbill"
"""Where PostgreSQL tells listeners that a desk changed; the payload is the desk's id, or one of the words below."""

CLOCK_WORD = "clock"
"""The desk clock was moved: for every desk."""
ACCESS_WORD = "access"
"""Somebody may see less than before: sessions are to be looked at again."""
RESTART_WORD = "restart"
"""The demo is to begin again."""

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


@contextmanager
def lock_held(name: str) -> Iterator[bool]:
    """Hold the named lock over several transactions, or yield False at once when another process holds it.

    It is the connection's, so that whoever is killed lets it go, and the same that `lock_try` asks for.
    """
    number = [zlib.crc32(name.encode())]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", number)
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with (
                suppress(OperationalError, InterfaceError),
                connection.cursor() as cursor,
            ):  # a lost connection holds nothing
                cursor.execute("select pg_advisory_unlock(%s)", number)


def lock_take(name: str) -> None:
    """Wait for the named lock and hold it until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])


_DESK_NOW = (
    "least(desk_anchor_at + greatest(clock_timestamp() - wall_anchor_at, interval '0') * rate,"
    " coalesce(limit_at, 'infinity'::timestamptz))"
)
"""Desk time of a moved clock, reckoned by the database from the row itself, so that two writers never lose a moment."""


def clock_move(*, desk_at: datetime, rate: float, limit_at: datetime | None, by: Actor, now: datetime) -> None:
    """Let desk time go on from *desk_at* with *rate* desk seconds a second (0 stands still), not past *limit_at*.

    The clock is a moved one from then on. Raises InvalidFacts for a rate outside 0..1800. Going back is refused: what
    happened stays happened.
    """
    require_rate(rate)
    with transaction.atomic():
        row = models.Installation.objects.select_for_update().get(id=1)
        if row.clock_is_moved and desk_at < now:
            raise InvalidFacts("The desk clock cannot be set back; restart the demo instead")
        before = {"is_moved": row.clock_is_moved, "rate": row.rate}
        with connection.cursor() as cursor:
            cursor.execute(
                "update core_installation set clock_is_moved = true, desk_anchor_at = %s, done_at = %s,"
                " wall_anchor_at = clock_timestamp(), rate = %s, limit_at = %s where id = 1",
                [desk_at, desk_at, rate, limit_at],
            )
        clock_told()
        if before["rate"] != rate or not before["is_moved"]:
            audit_add(
                "clock_moved",
                object_kind="installation",
                before=before,
                after={"rate": rate, "desk_at": desk_at.isoformat()},
                by=by,
                now=desk_at,
            )


def require_rate(rate: float) -> None:
    """Raise InvalidFacts for a rate that no clock has."""
    if not 0 <= rate <= FASTEST_RATE:
        raise InvalidFacts(
            f"The rate must be from 0 to {FASTEST_RATE:.0f} desk seconds a second, got {rate}", field="rate"
        )


def clock_rate(rate: float, *, by: Actor, now: datetime) -> None:
    """Let a moved clock go on from where it is with *rate* desk seconds a second; 0 stands still and ends a jump."""
    require_rate(rate)
    with transaction.atomic(), connection.cursor() as cursor:
        before = models.Installation.objects.select_for_update().values_list("rate", flat=True).get(id=1)
        cursor.execute(
            f"update core_installation set desk_anchor_at = {_DESK_NOW}, wall_anchor_at = clock_timestamp(), rate = %s,"
            " jump_from_at = case when %s > 0 then jump_from_at end, jump_to_at = case when %s > 0 then jump_to_at end,"
            " reached_rate = null where id = 1 and clock_is_moved",
            [rate, rate, rate],
        )
        clock_told()
        if before != rate:
            audit_add(
                "clock_moved", object_kind="installation", before={"rate": before}, after={"rate": rate}, by=by, now=now
            )


def clock_jump(to_at: datetime, *, by: Actor, now: datetime) -> None:
    """Let a moved clock go to *to_at* as fast as everything in between can happen. Raises InvalidFacts for the past."""
    require_instant(to_at, "to_at")
    if to_at <= now:
        raise InvalidFacts("The desk clock cannot be set back; restart the demo instead", field="to")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"update core_installation set jump_from_at = {_DESK_NOW}, jump_to_at = %s, reached_rate = null"
            " where id = 1 and clock_is_moved",
            [to_at],
        )
        clock_told()
        audit_add(
            "clock_jumped",
            object_kind="installation",
            before={"desk_at": now.isoformat()},
            after={"desk_at": to_at.isoformat()},
            by=by,
            now=now,
        )


def clock_reach(desk_at: datetime) -> None:
    """While a jump is under way, let desk time stand at *desk_at*: what happens up to then is about to be done.

    So desk time is never before anything that has happened on the desks, whoever acts meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "update core_installation as i set desk_anchor_at = c.desk, limit_at = c.desk,"
            f" wall_anchor_at = clock_timestamp() from (select greatest({_DESK_NOW}, %s) as desk from core_installation"
            " where id = 1) as c where i.id = 1 and i.clock_is_moved and i.jump_to_at is not null",
            [desk_at],
        )


def clock_done(
    done_at: datetime, *, ahead_s: float, ends_at: datetime | None, reached_rate: float | None, is_told: bool
) -> None:
    """Say that everything up to *done_at* has happened on the desks (the ticker's word).

    Desk time may then run *ahead_s* seconds of the machine beyond it, at the rate that the clock has, but not past
    *ends_at*. While a jump is under way desk time is what is done. *reached_rate*: desk seconds a second, as measured.
    *is_told*: let pages know.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"with c as (select greatest({_DESK_NOW}, %(done)s) as desk, jump_to_at > %(done)s as is_jumping"
            " from core_installation where id = 1)"
            " update core_installation as i set desk_anchor_at = c.desk, wall_anchor_at = clock_timestamp(),"
            " done_at = %(done)s, reached_rate = %(reached)s,"
            " limit_at = case when c.is_jumping then c.desk else greatest(c.desk,"
            "  least(%(done)s + i.rate * make_interval(secs => %(ahead)s), coalesce(%(ends)s, 'infinity'::timestamptz)))"
            " end,"
            " jump_from_at = case when c.is_jumping then i.jump_from_at end,"
            " jump_to_at = case when c.is_jumping then i.jump_to_at end"
            " from c where i.id = 1 and i.clock_is_moved",
            {"done": done_at, "ahead": ahead_s, "ends": ends_at, "reached": reached_rate},
        )
    if is_told:
        clock_told()


def clock_told() -> None:
    """Tell pages and the ticker that the clock was moved."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, CLOCK_WORD])


def access_changed() -> None:
    """Tell listeners, when this transaction commits, that somebody may see less than before."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, ACCESS_WORD])


def story_set(story: Story) -> None:
    """Make this installation a demo that tells *story*. The doors that only a demo opens ask for it."""
    models.Installation.objects.filter(id=1).update(story=story.as_json())


def restart_ask(*, by: Actor, now: datetime) -> None:
    """Ask whoever runs the demo to start its story again."""
    with transaction.atomic(), connection.cursor() as cursor:
        audit_add("demo_restarted", object_kind="installation", by=by, now=now)
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, RESTART_WORD])
