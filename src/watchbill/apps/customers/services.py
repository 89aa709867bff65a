"""Writes of customers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add
from watchbill.apps.customers import models
from watchbill.apps.people.rights import Right, require
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


def customer_update(customer_id: int, *, tier: str, is_sensitive: bool, by: Actor, now: datetime) -> None:
    """Set a customer's tier and whether it is sensitive."""
    customer = models.Customer.objects.filter(id=customer_id).first()
    if customer is None:
        raise NotFound("There is no such customer")
    require(by, Right.PEOPLE_EDIT, customer.desk_id)
    if tier not in TIERS:
        raise InvalidFacts(f"A tier is one of {', '.join(TIERS)}", field="tier")
    with transaction.atomic():
        models.Customer.objects.filter(id=customer_id).update(tier=tier, is_sensitive=is_sensitive)
        audit_add(
            "customer_changed",
            object_kind="customer",
            object_ref=customer.name,
            desk_id=customer.desk_id,
            before={"tier": customer.tier, "is_sensitive": customer.is_sensitive},
            after={"tier": tier, "is_sensitive": is_sensitive},
            by=by,
            now=now,
        )
