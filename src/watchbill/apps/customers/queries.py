"""Reads of customers: who they are, where they are, and how they stood from when on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Value

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import Natural, tuples
from watchbill.apps.customers import models
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import InvalidFacts, NotFound

MISSING = "There is no such customer, or you may not see it"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer as it stands now; ``zone`` and ``contract`` are "" where nothing is known.

    ``clearances``: what whoever works for it must have.
    """

    id: int
    desk_id: int
    name: str
    tier: str
    contract: str
    zone: str
    is_sensitive: bool
    clearances: Sequence[str]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A place of a customer; ``zone`` is "" where it is the customer's."""

    id: int
    customer_id: int
    name: str
    zone: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a customer stands from ``at`` on, until its next terms."""

    at: datetime
    tier: str
    contract: str
    zone: str
    is_sensitive: bool
    by_name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTerms:
    """What a site is called and which zone it has ("": its customer's) from ``at`` on, until its next terms."""

    at: datetime
    name: str
    zone: str
    by_name: str
    reason: str


_COLUMNS = ("id", "desk_id", "name", "tier", "contract", "zone", "is_sensitive", "clearances", "version")
_SITE = ("id", "customer_id", "name", "zone", "is_active")
_TERMS = ("at", "tier", "contract", "zone", "is_sensitive", "by_name", "reason")
_SITE_TERMS = ("at", "name", "zone", "by_name", "reason")


def customers_of(ids: Sequence[int]) -> dict[int, CustomerRow]:
    """Return customers by id."""
    rows = models.Customer.objects.filter(id__in=list(ids)).values(*_COLUMNS)
    return {row["id"]: CustomerRow(**row) for row in rows}


def customer_list(desk_id: int, *, by: Actor, text: str = "", after: str = "", limit: int = 50) -> list[CustomerRow]:
    """Return customers of a desk by name, after the name *after*: those whose name holds *text*."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = models.Customer.objects.alias(natural=Natural("name")).filter(desk_id=desk_id).order_by("natural", "name")
    if text:
        rows = rows.filter(name__icontains=text)
    if after:
        last = Natural(Value(after))
        rows = rows.filter(Q(natural__gt=last) | Q(natural=last, name__gt=after))
    return [CustomerRow(**row) for row in rows.values(*_COLUMNS)[:limit]]


def customer_names(desk_id: int, *, first: Collection[str], limit: int) -> list[str]:
    """Return names of customers of a desk, first those called one of *first*, whatever the case. One statement."""
    rows = tuples(
        "select name from customers_customer where desk_id = %s order by lower(name) = any(%s) desc, name limit %s",
        [desk_id, [name.lower() for name in first], limit],
    )
    return [name for (name,) in rows]


def customer_get(customer_id: int, *, by: Actor) -> CustomerRow:
    """Return one customer. Raises NotFound also for one of a desk that may not be seen."""
    row = customers_of([customer_id]).get(customer_id)
    if row is None or not may(by, Right.WORK_VIEW, row.desk_id):
        raise NotFound(MISSING)
    return row


def terms_of(customer_ids: Collection[int]) -> dict[int, list[Terms]]:
    """Return by customer how it stood from when on, the first since ever: the last whose ``at`` has come holds. One query."""
    rows = models.Terms.objects.filter(customer_id__in=list(customer_ids)).order_by("customer_id", "at", "id")
    found: dict[int, list[Terms]] = {}
    for customer_id, *values in rows.values_list("customer_id", *_TERMS):
        found.setdefault(customer_id, []).append(Terms(**dict(zip(_TERMS, values, strict=True))))
    return found


def site_terms_of(site_ids: Collection[int]) -> dict[int, list[SiteTerms]]:
    """Return by site what it was called and where it was from when on, as `terms_of` does of customers. One query."""
    rows = models.SiteTerms.objects.filter(site_id__in=list(site_ids)).order_by("site_id", "at", "id")
    found: dict[int, list[SiteTerms]] = {}
    for site_id, *values in rows.values_list("site_id", *_SITE_TERMS):
        found.setdefault(site_id, []).append(SiteTerms(**dict(zip(_SITE_TERMS, values, strict=True))))
    return found


def site_list(customer_id: int) -> list[SiteRow]:
    """Return the sites of a customer by name; whoever asks has made sure, by `customer_get`, that it may be seen."""
    rows = models.Site.objects.filter(customer_id=customer_id).order_by(Natural("name"), "name").values(*_SITE)
    return [SiteRow(**row) for row in rows]


def sites_of(ids: Collection[int]) -> dict[int, SiteRow]:
    """Return sites by id."""
    rows = models.Site.objects.filter(id__in=list(ids)).values(*_SITE)
    return {row["id"]: SiteRow(**row) for row in rows}


def site_find(customer_id: int, name: str) -> SiteRow:
    """Return a customer's site by its name. Raises InvalidFacts when it has none of that name."""
    row = models.Site.objects.filter(customer_id=customer_id, name=name.strip()).values(*_SITE).first()
    if row is None:
        raise InvalidFacts(f"This customer has no site “{name.strip()}”", field="site")
    return SiteRow(**row)
