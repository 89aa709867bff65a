"""Imports: how they went, and the rows that were not taken. They are started where the file is: `watchbill import`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.references import IMPORT, key_of, shown
from watchbill.apps.inbox import queries
from watchbill.apps.inbox.queries import ImportRow
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.interfaces.api.access import reads
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import imports as shapes
from watchbill.interfaces.api.schemas.base import Limit
from watchbill.interfaces.api.writing import actor

router = Router(tags=["imports"])

_PLAIN = (
    "profile", "file_name", "file_size", "sha256", "status", "message", "shift_weeks", "read_share", "rows_read", "rows_accepted",
    "rows_rejected", "items", "items_added", "events", "events_added", "events_held", "people", "first_at", "last_at",
    "seconds", "peak_rss_mb", "started_at", "recorded_at", "finished_recorded_at",
)  # fmt: skip


class RejectQuery(Schema):
    after: int = Field(0, ge=0, le=2**63 - 1, description="Rows after this line of the file")
    limit: Limit = 100


def _import(row: ImportRow) -> dict[str, Any]:
    plain: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return {"reference": shown(IMPORT, row.id), **plain, "by": row.by_name}


@reads(router, "/imports", right=Right.IMPORT_VIEW, out=shapes.Imports)
def import_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the imports into a desk, the latest first, at most 200."""
    by = actor(request)
    rows = queries.import_list(desk_get(asked.desk, by=by).id, by=by)
    return json_response({"imports": [_import(row) for row in rows]})


@reads(router, "/imports/{reference}", right=Right.IMPORT_VIEW, out=shapes.Import)
def import_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one import: its rows reconcile as read = accepted + rejected."""
    return json_response(_import(queries.import_get(key_of(IMPORT, reference), by=actor(request))))


@reads(router, "/imports/{reference}/rejects", right=Right.IMPORT_VIEW, out=shapes.RejectedRows)
def import_rejects(request: HttpRequest, reference: str, asked: Query[RejectQuery]) -> HttpResponse:
    """List rejected rows of an import by line: the value, and what was expected."""
    rows = queries.rejects_page(
        key_of(IMPORT, reference), after_line=asked.after, limit=asked.limit + 1, by=actor(request)
    )
    listed = rows[: asked.limit]
    return json_response({"rejects": listed, "next": listed[-1]["line"] if len(rows) > asked.limit else None})
