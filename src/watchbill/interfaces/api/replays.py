"""Replays of drafts of the clock policy over the whole history of a desk: ask for one, see how far it is and what it changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.clocks.replays import Asked, replay_get, replay_list
from watchbill.apps.core.references import REPLAY, key_of
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.time import require_instant
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.shown import EFFECTS, items_shown
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import replays as shapes
from watchbill.interfaces.api.schemas.base import Limit, OneToFour, Short
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["policies"])


class ChangedQuery(Schema):
    after: int = Field(0, ge=0, le=2**63 - 1, description="Items after the one where the last answer ended")
    limit: Limit = 50
    effect: Literal["added", "removed", "moved", "other"] | None = None
    priority: OneToFour | None = None
    queue: int | None = Field(None, ge=0, le=2**63 - 1, description="`key` of the result's queues; 0: none")
    customer: int | None = Field(None, ge=0, le=2**63 - 1, description="`key` of the result's customers; 0: none")
    name: Short | None = Field(None, description="A commitment of the policy")


@writes(router, "POST", "/policies/clocks/replays", right=Right.POLICY_EDIT, out=shapes.Replayed, status=202)
def policy_replay(request: HttpRequest, body: shapes.Replay) -> HttpResponse:
    """Replay a draft of the clock policy over the whole history of a desk; GET what is answered to see how far it is.

    It stands beside what each item was promised, as of now. The draft is published, with a reason, once that has ended.
    """

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        holds_from = None if body.holds_from is None else require_instant(body.holds_from, "holds_from")
        replay_id = replay_ask(desk.id, body.policy, body.calendars, holds_from=holds_from, by=by, now=at)
        return replay_get(replay_id, by=by).as_json()

    return write(request, do, status=202)


@reads(router, "/policies/clocks/replays", right=Right.POLICY_VIEW, out=shapes.Replays)
def policy_replay_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the latest ten replays of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    require(by, Right.POLICY_VIEW, desk.id)
    return json_response({"replays": [row.as_json() for row in replay_list(desk.id)]})


@reads(router, "/policies/clocks/replays/{replay}", right=Right.POLICY_VIEW, out=shapes.Replayed)
def policy_replay_get(request: HttpRequest, replay: str) -> HttpResponse:
    """Show one replay: how far it is, and what it comes to."""
    return json_response(replay_get(key_of(REPLAY, replay), by=actor(request)).as_json())


@reads(router, "/policies/clocks/replays/{replay}/items", right=Right.POLICY_VIEW, out=shapes.ReplayItems)
def policy_replay_items(request: HttpRequest, replay: str, asked: Query[ChangedQuery]) -> HttpResponse:
    """List the items whose result the draft changes, with each commitment before and after."""
    wanted = Asked(
        effects=EFFECTS[asked.effect] if asked.effect else None, priority=asked.priority, queue_id=asked.queue,
        customer_id=asked.customer, name=asked.name,
    )  # fmt: skip
    items, after = items_shown(key_of(REPLAY, replay), wanted, after=asked.after, limit=asked.limit, by=actor(request))
    return json_response({"items": items, "next": after})
