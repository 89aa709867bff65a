"""Dry runs of drafts of the assignment policy: asked for from the form, one on its way or done, and publishing from there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.dryruns import DryRunRow, dry_run_get
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.dryrunpage import dry_run_page
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.policy import holds_from_of, policy_show
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.policykinds import assign_kind
from watchbill.interfaces.web.policypage import named
from watchbill.interfaces.web.sent import Sent


def _row(visit: Visit, run_id: int) -> DryRunRow:
    """Return the dry run, its desk being the page's."""
    row = dry_run_get(run_id, by=visit.actor)
    visit.be_on(row.desk_id)
    return row


def _show(request: HttpRequest, visit: Visit, row: DryRunRow, *, sent: Sent | None = None) -> HttpResponse:
    found = dry_run_page(visit, row, sent)
    return page(
        request, "pages/dry_run.html", f"Dry run {found.name}", current="policies", status=422 if sent else 200,
        has_errors=sent is not None, page=found,
    )  # fmt: skip


@require_POST
@requires(Right.POLICY_EDIT)
def dry_run_ask_for(request: HttpRequest) -> HttpResponse:
    """Run dry what the form of the assignment policy says; the worker does it, and its page shows how far it is."""
    visit = visit_of(request)
    kind = assign_kind(visit)
    try:
        body = bodies.assign_body(request.POST, Policy.from_json(kind.latest["body"], is_stored=True).as_json())
        new = dry_run_ask(visit.desk.id, body, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        refused = Sent.refused(FORM, request.POST, error, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    return HttpResponseRedirect(visit.href("policy-dry-run", new))


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def dry_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show one dry run."""
    visit = visit_of(request)
    return _show(request, visit, _row(visit, run_id))


@require_POST
@requires(Right.POLICY_EDIT)
def dry_run_publish(request: HttpRequest, run_id: int) -> HttpResponse:
    """Publish the draft that was run dry."""
    visit = visit_of(request)
    row = _row(visit, run_id)
    try:
        number = policy_publish(
            visit.desk.id, row.policy, holds_from=holds_from_of(visit), reason=text_of(request.POST, "reason"),
            seen_number=row.against, by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message)
        return _show(request, visit, row, sent=Sent.refused(FORM, request.POST, problem))
    toast_add(request, f"Assignment policy: version {number} published")
    return HttpResponseRedirect(visit.href("policy-assign", v=number))


urls = [
    path("policies/assign/dry-run/", dry_run_ask_for, name="policy-assign-dry-run"),
    path("policies/assign/dry-runs/<int:run_id>/", dry_run, name="policy-dry-run"),
    path("policies/assign/dry-runs/<int:run_id>/publish/", dry_run_publish, name="policy-dry-run-publish"),
]
