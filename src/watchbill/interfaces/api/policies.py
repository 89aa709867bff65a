"""Policies: who is chosen (assign), what is promised (clocks), when a desk is open (calendars); read, try, publish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.clocks.holidays import holidays_add
from watchbill.apps.clocks.retiring import calendar_restore, calendar_retire
from watchbill.apps.clocks.using import published_notes
from watchbill.apps.core.queries import now
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions import services as decision_services
from watchbill.apps.decisions.drafts import version_changes
from watchbill.apps.people.queries import desk_get
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.weighing import matrix_get
from watchbill.engine.base.time import require_instant
from watchbill.engine.intake.priority import DEFAULT_MATRIX
from watchbill.flows.assign.asking import policy_try as try_policy
from watchbill.flows.assign.routes import policy_notes
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import policies as shapes
from watchbill.interfaces.api.schemas.replays import PublishClocks
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["policies"])


def _version(row: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "number", "holds_from", "reason", "recorded_at")
    what = "calendar" if "name" in row else "policy"
    return {**{name: row[name] for name in names if name in row}, "by": row["by_name"], what: row["body"]}


def _from(body: shapes.PublishVersion, at: datetime) -> datetime:
    return at if body.holds_from is None else require_instant(body.holds_from, "holds_from")


@reads(router, "/policies", right=Right.POLICY_VIEW, out=shapes.Policies)
def policy_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """Read every version of a desk's policies and calendars, the latest first, and the impact x urgency matrix."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    require(by, Right.POLICY_VIEW, desk.id)
    holds = decisions.policy_in_force(desk.id, now())
    return json_response(
        {
            "assign": [_version(row) for row in decisions.policy_versions(desk.id)],
            "assign_in_force": {**holds.policy.as_json(), "number": holds.number},
            "clocks": [_version(row) for row in clocks.policy_versions(desk.id)],
            "calendars": [_version(row) for row in clocks.calendar_versions(desk.id)],
            "calendars_retired": sorted(clocks.rulebook(desk.id).retired),
            "matrix": matrix_get(desk.id) or dict(DEFAULT_MATRIX),
        }
    )


def _published(desk_id: int, number: int) -> dict[str, Any]:
    notes = policy_notes(desk_id, decisions.policy_version(desk_id, number))
    return {"number": number, "notes": notes, "changes": [one._asdict() for one in version_changes(desk_id, number)]}


@writes(router, "POST", "/policies/assign", right=Right.POLICY_EDIT, out=shapes.PublishedAssign, status=201)
def policy_assign_publish(request: HttpRequest, body: shapes.Publish) -> HttpResponse:
    """Publish a version of the assignment policy; what it does not name stays as in force, decisions made before keep theirs."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        number = decision_services.policy_publish(
            desk.id, body.policy, holds_from=_from(body, at), is_for_history=body.is_for_history, reason=body.reason, seen_number=body.seen_number, by=by,
            now=at,
        )  # fmt: skip
        return _published(desk.id, number)

    return write(request, do, status=201)


@writes(router, "POST", "/policies/assign/take-back", right=Right.POLICY_EDIT, out=shapes.PublishedAssign, status=201)
def policy_assign_take_back(request: HttpRequest, body: shapes.TakeBack) -> HttpResponse:
    """Publish an earlier version of the assignment policy again at once; no dry run, if it held within the last 14 days."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        number = decision_services.policy_take_back(
            desk.id, body.number, reason=body.reason, seen_number=body.seen_number, by=by, now=at
        )
        return _published(desk.id, number)

    return write(request, do, status=201)


@writes(router, "POST", "/policies/clocks", right=Right.POLICY_EDIT, out=shapes.Published, status=201)
def policy_clocks_publish(request: HttpRequest, body: PublishClocks) -> HttpResponse:
    """Publish a version of the clock policy; items keep the version they were opened under.

    On a desk that has items, this very draft must have been replayed beside the newest version: POST
    /policies/clocks/replays.
    """

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        number = clock_services.policy_publish(
            desk.id, body.policy, holds_from=_from(body, at), is_for_history=body.is_for_history, reason=body.reason, seen_number=body.seen_number,
            leaves=body.leaves, by=by, now=at,
        )  # fmt: skip
        return {"number": number}

    return write(request, do, status=201)


def _notes(desk_id: int, name: str, holds_from: datetime, at: datetime) -> list[str]:
    return published_notes(desk_id, name, holds_from=holds_from, now=at)


@writes(router, "POST", "/policies/calendars", right=Right.POLICY_EDIT, out=shapes.PublishedCalendar, status=201)
def policy_calendar_publish(request: HttpRequest, body: shapes.PublishCalendar) -> HttpResponse:
    """Publish a version of a calendar: a week of hours, or the union or intersection of other calendars by name."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        number = clock_services.calendar_publish(
            desk.id, body.name, body.calendar, holds_from=_from(body, at), is_for_history=body.is_for_history, reason=body.reason,
            seen_number=body.seen_number, by=by, now=at,
        )  # fmt: skip
        return {"number": number, "notes": _notes(desk.id, body.name.strip(), _from(body, at), at)}

    return write(request, do, status=201)


@writes(router, "POST", "/policies/calendars/holidays", right=Right.POLICY_EDIT, out=shapes.AddedHolidays, status=201)
def policy_calendar_holidays(request: HttpRequest, body: shapes.AddHolidays) -> HttpResponse:
    """Close a calendar on the public holidays of a country: publishes its next version."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        holds_from = at if body.holds_from is None else require_instant(body.holds_from, "holds_from")
        number, added = holidays_add(
            desk.id, body.name, country=body.country.upper(), subdivision=body.subdivision, years=body.years,
            holds_from=holds_from, reason=body.reason, seen_number=body.seen_number, by=by, now=at,
        )  # fmt: skip
        notes = _notes(desk.id, body.name, holds_from, at)
        return {"number": number, "notes": notes, "added": {day.isoformat(): title for day, title in added.items()}}

    return write(request, do, status=201)


@writes(router, "POST", "/policies/calendars/retire", right=Right.POLICY_EDIT, out=shapes.CalendarOffered)
def policy_calendar_retire(request: HttpRequest, body: shapes.CalendarAct) -> HttpResponse:
    """Take a calendar out of what new policies may name; a conflict, with their names, while a policy uses it."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        calendar_retire(desk_get(body.desk, by=by).id, body.name, reason=body.reason, by=by, now=at)
        return {"name": body.name, "is_retired": True}

    return write(request, do)


@writes(router, "POST", "/policies/calendars/restore", right=Right.POLICY_EDIT, out=shapes.CalendarOffered)
def policy_calendar_restore(request: HttpRequest, body: shapes.CalendarAct) -> HttpResponse:
    """Offer a retired calendar again."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        calendar_restore(desk_get(body.desk, by=by).id, body.name, reason=body.reason, by=by, now=at)
        return {"name": body.name, "is_retired": False}

    return write(request, do)


@writes(router, "POST", "/policies/try", right=Right.POLICY_VIEW, out=shapes.Tried)
def policy_try(request: HttpRequest, body: shapes.Try) -> HttpResponse:
    """Say what an unpublished assignment policy would decide about an item; nothing is written."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        return try_policy(body.policy, body.item, by=by, now=at).as_json()

    return write(request, do)
