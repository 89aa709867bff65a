"""Customers: found by name, and what assignment weighs of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.references import CUSTOMER, key_of, shown
from watchbill.apps.customers.queries import CustomerRow
from watchbill.apps.customers.queries import customer_list as customers_of_desk
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows.customers import customer_change as change
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import customers as shapes
from watchbill.interfaces.api.schemas.base import Limit, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["customers"])


class CustomerQuery(Schema):
    desk: Slug
    q: Short = Field("", description="Part of a name")
    after: Short = ""
    limit: Limit = 50


def _customer(row: CustomerRow) -> dict[str, Any]:
    """A customer in the shape of `shapes.Customer`."""
    names = ("name", "tier", "is_sensitive", "version")
    return {"reference": shown(CUSTOMER, row.id), **{name: getattr(row, name) for name in names}}


@reads(router, "/customers", right=Right.WORK_VIEW, out=shapes.Customers)
def customer_list(request: HttpRequest, asked: Query[CustomerQuery]) -> HttpResponse:
    """List customers of a desk by name."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    rows = customers_of_desk(desk.id, text=asked.q, after=asked.after, limit=asked.limit + 1, by=by)
    listed = rows[: asked.limit]
    after = listed[-1].name if len(rows) > asked.limit else None
    return json_response({"customers": [_customer(row) for row in listed], "next": after})


@writes(router, "PATCH", "/customers/{reference}", right=Right.PEOPLE_EDIT, out=shapes.CustomerChanged)
def customer_change(request: HttpRequest, reference: str, body: shapes.CustomerChange) -> HttpResponse:
    """Set a customer's tier, or whether it is sensitive: both weigh in assignment."""
    key = key_of(CUSTOMER, reference)

    def do(by: Any, at: Any) -> dict[str, Any]:
        kept = change(
            key, tier=body.tier, is_sensitive=body.is_sensitive, version=body.version, reason=body.reason, by=by, now=at
        )
        return {"reference": shown(CUSTOMER, key), "version": kept.version}

    return write(request, do)
