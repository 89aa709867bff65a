"""Risk: which promises are in danger and what would save them; what the forecasts are worth."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.flows.sense.telling import dangers_told, item_told, model_told
from watchbill.flows.sense.training import learn_ask
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import risks as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place, Short
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["risk"])


class DangerQuery(DeskQuery):
    is_likely: bool = Field(False, description="Only what will more likely be missed than not, by a model of the desk")
    commitment: Short = Field("", description="Only items whose worst promise has this name")
    after: Place = ""
    limit: Limit = 50


@reads(router, "/risk", right=Right.WORK_VIEW, out=shapes.Endangereds)
def risk_list(request: HttpRequest, asked: Query[DangerQuery]) -> HttpResponse:
    """List open items whose running promises can still be kept, the greatest danger (weight x probability x gain) first."""
    by = actor(request)
    desk_id = desk_get(asked.desk, by=by).id
    found = dangers_told(
        desk_id, is_likely=asked.is_likely, commitment=asked.commitment, after=asked.after, limit=asked.limit, by=by,
        now=now(),
    )  # fmt: skip
    return json_response(found)


@reads(router, "/risk/model", right=Right.WORK_VIEW, out=shapes.RiskModel)
def risk_model(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """Show the model of a desk that is in use, from what it was learned, and how far its forecasts can be trusted."""
    by = actor(request)
    return json_response(model_told(desk_get(asked.desk, by=by).id, by=by))


@writes(router, "POST", "/risk/model", right=Right.POLICY_EDIT, out=shapes.RiskModel)
def risk_learn(request: HttpRequest, body: shapes.LearnRisks) -> HttpResponse:
    """Ask the worker to let a desk learn now, and not only when its week is over; answers with the model still in use."""

    def do(by: Actor, _at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        learn_ask(desk_id, by=by)
        return model_told(desk_id, by=by)

    return write(request, do)


@reads(router, "/items/{reference}/risk", right=Right.WORK_VIEW, out=shapes.ItemRisk)
def item_risk(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the risk of each running promise of an item: chance, two reasons, and the act that lowers it most."""
    return json_response(item_told(reference, by=actor(request)))
