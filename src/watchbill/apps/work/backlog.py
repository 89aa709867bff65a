"""Reads of what lies open: how old it is by queue, and what one person has promised as a next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import tuples
from watchbill.apps.people.rights import Right, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """Since when the oldest open item of a queue, and the oldest of them without an owner, has been open."""

    opened_at: datetime
    unassigned_at: datetime | None


def open_count(desk_id: int) -> int:
    """Return how many items of a desk are open."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from work_item where desk_id = %s and is_open", [desk_id])
        return int(cursor.fetchone()[0])


def queue_ages(desk_id: int, *, by: Actor) -> dict[int, Age]:
    """Return ages by queue, for queues with open items: one query."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = tuples(
        "select queue_id, min(opened_at), min(opened_at) filter (where owner_id is null) from work_item"
        " where desk_id = %s and is_open and queue_id is not null group by queue_id",
        [desk_id],
    )
    return {row[0]: Age(opened_at=row[1], unassigned_at=row[2]) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a person said she would do about an item, and by when."""

    reference: str
    title: str
    text: str
    due_at: datetime


def steps_due(person_id: int, desk_id: int, *, until: datetime, limit: int = 50, by: Actor) -> list[Step]:
    """Return the next steps of open items that a person has to take up to *until*, the most pressing first.

    A step that names nobody is the owner's. One query.
    """
    require(by, Right.WORK_VIEW, desk_id)
    rows = tuples(
        "select reference, title, next_step, next_step_due_at from work_item where desk_id = %(desk)s and is_open"
        " and coalesce(next_step_owner_id, owner_id) = %(person)s and next_step_due_at <= %(until)s"
        " order by next_step_due_at, id limit %(limit)s",
        {"desk": desk_id, "person": person_id, "until": until, "limit": limit},
    )
    return [Step(reference=row[0], title=row[1], text=row[2], due_at=row[3]) for row in rows]
