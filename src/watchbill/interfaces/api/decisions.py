"""Decisions: what is proposed and why; accept, change, refuse, undo; everybody for one item."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.queries import now
from watchbill.apps.core.references import DECISION, PERSON, key_of, shown
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.choices import Status
from watchbill.apps.decisions.queries import DecisionRow
from watchbill.apps.people.queries import desk_get, person_key
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.queues import queue_find
from watchbill.flows.assign import answers, asking
from watchbill.flows.assign.words import people_named
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import decisions as shapes
from watchbill.interfaces.api.schemas.base import Limit, Place, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["decisions"])

_PLAIN = ("title", "status", "mode", "chosen", "score", "policy_number", "facts_digest", "proposed_at", "answered_at",
          "given_to", "refusal", "undone_at", "can_be_undone")  # fmt: skip


class DecisionQuery(Schema):
    desk: Slug
    status: Status | None = None
    queue: Short | None = Field(None, description="The queue's name")
    after: Place = ""
    limit: Limit = 50


def _decision(row: DecisionRow) -> dict[str, Any]:
    """A decision in the shape of `shapes.Decision`."""
    outcome = people_named(row.outcome)
    names = (
        "verdict",
        "reason",
        "contributions",
        "alternatives",
        "rejected",
        "eligible",
        "ways_out",
        "held",
        "expected",
    )
    return {
        **{name: outcome[name] for name in names},
        **{name: getattr(row, name) for name in _PLAIN},
        "as_of": row.as_of,
        "reference": shown(DECISION, row.id),
        "item": row.reference,
        "chosen_ref": shown(PERSON, row.chosen_id),
        "given_to_ref": shown(PERSON, row.given_to_id),
        "answered_by": row.answered_by_name,
        "answer_reason": row.reason,
        "undone_by": row.undone_by_name,
    }


def _answered(done: answers.Answered) -> dict[str, Any]:
    return {"decision": _decision(done.decision), "item": done.reference, "version": done.version}


@reads(router, "/decisions", right=Right.WORK_VIEW, out=shapes.Decisions)
def decision_list(request: HttpRequest, asked: Query[DecisionQuery]) -> HttpResponse:
    """List decisions of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    queue_id = queue_find(desk.id, name=asked.queue)["id"] if asked.queue else None
    before = key_of(DECISION, asked.after) if asked.after else None
    rows = queries.decision_list(
        desk.id, status=asked.status, queue_id=queue_id, before=before, limit=asked.limit + 1, by=by
    )
    listed = rows[: asked.limit]
    after = shown(DECISION, listed[-1].id) if len(rows) > asked.limit else None
    return json_response({"decisions": [_decision(row) for row in listed], "next": after})


@reads(router, "/decisions/{reference}", right=Right.WORK_VIEW, out=shapes.Decision)
def decision_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one decision with its reasons, alternatives and what became of it."""
    return json_response(_decision(queries.decision_get(key_of(DECISION, reference), by=actor(request))))


@writes(router, "POST", "/decisions/{reference}/accept", right=Right.DECISION_ANSWER, out=shapes.Answered)
def decision_accept(request: HttpRequest, reference: str, body: shapes.Accept) -> HttpResponse:
    """Give the item to the person proposed. Of two who answer at once, one gets a conflict that names the other."""
    del body
    key = key_of(DECISION, reference)
    return write(request, lambda by, at: _answered(answers.decision_accept(key, by=by, now=at)))


@writes(router, "POST", "/decisions/{reference}/change", right=Right.DECISION_ANSWER, out=shapes.Answered)
def decision_change(request: HttpRequest, reference: str, body: shapes.Change) -> HttpResponse:
    """Give the item to somebody else than the one proposed."""
    key = key_of(DECISION, reference)

    def do(by: Any, at: Any) -> dict[str, Any]:
        desk_id = queries.decision_get(key, by=by).desk_id
        person_id = person_key(desk_id, body.person, by=by)
        return _answered(answers.decision_change(key, person_id, reason=body.reason, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/decisions/{reference}/refuse", right=Right.DECISION_ANSWER, out=shapes.Answered)
def decision_refuse(request: HttpRequest, reference: str, body: shapes.Refuse) -> HttpResponse:
    """Say no, for one of five reasons; the person is not proposed for this item again."""
    key = key_of(DECISION, reference)
    return write(
        request,
        lambda by, at: _answered(answers.decision_refuse(key, body.reason, text=body.text, by=by, now=at)),
    )


@writes(router, "POST", "/decisions/{reference}/undo", right=Right.DECISION_ANSWER, out=shapes.Answered)
def decision_undo(request: HttpRequest, reference: str, body: shapes.Undo) -> HttpResponse:
    """Take an answer back, a person's or autopilot's, while nobody has changed the item since."""
    del body
    key = key_of(DECISION, reference)
    return write(request, lambda by, at: _answered(answers.decision_undo(key, by=by, now=at)))


@reads(router, "/items/{reference}/decisions", right=Right.WORK_VIEW, out=shapes.Decisions)
def item_decisions(request: HttpRequest, reference: str) -> HttpResponse:
    """List what was decided about an item, the latest first (the last 50)."""
    item = work_get(reference, by=actor(request))
    rows = queries.decisions_of_item(item.id)
    return json_response({"decisions": [_decision(row) for row in rows], "next": None})


@reads(router, "/items/{reference}/explain", right=Right.WORK_VIEW, out=shapes.Explained)
def item_explain(request: HttpRequest, reference: str) -> HttpResponse:
    """Say of every person why she may take an item and with which score, or which rules she fails; as of now."""
    found = asking.explain(reference, by=actor(request), now=now())
    return json_response(found.as_json())
