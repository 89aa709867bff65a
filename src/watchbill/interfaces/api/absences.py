"""Absences: who is away from when until when, and who stands in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.queries import now
from watchbill.apps.core.references import ABSENCE, key_of
from watchbill.apps.people.queries import desk_get, person_key
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts import absences
from watchbill.apps.shifts.absences import absence_shown
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import absences as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["people"])


class AbsenceQuery(Schema):
    desk: Slug
    person: Short | None = Field(None, description="Only this person's: her reference or whole name")
    after: Place = ""
    limit: Limit = 50


@reads(router, "/absences", right=Right.PEOPLE_VIEW, out=shapes.Absences)
def absence_list(request: HttpRequest, asked: Query[AbsenceQuery]) -> HttpResponse:
    """List absences of a desk that are not over, the earliest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    rows = absences.absence_list(
        desk.id, until_after=now(), person_id=person_key(desk.id, asked.person, by=by) if asked.person else None,
        after=key_of(ABSENCE, asked.after) if asked.after else None, limit=asked.limit + 1, by=by,
    )  # fmt: skip
    listed = rows[: asked.limit]
    after = listed[-1].reference if len(rows) > asked.limit else None
    return json_response({"absences": [absence_shown(row) for row in listed], "next": after})


@writes(router, "POST", "/absences", right=Right.PEOPLE_VIEW, out=shapes.Absence, status=201)
def absence_add(request: HttpRequest, body: shapes.NewAbsence) -> HttpResponse:
    """Say that a person is away: oneself, or anybody with the right to edit people. Refused where she is away already."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        deputy_id = person_key(desk_id, body.deputy, by=by) if body.deputy else None
        row = absences.absence_add(
            person_key(desk_id, body.person, by=by), from_at=body.from_at, until_at=body.until_at, kind=body.kind,
            note=body.note, deputy_id=deputy_id, by=by, now=at,
        )  # fmt: skip
        return absence_shown(row)

    return write(request, do, status=201)


@writes(router, "POST", "/absences/{reference}/cancel", right=Right.PEOPLE_VIEW, out=shapes.Absence)
def absence_cancel(request: HttpRequest, reference: str, body: shapes.CancelAbsence) -> HttpResponse:
    """Take an absence back; one that has begun ends now."""
    del body
    key = key_of(ABSENCE, reference)
    return write(request, lambda by, at: absence_shown(absences.absence_cancel(key, by=by, now=at)))
