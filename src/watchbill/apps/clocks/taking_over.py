"""Versions of the clock policy that take over what is open: which are due, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from watchbill.apps.clocks import models
from watchbill.apps.core.sql import records, tuples

DUE = (
    " from clocks_policyversion as v left join clocks_takingover as t on t.policy_id = v.id"
    " where v.body ? 'takes_over' and v.body ->> 'takes_over' is not null and t.done_at is null"
)
"""Versions ``v`` that are to take over open items and are not done, with how far they have come, ``t``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverDue:
    """A version that has come into force; items up to ``last_item_id`` have been taken over."""

    policy_id: int
    desk_id: int
    holds_from: datetime
    last_item_id: int


def take_overs_due(now: datetime) -> list[TakeOverDue]:
    """Return the versions that are to take over open items and are not done, the earliest first: one look at an index."""
    rows = records(
        f"select v.id as policy_id, v.desk_id, v.holds_from, coalesce(t.last_item_id, 0) as last_item_id {DUE}"
        " and v.holds_from <= %s order by v.holds_from, v.id",
        [now],
    )
    return [TakeOverDue(**row) for row in rows]


def take_over_next_at() -> datetime | None:
    """Return when the next version takes over, or None."""
    return tuples(f"select min(v.holds_from) {DUE}", [])[0][0]


def take_over_reach(policy_id: int, *, last_item_id: int, items: int) -> None:
    """Note that items up to one have been taken over, in the caller's transaction."""
    models.TakingOver.objects.get_or_create(policy_id=policy_id)
    models.TakingOver.objects.filter(policy_id=policy_id).update(last_item_id=last_item_id, items=F("items") + items)


def take_over_end(policy_id: int, *, now: datetime) -> None:
    """Note that all has been taken over."""
    models.TakingOver.objects.get_or_create(policy_id=policy_id)
    models.TakingOver.objects.filter(policy_id=policy_id).update(done_at=now)
