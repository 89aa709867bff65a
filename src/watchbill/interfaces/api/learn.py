"""What people's answers to proposals teach about the assignment policy; a finding can be set aside, with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.queries import now
from watchbill.apps.decisions.learning import finding_bring_back
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows.learn import DAYS, lesson_set_aside, lessons, lessons_shown
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import learn as shapes
from watchbill.interfaces.api.schemas.base import Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["policies"])


class LearnQuery(Schema):
    desk: Slug
    days: int = Field(DAYS, ge=1, le=3650, description="Answers of so many days")


@reads(router, "/learned", right=Right.POLICY_VIEW, out=shapes.Lessons)
def learned(request: HttpRequest, asked: Query[LearnQuery]) -> HttpResponse:
    """Say what people decide otherwise, again and again, and which change of the policy it would mean."""
    by = actor(request)
    return json_response(lessons_shown(lessons(desk_get(asked.desk, by=by).id, days=asked.days, by=by, now=now())))


@writes(router, "POST", "/learned/aside", right=Right.POLICY_EDIT, out=shapes.Kept)
def learned_aside(request: HttpRequest, body: shapes.Aside) -> HttpResponse:
    """Set a finding aside, with a reason, until it rests on half as many answers more."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        lesson_set_aside(desk_id, body.key, days=body.days, reason=body.reason, by=by, now=at)
        return {"key": body.key, "is_set_aside": True}

    return write(request, do)


@writes(router, "POST", "/learned/back", right=Right.POLICY_EDIT, out=shapes.Kept)
def learned_back(request: HttpRequest, body: shapes.Back) -> HttpResponse:
    """Show a finding again that was set aside."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        finding_bring_back(desk_get(body.desk, by=by).id, body.key, by=by, now=at)
        return {"key": body.key, "is_set_aside": False}

    return write(request, do)
