"""From a customer as it is kept to its page: open cases, sites, terms since when, and the forms that change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from watchbill.apps.customers.queries import CustomerRow, SiteRow, SiteTerms, Terms, site_list, site_terms_of, terms_of
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import View, WorkFilter, work_count, work_page
from watchbill.engine.base.time import EARLIEST
from watchbill.engine.base.work import TIERS
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import day_and_year, plural, time_of_day
from watchbill.interfaces.web.rows import queue_rows
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels.customers import CustomerPage, SiteLine, TermsLine
from watchbill.interfaces.web.viewmodels.parts import Chip, Conflict, Field, Option
from watchbill.interfaces.web.viewmodels.people import Form

ROWS = 15
"""Open cases shown: what comes next; the list of cases shows the rest."""

TERMS, NEW_SITE, CLEARANCES = "terms", "site", "clearances"
"""Forms of the page; that of a site is called by its number: `site_form_name`."""

HANDLING = {False: "Like any other", True: "Sensitive: takes care and experience"}
ZONE_HINT = "IANA name, such as Europe/Dublin"
SITE_ZONE_HINT = f"{ZONE_HINT}; it holds from now on"
WHY_HINT = "Kept with the terms and in the audit trail"


def site_form_name(site_id: int) -> str:
    """Return the name of the form that changes a site."""
    return f"site-{site_id}"


def marks_of(customer: CustomerRow) -> list[Chip]:
    """Return what is out of the ordinary about a customer."""
    chips = [] if customer.tier == "standard" else [Chip(label=customer.tier.capitalize())]
    if customer.is_sensitive:
        chips.append(Chip(label="Sensitive", look="line"))
    return chips


def customer_page(
    visit: Visit, customer: CustomerRow, *, sent: Sent | None = None, conflict: Conflict | None = None
) -> CustomerPage:
    """Return everything that a customer's page shows; the number of queries does not depend on its work."""
    wanted = WorkFilter(desk_id=customer.desk_id, view=View.OPEN, customer_id=customer.id)
    items = work_page(wanted, limit=ROWS, by=visit.actor, now=visit.now)
    total = work_count(wanted, by=visit.actor, now=visit.now)
    rows_href = visit.href("cases", customer=customer.id)
    sites, terms = site_list(customer.id), terms_of([customer.id])[customer.id]
    site_terms = site_terms_of([site.id for site in sites])
    may_edit = visit.may(Right.PEOPLE_EDIT)
    return CustomerPage(
        name=customer.name,
        about=f"{plural(total, 'open case')}, {plural(len(sites), 'site')}",
        back_href=visit.href("customers"),
        chips=marks_of(customer),
        rows=queue_rows(visit, items, list_href=rows_href),
        rows_total=total,
        rows_href=rows_href,
        every_href=visit.href("cases", customer=customer.id, view=View.ANY.value),
        sites=[_site(visit, customer, site, site_terms[site.id], sent, may_edit=may_edit) for site in sites],
        terms=_terms(terms),
        facts=[
            ("Tier", customer.tier.capitalize()),
            ("Contract", customer.contract or "none"),
            ("Time zone", customer.zone or "not known"),
            ("Handling", HANDLING[customer.is_sensitive]),
            ("Clearances", ", ".join(customer.clearances) or "none asked for"),
        ],
        terms_form=_terms_form(visit, customer, sent) if may_edit else None,
        clearances_form=_clearances_form(visit, customer, sent) if may_edit else None,
        site_form=_site_form(visit, customer, sent) if may_edit else None,
        history_href=visit.href("audit", kind="customer", ref=customer.name) if visit.may(Right.AUDIT_VIEW) else "",
        conflict=conflict,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
    )


def _terms(terms: Sequence[Terms]) -> list[TermsLine]:
    """Return how the customer stood, the latest first."""
    return [
        TermsLine(
            since="since ever" if one.at == EARLIEST else _instant(one.at),
            tier=one.tier.capitalize(),
            contract=one.contract or "none",
            zone=one.zone or "not known",
            handling="Sensitive" if one.is_sensitive else "",
            by=one.by_name,
            reason=one.reason,
            is_now=one is terms[-1],
        )
        for one in reversed(terms)
    ]


def _instant(at: datetime) -> str:
    return f"{day_and_year(at)} {time_of_day(at)} UTC"


def _site(
    visit: Visit, customer: CustomerRow, site: SiteRow, terms: Sequence[SiteTerms], sent: Sent | None, *, may_edit: bool
) -> SiteLine:
    was = [
        f"Until {_instant(later.at)}: {', '.join((one.name, one.zone or 'the customer’s zone'))}"
        for one, later in pairwise(terms)
    ]
    return SiteLine(
        name=site.name,
        zone=site.zone or f"{customer.zone or 'not known'}, the customer's",
        is_active=site.is_active,
        was=was[::-1],
        form=_change_form(visit, customer, site, sent) if may_edit else None,
    )


