"""Past days of a desk in hindsight: ask for one, see how far it is and what it comes to, list those that were worked out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.queries import now
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.apps.reports.regrets import regret_get, regret_of, regret_page
from watchbill.engine.base.errors import NotFound
from watchbill.flows.backtest.regretting import day_named, regret_ask
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import regrets as shapes
from watchbill.interfaces.api.schemas.base import Limit
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["regrets"])


class ListQuery(DeskQuery):
    before: date | None = None
    limit: Limit = 14


@writes(router, "POST", "/regrets", right=Right.BREACH_CONFIRM, out=shapes.Regret, status=202)
def regret_new(request: HttpRequest, body: shapes.AskRegret) -> HttpResponse:
    """Hold a past day against the best that could have been made of it; GET it to see how far it is."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        return regret_get(regret_ask(desk.id, day_named(desk.id, body.day, at), by=by, now=at), by=by).as_json()

    return write(request, do, status=202)


@reads(router, "/regrets", right=Right.WORK_VIEW, out=shapes.Regrets)
def regret_list(request: HttpRequest, asked: Query[ListQuery]) -> HttpResponse:
    """List the days of a desk that were worked out, the latest day first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    rows = regret_page(desk.id, before=asked.before, limit=asked.limit + 1, by=by)
    shown = [row.as_json() for row in rows[: asked.limit]]
    return json_response({"regrets": shown, "next": shown[-1]["day"] if len(rows) > asked.limit else None})


@reads(router, "/regrets/{day}", right=Right.WORK_VIEW, out=shapes.Regret)
def regret_show(request: HttpRequest, day: str, asked: Query[DeskQuery]) -> HttpResponse:
    """Show one day: as it was worked out last, or how far it is; 404 when nobody has asked for it."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    latest, done = regret_of(desk.id, day_named(desk.id, day, now()), by=by)
    row = done or latest
    if row is None:
        raise NotFound("Nobody has asked for this day; POST /regrets works it out")
    return json_response(row.as_json())
