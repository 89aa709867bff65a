"""Attainment by any slice, breaches with their reasons, exclusions by two people, and the audit of pauses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.core.references import BREACH, CUSTOMER, EXCLUSION, PERSON, key_of, shown
from watchbill.apps.people.queries import DeskRow, desk_get, person_key, team_list
from watchbill.apps.people.rights import Right
from watchbill.apps.reports import attainment as attained
from watchbill.apps.reports import codes, queries
from watchbill.apps.reports.attainment import Attained, Result
from watchbill.apps.reports.codes import Sort
from watchbill.apps.reports.queries import BreachRow, ExclusionRow, ExclusionStatus, PausedBy, PauseRule, PauseSort
from watchbill.apps.reports.slices import By, Slice, place_of, place_shown
from watchbill.apps.work.queues import queue_find
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.time import require_instant
from watchbill.engine.clocks import Agreement
from watchbill.engine.report import Compared, Proportion
from watchbill.flows.report import answering, excluding
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import reports as shapes
from watchbill.interfaces.api.schemas.base import Limit, OneToFour, Place, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["reports"])


class SliceQuery(Schema):
    desk: Slug
    since: datetime | None = Field(None, description="Decided, or broken, at this instant or later")
    until: datetime | None = Field(None, description="Before this instant")
    commitment: Short = ""
    agreement: Agreement | None = None
    priority: OneToFour | None = None
    queue: Short = Field("", description="The queue's name")
    team: Short = Field("", description="The team's name")
    owner: Short = Field("", description="Reference (PER-12) or whole name")
    customer: Short = Field("", description="Reference (CUS-7)")


class AttainmentQuery(SliceQuery):
    by: By = By.COMMITMENT


class CommitmentsQuery(SliceQuery):
    result: Result = Result.DECIDED
    has_excluded: bool = True
    after: Place = ""
    limit: Limit = 50


class BreachQuery(SliceQuery):
    reason: Short = Field("", description="Code, or `mixture`")
    is_confirmed: bool | None = None
    after: Place = ""
    limit: Limit = 50


class ExclusionQuery(Schema):
    desk: Slug
    status: ExclusionStatus | None = None
    after: Place = ""
    limit: Limit = 50


class PauseQuery(SliceQuery):
    by: PausedBy = PausedBy.PERSON
    last_percent: int = Field(10, ge=1, le=99, description="Late: within this last part of the target")
    message_min: int = Field(30, ge=0, le=10_080, description="Silent: no message within so many minutes")


class PauseListQuery(PauseQuery):
    which: PauseSort = PauseSort.ALL
    key: Short = ""
    after: Place = ""
    limit: Limit = 50


class DeskQuery(Schema):
    desk: Slug


def _slice(asked: SliceQuery, *, by: Actor) -> Slice:
    """Return the slice that a query asks for, names as keys. Raises NotFound for what the desk does not have."""
    desk: DeskRow = desk_get(asked.desk, by=by)
    team = next((t["id"] for t in team_list(desk.id, by=by) if t["name"] == asked.team), None) if asked.team else None
    if asked.team and team is None:
        raise NotFound(f"This desk has no team “{asked.team}”")
    return Slice(
        desk_id=desk.id,
        since=None if asked.since is None else require_instant(asked.since, "since"),
        until=None if asked.until is None else require_instant(asked.until, "until"),
        commitment=asked.commitment,
        agreement=asked.agreement or "",
        priority=asked.priority,
        queue_id=queue_find(desk.id, name=asked.queue)["id"] if asked.queue else None,
        team_id=team,
        owner_id=person_key(desk.id, asked.owner, by=by) if asked.owner else None,
        customer_id=key_of(CUSTOMER, asked.customer) if asked.customer else None,
        zone=desk.zone,
    )


def _share(counted: Proportion) -> dict[str, Any]:
    low, high = counted.interval
    return {"hits": counted.hits, "total": counted.total, "share": counted.share, "low": low, "high": high,
            "is_small": counted.is_small}  # fmt: skip


def _attained(row: Attained, dividing: By) -> dict[str, Any]:
    """A slice in the shape of `shapes.Attained`."""
    prefix = {By.OWNER: PERSON, By.CUSTOMER: CUSTOMER}.get(dividing)
    key = shown(prefix, row.key) if prefix and isinstance(row.key, int) else row.key
    if dividing in {By.QUEUE, By.TEAM} and row.key is not None:
        key = row.label
    return {
        "key": "" if key is None else key.isoformat() if isinstance(key, date) else str(key), "label": row.label,
        "attainment": _share(row.counted), "with_excluded": _share(row.all), "excluded": row.excluded,
        "broken": row.broken,
    }  # fmt: skip


@reads(router, "/attainment", right=Right.WORK_VIEW, out=shapes.Attainment)
def attainment_get(request: HttpRequest, asked: Query[AttainmentQuery]) -> HttpResponse:
    """Show attainment by one slice, with intervals, with and without what is excluded."""
    by = actor(request)
    rows = attained.attainment(_slice(asked, by=by), asked.by, by=by, now=now())
    found = [_attained(row, asked.by) for row in rows]
    return json_response({"by": asked.by, "slices": found, "all": _attained(attained.summed(rows), asked.by)})


@reads(router, "/attainment/commitments", right=Right.WORK_VIEW, out=shapes.Commitments)
def commitment_list(request: HttpRequest, asked: Query[CommitmentsQuery]) -> HttpResponse:
    """List the commitments behind a number, the latest first."""
    by = actor(request)
    rows = attained.commitment_page(
        _slice(asked, by=by), asked.result, has_excluded=asked.has_excluded, before=place_of(asked.after),
        limit=asked.limit + 1, by=by, now=now(),
    )  # fmt: skip
    names = ("title", "priority", "owner", "queue", "customer", "agreement", "cycle", "status", "target_s", "elapsed_s",
             "at", "reason", "is_confirmed", "exclusion")  # fmt: skip
    listed = rows[: asked.limit]
    return json_response(
        {
            "commitments": [
                {"item": row.reference, "commitment": row.name, **{name: getattr(row, name) for name in names}}
                for row in listed
            ],
            "next": place_shown(listed[-1].at, listed[-1].id) if len(rows) > asked.limit else None,
        }
    )


def _breach(row: BreachRow) -> dict[str, Any]:
    """A breach in the shape of `shapes.Breach`."""
    names = ("title", "priority", "agreement", "cycle", "breach_at", "suggested", "confirmed", "note", "confirmed_at",
             "exclusion")  # fmt: skip
    return {
        "reference": shown(BREACH, row.id), "item": row.reference, "commitment": row.name,
        **{name: getattr(row, name) for name in names}, "confirmed_by": row.confirmed_by_name,
        "shares": row.evidence.get("shares", {}), "counted_s": row.evidence.get("counted_s", 0),
        "handovers": row.evidence.get("handovers", 0),
    }  # fmt: skip


@reads(router, "/breaches", right=Right.WORK_VIEW, out=shapes.Breaches)
def breach_list(request: HttpRequest, asked: Query[BreachQuery]) -> HttpResponse:
    """List breaches, the latest first, each with its suggested and its confirmed reason; and the reasons counted."""
    by = actor(request)
    wanted = _slice(asked, by=by)
    rows = queries.breach_page(
        wanted, reason=asked.reason, is_confirmed=asked.is_confirmed, before=place_of(asked.after),
        limit=asked.limit + 1, by=by,
    )  # fmt: skip
    labels = codes.code_labels(wanted.desk_id, Sort.BREACH)
    listed = rows[: asked.limit]
    return json_response(
        {
            "breaches": [_breach(row) for row in listed],
            "reasons": [
                {"code": one.code, "label": labels.get(one.code, one.code), "confirmed": one.confirmed,
                 "suggested": one.suggested}
                for one in queries.reason_counts(wanted, by=by)
            ],
            "next": place_shown(listed[-1].breach_at, listed[-1].id) if len(rows) > asked.limit else None,
        }
    )  # fmt: skip


@writes(router, "POST", "/breaches/confirm", right=Right.BREACH_CONFIRM, out=shapes.Confirmed)
def breaches_confirm(request: HttpRequest, body: shapes.Confirm) -> HttpResponse:
    """Confirm why commitments were broken: one code for all, or each as suggested."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        keys = [key_of(BREACH, reference) for reference in body.breaches]
        desk = desk_get(body.desk, by=by)
        done = answering.breaches_confirm(desk.id, keys, code=body.code, note=body.note, by=by, now=at)
        return {
            "done": [shown(BREACH, row.id) for row in done.done],
            "left": [{"item": item, "reason": reason} for item, reason in done.left],
        }

    return write(request, do)


