"""Imports: how they went, and the rows that were not taken; a file sent to be imported."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import IMPORT, key_of, shown
from watchbill.apps.inbox import queries
from watchbill.apps.inbox.queries import ImportRow
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.intake.infer import infer
from watchbill.flows.intake.profiles import profile_load, profile_names
from watchbill.flows.intake.upload import upload_take
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import imports as shapes
from watchbill.interfaces.api.schemas.base import Limit, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["imports"])

_PLAIN = (
    "profile", "file_name", "file_size", "sha256", "status", "is_interrupted", "message", "shift_weeks", "read_share", "rows_read", "rows_accepted",
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


class SendImport(Schema):
    desk: Slug
    profile: Short = Field(description="One of those that `watchbill profiles` lists")
    shift_weeks: int = Field(
        0, ge=-5000, le=5000, description="Move all instants by whole weeks; the true ones are kept"
    )


@writes(router, "POST", "/imports", right=Right.IMPORT_RUN, out=shapes.Import, status=202)
def import_send(request: HttpRequest, sent: Form[SendImport], file: UploadedFile | None = File(None)) -> HttpResponse:  # type: ignore[type-arg]  # noqa: B008
    """Send a CSV file (plain, in gzip or zip) or a workbook (.xlsx) to be imported; GET the import that is answered to see how far it is.

    The same file with the same profile is the same import: it goes on if it was stopped or interrupted; if it is done,
    nothing changes.
    """

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(sent.desk, by=by)
        if getattr(request, "upload_is_too_large", False):
            raise InvalidFacts(f"The file is larger than {settings.UPLOAD_MB} MB", field="file")
        if file is None:
            raise InvalidFacts("The form has no file", field="file")
        if sent.profile not in profile_names():
            raise InvalidFacts(
                f"There is no profile “{sent.profile}”; there is {', '.join(profile_names())}", field="profile"
            )
        taken = upload_take(
            cast("BinaryIO", file), name=file.name or "", size=file.size or 0, loaded=profile_load(sent.profile),
            desk_id=desk.id, shift_weeks=sent.shift_weeks, by=by, now=at,
        )  # fmt: skip
        return _import(queries.import_get(taken.import_id, by=by))

    return write(request, do, status=202, body=_digest(sent, file))


def _digest(sent: SendImport, file: UploadedFile | None) -> bytes:
    """What stands for the body: a form with a file is read once only."""
    digest = hashlib.sha256(sent.model_dump_json().encode())
    for piece in file.chunks() if file else ():
        digest.update(piece)
    return digest.digest()


@writes(router, "POST", "/imports/infer", right=Right.PEOPLE_EDIT, out=shapes.Inferred)
def import_infer(request: HttpRequest, body: shapes.Infer) -> HttpResponse:
    """Infer teams, skills and usual hours of a desk's people from its history; what was set by hand stays."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return asdict(infer(desk_get(body.desk, by=by).id, by=by, now=at))

    return write(request, do)


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
