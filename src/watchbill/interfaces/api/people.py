"""People of a desk: what they can do and may take, and corrections by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from watchbill.apps.core.references import PERSON, key_of, shown
from watchbill.apps.people.abilities import limits_get, limits_set
from watchbill.apps.people.queries import PersonRow, desk_get, person_get, person_key, person_list
from watchbill.apps.people.rights import Right
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.shifts.services import presence_set
from watchbill.flows.people import Correction, NewPerson, person_add, person_correct, person_relieve
from watchbill.flows.people import person_deactivate as deactivate
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.bulk import bulk_told
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import people as shapes
from watchbill.interfaces.api.schemas.base import Limit, Short
from watchbill.interfaces.api.schemas.bulk import BulkDone
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["people"])

_PERSON = ("name", "email", "zone", "region", "languages", "wip_limit", "clearances", "tiers", "class_limits",
           "is_robot", "is_active", "deactivated_at", "version")  # fmt: skip


class PeopleQuery(DeskQuery):
    q: Short = Field("", description="Part of a name or an address")
    is_active: bool | None = None
    after: Short = ""
    limit: Limit = 100


def person_shown(row: PersonRow) -> dict[str, Any]:
    """A person in the shape of `shapes.Person`."""
    skills = [{name: skill[name] for name in ("name", "level", "is_confirmed", "evidence")} for skill in row.skills]
    return {
        "reference": shown(PERSON, row.id),
        **{name: getattr(row, name) for name in _PERSON},
        "is_region_own": row.region_id is not None,
        "deputy": None if row.deputy_id is None else shown(PERSON, row.deputy_id),
        "teams": [team["name"] for team in row.teams],
        "skills": skills,
    }


@reads(router, "/people", right=Right.PEOPLE_VIEW, out=shapes.People)
def people_list(request: HttpRequest, asked: Query[PeopleQuery]) -> HttpResponse:
    """List people of a desk by name."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    rows = person_list(
        desk.id, by=by, text=asked.q, is_active=asked.is_active, after=asked.after, limit=asked.limit + 1
    )
    listed = rows[: asked.limit]
    after = listed[-1].name if len(rows) > asked.limit else None
    return json_response({"people": [person_shown(row) for row in listed], "next": after})


@reads(router, "/people/{reference}", right=Right.PEOPLE_VIEW, out=shapes.Person)
def people_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one person with teams, skills and the evidence for them."""
    return json_response(person_shown(person_get(key_of(PERSON, reference), by=actor(request))))


@writes(router, "POST", "/people", right=Right.PEOPLE_EDIT, out=shapes.Person, status=201)
def people_add(request: HttpRequest, body: shapes.NewPerson) -> HttpResponse:
    """Add a person to a desk, with teams, skills, usual hours and a region of her own: all of it or nothing."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        given = body.model_dump(exclude={"desk"})
        return person_shown(person_get(person_add(NewPerson(desk_id=desk.id, **given), by=by, now=at), by=by))

    return write(request, do, status=201)


@writes(router, "PATCH", "/people/{reference}", right=Right.PEOPLE_EDIT, out=shapes.Person)
def people_correct(request: HttpRequest, reference: str, body: shapes.PersonChange) -> HttpResponse:
    """Correct a person by hand: mail, zone, languages, limit, skills, teams, usual week; all of it or nothing."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        key = key_of(PERSON, reference)
        asked = Correction(
            values=body.model_dump(include={"email", "zone", "languages", "wip_limit"}, exclude_none=True),
            skills=body.skills, join=body.join, leave=body.leave, week=body.week, makes_new=body.makes_new,
        )  # fmt: skip
        person_correct(key, asked, version=body.version, reason=body.reason, by=by, now=at)
        return person_shown(person_get(key, by=by))

    return write(request, do)


@writes(router, "POST", "/people/{reference}/presence", right=Right.PEOPLE_VIEW, out=shapes.Presence)
def people_presence(request: HttpRequest, reference: str, body: shapes.SetPresence) -> HttpResponse:
    """Say whether a person is available, away or off: oneself, or (with people_edit) anybody."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        person = person_get(key_of(PERSON, reference), by=by)
        presence_set(person.id, desk_id=person.desk_id, state=body.state, until_at=body.until_at, by=by, now=at)
        return {"reference": shown(PERSON, person.id), "state": body.state, "until_at": body.until_at}

    return write(request, do)


@writes(router, "PATCH", "/people/{reference}/limits", right=Right.PEOPLE_EDIT, out=shapes.Person)
def people_limits(request: HttpRequest, reference: str, body: shapes.LimitsChange) -> HttpResponse:
    """Say what a person may take: clearances, tiers, open items of a class at most, and who stands in for her."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        person = person_get(key_of(PERSON, reference), by=by)
        given = body.model_dump(include={"clearances", "tiers", "class_limits"}, exclude_none=True)
        if body.deputy is not None:
            given["deputy_id"] = person_key(person.desk_id, body.deputy, by=by) if body.deputy else None
        limits = replace(limits_get(person.id, by=by), **given)
        seen = person.version if body.version is None else body.version
        limits_set(person.id, limits, version=seen, reason=body.reason, by=by, now=at)
        return person_shown(person_get(person.id, by=by))

    return write(request, do)


@writes(router, "POST", "/people/{reference}/deactivate", right=Right.PEOPLE_EDIT, out=shapes.Deactivated)
def people_deactivate(request: HttpRequest, reference: str, body: shapes.Deactivate) -> HttpResponse:
    """Take a person's access away at once; the answer lists her open work."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        person = person_get(key_of(PERSON, reference), by=by)
        left = deactivate(person.id, desk_id=person.desk_id, reason=body.reason, version=body.version, by=by, now=at)
        return {"reference": shown(PERSON, person.id), "open_items": [item.reference for item in left]}

    return write(request, do)


@writes(router, "POST", "/people/{reference}/reactivate", right=Right.PEOPLE_EDIT, out=shapes.Person)
def people_reactivate(request: HttpRequest, reference: str, body: shapes.Deactivate) -> HttpResponse:
    """Take somebody back who was deactivated. Her users and keys stay ended: give access anew."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        key = key_of(PERSON, reference)
        person_activity_set(key, is_active=True, reason=body.reason, version=body.version, by=by, now=at)
        return person_shown(person_get(key, by=by))

    return write(request, do)


@writes(router, "POST", "/people/{reference}/relieve", right=Right.WORK_BULK, out=BulkDone)
def people_relieve(request: HttpRequest, reference: str, body: shapes.Relieve) -> HttpResponse:
    """Give a person's open work, all of it (up to 500 items) or what is named, to somebody else."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        person = person_get(key_of(PERSON, reference), by=by)
        to, seen = person_key(person.desk_id, body.to, by=by), body.version
        done = person_relieve(
            person.id, to, references=body.references, version=person.version if seen is None else seen, by=by, now=at
        )
        return bulk_told(done)

    return write(request, do)
