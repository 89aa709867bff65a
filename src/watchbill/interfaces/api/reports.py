"""Attainment by any slice, breaches with their reasons, exclusions by two people, and the audit of pauses."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.core.references import BREACH, EXCLUSION, key_of
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right
from watchbill.apps.reports import codes, queries
from watchbill.apps.reports.choices import By, ExclusionStatus, PausedBy, PauseSort, Result
from watchbill.apps.reports.queries import PauseRule
from watchbill.apps.reports.slices import Slice
from watchbill.engine.base.errors import NotFound
from watchbill.engine.clocks import Agreement
from watchbill.flows.report import answering, excluding, shown
from watchbill.flows.report.shown import Named
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
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


def _slice(asked: SliceQuery, *, by: Actor) -> Slice:
    named = Named(**{part.name: getattr(asked, part.name) for part in fields(Named)})
    return shown.slice_of(desk_get(asked.desk, by=by), named, by=by)


@reads(router, "/attainment", right=Right.WORK_VIEW, out=shapes.Attainment)
def attainment_get(request: HttpRequest, asked: Query[AttainmentQuery]) -> HttpResponse:
    """Show attainment by one slice, with intervals, with and without what is excluded."""
    by = actor(request)
    return json_response(shown.attainment_shown(_slice(asked, by=by), asked.by, by=by, now=now()))


@reads(router, "/attainment/commitments", right=Right.WORK_VIEW, out=shapes.Commitments)
def commitment_list(request: HttpRequest, asked: Query[CommitmentsQuery]) -> HttpResponse:
    """List the commitments behind a number, the latest first."""
    by = actor(request)
    return json_response(
        shown.commitments_shown(
            _slice(asked, by=by), asked.result, has_excluded=asked.has_excluded, after=asked.after, limit=asked.limit,
            by=by, now=now(),
        )
    )  # fmt: skip


@reads(router, "/breaches", right=Right.WORK_VIEW, out=shapes.Breaches)
def breach_list(request: HttpRequest, asked: Query[BreachQuery]) -> HttpResponse:
    """List breaches, the latest first, each with its suggested and its confirmed reason; and the reasons counted."""
    by = actor(request)
    return json_response(
        shown.breaches_shown(
            _slice(asked, by=by), reason=asked.reason, is_confirmed=asked.is_confirmed, after=asked.after,
            limit=asked.limit, by=by,
        )
    )  # fmt: skip


@writes(router, "POST", "/breaches/confirm", right=Right.BREACH_CONFIRM, out=shapes.Confirmed)
def breaches_confirm(request: HttpRequest, body: shapes.Confirm) -> HttpResponse:
    """Confirm why commitments were broken: one code for all, or each as suggested."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        keys = [key_of(BREACH, reference) for reference in body.breaches]
        desk = desk_get(body.desk, by=by)
        done = answering.breaches_confirm(desk.id, keys, code=body.code, note=body.note, by=by, now=at)
        return shown.confirmed_shown(done)

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
    return json_response({**shown.breach_shown(rows[0]), "answers": answers})


@reads(router, "/exclusions", right=Right.WORK_VIEW, out=shapes.Exclusions)
def exclusion_list(request: HttpRequest, asked: Query[ExclusionQuery]) -> HttpResponse:
    """List exclusions of a desk, the latest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    return json_response(
        shown.exclusions_shown(desk.id, status=asked.status, after=asked.after, limit=asked.limit, by=by)
    )


@writes(router, "POST", "/exclusions", right=Right.EXCLUSION_ASK, out=shapes.Exclusion)
def exclusion_ask(request: HttpRequest, body: shapes.Ask) -> HttpResponse:
    """Ask to leave a commitment out of the figures; it counts until somebody else approves."""
    return write(
        request,
        lambda by, at: shown.exclusion_shown(
            excluding.exclusion_ask(
                body.item, body.commitment, cycle=body.cycle, code=body.code, text=body.text, by=by, now=at
            )
        ),
    )


@writes(router, "POST", "/exclusions/{reference}/approve", right=Right.EXCLUSION_APPROVE, out=shapes.Exclusion)
def exclusion_approve(request: HttpRequest, reference: str, body: shapes.Answer) -> HttpResponse:
    """Approve what somebody else asks for; who asked gets 403."""
    key = key_of(EXCLUSION, reference)
    return write(
        request, lambda by, at: shown.exclusion_shown(excluding.exclusion_approve(key, text=body.text, by=by, now=at))
    )


@writes(router, "POST", "/exclusions/{reference}/refuse", right=Right.EXCLUSION_APPROVE, out=shapes.Exclusion)
def exclusion_refuse(request: HttpRequest, reference: str, body: shapes.Answer) -> HttpResponse:
    """Refuse what somebody else asks for, with a reason."""
    key = key_of(EXCLUSION, reference)
    return write(
        request, lambda by, at: shown.exclusion_shown(excluding.exclusion_refuse(key, text=body.text, by=by, now=at))
    )


@writes(router, "POST", "/exclusions/{reference}/withdraw", right=Right.EXCLUSION_ASK, out=shapes.Exclusion)
def exclusion_withdraw(request: HttpRequest, reference: str, body: shapes.Answer) -> HttpResponse:
    """Take back what one asked for, approved or not; who may approve takes back anybody's."""
    key = key_of(EXCLUSION, reference)
    return write(
        request, lambda by, at: shown.exclusion_shown(excluding.exclusion_withdraw(key, text=body.text, by=by, now=at))
    )


def _rule(asked: PauseQuery) -> PauseRule:
    return PauseRule(last_ratio=asked.last_percent / 100, message_min=asked.message_min)


@reads(router, "/pauses", right=Right.AUDIT_VIEW, out=shapes.PauseAudit)
def pause_audit(request: HttpRequest, asked: Query[PauseQuery]) -> HttpResponse:
    """Show how often pauses begin late or without a message, by person or team, beside everybody else's."""
    by = actor(request)
    return json_response(shown.audit_shown(_slice(asked, by=by), _rule(asked), asked.by, by=by))


@reads(router, "/pauses/list", right=Right.AUDIT_VIEW, out=shapes.Pauses)
def pause_list(request: HttpRequest, asked: Query[PauseListQuery]) -> HttpResponse:
    """List the pauses behind a number, the latest first; `key` is that of a row of the audit."""
    by = actor(request)
    return json_response(
        shown.pauses_shown(
            _slice(asked, by=by), _rule(asked), asked.which, asked.by, key=asked.key, after=asked.after,
            limit=asked.limit, by=by,
        )
    )  # fmt: skip


@reads(router, "/codes", right=Right.WORK_VIEW, out=shapes.Codes)
def code_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List a desk's codes for breaches and exclusions."""
    return json_response(shown.codes_shown(desk_get(asked.desk, by=actor(request)).id))


@writes(router, "PUT", "/codes", right=Right.POLICY_EDIT, out=shapes.Codes)
def code_save(request: HttpRequest, body: shapes.SaveCode) -> HttpResponse:
    """Add a code of the desk's own, call one otherwise, or put it out of use."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        codes.code_save(desk.id, body.sort, body.code, label=body.label, is_active=body.is_active, by=by, now=at)
        return shown.codes_shown(desk.id)

    return write(request, do)
