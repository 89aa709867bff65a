"""Partners of a desk: outside firms to which open items can be passed, with what they take and what one item costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.core.references import PARTNER, shown
from watchbill.apps.people.partners import (
    PartnerRow,
    partner_add,
    partner_change,
    partner_restore,
    partner_retire,
    partner_seen,
    partners_shown,
)
from watchbill.apps.people.rights import Right
from watchbill.apps.work.passed import passed_open
from watchbill.flows.partners import partner_notes
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formacts import form_act
from watchbill.interfaces.web.formats import MINUTE_S, duration
from watchbill.interfaces.web.forms import required_number, text_of
from watchbill.interfaces.web.frame import page, roles_with
from watchbill.interfaces.web.partnerforms import (
    LABELS,
    NEW,
    TAKES,
    activity_form,
    activity_name,
    edit_form,
    edit_name,
    new_form,
    partner_sent,
)
from watchbill.interfaces.web.sent import Sent, summary_of
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels.partners import PartnerLine, PartnersPage
from watchbill.interfaces.web.words import capital


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def partners(request: HttpRequest) -> HttpResponse:
    """List the partners of a desk."""
    return _show(request)


def _show(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    listed = partners_page(visit_of(request), **more)
    return page(
        request, "pages/partners.html", "Partners", current="people", status=status, has_errors=status == 422, page=listed
    )  # fmt: skip


def partners_page(visit: Visit, *, sent: Sent | None = None, conflict: parts.Conflict | None = None) -> PartnersPage:
    """Return the list; the number of queries does not depend on how many there are."""
    rows = partners_shown(visit.desk.id, by=visit.actor)
    notes = partner_notes(visit.desk.id, [row for row in rows if row.is_active])
    held = passed_open(visit.desk.id) if rows else {}
    may_edit = visit.may(Right.PEOPLE_EDIT)
    return PartnersPage(
        back_href=visit.href("people"),
        recover_href=visit.href("recover"),
        desk=visit.desk.name,
        lines=[
            _line(visit, row, sent, held=held.get(row.id, 0), notes=notes.get(row.id, ()), may_edit=may_edit)
            for row in rows
        ],
        new_form=new_form(visit, sent, is_first=not rows) if may_edit else None,
        conflict=conflict,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
        empty=None if rows else _empty(may_edit=may_edit),
    )


def _empty(*, may_edit: bool) -> parts.Empty:
    who = "Name one below" if may_edit else f"{capital(roles_with(Right.PEOPLE_EDIT))} may name one here"
    return parts.Empty(
        title="No partner yet",
        text="A partner is an outside firm that does work for this desk. Once one is named, Recovery options can weigh"
        " passing open cases to it that would be missed otherwise, with what that costs. "
        f"{who}: what it takes, how soon it begins, how many cases it takes, and the price of one. "
        "The how-to “Name a partner” of the documentation goes through it.",
    )


def _line(
    visit: Visit, row: PartnerRow, sent: Sent | None, *, held: int, notes: Sequence[str], may_edit: bool
) -> PartnerLine:  # fmt: skip
    return PartnerLine(
        reference=shown(PARTNER, row.id) or "",
        name=row.name,
        takes=TAKES[row.least_priority],
        of=", ".join(row.categories) or "all categories",
        warned=[note.replace("No item", "No case", 1) for note in notes],
        begins=f"{duration(row.lead_min * MINUTE_S)} after it is asked" if row.lead_min else "as soon as it is asked",
        at_once=str(row.at_once),
        most=str(row.most),
        held=f"has {held} now" if held else "",
        price="not known" if row.price is None else f"{row.price} {row.currency}",
        email=row.email,
        note=row.note,
        is_active=row.is_active,
        forms=(edit_form(visit, row, sent), activity_form(visit, row, sent)) if may_edit else (),
    )


def _act(request: HttpRequest, form: str, field: str, act: Callable[[Visit], str]) -> HttpResponse:
    """Do what a form asks; refused, show the page again."""
    return form_act(request, act, form=form, field=field, here="partners", labels=LABELS, show=_show)


@require_POST
@requires(Right.PEOPLE_EDIT)
def partner_new(request: HttpRequest) -> HttpResponse:
    """Name a partner."""

    def act(visit: Visit) -> str:
        facts = partner_sent(request.POST)
        partner_add(visit.desk.id, **facts, by=visit.actor, now=visit.now)
        return f"{facts['name']}: named"

    return _act(request, NEW, "name", act)


def _here(request: HttpRequest, partner_id: int) -> None:
    """Make the partner's desk that of the page. Raises NotFound for one that may not be seen."""
    visit = visit_of(request)
    visit.be_on(partner_seen(partner_id, by=visit.actor).desk_id)


@require_POST
@requires(Right.PEOPLE_EDIT)
def partner_edit(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Change what is said of a partner."""
    _here(request, partner_id)

    def act(visit: Visit) -> str:
        version = required_number(request.POST, "version", "The version")
        facts = partner_sent(request.POST)
        is_changed = partner_change(partner_id, **facts, version=version, by=visit.actor, now=visit.now)
        return f"{facts['name']}: kept" if is_changed else "Nothing was different"

    return _act(request, edit_name(partner_id), "name", act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def partner_activity(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Retire a partner, or take it into use again."""
    _here(request, partner_id)

    def act(visit: Visit) -> str:
        is_active = request.POST.get("is_active") == "1"
        set_it = partner_restore if is_active else partner_retire
        set_it(
            partner_id, reason=text_of(request.POST, "reason"),
            version=required_number(request.POST, "version", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
        return "In use again" if is_active else "Retired"

    return _act(request, activity_name(partner_id), "reason", act)


urls = [
    path("partners/", partners, name="partners"),
    path("partners/new/", partner_new, name="partner-new"),
    path("partners/<int:partner_id>/", partner_edit, name="partner-edit"),
    path("partners/<int:partner_id>/activity/", partner_activity, name="partner-activity"),
]
