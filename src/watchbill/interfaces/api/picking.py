"""What a person does next, and picking it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from watchbill.apps.core.queries import now
from watchbill.apps.core.references import PERSON, key_of
from watchbill.apps.people.rights import Right
from watchbill.flows.assign.picking import next_of, next_pick
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import picking as shapes
from watchbill.interfaces.api.schemas.base import Limit
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["next"])


class NextQuery(Schema):
    limit: Limit = 20


@reads(router, "/people/{reference}/next", right=Right.WORK_VIEW, out=shapes.NextList)
def people_next(request: HttpRequest, reference: str, asked: Query[NextQuery]) -> HttpResponse:
    """Say what a person does next, the most pressing first: her own work, and what she may pick from queues."""
    found = next_of(key_of(PERSON, reference), most=asked.limit, by=actor(request), now=now())
    return json_response(found.as_json())


@writes(router, "POST", "/next/pick", right=Right.WORK_TAKE, out=shapes.Picked)
def pick(request: HttpRequest, body: shapes.Pick) -> HttpResponse:
    """Take what is next for you from the queues to pick from; of two at once, each gets one."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        return next_pick(reference=body.item, by=by, now=at).as_json()

    return write(request, do)
