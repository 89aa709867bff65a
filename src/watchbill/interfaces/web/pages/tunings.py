"""Tunings of the assignment policy by simulation: asked for from its page, one on its way or done, and its numbers run dry."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.tunings import TuningRow
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.flows.assign.tuning import suggested, tuning_ask
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.dryrunpage import DRY_RUN_PAGES
from watchbill.interfaces.web.pages.runs import run_ask_again, run_of, run_show
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.tuningpage import TUNING_PAGES, tuning_page


def _show(request: HttpRequest, visit: Visit, row: TuningRow, sent: Sent | None = None) -> HttpResponse:
    return run_show(request, "pages/tuning.html", tuning_page(visit, row, sent), sent=sent)


@require_POST
@requires(Right.POLICY_EDIT)
def tuning_ask_for(request: HttpRequest) -> HttpResponse:
    """Tune the policy in force on the last weeks; the worker does it, and its page shows how far it is."""
    visit = visit_of(request)
    run_id = tuning_ask(visit.desk.id, by=visit.actor, now=visit.now)
    return HttpResponseRedirect(visit.href(TUNING_PAGES.name, run_id))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def tuning(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one tuning."""
    visit = visit_of(request)
    return _show(request, visit, run_of(visit, TUNING_PAGES, run_id))


@require_POST
@requires(Right.POLICY_EDIT)
def tuning_again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Tune anew what is in force now, on the weeks before now."""
    visit = visit_of(request)
    row = run_of(visit, TUNING_PAGES, run_id)

    def ask() -> int:
        return tuning_ask(visit.desk.id, weeks=row.weeks, by=visit.actor, now=visit.now)

    return run_ask_again(request, TUNING_PAGES, ask, lambda sent: _show(request, visit, row, sent))


@require_POST
@requires(Right.POLICY_EDIT)
def tuning_dry_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Run the numbers that were found dry; from there they are published."""
    visit = visit_of(request)
    row = run_of(visit, TUNING_PAGES, run_id)

    def ask() -> int:
        draft = suggested(row)
        if draft is None:
            raise InvalidFacts("This tuning suggests no change, so there is nothing to run dry")
        return dry_run_ask(visit.desk.id, draft, by=visit.actor, now=visit.now)

    return run_ask_again(request, DRY_RUN_PAGES, ask, lambda sent: _show(request, visit, row, sent))


urls = [
    path("policies/assign/tune/", tuning_ask_for, name="policy-assign-tune"),
    path("policies/assign/tunings/<int:run_id>/", tuning, name="policy-tuning"),
    path("policies/assign/tunings/<int:run_id>/again/", tuning_again, name="policy-tuning-again"),
    path("policies/assign/tunings/<int:run_id>/dry-run/", tuning_dry_run, name="policy-tuning-dry-run"),
]
