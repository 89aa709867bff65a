"""Writes of customers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.versions import changed_since
from watchbill.apps.customers import models
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import InvalidFacts, NotFound

TIERS = ("standard", "plus", "premier")


def customer_ensure(desk_id: int, name: str, *, by: Actor, now: datetime) -> int:
    """Return the id of the desk's customer *name*, made if it is not there yet."""
    require(by, Right.WORK_CREATE, desk_id)
    name = name.strip()
    if not name or len(name) > 500:
        raise InvalidFacts("A customer's name has 1 to 500 characters", field="customer")
    with transaction.atomic():
        customer, is_new = models.Customer.objects.get_or_create(desk_id=desk_id, name=name)
        if is_new:
            audit_add("customer_made", object_kind="customer", object_ref=name, desk_id=desk_id, by=by, now=now)
    return customer.id


def customer_update(
    customer_id: int,
    *,
    tier: str | None = None,
    is_sensitive: bool | None = None,
    version: int | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Set a customer's tier, or whether it is sensitive; return its version.

    ``version`` is the one that the writer saw: Conflict, naming who changed what, when another has come since. Raises
    NotFound also for a customer of a desk that the actor may not see.
    """
    with transaction.atomic():
        customer = models.Customer.objects.select_for_update(no_key=True).filter(id=customer_id).first()
        if customer is None or not may(by, Right.WORK_VIEW, customer.desk_id):
            raise NotFound("There is no such customer, or you may not see it")
        require(by, Right.PEOPLE_EDIT, customer.desk_id)
        if tier is not None and tier not in TIERS:
            raise InvalidFacts(f"A tier is one of {', '.join(TIERS)}", field="tier")
        if version is not None and version != customer.version:
            raise changed_since(
                f"changed {customer.name} since you opened the page",
                object_kind="customer", object_ref=customer.name, desk_id=customer.desk_id, version=customer.version,
            )  # fmt: skip
        given = {"tier": tier, "is_sensitive": is_sensitive}
        before = {name: getattr(customer, name) for name in given}
        after = {name: value for name, value in given.items() if value not in (None, before[name])}
        if not after:
            return customer.version
        models.Customer.objects.filter(id=customer_id).update(**after, version=customer.version + 1)
        audit_add(
            "customer_changed",
            object_kind="customer",
            object_ref=customer.name,
            desk_id=customer.desk_id,
            before={name: before[name] for name in after},
            after=after,
            reason=reason,
            by=by,
            now=now,
        )
        desk_changed(customer.desk_id)
    return customer.version + 1
