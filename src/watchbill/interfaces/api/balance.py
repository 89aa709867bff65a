"""Balance: workload in four terms, moves between people with both sides' answers, and fair shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.core.references import MOVE, key_of
from watchbill.apps.decisions.moves import move_get
from watchbill.apps.people.queries import desk_get, person_key
from watchbill.apps.people.rights import Right
from watchbill.flows.alerts.shown import alert_shown
from watchbill.flows.balance import answering, told
from watchbill.flows.balance.alerting import managers_alert
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.making import moves_make
from watchbill.flows.balance.shares import Line, share_of, shares_get
from watchbill.flows.balance.suggesting import suggest_moves
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import balance as shapes
from watchbill.interfaces.api.schemas.alerts import Alert
from watchbill.interfaces.api.schemas.base import Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["balance"])


class BalanceQuery(Schema):
    desk: Slug
    hours: Literal[4, 8, 24] = Field(24, description="The horizon")


class SharesQuery(DeskQuery):
    person: Short | None = Field(None, description="One person alone: reference (PER-12) or whole name")


@reads(router, "/balance", right=Right.PEOPLE_VIEW, out=shapes.Balance)
def balance_get(request: HttpRequest, asked: Query[BalanceQuery]) -> HttpResponse:
    """Tell the workload of a desk by region, team, skill and person, the moves that help, and those that wait."""
    by = actor(request)
    loads = loads_get(desk_get(asked.desk, by=by).id, horizon_h=asked.hours, by=by, now=now())
    moves = told.moves_told(suggest_moves(loads, by=by))
    waiting = [told.asked_told(one) for one in answering.moves_asked(loads.desk_id, by=by)]
    return json_response({**told.loads_told(loads), "moves": moves, "asked": waiting})


@reads(router, "/balance/shares", right=Right.WORK_BULK, out=shapes.FairShares)
def shares_listed(request: HttpRequest, asked: Query[SharesQuery]) -> HttpResponse:
    """Tell fair shares of four weeks: everybody's, or one person's."""
    by = actor(request)
    desk_id = desk_get(asked.desk, by=by).id
    if asked.person is None:
        return _shares(shares_get(desk_id, by=by, now=now()))
    return _shares([share_of(desk_id, person_key(desk_id, asked.person, by=by), by=by, now=now())])


@reads(router, "/balance/shares/own", right=Right.WORK_VIEW, out=shapes.FairShares)
def share_own(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """Tell one's own fair share of four weeks; nothing for a user who is no person of the desk."""
    by = actor(request)
    desk_id = desk_get(asked.desk, by=by).id
    return _shares([share_of(desk_id, by.person_id, by=by, now=now())] if by.person_id is not None else [])


def _shares(lines: Sequence[Line | None]) -> HttpResponse:
    return json_response({"shares": [told.share_told(line) for line in lines if line is not None]})


@writes(router, "POST", "/balance/moves", right=Right.WORK_BULK, out=shapes.MovesMade)
def moves_made(request: HttpRequest, body: shapes.MovesMake) -> HttpResponse:
    """Make moves as one act that can be undone; those between regions of different managers wait for the other side."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        return told.made_told(moves_make(desk_get(body.desk, by=by).id, body.moves, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/balance/alert", right=Right.WORK_BULK, out=Alert)
def managers_told(request: HttpRequest, body: shapes.ManagersAlert) -> HttpResponse:
    """Tell the managers of a region, and of those whose day overlaps, how Balance stands, with a word."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        row = managers_alert(
            desk_get(body.desk, by=by).id, text=body.text, region=body.region, horizon_h=body.hours, by=by, now=at
        )
        return alert_shown(row, region=body.region)

    return write(request, do)


@writes(router, "POST", "/moves/{reference}/accept", right=Right.WORK_BULK, out=shapes.KeptMove)
def move_accepted(request: HttpRequest, reference: str, body: shapes.MoveAccept) -> HttpResponse:
    """Agree to a move that the other region asked for; when it holds no more its status is gone, with the reason."""
    del body
    key = key_of(MOVE, reference)
    return write(request, lambda by, at: told.row_told(answering.move_accept(key, by=by, now=at)))


@writes(router, "POST", "/moves/{reference}/refuse", right=Right.WORK_BULK, out=shapes.KeptMove)
def move_refused(request: HttpRequest, reference: str, body: shapes.MoveRefuse) -> HttpResponse:
    """Say no to a move, with a reason."""
    key = key_of(MOVE, reference)
    return write(request, lambda by, at: told.row_told(answering.move_refuse(key, body.reason, by=by, now=at)))


@reads(router, "/moves/{reference}", right=Right.PEOPLE_VIEW, out=shapes.KeptMove)
def move_shown(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one move and what became of it."""
    return json_response(told.row_told(move_get(key_of(MOVE, reference), by=actor(request))))
