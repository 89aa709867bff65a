"""Dry runs of drafts of the assignment policy: ask for one, see how far it is and what it comes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.references import DRY_RUN, key_of
from watchbill.apps.decisions.dryruns import dry_run_get, dry_run_list
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right, require
from watchbill.flows.assign.dryrun import dry_run_ask
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import dryruns as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["policies"])


@writes(router, "POST", "/policies/assign/dry-runs", right=Right.POLICY_EDIT, out=shapes.DryRun, status=202)
def policy_dry_run(request: HttpRequest, body: shapes.AskDryRun) -> HttpResponse:
    """Hold a draft of the assignment policy beside what was decided in the last days; GET what is answered to see how far it is."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        run_id = dry_run_ask(desk.id, body.policy, days=body.days, by=by, now=at)
        return dry_run_get(run_id, by=by).as_json()

    return write(request, do, status=202)


@reads(router, "/policies/assign/dry-runs", right=Right.POLICY_VIEW, out=shapes.DryRuns)
def policy_dry_run_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the latest ten dry runs of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    require(by, Right.POLICY_VIEW, desk.id)
    return json_response({"dry_runs": [row.as_json() for row in dry_run_list(desk.id)]})


@reads(router, "/policies/assign/dry-runs/{dry_run}", right=Right.POLICY_VIEW, out=shapes.DryRun)
def policy_dry_run_get(request: HttpRequest, dry_run: str) -> HttpResponse:
    """Show one dry run: how far it is, and what it comes to."""
    return json_response(dry_run_get(key_of(DRY_RUN, dry_run), by=actor(request)).as_json())
