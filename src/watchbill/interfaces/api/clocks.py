"""Clocks: why one stands as it does, of a stored item or computed by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import work_get
from watchbill.engine.clocks.trial import Trial
from watchbill.flows.clocklife import explain_at
from watchbill.flows.lead_times import lead_times_learn, lead_times_told
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import clocks as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["clocks"])


@reads(router, "/items/{reference}/clocks", right=Right.WORK_VIEW, out=shapes.ItemClocks)
def item_clocks(request: HttpRequest, reference: str) -> HttpResponse:
    """Show each clock of an item with its life in segments: running, paused, stopped, and why; as of now."""
    item, at = work_get(reference, by=actor(request)), now()
    found = explain_at(item.desk_id, item.id, at)
    return json_response({"reference": item.reference, "now": at, "clocks": found})


@writes(router, "POST", "/clocks/try", right=Right.POLICY_VIEW, out=shapes.TriedClocks)
def clocks_try(request: HttpRequest, body: shapes.ClocksByHand) -> HttpResponse:
    """Compute clocks from a policy, calendars, events and an instant that you send; nothing is written."""

    def do(_by: Any, _at: datetime) -> dict[str, Any]:
        trial = Trial.from_json(body.model_dump())
        return {"now": trial.now, "clocks": trial.run()}

    return write(request, do)


@reads(router, "/clocks/lead-times", right=Right.POLICY_VIEW, out=shapes.LeadTimes)
def lead_times(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """Read how long a desk's work takes to be picked up and to be done, by class, as it has learned last."""
    by = actor(request)
    return json_response(lead_times_told(desk_get(asked.desk, by=by).id, by=by))


@writes(router, "POST", "/clocks/lead-times", right=Right.POLICY_EDIT, out=shapes.LeadTimes)
def lead_times_renew(request: HttpRequest, body: shapes.LearnLeadTimes) -> HttpResponse:
    """Let a desk learn at once how long its work takes; the latest safe moments of what is open follow."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        lead_times_learn(desk_id, by=by, now=at)
        return lead_times_told(desk_id, by=by)

    return write(request, do)
