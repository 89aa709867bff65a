"""Regions of a desk: which there are, and which teams and people are in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from watchbill.apps.core.references import PERSON, key_of
from watchbill.apps.people import regions
from watchbill.apps.people.queries import desk_get, person_get
from watchbill.apps.people.regions import RegionRow
from watchbill.apps.people.rights import Right
from watchbill.flows import regions as flow
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.desks import DeskQuery
from watchbill.interfaces.api.people import person_shown
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import people
from watchbill.interfaces.api.schemas import regions as shapes
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["desks"])


def _region(row: RegionRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", "zone", "is_active", "teams", "people", "version")}


@reads(router, "/regions", right=Right.PEOPLE_VIEW, out=shapes.Regions)
def region_list(request: HttpRequest, asked: Query[DeskQuery]) -> HttpResponse:
    """List the regions of a desk by name, those in use first."""
    by = actor(request)
    rows = regions.region_list(desk_get(asked.desk, by=by).id, by=by)
    return json_response({"regions": [_region(row) for row in rows]})


@writes(router, "POST", "/regions", right=Right.PEOPLE_EDIT, out=shapes.Region, status=201)
def region_make(request: HttpRequest, body: shapes.NewRegion) -> HttpResponse:
    """Make a region."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        regions.region_save(desk_id, name=body.name, zone=body.zone, by=by, now=at)
        return _region(regions.region_get(desk_id, body.name, by=by))

    return write(request, do, status=201)


@writes(router, "PATCH", "/regions", right=Right.PEOPLE_EDIT, out=shapes.Region)
def region_change(request: HttpRequest, body: shapes.ChangeRegion) -> HttpResponse:
    """Give a region another name or time zone."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        row = regions.region_get(desk_id, body.region, by=by)
        name = body.name or row.name
        flow.region_change(desk_id, row.id, name=name, zone=body.zone or row.zone, version=body.version, by=by, now=at)
        return _region(regions.region_get(desk_id, name, by=by))

    return write(request, do)


@writes(router, "POST", "/regions/retire", right=Right.PEOPLE_EDIT, out=shapes.Region)
def region_retire(request: HttpRequest, body: shapes.RetireRegion) -> HttpResponse:
    """Retire a region that has neither teams nor active people, or use it again; a conflict names who is in it still."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        row = regions.region_get(desk_id, body.region, by=by)
        regions.region_activity_set(
            desk_id, row.id, is_active=body.is_active, reason=body.reason, version=body.version, by=by, now=at
        )
        return _region(regions.region_get(desk_id, row.name, by=by))

    return write(request, do)


@writes(router, "POST", "/regions/team", right=Right.PEOPLE_EDIT, out=shapes.Regions)
def team_region(request: HttpRequest, body: shapes.TeamRegion) -> HttpResponse:
    """Put a team into a region, or into none; the answer lists the regions."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        desk_id = desk_get(body.desk, by=by).id
        team_id, region_id = regions.team_named(desk_id, body.team, by=by), regions.region_named(desk_id, body.region)
        flow.team_move(desk_id, team_id, region_id, reason=body.reason, by=by, now=at)
        return {"regions": [_region(row) for row in regions.region_list(desk_id, by=by)]}

    return write(request, do)


@writes(router, "PATCH", "/people/{reference}/region", right=Right.PEOPLE_EDIT, out=people.Person)
def people_region(request: HttpRequest, reference: str, body: shapes.PersonRegion) -> HttpResponse:
    """Say in which region a person is, whatever her teams are."""

    def do(by: Any, at: datetime) -> dict[str, Any]:
        person = person_get(key_of(PERSON, reference), by=by)
        region_id = regions.region_named(person.desk_id, body.region)
        seen = person.version if body.version is None else body.version
        regions.person_region_set(person.id, region_id, version=seen, reason=body.reason, by=by, now=at)
        return person_shown(person_get(person.id, by=by))

    return write(request, do)