def _form(
    customer: CustomerRow, sent: Sent | None, name: str, *, title: str, submit: str, href: str,
    fields: Sequence[Field], hint: str = "",
) -> Form:  # fmt: skip
    return Form(
        name=name, title=title, submit=submit, action_href=href, fields=fields, hint=hint,
        errors=summary_of(sent, name), is_open=sent is not None and sent.form == name,
        hidden=(("version", str(customer.version)),),
    )  # fmt: skip


def _terms_form(visit: Visit, customer: CustomerRow, sent: Sent | None) -> Form:
    tiers = {tier: tier.capitalize() for tier in TIERS}
    handling = {str(int(is_sensitive)): label for is_sensitive, label in HANDLING.items()}
    return _form(
        customer, sent, TERMS, title="Change the terms", submit="Keep", href=visit.href("customer-terms", customer.id),
        hint="They hold from now on, and the clocks of its open cases follow.",
        fields=[
            _select(sent, TERMS, "tier", "Tier", tiers, chosen=customer.tier),
            _text(sent, TERMS, "contract", "Contract", customer.contract, placeholder="none"),
            _text(sent, TERMS, "zone", "Time zone", customer.zone, placeholder="not known", hint=ZONE_HINT),
            _select(sent, TERMS, "is_sensitive", "Handling", handling, chosen=str(int(customer.is_sensitive))),
            _text(sent, TERMS, "reason", "Why", hint=WHY_HINT),
        ],
    )  # fmt: skip


def _clearances_form(visit: Visit, customer: CustomerRow, sent: Sent | None) -> Form:
    listed = value_of(sent, CLEARANCES, "clearances", "\n".join(customer.clearances))
    return _form(
        customer, sent, CLEARANCES, title="Change the clearances", submit="Keep",
        href=visit.href("customer-clearances", customer.id),
        hint="Whoever works for it must have all of them; assignment gives its cases to nobody else.",
        fields=[
            Field(name="clearances", label="Clearances", kind="textarea", rows=2, value=listed,
                  hint="One a line; empty: none is asked for", error=message_of(sent, CLEARANCES, "clearances")),
            _text(sent, CLEARANCES, "reason", "Why", hint="Kept in the audit trail"),
        ],
    )  # fmt: skip


def _site_form(visit: Visit, customer: CustomerRow, sent: Sent | None) -> Form:
    return _form(
        customer, sent, NEW_SITE, title="Add a site", submit="Add", href=visit.href("customer-site-add", customer.id),
        fields=[
            _text(sent, NEW_SITE, "name", "Name", is_required=True),
            _text(sent, NEW_SITE, "zone", "Time zone", placeholder="the customer's", hint=ZONE_HINT),
            _text(sent, NEW_SITE, "reason", "Why"),
        ],
    )  # fmt: skip


def _change_form(visit: Visit, customer: CustomerRow, site: SiteRow, sent: Sent | None) -> Form:
    name = site_form_name(site.id)
    use = {"1": "In use", "0": "Out of use: no case is placed there any more"}
    return _form(
        customer, sent, name, title=f"Change {site.name}", submit="Keep",
        href=visit.href("customer-site", customer.id, site.id),
        fields=[
            _text(sent, name, "name", "Name", site.name, is_required=True),
            _text(sent, name, "zone", "Time zone", site.zone, placeholder="the customer's", hint=SITE_ZONE_HINT),
            _select(sent, name, "is_active", "Use", use, chosen=str(int(site.is_active))),
            _text(sent, name, "reason", "Why"),
        ],
    )  # fmt: skip


def _text(
    sent: Sent | None, form: str, name: str, label: str, value: str = "", *, placeholder: str = "", hint: str = "",
    is_required: bool = False,
) -> Field:  # fmt: skip
    return Field(
        name=name, label=label, value=value_of(sent, form, name, value), error=message_of(sent, form, name), hint=hint,
        placeholder=placeholder, is_required=is_required,
    )  # fmt: skip


def _select(
    sent: Sent | None, form: str, name: str, label: str, options: dict[str, str], *, chosen: str
) -> Field:  # fmt: skip
    wanted = value_of(sent, form, name, chosen)
    return Field(
        name=name, label=label, kind="select", error=message_of(sent, form, name),
        options=[Option(value=value, label=text, is_chosen=value == wanted) for value, text in options.items()],
    )  # fmt: skip
