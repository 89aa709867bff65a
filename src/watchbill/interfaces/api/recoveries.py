"""Recovery options: ask for them, see how far they are and what they come to, apply one plan, take it back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.references import RECOVERY, key_of
from watchbill.apps.decisions.recoveries import recovery_get, recovery_list
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right, require
from watchbill.flows.recover.applying import deferral_lift, recovery_apply, recovery_undo
from watchbill.flows.recover.asking import recovery_ask
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import recoveries as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["recovery options"])


@writes(router, "POST", "/recoveries", right=Right.WORK_BULK, out=shapes.Recovery, status=202)
def recovery_new(request: HttpRequest, body: shapes.AskRecovery) -> HttpResponse:
    """Work out recovery options from the desk as it is now; GET what is answered to see how far they are."""

    def do(by: Any, at: Any) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        return recovery_get(recovery_ask(desk.id, hours=body.hours, by=by, now=at), by=by).as_json()

    return write(request, do, status=202)


@reads(router, "/recoveries", right=Right.PEOPLE_VIEW, out=shapes.Recoveries)
def recovery_latest(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the latest recovery options of a desk."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    require(by, Right.PEOPLE_VIEW, desk.id)
    return json_response({"recoveries": [row.as_json() for row in recovery_list(desk.id)]})


@reads(router, "/recoveries/{recovery}", right=Right.PEOPLE_VIEW, out=shapes.Recovery)
def recovery_show(request: HttpRequest, recovery: str) -> HttpResponse:
    """Show recovery options: how far they are, and what each plan comes to."""
    return json_response(recovery_get(key_of(RECOVERY, recovery), by=actor(request)).as_json())


@writes(router, "POST", "/recoveries/{recovery}/apply", right=Right.WORK_BULK, out=shapes.Applied)
def recovery_do_plan(request: HttpRequest, recovery: str, body: shapes.ApplyPlan) -> HttpResponse:
    """Apply one plan, all of it or nothing, once; 409 says what has changed since."""
    key = key_of(RECOVERY, recovery)
    return write(request, lambda by, at: recovery_apply(key, body.plan, by=by, now=at).as_json())


@writes(router, "POST", "/recoveries/{recovery}/undo", right=Right.WORK_BULK, out=shapes.Applied)
def recovery_take_back(request: HttpRequest, recovery: str) -> HttpResponse:
    """Take back the plan that was applied, as far as nobody has acted on it since; what is left is named."""
    key = key_of(RECOVERY, recovery)
    return write(request, lambda by, at: recovery_undo(key, by=by, now=at).as_json())


@writes(router, "POST", "/items/{reference}/lift", right=Right.WORK_EDIT, out=shapes.Lifted)
def item_lift(request: HttpRequest, reference: str) -> HttpResponse:
    """Let an item that is put off be worked on at once; 409 when it is not put off."""

    def do(by: Any, at: Any) -> dict[str, Any]:
        deferral_lift(reference, by=by, now=at)
        return {"reference": reference.strip().upper()}

    return write(request, do)
