"""Reads of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.apps.core.actor import Actor
from watchbill.apps.customers import models
from watchbill.apps.people.rights import Right, require


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    id: int
    name: str
    tier: str
    is_sensitive: bool
    version: int


_COLUMNS = ("id", "name", "tier", "is_sensitive", "version")


def customers_of(ids: Sequence[int]) -> dict[int, CustomerRow]:
    """Return customers by id."""
    rows = models.Customer.objects.filter(id__in=list(ids)).values(*_COLUMNS)
    return {row["id"]: CustomerRow(**row) for row in rows}


def customer_list(desk_id: int, *, by: Actor, text: str = "", after: str = "", limit: int = 50) -> list[CustomerRow]:
    """Return customers of a desk by name, after the name *after*: those whose name holds *text*."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = models.Customer.objects.filter(desk_id=desk_id, name__gt=after).order_by("name")
    if text:
        rows = rows.filter(name__icontains=text)
    return [CustomerRow(**row) for row in rows.values(*_COLUMNS)[:limit]]
