"""Desks, and their queues with what Watchbill may do in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
from watchbill.apps.decisions.services import autopilot_stop as stop
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.queries import desk_get, person_key
from watchbill.apps.people.queries import desk_list as desks_seen
from watchbill.apps.people.rights import Right
from watchbill.apps.people.services import desk_rename as rename
from watchbill.apps.work.queues import queue_find
from watchbill.apps.work.queues import queue_list as queues_of
from watchbill.flows.desks import desk_close as close
from watchbill.flows.desks import desk_reopen as reopen
from watchbill.flows.intake.desk import desk_make as make
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import desks as shapes
from watchbill.interfaces.api.schemas.base import Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["desks"])

_QUEUE = ("name", "is_active", "team", "skill", "skill_level", "version", "open", "unassigned")


class DeskQuery(Schema):
    desk: Slug


@reads(router, "/desks", right=Right.WORK_VIEW, out=shapes.Desks)
def desk_list(request: HttpRequest) -> HttpResponse:
    """List the desks that you may see."""
    return json_response({"desks": [_desk(desk) for desk in desks_seen(by=actor(request))]})


def _desk(desk: DeskRow) -> dict[str, Any]:
    shown = {name: getattr(desk, name) for name in ("slug", "name", "zone", "note", "is_generated")}
    return {**shown, "is_closed": desk.closed_at is not None}


@writes(router, "POST", "/desks", right=Right.DESK_EDIT, out=shapes.Desk, status=201)
def desk_make(request: HttpRequest, body: shapes.MakeDesk) -> HttpResponse:
    """Make a desk with opening hours and the default targets: P1 and P2 count round the clock."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        make(body.slug, name=body.name, zone=body.zone, hours=body.hours, days=body.days, by=by, now=at)
        return _desk(desk_get(body.slug, by=by))

    return write(request, do, status=201)


@writes(router, "PATCH", "/desks/{slug}", right=Right.DESK_EDIT, out=shapes.Desk)
def desk_rename(request: HttpRequest, slug: str, body: shapes.RenameDesk) -> HttpResponse:
    """Give a desk another name; its slug stays."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        rename(desk_get(slug, by=by).id, name=body.name, by=by, now=at)
        return _desk(desk_get(slug, by=by))

    return write(request, do)


@writes(router, "POST", "/desks/{slug}/close", right=Right.DESK_EDIT, out=shapes.Desk)
def desk_close(request: HttpRequest, slug: str, body: shapes.CloseDesk) -> HttpResponse:
    """Close a desk: it takes no new work, and nothing of it is deleted; a conflict while it has open items."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        close(desk_get(slug, by=by).id, reason=body.reason, by=by, now=at)
        return _desk(desk_get(slug, by=by))

    return write(request, do)


@writes(router, "POST", "/desks/{slug}/reopen", right=Right.DESK_EDIT, out=shapes.Desk)
def desk_reopen(request: HttpRequest, slug: str, body: shapes.CloseDesk) -> HttpResponse:
    """Open a closed desk again."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        reopen(desk_get(slug, by=by).id, reason=body.reason, by=by, now=at)
        return _desk(desk_get(slug, by=by))

    return write(request, do)


@reads(router, "/queues", right=Right.WORK_VIEW, out=shapes.Queues)
def queue_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the queues of a desk with their open work and what Watchbill may do in them."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    modes = modes_of_desk(desk.id)
    queues = [
        {**{name: queue[name] for name in _QUEUE}, "mode": _mode(modes.get(queue["id"], QueueModeRow()))}
        for queue in queues_of(desk.id, by=by)
    ]
    return json_response({"queues": queues})


def _mode(row: QueueModeRow) -> dict[str, Any]:
    rails = row.rails.as_json()
    people = [shown(PERSON, key) for key in sorted(row.rails.people)]
    return {"mode": row.mode.value, "guard_rails": {**rails, "people": people}, "version": row.version}


@writes(router, "POST", "/queues/mode", right=Right.AUTOPILOT_SET, out=shapes.ModeSet)
def queue_mode_set(request: HttpRequest, body: shapes.SetMode) -> HttpResponse:
    """Switch a queue to off, advise, autopilot or pull, with guard-rails."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        queue = queue_find(desk.id, name=body.queue)
        rails = None
        if body.guard_rails is not None:
            people = [person_key(desk.id, person, by=by) for person in body.guard_rails.people]
            rails = {**body.guard_rails.model_dump(), "people": people}
        version = mode_set(
            queue["id"], mode=body.mode, guard_rails=rails, version=body.version, reason=body.reason, by=by, now=at
        )
        return {"queue": queue["name"], "version": version}

    return write(request, do)


@writes(router, "POST", "/queues/stop", right=Right.AUTOPILOT_SET, out=shapes.AutopilotStopped)
def autopilot_stop(request: HttpRequest, body: shapes.StopAutopilot) -> HttpResponse:
    """Switch every queue of a desk from autopilot back to advise, at once."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        return {"queues": stop(desk_get(body.desk, by=by).id, reason=body.reason, by=by, now=at)}

    return write(request, do)
