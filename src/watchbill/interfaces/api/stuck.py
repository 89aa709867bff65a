"""What is stuck and why, and what becomes of work when a region goes home."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from watchbill.apps.core.queries import now
from watchbill.apps.decisions.traffic import changes_ahead, traffic_page
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.regions import region_named
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import Key
from watchbill.engine.sense.stuck import StuckReason
from watchbill.flows import stuck, traffic
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import stuck as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["stuck work"])


class StuckQuery(Schema):
    desk: Slug
    reason: StuckReason | None = None
    after: Place = ""
    limit: Limit = 50


class TrafficQuery(Schema):
    desk: Slug
    region: Short = ""
    choice: Literal["keep", "pass", "park"] | None = None
    after: Place = ""
    limit: Limit = 50


@reads(router, "/stuck", right=Right.WORK_VIEW, out=shapes.Stuck)
def stuck_list(request: HttpRequest, asked: Query[StuckQuery]) -> HttpResponse:
    """List work that is stuck, the first promise first, each with everything that makes it so."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    page = stuck.stuck_find(
        desk.id, reason=asked.reason, after=Key.parse(asked.after), limit=asked.limit, by=by, now=now()
    )
    return json_response(stuck.stuck_shown(page))


@reads(router, "/traffic", right=Right.WORK_VIEW, out=shapes.Traffic)
def traffic_list(request: HttpRequest, asked: Query[TrafficQuery]) -> HttpResponse:
    """List what is kept, passed with the sun and parked at the coming changes of region, and why."""
    by, at = actor(request), now()
    desk = desk_get(asked.desk, by=by)
    rows = traffic_page(
        desk.id, region_id=region_named(desk.id, asked.region), choice=asked.choice or "",
        after=Key.parse(asked.after), limit=asked.limit + 1, by=by, now=at,
    )  # fmt: skip
    more = str(traffic.traffic_key(rows[asked.limit - 1])) if len(rows) > asked.limit else None
    changes = traffic.changes_shown(changes_ahead(desk.id, by=by, now=at))
    return json_response({"changes": changes, "items": traffic.traffic_shown(rows[: asked.limit]), "next": more})


@writes(router, "POST", "/items/{reference}/pin", right=Right.WORK_ASSIGN, out=shapes.Pinned)
def item_pin(request: HttpRequest, reference: str, body: shapes.Pin) -> HttpResponse:
    """Keep an item with its owner at changes of region, or let it go again."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        written = traffic.item_pin(reference, is_pinned=body.is_pinned, by=by, now=at)
        return {"item": written.reference, "version": written.version, "is_pinned": body.is_pinned}

    return write(request, do)
