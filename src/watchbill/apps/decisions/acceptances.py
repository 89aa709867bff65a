"""Gifts that are to be acted on: enlisted when they are seen, found by their instant, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Min

from watchbill.apps.core.sql import records
from watchbill.apps.decisions import models

MOST = 2_000
"""Gifts that one run looks at; the others come with the next, which follows at once."""

_STANDS = "a.owner_id = i.owner_id and a.given_at = i.owner_since"
"""Whether a row of acceptances speaks of the present owner."""
HAS_ACTED = (
    "exists (select 1 from work_event as e where e.item_id = i.id and e.actor_person_id = i.owner_id"
    " and e.at >= i.owner_since)"
)
"""Whether the owner has done anything with the item since it was hers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """An item that lies new with somebody. ``is_older``: a later gift of the same item was taken back."""

    item_id: int
    owner_id: int
    owner: str
    given_at: datetime
    priority: int
    is_older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A gift whose instant has come."""

    item_id: int
    reference: str
    owner_id: int
    owner: str
    queue_id: int | None
    from_at: datetime
    minutes: int
    is_moot: bool


def gifts_new(desk_id: int) -> list[Gift]:
    """Return gifts that are not enlisted yet, the oldest first, at most MOST: one query by an index of what lies new."""
    rows = records(
        "select i.id as item_id, i.owner_id, p.name as owner, i.owner_since as given_at, i.priority,"
        " coalesce(a.given_at > i.owner_since, false) as is_older from work_item as i join people_person as p on p.id = i.owner_id"
        " left join decisions_acceptance as a on a.item_id = i.id where i.desk_id = %(desk)s and i.state = 'new'"
        f" and i.owner_id is not null and i.owner_since is not null and (a.item_id is null or not ({_STANDS}))"
        " order by i.owner_since, i.id limit %(most)s",
        {"desk": desk_id, "most": MOST},
    )
    return [Gift(**row) for row in rows]


def gifts_enlist(desk_id: int, rows: Sequence[tuple[Gift, datetime, int, datetime | None]]) -> None:
    """Keep gifts, each with the instant from which it counts, the minutes it has, and until when it is to be acted on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_acceptance"
            " (item_id, desk_id, owner_id, given_at, from_at, minutes, accept_by_at, status)"
            " select i, %s, o, g, f, m, b, 'waiting' from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[],"
            " %s::timestamptz[], %s::int[], %s::timestamptz[]) as n(i, o, g, f, m, b)"
            " on conflict (item_id) do update set owner_id = excluded.owner_id, given_at = excluded.given_at,"
            " from_at = excluded.from_at, minutes = excluded.minutes,"
            " accept_by_at = excluded.accept_by_at, status = 'waiting'",
            [
                desk_id,
                [gift.item_id for gift, _, _, _ in rows],
                [gift.owner_id for gift, _, _, _ in rows],
                [gift.given_at for gift, _, _, _ in rows],
                [from_at for _, from_at, _, _ in rows],
                [minutes for _, _, minutes, _ in rows],
                [by_at for _, _, _, by_at in rows],
            ],
        )


def gifts_overdue(desk_id: int, now: datetime) -> list[Overdue]:
    """Return gifts whose instant has come, at most MOST; moot are those that she has acted on, or that are hers no more."""
    rows = records(
        "select a.item_id, i.reference, a.owner_id, p.name as owner, i.queue_id, a.from_at, a.minutes,"
        f" not ({_STANDS} and i.state = 'new') or {HAS_ACTED} as is_moot"
        " from decisions_acceptance as a join work_item as i on i.id = a.item_id"
        " join people_person as p on p.id = a.owner_id where a.desk_id = %(desk)s and a.status = 'waiting'"
        " and a.accept_by_at <= %(now)s order by a.accept_by_at, a.item_id limit %(most)s",
        {"desk": desk_id, "now": now, "most": MOST},
    )
    return [Overdue(**row) for row in rows]


def gifts_end(item_ids: Sequence[int], status: str) -> None:
    """Say what came of gifts: accepted, or raised."""
    models.Acceptance.objects.filter(item_id__in=list(item_ids), status="waiting").update(status=status)


def gifts_postpone(until: dict[int, datetime]) -> None:
    """Give gifts a later instant: their owners' hours have changed since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update decisions_acceptance as a set accept_by_at = n.b"
            " from unnest(%s::bigint[], %s::timestamptz[]) as n(i, b) where a.item_id = n.i",
            [list(until), list(until.values())],
        )


def gift_next_at() -> datetime | None:
    """Return the earliest instant, over all desks, by which something is to be acted on: one look at an index."""
    waiting = models.Acceptance.objects.filter(status="waiting", accept_by_at__isnull=False)
    first: datetime | None = waiting.aggregate(first=Min("accept_by_at"))["first"]
    return first
