"""Reads of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.apps.customers import models


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    id: int
    name: str
    tier: str
    is_sensitive: bool


def customers_of(ids: Sequence[int]) -> dict[int, CustomerRow]:
    """Return customers by id."""
    rows = models.Customer.objects.filter(id__in=list(ids)).values("id", "name", "tier", "is_sensitive")
    return {row["id"]: CustomerRow(**row) for row in rows}


def customer_search(desk_id: int, text: str, *, limit: int = 10) -> list[CustomerRow]:
    """Return customers of a desk whose name holds *text*, by name."""
    rows = models.Customer.objects.filter(desk_id=desk_id, name__icontains=text).order_by("name")[:limit]
    return [CustomerRow(id=row.id, name=row.name, tier=row.tier, is_sensitive=row.is_sensitive) for row in rows]
