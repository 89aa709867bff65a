"""Changes of customers that the clocks of their open items follow.

Customers are locked before items: while one changes, nobody places an item with it (`customers.services.customer_ensure`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.customers.services import Kept, SiteGiven, TermsGiven, customer_update, site_update
from watchbill.flows.renewing import renew

SITE_FIELDS = frozenset({"name", "zone"})
"""What of a site clocks may look at; of a customer it is everything that terms say."""


def customer_change(customer_id: int, *, by: Actor, now: datetime, **given: Unpack[TermsGiven]) -> Kept:
    """Set a customer's terms from now on, and make the clocks of its open items anew: all of it, or nothing.

    Of very many, the rest follow in the next steps of the watch (`renewing`).

    See `customers.services.customer_update`. What was said before holds for the time before, so items that are done keep
    their clocks.
    """
    with transaction.atomic():
        kept = customer_update(customer_id, by=by, now=now, **given)
        if kept.changed:
            renew(kept.desk_id, customer_id=kept.customer_id, now=now)
    return kept


def site_change(site_id: int, *, by: Actor, now: datetime, **given: Unpack[SiteGiven]) -> Kept:
    """Change a site of a customer, and make the clocks of the open items there anew; see `customers.services.site_update`."""
    with transaction.atomic():
        kept = site_update(site_id, by=by, now=now, **given)
        if kept.changed & SITE_FIELDS:
            renew(kept.desk_id, customer_id=kept.customer_id, site_id=site_id, now=now)
    return kept