@reads(router, "/breaches/{reference}", right=Right.WORK_VIEW, out=shapes.BreachDetail)
def breach_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one breach with everything that was said of it."""
    rows = queries.breaches_get([key_of(BREACH, reference)], by=actor(request))
    if not rows:
        raise NotFound("There is no such breach, or you may not see it")
    answers = [
        {"code": one["code"], "suggested": one["suggested"], "note": one["note"], "at": one["at"], "by": one["by_name"]}
        for one in queries.breach_answers(rows[0].id)
    ]
    return json_response({**_breach(rows[0]), "answers": answers})


def _exclusion(row: ExclusionRow) -> dict[str, Any]:
    """An exclusion in the shape of `shapes.Exclusion`."""
    names = ("cycle", "status", "code", "text", "asked_at", "answered_at", "answer", "withdrawn_at")
    return {
        "reference": shown(EXCLUSION, row.id), "item": row.reference, "commitment": row.name,
        "asked_by": row.asked_by_name, "answered_by": row.answered_by_name, "withdrawn_by": row.withdrawn_by_name,
        **{name: getattr(row, name) for name in names},
    }  # fmt: skip


@reads(router, "/exclusions", right=Right.WORK_VIEW, out=shapes.Exclusions)
def exclusion_list(request: HttpRequest, asked: Query[ExclusionQuery]) -> HttpResponse:
    """List exclusions of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    before = key_of(EXCLUSION, asked.after) if asked.after else None
    rows = queries.exclusion_list(desk.id, status=asked.status, before=before, limit=asked.limit + 1, by=by)
    listed = rows[: asked.limit]
    after = shown(EXCLUSION, listed[-1].id) if len(rows) > asked.limit else None
    return json_response({"exclusions": [_exclusion(row) for row in listed], "next": after})


