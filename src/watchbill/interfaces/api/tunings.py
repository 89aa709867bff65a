"""Tunings of the assignment policy by simulation: ask for one, see how far it is and what it comes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.references import TUNING, key_of
from watchbill.apps.decisions.tunings import tuning_get, tuning_list
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right, require
from watchbill.flows.assign.tuning import tuning_ask
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import tunings as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["policies"])


@writes(router, "POST", "/policies/assign/tunings", right=Right.POLICY_EDIT, out=shapes.Tuning, status=202)
def policy_tune(request: HttpRequest, body: shapes.AskTuning) -> HttpResponse:
    """Try other numbers of the assignment policy in force by simulating the last weeks; GET what is answered to see how far it is."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        return tuning_get(tuning_ask(desk.id, weeks=body.weeks, by=by, now=at), by=by).as_json()

    return write(request, do, status=202)


@reads(router, "/policies/assign/tunings", right=Right.POLICY_VIEW, out=shapes.Tunings)
def policy_tuning_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the latest ten tunings of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    require(by, Right.POLICY_VIEW, desk.id)
    return json_response({"tunings": [row.as_json() for row in tuning_list(desk.id)]})


@reads(router, "/policies/assign/tunings/{tuning}", right=Right.POLICY_VIEW, out=shapes.Tuning)
def policy_tuning_get(request: HttpRequest, tuning: str) -> HttpResponse:
    """Show one tuning: how far it is, and what it comes to."""
    return json_response(tuning_get(key_of(TUNING, tuning), by=actor(request)).as_json())
