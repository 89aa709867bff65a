"""Recovery options: what can be done tonight, side by side; asked for, applied with one action, taken back."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.recoveries import recovery_get, recovery_list, recovery_standing
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.recover.applying import deferral_lift, recovery_apply, recovery_undo
from watchbill.flows.recover.asking import HOURS, recovery_ask
from watchbill.interfaces.web.access import requires, visit_of
from watchbill.interfaces.web.forms import back_of, number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.recoverpage import recover_page
from watchbill.interfaces.web.tiles import tiles_forget

STANDING = timedelta(days=1)
"""How long a plan that stands is on the page although options were worked out anew."""


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def recover(request: HttpRequest) -> HttpResponse:
    """Show the latest options of a desk, with their age, and earlier plans that stand."""
    return _show(request)


def _show(request: HttpRequest, *, status: int = 200, problem: str = "") -> HttpResponse:
    visit = visit_of(request)
    row = next(iter(recovery_list(visit.desk.id, limit=1)), None)
    standing = recovery_standing(visit.desk.id, since=visit.now - STANDING, but=row.id if row else None)
    shown = recover_page(visit, row, standing, problem=problem)
    return page(request, "pages/recover.html", "Recovery options", current="balance", status=status, page=shown)


@require_POST
@requires(Right.WORK_BULK)
def ask(request: HttpRequest) -> HttpResponse:
    """Work options out from the desk as it is now; the worker does it."""
    visit = visit_of(request)
    try:
        hours = number_of(request.POST, "hours", "Hours") or HOURS
        recovery_ask(visit.desk.id, hours=hours, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        return _show(request, status=422, problem=error.message)
    return HttpResponseRedirect(visit.href("recover"))


@require_POST
@requires(Right.WORK_BULK)
def apply(request: HttpRequest, run_id: int) -> HttpResponse:
    """Apply one plan; when the desk has changed since, say what has."""
    visit = visit_of(request)
    visit.be_on(recovery_get(run_id, by=visit.actor).desk_id)
    try:
        done = recovery_apply(run_id, text_of(request.POST, "plan"), by=visit.actor, now=visit.now)
    except (Conflict, InvalidFacts) as error:
        return _show(request, status=409 if isinstance(error, Conflict) else 422, problem=error.message)
    tiles_forget(visit.desk.id)
    toast_add(request, done.said[:1].upper() + done.said[1:], undo=visit.href("recover-undo", run_id))
    return HttpResponseRedirect(visit.href("recover"))


@require_POST
@requires(Right.WORK_BULK)
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take the plan back that was applied; what is left is named."""
    visit = visit_of(request)
    visit.be_on(recovery_get(run_id, by=visit.actor).desk_id)
    try:
        done = recovery_undo(run_id, by=visit.actor, now=visit.now)
    except Conflict as error:
        return _show(request, status=409, problem=error.message)
    tiles_forget(visit.desk.id)
    left = f". Left: {'; '.join(f'{what}: {why}' for what, why in done.left[:5])}" if done.left else ""
    toast_add(request, f"Undone: {done.said}{left}")
    return HttpResponseRedirect(visit.href("recover"))


@require_POST
@requires(Right.WORK_EDIT)
def lift(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a case that is put off be worked on at once."""
    visit = visit_of(request)
    visit.be_on(work_get(reference, by=visit.actor).desk_id)
    deferral_lift(reference, by=visit.actor, now=visit.now)
    toast_add(request, f"{reference} is not put off any more")
    return HttpResponseRedirect(back_of(request, visit.href("case", reference)))


urls = [
    path("recover/", recover, name="recover"),
    path("recover/ask/", ask, name="recover-ask"),
    path("recover/<int:run_id>/apply/", apply, name="recover-apply"),
    path("recover/<int:run_id>/undo/", undo, name="recover-undo"),
    path("cases/<str:reference>/lift/", lift, name="case-lift"),
]
