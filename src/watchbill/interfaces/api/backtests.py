"""Backtests of a desk: what can be compared, ask for one, see how far it is and what it comes to, cancel it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.queries import now
from watchbill.apps.core.references import BACKTEST, key_of
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports.backtests import backtest_cancel, backtest_get, backtest_page
from watchbill.flows.backtest.asking import backtest_ask, choices_of
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import backtests as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["backtests"])


class ListQuery(DeskQuery):
    after: Place | None = None
    limit: Limit = 50


@writes(router, "POST", "/backtests", right=Right.POLICY_EDIT, out=shapes.Backtest, status=202)
def backtest_new(request: HttpRequest, body: shapes.AskBacktest) -> HttpResponse:
    """Compare policies on the desk's own history; GET what is answered to see how far it is."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        run_id = backtest_ask(
            desk.id, body.policies, depth=body.depth, what_if=body.what_if, has_demand=body.demand, by=by, now=at
        )
        return backtest_get(run_id, by=by).as_json()

    return write(request, do, status=202)


@reads(router, "/backtests", right=Right.POLICY_VIEW, out=shapes.Backtests)
def backtest_list(request: HttpRequest, asked: Query[ListQuery]) -> HttpResponse:
    """List the backtests of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    before = key_of(BACKTEST, asked.after) if asked.after else None
    rows = backtest_page(desk.id, before=before, limit=asked.limit + 1, by=by)
    shown = [row.as_json() for row in rows[: asked.limit]]
    return json_response({"backtests": shown, "next": shown[-1]["reference"] if len(rows) > asked.limit else None})


@reads(router, "/backtests/choices", right=Right.POLICY_VIEW, out=shapes.Choices)
def backtest_choices(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List what can be compared on a desk: the usual policies, and its own."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    require(by, Right.POLICY_VIEW, desk.id)
    return json_response({"choices": [asdict(one) for one in choices_of(desk.id, now())]})


@reads(router, "/backtests/{backtest}", right=Right.POLICY_VIEW, out=shapes.Backtest)
def backtest_show(request: HttpRequest, backtest: str) -> HttpResponse:
    """Show one backtest: how far it is, and what it comes to."""
    return json_response(backtest_get(key_of(BACKTEST, backtest), by=actor(request)).as_json())


@writes(router, "POST", "/backtests/{backtest}/cancel", right=Right.POLICY_EDIT, out=shapes.Backtest)
def backtest_stop(request: HttpRequest, backtest: str) -> HttpResponse:
    """Stop a backtest that waits or is under way; 409 when it has ended."""
    key = key_of(BACKTEST, backtest)

    def do(by: Any, at: datetime) -> dict[str, Any]:
        backtest_cancel(key, by=by, now=at)
        return backtest_get(key, by=by).as_json()

    return write(request, do)
