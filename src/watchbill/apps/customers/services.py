"""Writes of customers: who they are, their terms, and their sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.versions import changed_since
from watchbill.apps.customers import models
from watchbill.apps.customers.queries import MISSING
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.time import EARLIEST
from watchbill.engine.base.work import TIERS, clearances_of

NAME_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a write left behind: the customer with its version, the fields that are not as they were, and the site, if any."""

    customer_id: int
    desk_id: int
    version: int
    changed: frozenset[str]
    site_id: int | None = None


class Given(TypedDict, total=False):
    """What every change of a customer may bring along. ``version`` is the one that the writer saw: Conflict, naming who
    changed what, when another has come since.
    """

    version: int | None
    reason: str


class TermsGiven(Given, total=False):
    """Terms of a customer; what is None or left out stays as it was."""

    tier: str | None
    contract: str | None
    zone: str | None
    is_sensitive: bool | None


class SiteGiven(Given, total=False):
    """What a site becomes; what is None or left out stays as it was. The version is its customer's."""

    name: str | None
    zone: str | None
    is_active: bool | None


TERMS = ("tier", "contract", "zone", "is_sensitive")
"""What terms say of a customer."""
SITE_TERMS = ("name", "zone")
"""What terms say of a site."""


def customer_ensure(desk_id: int, name: str, *, by: Actor, now: datetime) -> int:
    """Return the id of the desk's customer *name*, made if it is not there yet, with terms since ever.

    Inside a transaction the customer's terms stay as they are until it ends: what is computed from them is kept before
    somebody changes them. Customers are locked before items.
    """
    require(by, Right.WORK_CREATE, desk_id)
    name = _name(name, "A customer's name", field="customer")
    with transaction.atomic():
        customer, is_new = models.Customer.objects.get_or_create(desk_id=desk_id, name=name)
        if is_new:
            _terms_add(customer, at=EARLIEST, by=by, reason="")
            audit_add("customer_made", object_kind="customer", object_ref=name, desk_id=desk_id, by=by, now=now)
        with connection.cursor() as cursor:
            cursor.execute("select from customers_customer where id = %s for share", [customer.id])
    return customer.id


def customer_update(customer_id: int, *, by: Actor, now: datetime, **given: Unpack[TermsGiven]) -> Kept:
    """Set a customer's terms from now on. Clocks follow in `flows.customers`.

    Raises NotFound also for a customer of a desk that the actor may not see.
    """
    tier, contract, reason = given.get("tier"), given.get("contract"), given.get("reason", "")
    with transaction.atomic():
        customer = _take(customer_id, version=given.get("version"), by=by)
        if tier is not None and tier not in TIERS:
            raise InvalidFacts(f"A tier is one of {', '.join(TIERS)}", field="tier")
        if contract is not None:
            contract = _line(contract, "A contract", field="contract")
        terms = {
            "tier": tier, "contract": contract, "zone": _zone(given.get("zone")), "is_sensitive": given.get("is_sensitive")
        }  # fmt: skip
        before = {name: getattr(customer, name) for name in terms}
        after = {name: value for name, value in terms.items() if value not in (None, before[name])}
        if not after:
            return _kept(customer)
        for name, value in after.items():
            setattr(customer, name, value)
        _terms_add(customer, at=now, by=by, reason=reason)
        before = {name: before[name] for name in after}
        return _keep(customer, "customer_changed", before=before, after=after, reason=reason, by=by, now=now)


def clearances_set(
    customer_id: int, clearances: Sequence[str], *, by: Actor, now: datetime, **given: Unpack[Given]
) -> Kept:
    """Say which clearances whoever works for a customer must have; an empty list asks for none. No clock depends on them."""
    asked = clearances_of(each for each in clearances if each.strip())
    with transaction.atomic():
        customer = _take(customer_id, version=given.get("version"), by=by)
        if asked == customer.clearances:
            return _kept(customer)
        before, customer.clearances = {"clearances": customer.clearances}, asked
        after, reason = {"clearances": asked}, given.get("reason", "")
        return _keep(customer, "customer_changed", before=before, after=after, reason=reason, by=by, now=now)


def site_add(customer_id: int, name: str, *, zone: str = "", by: Actor, now: datetime, **given: Unpack[Given]) -> Kept:
    """Add a site to a customer. Raises Conflict when the customer has one of this name."""
    values = {"name": _name(name, "A site's name", field="name"), "zone": _zone(zone)}
    try:
        with transaction.atomic():
            customer = _take(customer_id, version=given.get("version"), by=by)
            site = models.Site.objects.create(customer=customer, **values)
            _site_terms_add(site, at=EARLIEST, by=by, reason="")
            reason = given.get("reason", "")
            kept = _keep(customer, "site_added", before=None, after={"site": values}, reason=reason, by=by, now=now)
    except IntegrityError:
        raise Conflict(f"This customer has a site called {values['name']} already") from None
    return replace(kept, site_id=site.id)


