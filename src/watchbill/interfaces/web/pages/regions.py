"""Regions of a desk: where its teams and people are, whose managers answer for them, and who works while others sleep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.regions import RegionRow, region_activity_set, region_list, region_save
from watchbill.apps.people.rights import Right
from watchbill.flows.regions import region_change, team_move
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formacts import form_act
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page
from watchbill.interfaces.web.regionforms import (
    NEW,
    TEAM,
    activity_form,
    activity_name,
    edit_form,
    edit_name,
    new_form,
    team_form,
)
from watchbill.interfaces.web.sent import Sent, summary_of
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels.regions import RegionLine, RegionsPage

LABELS = {"name": "Name", "zone": "Time zone"}


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def regions(request: HttpRequest) -> HttpResponse:
    """List the regions of a desk."""
    return _show(request)


def _show(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = regions_page(visit_of(request), **more)
    return page(
        request, "pages/regions.html", "Regions", current="people", status=status, has_errors=status == 422, page=shown
    )


def regions_page(visit: Visit, *, sent: Sent | None = None, conflict: parts.Conflict | None = None) -> RegionsPage:
    """Return the list; the number of queries depends neither on regions nor on who is in them."""
    rows = region_list(visit.desk.id, by=visit.actor)
    may_edit = visit.may(Right.PEOPLE_EDIT)
    return RegionsPage(
        back_href=visit.href("people"),
        lines=[_line(visit, row, sent, may_edit=may_edit) for row in rows],
        new_form=new_form(visit, sent) if may_edit else None,
        team_form=team_form(visit, rows, sent) if may_edit else None,
        conflict=conflict,
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
        empty=None if rows else parts.Empty(
            title="No region yet",
            text="A desk whose people work in one place needs none. With two or more, work goes with the sun, Balance looks"
            " at each, and alerts go to those who are there.",
        ),
    )  # fmt: skip


def _line(visit: Visit, row: RegionRow, sent: Sent | None, *, may_edit: bool) -> RegionLine:
    return RegionLine(
        name=row.name,
        zone=row.zone,
        local=f"{visit.now.astimezone(ZoneInfo(row.zone)):%a %H:%M}",
        people=row.people,
        teams=", ".join(row.teams),
        is_active=row.is_active,
        edit_form=edit_form(visit, row, sent) if may_edit else None,
        activity_form=activity_form(visit, row, sent) if may_edit else None,
    )


def _act(request: HttpRequest, form: str, field: str, act: Callable[[Visit], str]) -> HttpResponse:
    """Do what a form asks; refused, show the page again."""
    return form_act(request, act, form=form, field=field, here="regions", labels=LABELS, show=_show)


def _save(visit: Visit, region_id: int | None) -> str:
    sent = visit.request.POST
    name, zone = text_of(sent, "name"), text_of(sent, "zone")
    if region_id is None:
        region_save(visit.desk.id, name=name, zone=zone, by=visit.actor, now=visit.now)
    else:
        version = required_number(sent, "version", "The version")
        region_change(visit.desk.id, region_id, name=name, zone=zone, version=version, by=visit.actor, now=visit.now)
    return f"{text_of(sent, 'name')}: kept"


@require_POST
@requires(Right.PEOPLE_EDIT)
def region_new(request: HttpRequest) -> HttpResponse:
    """Make a region."""
    return _act(request, NEW, "name", lambda visit: _save(visit, None))


@require_POST
@requires(Right.PEOPLE_EDIT)
def region_edit(request: HttpRequest, region_id: int) -> HttpResponse:
    """Give a region another name or zone."""
    return _act(request, edit_name(region_id), "name", lambda visit: _save(visit, region_id))


@require_POST
@requires(Right.PEOPLE_EDIT)
def region_activity(request: HttpRequest, region_id: int) -> HttpResponse:
    """Retire a region, or take it into use again."""

    def act(visit: Visit) -> str:
        is_active = request.POST.get("is_active") == "1"
        region_activity_set(
            visit.desk.id, region_id, is_active=is_active, reason=text_of(request.POST, "reason"),
            version=required_number(request.POST, "version", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
        return "In use again" if is_active else "Retired"

    return _act(request, activity_name(region_id), "reason", act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def region_team(request: HttpRequest) -> HttpResponse:
    """Put a team into a region, or into none."""

    def act(visit: Visit) -> str:
        is_changed = team_move(
            visit.desk.id, required_number(request.POST, "team", "The team"),
            number_of(request.POST, "region", "The region"), reason=text_of(request.POST, "reason"), by=visit.actor,
            now=visit.now,
        )  # fmt: skip
        return "Kept" if is_changed else "Nothing was different"

    return _act(request, TEAM, "team", act)


urls = [
    path("people/regions/", regions, name="regions"),
    path("people/regions/new/", region_new, name="region-new"),
    path("people/regions/team/", region_team, name="region-team"),
    path("people/regions/<int:region_id>/", region_edit, name="region-edit"),
    path("people/regions/<int:region_id>/activity/", region_activity, name="region-activity"),
]
