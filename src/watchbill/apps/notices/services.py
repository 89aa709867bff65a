"""Writes of notices: in the transaction of what causes them, so that none is lost and none is sent for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A message to one person about something with a reference."""

    desk_id: int
    person_id: int
    kind: str
    text: str
    subject_ref: str = ""


def notice_add_many(notices: Sequence[NewNotice], *, now: datetime) -> None:
    """Keep messages for their people: one statement."""
    if not notices:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into notices_notice (desk_id, person_id, kind, text, subject_ref, at)"
            " select d, p, k, t, s, %s from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])"
            " as n(d, p, k, t, s)",
            [
                now,
                [n.desk_id for n in notices],
                [n.person_id for n in notices],
                [n.kind for n in notices],
                [n.text for n in notices],
                [n.subject_ref for n in notices],
            ],
        )


def notices_read(ids: Sequence[int], *, by: Actor) -> None:
    """Mark as read what was shown to the actor's person; what she has not seen stays."""
    if by.person_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "update notices_notice set read_at = clock_timestamp()"
                " where person_id = %s and id = any(%s) and read_at is null",
                [by.person_id, list(ids)],
            )