def site_update(site_id: int, *, by: Actor, now: datetime, **given: Unpack[SiteGiven]) -> Kept:
    """Rename a site, set its zone, both from now on, or take it out of use.

    Clocks follow in `flows.customers`. Raises NotFound, and Conflict for a name that is taken.
    """
    name, reason = given.get("name"), given.get("reason", "")
    customer_id = models.Site.objects.filter(id=site_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotFound("There is no such site, or you may not see it")
    try:
        with transaction.atomic():
            customer = _take(customer_id, version=given.get("version"), by=by)
            site = models.Site.objects.get(id=site_id)
            new_name = None if name is None else _name(name, "A site's name", field="name")
            values = {"name": new_name, "zone": _zone(given.get("zone")), "is_active": given.get("is_active")}
            before = {key: getattr(site, key) for key in values}
            after = {key: value for key, value in values.items() if value not in (None, before[key])}
            if not after:
                return replace(_kept(customer), site_id=site_id)
            was = {"name": site.name} | {key: before[key] for key in after}
            for key, value in after.items():
                setattr(site, key, value)
            site.save(update_fields=list(after))
            if after.keys() & SITE_TERMS:
                _site_terms_add(site, at=now, by=by, reason=reason)
            kept = _keep(
                customer, "site_changed", before={"site": was}, after={"site": {"name": was["name"]} | after},
                reason=reason, by=by, now=now,
            )  # fmt: skip
            return replace(kept, site_id=site_id, changed=frozenset(after))
    except IntegrityError:
        raise Conflict(f"This customer has a site called {name} already") from None


def _take(customer_id: int, *, version: int | None, by: Actor) -> models.Customer:
    """Return a customer, locked until the caller's transaction ends, when the actor may change it as she saw it."""
    customer = models.Customer.objects.select_for_update(no_key=True).filter(id=customer_id).first()
    if customer is None or not may(by, Right.WORK_VIEW, customer.desk_id):
        raise NotFound(MISSING)
    require(by, Right.PEOPLE_EDIT, customer.desk_id)
    if version is not None and version != customer.version:
        raise changed_since(
            f"changed {customer.name} since you opened the page",
            object_kind="customer", object_ref=customer.name, desk_id=customer.desk_id, version=customer.version,
        )  # fmt: skip
    return customer


def _keep(
    customer: models.Customer, action: str, *, before: Mapping[str, Any] | None, after: Mapping[str, Any], reason: str,
    by: Actor, now: datetime,
) -> Kept:  # fmt: skip
    """Write the customer with its next version, and the act down."""
    customer.version += 1
    customer.save(update_fields=[*TERMS, "clearances", "version"])
    audit_add(
        action, object_kind="customer", object_ref=customer.name, desk_id=customer.desk_id, before=before, after=after,
        reason=reason, by=by, now=now,
    )  # fmt: skip
    desk_changed(customer.desk_id)
    return _kept(customer, *after.get("site", after))


def _kept(customer: models.Customer, *changed: str) -> Kept:
    return Kept(customer_id=customer.id, desk_id=customer.desk_id, version=customer.version, changed=frozenset(changed))


def _terms_add(customer: models.Customer, *, at: datetime, by: Actor, reason: str) -> None:
    """Write down how the customer stands from *at* on."""
    said = {name: getattr(customer, name) for name in TERMS}
    models.Terms.objects.create(
        customer=customer, at=_not_before(models.Terms.objects.filter(customer=customer), at), by_name=by.name,
        reason=reason, **said,
    )  # fmt: skip


def _site_terms_add(site: models.Site, *, at: datetime, by: Actor, reason: str) -> None:
    """Write down what the site is called and where it is from *at* on."""
    said = {name: getattr(site, name) for name in SITE_TERMS}
    models.SiteTerms.objects.create(
        site=site,
        at=_not_before(models.SiteTerms.objects.filter(site=site), at),
        by_name=by.name,
        reason=reason,
        **said,
    )


def _not_before(terms: QuerySet[Any], at: datetime) -> datetime:
    """Return *at*, or from when the last of *terms* hold should the clock have been set back."""
    last: datetime | None = terms.order_by("-at").values_list("at", flat=True).first()
    return max(at, last or at)


def _zone(zone: str | None) -> str | None:
    """Return the name of an IANA zone, or "" for none. Raises InvalidFacts for another."""
    if zone and zone.strip():
        zone_of(zone.strip())
    return None if zone is None else zone.strip()


def _line(text: str, what: str, *, field: str) -> str:
    text = " ".join(text.split())
    if len(text) > NAME_LIMIT:
        raise InvalidFacts(f"{what} has at most {NAME_LIMIT} characters", field=field)
    return text


def _name(text: str, what: str, *, field: str) -> str:
    text = text.strip()
    if not text or len(text) > NAME_LIMIT:
        raise InvalidFacts(f"{what} has 1 to {NAME_LIMIT} characters", field=field)
    return text
