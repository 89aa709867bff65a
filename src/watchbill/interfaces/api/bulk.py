"""Acts on many items of a desk in one call: what cannot be done is named with its reason, the rest is done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.queries import desk_get, person_key
from watchbill.apps.people.rights import Right
from watchbill.engine.base.work import Priority
from watchbill.flows.act import bulk
from watchbill.flows.act.bulk import BulkResult
from watchbill.interfaces.api.access import writes
from watchbill.interfaces.api.schemas import bulk as shapes
from watchbill.interfaces.api.writing import write

router = Router(tags=["items"])


def _told(result: BulkResult) -> dict[str, Any]:
    """A bulk act in the shape of `shapes.BulkDone`."""
    items = [
        {"reference": one.reference, "is_done": one.is_done, "version": one.version, "reason": one.reason}
        for one in result.each
    ]
    return {"done": len(result.done), "refused": len(result.left), "items": items}


@writes(router, "POST", "/bulk/assign", right=Right.WORK_BULK, out=shapes.BulkDone)
def bulk_assign(request: HttpRequest, body: shapes.BulkAssign) -> HttpResponse:
    """Give many items to one person, or back to their queues; needs the right to assign, too."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        person_id = None if body.person is None else person_key(desk.id, body.person, by=by)
        return _told(bulk.items_assign(desk.id, body.references, person_id, text=body.text, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/bulk/state", right=Right.WORK_BULK, out=shapes.BulkDone)
def bulk_state(request: HttpRequest, body: shapes.BulkState) -> HttpResponse:
    """Move many items to one state; needs the right to edit work, too."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        return _told(bulk.items_state(desk.id, body.references, body.state, text=body.text, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/bulk/priority", right=Right.WORK_BULK, out=shapes.BulkDone)
def bulk_priority(request: HttpRequest, body: shapes.BulkPriority) -> HttpResponse:
    """Give many items one priority, with a reason; needs the right to edit work, too."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk, priority = desk_get(body.desk, by=by), Priority(body.priority)
        return _told(bulk.items_priority(desk.id, body.references, priority, text=body.text, by=by, now=at))

    return write(request, do)
