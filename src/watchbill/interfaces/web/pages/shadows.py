"""Shadow runs: begun from a comparison for a draft that competed, followed, stopped, and the draft adopted with a reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.shadows import shadow_adopt, shadow_get, shadow_stop
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.assign.shadowtold import shadow_told
from watchbill.flows.backtest.adopting import shadow_ask
from watchbill.interfaces.web.access import requires, visit_of
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.whatif import run_show, whatif_row
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.shadowpage import BEGIN, FORM, shadow_shown


@require_POST
@requires(Right.POLICY_EDIT)
def shadow_begin(request: HttpRequest, run_id: int) -> HttpResponse:
    """Begin a shadow run of a draft as it competed; refused, say why on the comparison's page."""
    visit = visit_of(request)
    row = whatif_row(visit, run_id)
    try:
        days = number_of(request.POST, "days", "Days")
        key = shadow_ask(
            row.desk_id, text_of(request.POST, "draft"), run=row, days=days or 0, by=visit.actor, now=visit.now
        )
    except (InvalidFacts, Conflict) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message)
        return run_show(request, row, sent=Sent.refused(BEGIN, request.POST, problem))
    return HttpResponseRedirect(visit.href("whatif-shadow", key))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def shadow(request: HttpRequest, shadow_id: int) -> HttpResponse:
    """Show one shadow run: how far it is, what it has come to, where the draft differs, and what may be done."""
    return _show(request, shadow_id)


def _show(request: HttpRequest, shadow_id: int, *, sent: Sent | None = None) -> HttpResponse:
    visit = visit_of(request)
    visit.be_on(shadow_get(shadow_id, by=visit.actor).desk_id)
    shown = shadow_shown(visit, shadow_told(shadow_id, by=visit.actor, now=visit.now), sent)
    return page(
        request, "pages/shadow.html", shown.title, current="whatif", status=422 if sent else 200, has_errors=sent is not None,
        page=shown,
    )  # fmt: skip


@require_POST
@requires(Right.POLICY_EDIT)
def shadow_end(request: HttpRequest, shadow_id: int) -> HttpResponse:
    """Stop a shadow run that is under way."""
    visit = visit_of(request)
    visit.be_on(shadow_get(shadow_id, by=visit.actor).desk_id)
    try:
        shadow_stop(shadow_id, by=visit.actor, now=visit.now)
    except Conflict as error:
        toast_add(request, error.message)
    return HttpResponseRedirect(visit.href("whatif-shadow", shadow_id))


@require_POST
@requires(Right.POLICY_EDIT)
def shadow_publish(request: HttpRequest, shadow_id: int) -> HttpResponse:
    """Adopt the draft of a run that is over, with a reason; refused, say why at the form."""
    visit = visit_of(request)
    visit.be_on(shadow_get(shadow_id, by=visit.actor).desk_id)
    try:
        number = shadow_adopt(shadow_id, reason=text_of(request.POST, "reason"), by=visit.actor, now=visit.now)
    except (InvalidFacts, Conflict) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message)
        return _show(request, shadow_id, sent=Sent.refused(FORM, request.POST, problem))
    toast_add(request, f"Adopted: version {number} of the assignment policy is in force")
    return HttpResponseRedirect(visit.href("whatif-shadow", shadow_id))


urls = [
    path("whatif/<int:run_id>/shadow/", shadow_begin, name="whatif-shadow-begin"),
    path("whatif/shadows/<int:shadow_id>/", shadow, name="whatif-shadow"),
    path("whatif/shadows/<int:shadow_id>/stop/", shadow_end, name="whatif-shadow-stop"),
    path("whatif/shadows/<int:shadow_id>/adopt/", shadow_publish, name="whatif-shadow-adopt"),
]
