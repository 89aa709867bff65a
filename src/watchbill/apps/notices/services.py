"""Writes of notices: in the transaction of what causes them, so that none is lost and none is sent for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A message to one person, or to a user, about something with a reference.

    key: where a user must not hear the same twice; empty where she may.
    """

    desk_id: int
    person_id: int | None
    kind: str
    text: str
    subject_ref: str = ""
    user_id: int | None = None
    key: str = ""
    is_urgent: bool = False


def notice_add_many(notices: Sequence[NewNotice], *, now: datetime) -> None:
    """Keep messages for their people: one statement. Of one user's with the same key the first stays."""
    if not notices:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into notices_notice (desk_id, person_id, user_id, kind, text, subject_ref, key, is_urgent, at)"
            " select d, p, u, k, t, s, y, g, %s from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[],"
            " %s::text[], %s::text[], %s::text[], %s::boolean[]) as n(d, p, u, k, t, s, y, g) on conflict do nothing",
            [
                now,
                [n.desk_id for n in notices],
                [n.person_id for n in notices],
                [n.user_id for n in notices],
                [n.kind for n in notices],
                [n.text for n in notices],
                [n.subject_ref for n in notices],
                [n.key for n in notices],
                [n.is_urgent for n in notices],
            ],
        )


def notices_read(ids: Sequence[int], *, by: Actor) -> None:
    """Mark as read what was shown to the actor; what she has not seen stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update notices_notice set read_at = clock_timestamp()"
            " where (person_id = %s or user_id = %s) and id = any(%s) and read_at is null",
            [by.person_id, by.user_id, list(ids)],
        )


def notices_close(subject_ref: str, *, note: str, now: datetime) -> int:
    """Say of what was told about something that it is over; return of how many notices."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update notices_notice set closed_at = %s, closed_note = %s"
            " where subject_ref = %s and closed_at is null and key <> ''",
            [now, note, subject_ref],
        )
        return int(cursor.rowcount)
