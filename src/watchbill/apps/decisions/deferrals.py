"""Items that are put off until an instant: nobody is given them before, and everybody sees it and can lift it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.sql import records, tuples
from watchbill.apps.decisions import models


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferralRow:
    """One item that is put off."""

    item_id: int
    reference: str
    until_at: datetime
    text: str
    by_name: str
    recovery_id: int


_KEPT = "decisions_deferral as f join work_item as i on i.id = f.item_id where f.until_at > %(now)s"
_HOLDS = f"{_KEPT} and i.is_open and i.priority >= f.priority"
DEFERRED = f"select f.item_id from {_HOLDS} and f.desk_id = %(desk)s"
"""The items of a desk that are put off, but for those that have become more urgent: a subquery that asks for ``desk`` and ``now``."""


def deferred_of(desk_id: int, now: datetime) -> frozenset[int]:
    """Return the items of a desk that are put off at *now*, but for those that have become more urgent: one query."""
    rows = tuples(DEFERRED, {"desk": desk_id, "now": now})
    return frozenset(item_id for (item_id,) in rows)


def deferred_until(desk_id: int, now: datetime) -> dict[int, datetime]:
    """Return until when each item of a desk is put off at *now*: one query."""
    return dict(
        tuples(f"select f.item_id, f.until_at from {_HOLDS} and f.desk_id = %(desk)s", {"desk": desk_id, "now": now})
    )


def deferral_get(item_id: int, now: datetime) -> DeferralRow | None:
    """Return how an item is put off at *now*, or None: one query."""
    found = _rows(f"{_HOLDS} and f.item_id = %(item)s", now, item=item_id)
    return found[0] if found else None


def deferral_kept(item_id: int, now: datetime) -> DeferralRow | None:
    """Return until when an item was put off, also where it does not hold while the item is more urgent, or closed: one query."""
    found = _rows(f"{_KEPT} and f.item_id = %(item)s", now, item=item_id)
    return found[0] if found else None


def deferrals_of(recovery_id: int, now: datetime) -> list[DeferralRow]:
    """Return what one plan has put off and still holds, by reference: one query."""
    return _rows(f"{_HOLDS} and f.recovery_id = %(recovery)s", now, recovery=recovery_id)


def _rows(where: str, now: datetime, **values: int) -> list[DeferralRow]:
    rows = records(
        f"select f.item_id, i.reference, f.until_at, f.text, f.by_name, f.recovery_id from {where} order by 2",
        {"now": now, **values},
    )
    return [DeferralRow(**row) for row in rows]


def deferral_add_many(
    desk_id: int,
    item_ids: Sequence[int],
    *,
    until_at: datetime,
    text: str,
    recovery_id: int,
    by_name: str,
    now: datetime,
) -> None:
    """Put items off, in the caller's transaction: one statement. What was put off before is from now on put off by this."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_deferral (item_id, desk_id, priority, from_at, until_at, text, by_name, recovery_id)"
            " select id, desk_id, priority, %(now)s, %(until)s, %(text)s, %(by)s, %(recovery)s from work_item"
            " where desk_id = %(desk)s and id = any(%(items)s)"
            " on conflict (item_id) do update set priority = excluded.priority, from_at = excluded.from_at,"
            " until_at = excluded.until_at, text = excluded.text, by_name = excluded.by_name, recovery_id = excluded.recovery_id",
            {
                "desk": desk_id, "items": list(item_ids), "now": now, "until": until_at, "text": text, "by": by_name,
                "recovery": recovery_id,
            },
        )  # fmt: skip


def deferral_drop(item_ids: Sequence[int]) -> None:
    """Let items be worked on again, in the caller's transaction."""
    models.Deferral.objects.filter(item_id__in=list(item_ids)).delete()


def deferral_drop_of(recovery_id: int) -> None:
    """Forget all that one plan has put off, in the caller's transaction: nothing of it is put off again by what becomes of an item."""
    models.Deferral.objects.filter(recovery_id=recovery_id).delete()
