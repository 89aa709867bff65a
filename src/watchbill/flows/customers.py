"""Changes of customers that the clocks of their open items follow.

Customers are locked before items: while one changes, nobody places an item with it (`customers.services.customer_ensure`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.customers.services import Kept, customer_update, site_update
from watchbill.apps.reports.reading import recomputed_add
from watchbill.apps.work.queries import open_items_of
from watchbill.flows.clocks import recompute

SITE_FIELDS = frozenset({"name", "zone"})
"""What of a site clocks may look at; of a customer it is everything that terms say."""


def customer_change(
    customer_id: int,
    *,
    tier: str | None = None,
    contract: str | None = None,
    zone: str | None = None,
    is_sensitive: bool | None = None,
    version: int | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> Kept:
    """Set a customer's terms from now on, and make the clocks of its open items anew: all of it, or nothing.

    See `customers.services.customer_update`. What was said before holds for the time before, so items that are done keep
    their clocks.
    """
    with transaction.atomic():
        kept = customer_update(
            customer_id, tier=tier, contract=contract, zone=zone, is_sensitive=is_sensitive, version=version,
            reason=reason, by=by, now=now,
        )  # fmt: skip
        if kept.changed:
            _follow(kept.desk_id, open_items_of(kept.customer_id), now)
    return kept


def site_change(
    site_id: int,
    *,
    name: str | None = None,
    zone: str | None = None,
    is_active: bool | None = None,
    version: int | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> Kept:
    """Change a site of a customer, and make the clocks of the open items there anew; see `customers.services.site_update`."""
    with transaction.atomic():
        kept = site_update(
            site_id, name=name, zone=zone, is_active=is_active, version=version, reason=reason, by=by, now=now
        )
        if kept.changed & SITE_FIELDS:
            _follow(kept.desk_id, open_items_of(kept.customer_id, site_id=site_id), now)
    return kept


def _follow(desk_id: int, item_ids: Sequence[int], now: datetime) -> None:
    """Make the clocks of items anew, and have the figures follow them."""
    recompute(desk_id, item_ids, now=now)
    recomputed_add(desk_id, item_ids)