@writes(router, "POST", "/exclusions", right=Right.EXCLUSION_ASK, out=shapes.Exclusion)
def exclusion_ask(request: HttpRequest, body: shapes.Ask) -> HttpResponse:
    """Ask to leave a commitment out of the figures; it counts until somebody else approves."""
    return write(
        request,
        lambda by, at: _exclusion(
            excluding.exclusion_ask(
                body.item, body.commitment, cycle=body.cycle, code=body.code, text=body.text, by=by, now=at
            )
        ),
    )


@writes(router, "POST", "/exclusions/{reference}/approve", right=Right.EXCLUSION_APPROVE, out=shapes.Exclusion)
def exclusion_approve(request: HttpRequest, reference: str, body: shapes.Answer) -> HttpResponse:
    """Approve what somebody else asks for; who asked gets 403."""
    key = key_of(EXCLUSION, reference)
    return write(request, lambda by, at: _exclusion(excluding.exclusion_approve(key, text=body.text, by=by, now=at)))


@writes(router, "POST", "/exclusions/{reference}/refuse", right=Right.EXCLUSION_APPROVE, out=shapes.Exclusion)
def exclusion_refuse(request: HttpRequest, reference: str, body: shapes.Answer) -> HttpResponse:
    """Refuse what somebody else asks for, with a reason."""
    key = key_of(EXCLUSION, reference)
    return write(request, lambda by, at: _exclusion(excluding.exclusion_refuse(key, text=body.text, by=by, now=at)))


