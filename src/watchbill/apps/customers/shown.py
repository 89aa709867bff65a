"""Customers as plain data under the names that programs know: the same for the API and for commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import CUSTOMER, SITE, shown
from watchbill.apps.customers.queries import (
    CustomerRow,
    SiteRow,
    SiteTerms,
    Terms,
    customer_get,
    customer_list,
    site_list,
    site_terms_of,
    terms_of,
)
from watchbill.apps.customers.services import Kept
from watchbill.engine.base.time import EARLIEST


def customers_shown(desk_id: int, *, text: str, after: str, limit: int, by: Actor) -> dict[str, Any]:
    """Return customers of a desk by name, and under ``next`` the name after which to go on (None: that was all)."""
    rows = customer_list(desk_id, text=text, after=after, limit=limit + 1, by=by)
    listed = rows[:limit]
    return {"customers": [_customer(row) for row in listed], "next": listed[-1].name if len(rows) > limit else None}


def customer_shown(customer_id: int, *, by: Actor) -> dict[str, Any]:
    """Return one customer with its sites, and how it and they stood from when on, the latest first. Raises NotFound."""
    row = customer_get(customer_id, by=by)
    sites = site_list(row.id)
    site_terms = site_terms_of([site.id for site in sites])
    return _customer(row) | {
        "sites": [_site(one, site_terms.get(one.id, ())) for one in sites],
        "terms": [_terms(one) for one in reversed(terms_of([row.id])[row.id])],
    }


def kept_shown(kept: Kept) -> dict[str, Any]:
    """Return what a write left behind: the customer with its version, what was changed, and the site, if any."""
    told = {"reference": shown(CUSTOMER, kept.customer_id), "version": kept.version, "changed": sorted(kept.changed)}
    return told if kept.site_id is None else {"site": shown(SITE, kept.site_id), **told}


def _customer(row: CustomerRow) -> dict[str, Any]:
    names = ("name", "tier", "contract", "zone", "is_sensitive", "clearances", "version")
    return {"reference": shown(CUSTOMER, row.id), **{name: getattr(row, name) for name in names}}


def _site(row: SiteRow, terms: Sequence[SiteTerms]) -> dict[str, Any]:
    return {
        "reference": shown(SITE, row.id), "name": row.name, "zone": row.zone, "is_active": row.is_active,
        "terms": [_held(one, ("name", "zone", "reason")) for one in reversed(terms)],
    }  # fmt: skip


def _terms(terms: Terms) -> dict[str, Any]:
    return _held(terms, ("tier", "contract", "zone", "is_sensitive", "reason"))


def _held(terms: Terms | SiteTerms, names: Sequence[str]) -> dict[str, Any]:
    since = None if terms.at == EARLIEST else terms.at
    return {"since": since, "by": terms.by_name, **{name: getattr(terms, name) for name in names}}
