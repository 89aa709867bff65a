"""Dry runs of drafts of the assignment policy: asked for from the form, one on its way or done, and publishing from there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.dryruns import DryRunRow
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.policy import Policy
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.dryrunpage import DRY_RUN_PAGES, dry_run_page
from watchbill.interfaces.web.pages.runs import run_ask, run_ask_again, run_of, run_publish, run_show
from watchbill.interfaces.web.policykinds import assign_kind
from watchbill.interfaces.web.sent import Sent


def _show(request: HttpRequest, visit: Visit, row: DryRunRow, sent: Sent | None = None) -> HttpResponse:
    return run_show(request, "pages/dry_run.html", dry_run_page(visit, row, sent), sent=sent)


@require_POST
@requires(Right.POLICY_EDIT)
def dry_run_ask_for(request: HttpRequest) -> HttpResponse:
    """Run dry what the form of the assignment policy says; the worker does it, and its page shows how far it is."""
    kind = assign_kind(visit_of(request))

    def ask(visit: Visit) -> int:
        body = bodies.assign_body(request.POST, Policy.from_json(kind.latest["body"], is_stored=True).as_json())
        return dry_run_ask(visit.desk.id, body, by=visit.actor, now=visit.now)

    return run_ask(request, kind, DRY_RUN_PAGES, ask)


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def dry_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one dry run."""
    visit = visit_of(request)
    return _show(request, visit, run_of(visit, DRY_RUN_PAGES, run_id))


@require_POST
@requires(Right.POLICY_EDIT)
def dry_run_again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Run the same draft dry anew, beside what holds now."""
    visit = visit_of(request)
    row = run_of(visit, DRY_RUN_PAGES, run_id)

    def ask() -> int:
        return dry_run_ask(visit.desk.id, row.policy, days=row.days, by=visit.actor, now=visit.now)

    return run_ask_again(request, DRY_RUN_PAGES, ask, lambda sent: _show(request, visit, row, sent))


@require_POST
@requires(Right.POLICY_EDIT)
def dry_run_publish(request: HttpRequest, run_id: int) -> HttpResponse:
    """Publish the draft that was run dry."""
    visit = visit_of(request)
    row = run_of(visit, DRY_RUN_PAGES, run_id)
    return run_publish(request, DRY_RUN_PAGES, row, policy_publish, lambda sent: _show(request, visit, row, sent))


urls = [
    path("policies/assign/dry-run/", dry_run_ask_for, name="policy-assign-dry-run"),
    path("policies/assign/dry-runs/<int:run_id>/", dry_run, name="policy-dry-run"),
    path("policies/assign/dry-runs/<int:run_id>/again/", dry_run_again, name="policy-dry-run-again"),
    path("policies/assign/dry-runs/<int:run_id>/publish/", dry_run_publish, name="policy-dry-run-publish"),
]
