"""Whose an item is, and where: its customer, and one of the customer's sites."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.customers.queries import site_find
from watchbill.apps.customers.services import customer_ensure
from watchbill.apps.work.queries import ItemDetail
from watchbill.engine.base.errors import InvalidFacts

PLACE = frozenset({"customer", "site"})
"""What an item is placed by: the names of a customer and of its site; "" for none."""


def site_in_use(customer_id: int | None, name: str) -> int:
    """Return the key of a customer's site. Raises InvalidFacts without a customer, and for none or one out of use."""
    if customer_id is None:
        raise InvalidFacts("A site is a customer's: say whose", field="site")
    site = site_find(customer_id, name)
    if not site.is_active:
        raise InvalidFacts(f"The site {site.name} is out of use; choose another", field="site")
    return site.id


def placed(
    item: ItemDetail, values: Mapping[str, str], *, by: Actor, now: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields to set so that *item* lies where *values* (`PLACE`) say, and the names for its event.

    Without its customer it is at none of the customer's sites any more. A new customer stays as it is until the caller's
    transaction ends: `customers.services.customer_ensure`.
    """
    patch: dict[str, Any] = {}
    names: dict[str, str] = {}
    customer_id = item.customer_id
    customer = values.get("customer", item.customer or "").strip()
    if customer != (item.customer or ""):
        customer_id = customer_ensure(item.desk_id, customer, by=by, now=now) if customer else None
        patch["customer_id"], names["customer"] = customer_id, customer
    site = values.get("site", "" if patch else item.site or "").strip()
    if site != (item.site or "") or (patch and item.site_id is not None):
        patch["site_id"], names["site"] = site_in_use(customer_id, site) if site else None, site
    return patch, names
