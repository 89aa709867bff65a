"""The customers of a desk: the list by name, and one of them with its sites, its terms since when, and its open cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.customers.queries import CustomerRow, customer_get, customer_list, sites_of
from watchbill.apps.customers.services import Kept, clearances_set, site_add
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import open_by_customer
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.customers import customer_change, site_change
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.customerpage import CLEARANCES, NEW_SITE, TERMS, customer_page, marks_of, site_form_name
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.forms import lines_of, required_number, text_of
from watchbill.interfaces.web.frame import EXAMPLE_ID, page, toast_add
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.viewmodels.customers import CustomerLine, CustomersPage
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager

ROWS = 50
LABELS = {
    "tier": "Tier", "contract": "Contract", "zone": "Time zone", "is_sensitive": "Sensitive", "site": "Site",
    "name": "Name", "is_active": "In use", "clearances": "Clearances",
}  # fmt: skip
"""The fields that a conflict names."""


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def customers(request: HttpRequest) -> HttpResponse:
    """List the customers of a desk by name."""
    return page(
        request, "pages/customers.html", "Customers", current="customers", page=customers_page(visit_of(request))
    )


def customers_page(visit: Visit) -> CustomersPage:
    """Return the list: two queries, whatever it holds."""
    text, after = text_of(visit.request.GET, "q")[:100], visit.request.GET.get("after", "")[:500]
    found = customer_list(visit.desk.id, text=text, after=after, limit=ROWS + 1, by=visit.actor)
    shown = found[:ROWS]
    opened = open_by_customer([row.id for row in shown])
    href = visit.hrefs("customer", EXAMPLE_ID)
    cases_href = visit.href("cases", customer=EXAMPLE_ID)
    lines = [
        CustomerLine(
            name=row.name,
            href=href(row.id),
            tier=row.tier.capitalize(),
            contract=row.contract,
            zone=row.zone,
            open=opened.get(row.id, 0),
            open_href=cases_href.replace(str(EXAMPLE_ID), str(row.id)),
            chips=[chip for chip in marks_of(row) if chip.look == "line"],
        )
        for row in shown
    ]
    return CustomersPage(
        lines=lines,
        text=text,
        desk=visit.desk.slug,
        pager=Pager(
            shown=f"{plural(len(shown), 'customer')}, by name" + (f", after {after}" if after else ""),
            first_href=visit.href("customers", q=text) if after else "",
            next_href=visit.href("customers", q=text, after=shown[-1].name) if len(found) > ROWS else "",
        ),
        empty=None if shown else _empty(visit, text),
    )


def _empty(visit: Visit, text: str) -> Empty:
    if text:
        every = [Link(label="Show all", href=visit.href("customers"))]
        return Empty(title="No customer matches", text="None of this desk has that in its name.", actions=every)
    return Empty(title="No customer yet", text="A customer is made by the first case that names it, or by an import.")


def _visited(request: HttpRequest, customer_id: int) -> tuple[Visit, CustomerRow]:
    """Return the visit, made one of the customer's desk. Raises NotFound, NotAllowed."""
    visit = visit_of(request)
    found = customer_get(customer_id, by=visit.actor)
    visit.be_on(found.desk_id)
    return visit, found


def _show(request: HttpRequest, visit: Visit, found: CustomerRow, *, status: int = 200, **more: Any) -> HttpResponse:
    return page(
        request, "pages/customer.html", found.name, current="customers", status=status, has_errors=status == 422,
        page=customer_page(visit, found, **more),
    )  # fmt: skip


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show one customer."""
    return _show(request, *_visited(request, customer_id))


def _act(
    request: HttpRequest, customer_id: int, form: str, act: Callable[[Visit, int], Kept], done: str
) -> HttpResponse:
    """Do what a form asks; refused, show the page again with its input and what is wrong or who was faster."""
    visit, _ = _visited(request, customer_id)
    here = visit.href("customer", customer_id)
    try:
        kept = act(visit, required_number(request.POST, "version", "The version"))
    except InvalidFacts as error:
        sent = Sent.refused(form, request.POST, error)
        return _show(request, visit, customer_get(customer_id, by=visit.actor), status=422, sent=sent)
    except Conflict as error:
        if "version" not in error.details:  # a name that is taken
            sent = Sent.refused(form, request.POST, InvalidFacts(error.message, field="name"))
            return _show(request, visit, customer_get(customer_id, by=visit.actor), status=409, sent=sent)
        mine = {name: request.POST[name] for name in LABELS if name in request.POST}
        clash = conflict_of(request, error, keep_href=here, labels=LABELS, shown=mine)
        return _show(request, visit, customer_get(customer_id, by=visit.actor), status=409, conflict=clash)
    toast_add(request, done if kept.changed else "Nothing was different")
    return HttpResponseRedirect(here)


@require_POST
@requires(Right.PEOPLE_EDIT)
def customer_terms(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Set the customer's terms from now on; the clocks of its open cases follow."""
    form = request.POST

    def act(visit: Visit, version: int) -> Kept:
        return customer_change(
            customer_id, tier=text_of(form, "tier"), contract=text_of(form, "contract"), zone=text_of(form, "zone"),
            is_sensitive=text_of(form, "is_sensitive") == "1", version=version, reason=text_of(form, "reason"),
            by=visit.actor, now=visit.now,
        )  # fmt: skip

    return _act(request, customer_id, TERMS, act, "Terms kept, from now on")


@require_POST
@requires(Right.PEOPLE_EDIT)
def customer_clearances(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Say which clearances whoever works for the customer must have."""
    form = request.POST

    def act(visit: Visit, version: int) -> Kept:
        return clearances_set(
            customer_id, lines_of(form, "clearances"), version=version, reason=text_of(form, "reason"), by=visit.actor,
            now=visit.now,
        )  # fmt: skip

    return _act(request, customer_id, CLEARANCES, act, "Clearances kept")


@require_POST
@requires(Right.PEOPLE_EDIT)
def customer_site_add(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Add a site."""
    form = request.POST

    def act(visit: Visit, version: int) -> Kept:
        return site_add(
            customer_id, text_of(form, "name"), zone=text_of(form, "zone"), version=version,
            reason=text_of(form, "reason"), by=visit.actor, now=visit.now,
        )  # fmt: skip

    return _act(request, customer_id, NEW_SITE, act, "Site added")


@require_POST
@requires(Right.PEOPLE_EDIT)
def customer_site(request: HttpRequest, customer_id: int, site_id: int) -> HttpResponse:
    """Rename a site, set its time zone, or take it out of use."""
    form = request.POST

    def act(visit: Visit, version: int) -> Kept:
        site = sites_of([site_id]).get(site_id)
        if site is None or site.customer_id != customer_id:
            raise NotFound("This customer has no such site")
        return site_change(
            site_id, name=text_of(form, "name"), zone=text_of(form, "zone"), is_active=text_of(form, "is_active") == "1",
            version=version, reason=text_of(form, "reason"), by=visit.actor, now=visit.now,
        )  # fmt: skip

    return _act(request, customer_id, site_form_name(site_id), act, "Site kept")


urls = [
    path("customers/", customers, name="customers"),
    path("customers/<int:customer_id>/", customer, name="customer"),
    path("customers/<int:customer_id>/terms/", customer_terms, name="customer-terms"),
    path("customers/<int:customer_id>/clearances/", customer_clearances, name="customer-clearances"),
    path("customers/<int:customer_id>/sites/", customer_site_add, name="customer-site-add"),
    path("customers/<int:customer_id>/sites/<int:site_id>/", customer_site, name="customer-site"),
]