@writes(router, "POST", "/exclusions/{reference}/withdraw", right=Right.EXCLUSION_ASK, out=shapes.Exclusion)
def exclusion_withdraw(request: HttpRequest, reference: str, body: shapes.Answer) -> HttpResponse:
    """Take back what one asked for, approved or not; who may approve takes back anybody's."""
    key = key_of(EXCLUSION, reference)
    return write(request, lambda by, at: _exclusion(excluding.exclusion_withdraw(key, text=body.text, by=by, now=at)))


def _compared(one: Compared[str] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"own": _share(one.own), "others": _share(one.others), "stands_out": one.stands_out}


def _rule(asked: PauseQuery) -> PauseRule:
    return PauseRule(last_ratio=asked.last_percent / 100, message_min=asked.message_min)


@reads(router, "/pauses", right=Right.AUDIT_VIEW, out=shapes.PauseAudit)
def pause_audit(request: HttpRequest, asked: Query[PauseQuery]) -> HttpResponse:
    """Show how often pauses begin late or without a message, by person or team, beside everybody else's."""
    by = actor(request)
    found = queries.pause_audit(_slice(asked, by=by), _rule(asked), asked.by, by=by)
    return json_response(
        {
            "late": _share(found.late),
            "silent": _share(found.silent) if found.has_messages else None,
            "rows": [
                {"key": one.key, "name": one.name, "late": _compared(one.late), "silent": _compared(one.silent)}
                for one in found.rows
            ],
        }
    )


@reads(router, "/pauses/list", right=Right.AUDIT_VIEW, out=shapes.Pauses)
def pause_list(request: HttpRequest, asked: Query[PauseListQuery]) -> HttpResponse:
    """List the pauses behind a number, the latest first; `key` is that of a row of the audit."""
    by = actor(request)
    rows = queries.pause_page(
        _slice(asked, by=by), _rule(asked), asked.which, counted=asked.by, key=asked.key, before=place_of(asked.after),
        limit=asked.limit + 1, by=by,
    )  # fmt: skip
    names = ("title", "began_at", "ended_at", "gone_ratio", "message_s", "state", "team")
    listed = rows[: asked.limit]
    return json_response(
        {
            "pauses": [
                {"item": row.reference, "commitment": row.name, "by": row.by_name,
                 **{name: getattr(row, name) for name in names}}
                for row in listed
            ],
            "next": place_shown(listed[-1].began_at, listed[-1].id) if len(rows) > asked.limit else None,
        }
    )  # fmt: skip


def _codes(desk_id: int) -> dict[str, Any]:
    names = ("code", "label", "is_active", "is_standard")
    return {
        sort.value: [{name: getattr(row, name) for name in names} for row in codes.code_list(desk_id, sort)]
        for sort in Sort
    }


@reads(router, "/codes", right=Right.WORK_VIEW, out=shapes.Codes)
def code_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List a desk's codes for breaches and exclusions."""
    return json_response(_codes(desk_get(asked.desk, by=actor(request)).id))


@writes(router, "PUT", "/codes", right=Right.POLICY_EDIT, out=shapes.Codes)
def code_save(request: HttpRequest, body: shapes.SaveCode) -> HttpResponse:
    """Add a code of the desk's own, call one otherwise, or put it out of use."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        codes.code_save(desk.id, body.sort, body.code, label=body.label, is_active=body.is_active, by=by, now=at)
        return _codes(desk.id)

    return write(request, do)
