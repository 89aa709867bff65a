"""When a desk is looked at again for owners who go home, and how old its work usually becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from watchbill.apps.core.sql import tuples
from watchbill.apps.decisions import models

LATEST = 10_000
"""So many of a desk's latest finished items say how old they become."""
FEWEST = 30
"""A class with fewer finished items takes the age of the next wider one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLook:
    """When the next look is due, and what was learned last."""

    look_at: datetime
    ages: Mapping[str, int]
    learned_at: datetime | None


def look_of(desk_id: int) -> DeskLook | None:
    """Return when a desk is to be looked at next; None: it never was."""
    row = models.DeskWatch.objects.filter(desk_id=desk_id).values("look_at", "ages", "learned_at").first()
    return None if row is None else DeskLook(**row)


def look_set(desk_id: int, *, look_at: datetime, ages: Mapping[str, int], learned_at: datetime | None) -> None:
    """Keep when the next look is due, and what was learned."""
    values = {"look_at": look_at, "ages": dict(ages), "learned_at": learned_at}
    models.DeskWatch.objects.update_or_create(desk_id=desk_id, defaults=values)


def look_soon(desk_id: int, now: datetime) -> None:
    """Let a desk be looked at at once: something that the last look has decided on is not so any more."""
    models.DeskWatch.objects.filter(desk_id=desk_id, look_at__gt=now).update(look_at=now)


def look_next_at() -> datetime | None:
    """Return the earliest instant, over all desks, at which a look is due."""
    first: datetime | None = models.DeskWatch.objects.aggregate(first=Min("look_at"))["first"]
    return first


def ages_learned(desk_id: int) -> dict[str, int]:
    """Return the age in seconds that nine in ten of the latest finished items stayed below, by class: one query.

    Keys: “category|priority”, “|priority” and “|” for all; classes with fewer than FEWEST items are left out.
    """
    rows = tuples(
        "with done as materialized (select category, priority, extract(epoch from"
        " coalesce(resolved_at, closed_at) - opened_at) as age from work_item where desk_id = %(desk)s and not is_open"
        " and coalesce(resolved_at, closed_at) is not null order by id desc limit %(latest)s)"
        " select coalesce(category, ''), priority,"
        " percentile_cont(0.9) within group (order by age)::float8 from done"
        " group by grouping sets ((category, priority), (priority), ()) having count(*) >= %(fewest)s",
        {"desk": desk_id, "latest": LATEST, "fewest": FEWEST},
    )
    return {f"{category}|{'' if priority is None else priority}": round(age) for category, priority, age in rows}
