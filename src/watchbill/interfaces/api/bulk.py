"""Acts on many items of a desk in one call: what cannot be done is named with its reason, the rest is done.

Each is kept as one, so that it can be undone as one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.people.queries import desk_get, person_key
from watchbill.apps.people.rights import Right
from watchbill.apps.work.acts import ActRow, act_list
from watchbill.engine.base.work import Priority
from watchbill.flows.act import bulk
from watchbill.flows.act.bulk import BulkResult
from watchbill.flows.act.undoing import act_undo
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import bulk as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["items"])


class ActQuery(Schema):
    desk: Slug
    after: Place = ""
    limit: Limit = 50


def bulk_told(result: BulkResult) -> dict[str, Any]:
    """A bulk act in the shape of `shapes.BulkDone`."""
    items = [
        {"reference": one.reference, "is_done": one.is_done, "version": one.version, "reason": one.reason}
        for one in result.each
    ]
    return {"act": result.act or None, "done": len(result.done), "refused": len(result.left), "items": items}


@writes(router, "POST", "/bulk/assign", right=Right.WORK_BULK, out=shapes.BulkDone)
def bulk_assign(request: HttpRequest, body: shapes.BulkAssign) -> HttpResponse:
    """Give many items to one person, or back to their queues; needs the right to assign, too."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        person_id = None if body.person is None else person_key(desk.id, body.person, by=by)
        return bulk_told(bulk.items_assign(desk.id, body.references, person_id, text=body.text, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/bulk/state", right=Right.WORK_BULK, out=shapes.BulkDone)
def bulk_state(request: HttpRequest, body: shapes.BulkState) -> HttpResponse:
    """Move many items to one state; needs the right to edit work, too."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        return bulk_told(bulk.items_state(desk.id, body.references, body.state, text=body.text, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/bulk/priority", right=Right.WORK_BULK, out=shapes.BulkDone)
def bulk_priority(request: HttpRequest, body: shapes.BulkPriority) -> HttpResponse:
    """Give many items one priority, with a reason; needs the right to edit work, too."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk, priority = desk_get(body.desk, by=by), Priority(body.priority)
        return bulk_told(bulk.items_priority(desk.id, body.references, priority, text=body.text, by=by, now=at))

    return write(request, do)


def _act(row: ActRow) -> dict[str, Any]:
    """An act on many items in the shape of `shapes.BulkAct`."""
    names = ("reference", "kind", "what", "items", "at", "recorded_at", "undone_at")
    told = {name: getattr(row, name) for name in names}
    return {**told, "by": row.actor_name, "undone_by": row.undone_by_name}


@reads(router, "/acts", right=Right.WORK_VIEW, out=shapes.BulkActs)
def act_listed(request: HttpRequest, asked: Query[ActQuery]) -> HttpResponse:
    """List the acts on many items of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    before = key_of(ACT, asked.after) if asked.after else None
    rows = act_list(desk.id, before=before, limit=asked.limit + 1, by=by)
    listed = rows[: asked.limit]
    after = listed[-1].reference if len(rows) > asked.limit else None
    return json_response({"acts": [_act(row) for row in listed], "next": after})


@writes(router, "POST", "/acts/{reference}/undo", right=Right.WORK_BULK, out=shapes.BulkDone)
def act_undone(request: HttpRequest, reference: str, body: shapes.ActUndo) -> HttpResponse:
    """Take an act on many items back: each is as it was before, those that changed since are left and named."""
    del body
    key = key_of(ACT, reference)
    return write(request, lambda by, at: bulk_told(act_undo(key, by=by, now=at)))
