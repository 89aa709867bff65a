"""The audit trail, page by page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from watchbill.apps.core.trail import AuditFilter
from watchbill.apps.people.queries import desk_get, desk_list
from watchbill.apps.people.rights import Right
from watchbill.flows import audit
from watchbill.interfaces.api.access import reads
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import audit as shapes
from watchbill.interfaces.api.schemas.base import Limit, Short, Slug
from watchbill.interfaces.api.writing import actor

router = Router(tags=["audit"])

_PLAIN = ("id", "at", "recorded_at", "actor_kind", "action", "object_kind", "object_ref", "before", "after", "reason")


class AuditQuery(Schema):
    """Which events; empty fields ask for nothing. Work items have events of their own: /items/{reference}/events."""

    desk: Slug | None = Field(None, description="Left out: everything that you may see")
    action: Short = ""
    object_kind: Short = ""
    object_ref: Short = ""
    actor: Short = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    after: int | None = Field(None, ge=1, le=2**63 - 1)
    limit: Limit = 50


@reads(router, "/audit", right=Right.AUDIT_VIEW, out=shapes.AuditEvents)
def audit_list(request: HttpRequest, asked: Query[AuditQuery]) -> HttpResponse:
    """List what happened to anything but work items, the latest first."""
    by = actor(request)
    wanted = AuditFilter(
        action=asked.action, object_kind=asked.object_kind, object_ref=asked.object_ref, actor_name=asked.actor,
        since=asked.since, until=asked.until,
    )  # fmt: skip
    desk_id = desk_get(asked.desk, by=by).id if asked.desk else None
    rows = audit.page(wanted, desk_id=desk_id, after=asked.after, limit=asked.limit + 1, by=by)
    slugs: dict[int | None, str] = {desk.id: desk.slug for desk in desk_list(by=by)}
    listed = rows[: asked.limit]
    events = [_event(row, slugs) for row in listed]
    return json_response({"events": events, "next": listed[-1]["id"] if len(rows) > asked.limit else None})


def _event(row: dict[str, Any], slugs: dict[int | None, str]) -> dict[str, Any]:
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return {**plain, "desk": slugs.get(row["desk_id"]), "actor": row["actor_name"]}
