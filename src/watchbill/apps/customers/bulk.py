"""Writes of customers by the thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from watchbill.apps.customers import models
from watchbill.engine.base.time import EARLIEST


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """A customer with the terms that it has had since ever, and its sites, which lie in its zone. clearances: asked of whoever works for it."""

    name: str
    tier: str
    contract: str
    zone: str
    is_sensitive: bool
    sites: Sequence[str]
    clearances: Sequence[str] = ()


def customer_load_many(desk_id: int, rows: Sequence[NewCustomer], *, by_name: str, reason: str) -> None:
    """Make customers that the desk does not have yet, with their terms and sites: three statements, in the caller's transaction."""
    made = models.Customer.objects.bulk_create(
        models.Customer(
            desk_id=desk_id, name=row.name, tier=row.tier, contract=row.contract, zone=row.zone,
            is_sensitive=row.is_sensitive, clearances=list(row.clearances),
        )
        for row in rows
    )  # fmt: skip
    models.Terms.objects.bulk_create(
        models.Terms(
            customer=customer, at=EARLIEST, tier=row.tier, contract=row.contract, zone=row.zone,
            is_sensitive=row.is_sensitive, by_name=by_name, reason=reason,
        )
        for customer, row in zip(made, rows, strict=True)
    )  # fmt: skip
    models.Site.objects.bulk_create(
        models.Site(customer=customer, name=site)
        for customer, row in zip(made, rows, strict=True)
        for site in row.sites
    )


def customer_ensure_many(desk_id: int, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of the desk's customers by name, made where they are missing, with terms since ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "with made as (insert into customers_customer (desk_id, name, tier, is_sensitive)"
            " select %s, name, 'standard', false from unnest(%s::text[]) as n(name)"
            " on conflict (desk_id, name) do nothing returning id, tier, contract, zone, is_sensitive)"
            " insert into customers_terms (customer_id, at, tier, contract, zone, is_sensitive, by_name, reason)"
            " select id, %s, tier, contract, zone, is_sensitive, '', '' from made",
            [desk_id, list(names), EARLIEST],
        )
        cursor.execute(
            "select name, id from customers_customer where desk_id = %s and name = any(%s)", [desk_id, list(names)]
        )
        return dict(cursor.fetchall())


def customers_hold(relation: str) -> None:
    """Keep the terms of customers as they are until the caller's transaction ends: of those whom patches in *relation* name.

    What is loaded from it has clocks by then, so that a change of terms finds it. Customers are locked before items.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select from customers_customer where id = any(array(select distinct (patch ->> 'customer_id')::bigint"
            f" from {relation} where patch ->> 'customer_id' is not null)) order by id for share"
        )
