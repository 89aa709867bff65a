"""Customers: found by name; their terms and sites, which assignment weighs and clocks follow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import CUSTOMER, SITE, key_of
from watchbill.apps.customers import shown
from watchbill.apps.customers.services import clearances_set
from watchbill.apps.customers.services import site_add as add_site
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows import customers as flow
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


@reads(router, "/customers", right=Right.WORK_VIEW, out=shapes.Customers)
def customer_list(request: HttpRequest, asked: Query[CustomerQuery]) -> HttpResponse:
    """List customers of a desk by name."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    return json_response(shown.customers_shown(desk.id, text=asked.q, after=asked.after, limit=asked.limit, by=by))


@reads(router, "/customers/{reference}", right=Right.WORK_VIEW, out=shapes.CustomerWhole)
def customer_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one customer with its sites, and how it and they stood from when on, the latest first."""
    return json_response(shown.customer_shown(key_of(CUSTOMER, reference), by=actor(request)))


@writes(router, "PATCH", "/customers/{reference}", right=Right.PEOPLE_EDIT, out=shapes.CustomerChanged)
def customer_change(request: HttpRequest, reference: str, body: shapes.CustomerChange) -> HttpResponse:
    """Set a customer's terms from now on: tier, contract, time zone, and whether it is sensitive.

    The clocks of its open items are computed anew; what held before holds for the time before.
    """
    key = key_of(CUSTOMER, reference)

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return shown.kept_shown(flow.customer_change(key, **body.model_dump(), by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/customers/{reference}/clearances", right=Right.PEOPLE_EDIT, out=shapes.CustomerChanged)
def customer_clearances(request: HttpRequest, reference: str, body: shapes.ClearancesAsked) -> HttpResponse:
    """Say which clearances whoever works for a customer must have: all of them, or none."""
    key = key_of(CUSTOMER, reference)

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return shown.kept_shown(clearances_set(key, **body.model_dump(), by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/customers/{reference}/sites", right=Right.PEOPLE_EDIT, out=shapes.SiteKept, status=201)
def site_add(request: HttpRequest, reference: str, body: shapes.NewSite) -> HttpResponse:
    """Add a site to a customer."""
    key = key_of(CUSTOMER, reference)

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return shown.kept_shown(add_site(key, **body.model_dump(), by=by, now=at))

    return write(request, do, status=201)


@writes(router, "PATCH", "/sites/{reference}", right=Right.PEOPLE_EDIT, out=shapes.SiteKept)
def site_change(request: HttpRequest, reference: str, body: shapes.SiteChange) -> HttpResponse:
    """Rename a site, set its time zone, or take it out of use; `version` is its customer's."""
    key = key_of(SITE, reference)

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return shown.kept_shown(flow.site_change(key, **body.model_dump(), by=by, now=at))

    return write(request, do)
