"""One person: her open work, what she can do and how that is known, her hours, and corrections by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.abilities import limits_set
from watchbill.apps.people.queries import PersonRow, person_get, person_names
from watchbill.apps.people.regions import person_region_set, region_names
from watchbill.apps.people.rights import Right
from watchbill.apps.people.services import person_activity_set
from watchbill.apps.shifts.absences import AbsenceKind, absence_add, absence_cancel
from watchbill.apps.shifts.services import presence_set
from watchbill.engine.base.calendar import WEEKDAYS
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows import people as flow
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.forms import back_of, number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.instants import instant_of
from watchbill.interfaces.web.limitsform import LIMITS, limits_sent
from watchbill.interfaces.web.personpage import person_page
from watchbill.interfaces.web.regionforms import REGION
from watchbill.interfaces.web.sent import Sent

Act = Callable[[Visit, PersonRow, int], str]
"""What a form does to a person at the version that its writer saw; returns what the toast says."""

LABELS = {
    "wip_limit": "Limit of open items", "zone": "Time zone", "languages": "Languages", "email": "Mail",
    "level": "Level", "skill": "Skill", "team": "Team", "is_member": "In the team", "week": "Hours",
    "clearances": "Clearances", "tiers": "Serves only", "class_limits": "At most", "deputy": "Stands in", "region": "Region",
}  # fmt: skip


def _visited(request: HttpRequest, person_id: int) -> tuple[Visit, PersonRow]:
    """Return the visit, made one of the person's desk. Raises NotFound, NotAllowed."""
    visit = visit_of(request)
    found = person_get(person_id, by=visit.actor)
    visit.be_on(found.desk_id)
    return visit, found


def _show(request: HttpRequest, visit: Visit, found: PersonRow, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = person_page(visit, found, **more)
    return page(
        request, "pages/person.html", found.name, current="people", status=status, has_errors=status == 422, page=shown
    )


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show one person."""
    return _show(request, *_visited(request, person_id))


def _act(request: HttpRequest, person_id: int, form: str, act: Act) -> HttpResponse:
    """Do what a form asks; refused, show the page again with its input and what is wrong or who was faster."""
    visit, found = _visited(request, person_id)
    here = visit.href("person", person_id)
    try:
        said = act(visit, found, required_number(request.POST, "version", "The version"))
    except (InvalidFacts, Conflict) as error:
        present = person_get(person_id, by=visit.actor)
        if isinstance(error, Conflict) and "version" in error.details:
            clash = conflict_of(request, error, keep_href=here, labels=LABELS, shown=_mine(request, found.desk_id))
            return _show(request, visit, present, status=409, conflict=clash)
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message, **error.details)
        sent = Sent.refused(form, request.POST, problem, field_of=_field_of)
        return _show(request, visit, present, status=422, sent=sent)
    toast_add(request, said)
    return HttpResponseRedirect(back_of(request, here))


def _field_of(key: str) -> str:
    """Turn the key of a week's body, or of a new name, into the name of its field."""
    day = re.search(rf"weekly\.({'|'.join(WEEKDAYS)})", key)
    return day[1] if day else {"skills": "new", "join": "new"}.get(key, key)


def _mine(request: HttpRequest, desk_id: int) -> Mapping[str, str]:
    said = {name: ", ".join(request.POST.getlist(name)) for name in LABELS if name in request.POST}
    if deputy_id := number_of(request.POST, "deputy", "The deputy"):
        said["deputy"] = person_names([deputy_id]).get(deputy_id, "nobody")
    if region_id := number_of(request.POST, "region", "The region"):
        said["region"] = region_names(desk_id).get(region_id, "none")
    return said


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_correct(request: HttpRequest, person_id: int) -> HttpResponse:
    """Correct limit, zone, languages and mail."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        values = {
            "email": text_of(request.POST, "email"),
            "zone": text_of(request.POST, "zone"),
            "languages": [word for word in re.split(r"[\s,]+", text_of(request.POST, "languages")) if word],
            "wip_limit": required_number(request.POST, "wip_limit", "The limit"),
        }
        is_changed = flow.person_correct(
            found.id, flow.Correction(values=values), version=version, reason=text_of(request.POST, "reason"),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
        return "Kept" if is_changed else "Nothing was different"

    return _act(request, person_id, "facts", act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_limits(request: HttpRequest, person_id: int) -> HttpResponse:
    """Say what the person may take, and who stands in for her."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        is_changed = limits_set(
            found.id, limits_sent(request.POST), version=version, reason=text_of(request.POST, "reason"),
            by=visit.actor, now=visit.now,
        )  # fmt: skip
        return "Kept" if is_changed else "Nothing was different"

    return _act(request, person_id, LIMITS, act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_region(request: HttpRequest, person_id: int) -> HttpResponse:
    """Say in which region the person is."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        is_changed = person_region_set(
            found.id, number_of(request.POST, "region", "The region"), version=version,
            reason=text_of(request.POST, "reason"), by=visit.actor, now=visit.now,
        )  # fmt: skip
        return "Kept" if is_changed else "Nothing was different"

    return _act(request, person_id, REGION, act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_skill(request: HttpRequest, person_id: int) -> HttpResponse:
    """Set the level of one skill by hand."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        level, new = required_number(request.POST, "level", "The level"), text_of(request.POST, "new")
        how: dict[str, Any] = {"version": version, "by": visit.actor, "now": visit.now}
        if new:
            flow.person_correct(found.id, flow.Correction(skills={new: level}, makes_new=True), **how)
        else:
            flow.skill_correct(found.id, required_number(request.POST, "skill", "The skill"), level=level, **how)
        return "Skill set by hand"

    return _act(request, person_id, "skill", act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_team(request: HttpRequest, person_id: int) -> HttpResponse:
    """Put the person into a team, or take her out."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        is_member, new = request.POST.get("is_member") == "1", text_of(request.POST, "new")
        how: dict[str, Any] = {"version": version, "by": visit.actor, "now": visit.now}
        if new:
            flow.person_correct(found.id, flow.Correction(join=[new], makes_new=True), **how)
        else:
            team_id = required_number(request.POST, "team", "The team")
            flow.team_correct(found.id, team_id, is_member=is_member, **how)
        return "Added to the team" if is_member else "Taken out of the team"

    return _act(request, person_id, "team", act)


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_hours(request: HttpRequest, person_id: int) -> HttpResponse:
    """Set the usual week by hand."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        week = [[part.strip() for part in text_of(request.POST, day).split(",") if part.strip()] for day in WEEKDAYS]
        flow.hours_correct(found.id, week=week, version=version, by=visit.actor, now=visit.now)
        return "Usual hours set by hand"

    return _act(request, person_id, "hours", act)


@require_POST
@requires(Right.PEOPLE_VIEW)
def person_presence(request: HttpRequest, person_id: int) -> HttpResponse:
    """Say whether a person is available, away or off: she herself, or who may correct people."""

    def act(visit: Visit, found: PersonRow, _version: int) -> str:
        until_at = instant_of(text_of(request.POST, "until"), now=visit.now, zone=visit.desk.zone, field="until")
        state = request.POST.get("state", "")
        presence_set(found.id, desk_id=found.desk_id, state=state, until_at=until_at, by=visit.actor, now=visit.now)
        return f"{found.name} is {state}"

    return _act(request, person_id, "presence", act)


@require_POST
@requires(Right.PEOPLE_VIEW)
def person_absence(request: HttpRequest, person_id: int) -> HttpResponse:
    """Say when a person is away: she herself, or who may correct people."""

    def act(visit: Visit, found: PersonRow, _version: int) -> str:
        zone, sent = visit.desk.zone, request.POST
        row = absence_add(
            found.id, from_at=_needed(sent, "from", visit.now, zone), until_at=_needed(sent, "until", visit.now, zone),
            kind=text_of(sent, "kind") or AbsenceKind.LEAVE, note=text_of(sent, "note"),
            deputy_id=number_of(sent, "deputy", "The deputy"), by=visit.actor, now=visit.now,
        )  # fmt: skip
        return ". ".join(filter(None, (f"{found.name} is away: {row.reference}", row.warning)))

    return _act(request, person_id, "absence", act)


def _needed(sent: Mapping[str, Any], name: str, now: datetime, zone: str) -> datetime:
    text = str(sent.get(name, "")).strip()
    at = now if text.lower() == "now" else instant_of(text, now=now, zone=zone, field=name)
    if at is None:
        raise InvalidFacts("Say when, such as tomorrow 9:00", field=name)
    return at


@require_POST
@requires(Right.PEOPLE_VIEW)
def person_absence_cancel(request: HttpRequest, person_id: int, absence_id: int) -> HttpResponse:
    """Take an absence back, or end it now."""
    visit, found = _visited(request, person_id)
    row = absence_cancel(absence_id, person_id=found.id, by=visit.actor, now=visit.now)
    toast_add(request, f"{found.name}: {row.reference} {'taken back' if row.cancelled_at else 'ends now'}")
    return HttpResponseRedirect(visit.href("person", person_id))


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_activity(request: HttpRequest, person_id: int) -> HttpResponse:
    """Deactivate the person, or take her back. Her open work then stands on her page, to be given to others."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        reason = text_of(request.POST, "reason")
        if request.POST.get("is_active") == "1":
            person_activity_set(found.id, is_active=True, reason=reason, version=version, by=visit.actor, now=visit.now)
            return f"{found.name} is active again"
        left = flow.person_deactivate(
            found.id, desk_id=found.desk_id, reason=reason, version=version, by=visit.actor, now=visit.now
        )
        return f"{found.name} is deactivated; {plural(len(left), 'open item')} left"

    return _act(request, person_id, "activity", act)


@require_POST
@requires(Right.WORK_BULK)
def person_reassign(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give the person's open work, all of it or what was chosen, to somebody else."""

    def act(visit: Visit, found: PersonRow, version: int) -> str:
        to = required_number(request.POST, "to", "The new owner")
        references = None
        if request.POST.get("which") != "all":
            references = request.POST.getlist("case")
        if references == []:
            raise InvalidFacts("Choose at least one case, or all of them", field="which")
        done = flow.person_relieve(found.id, to, references=references, version=version, by=visit.actor, now=visit.now)
        left = f"; {plural(len(done.left), 'case')} left alone: {done.left[0][1]}" if done.left else ""
        return f"{plural(len(done.done), 'case')} reassigned{left}"

    try:
        return _act(request, person_id, "reassign", act)
    except NotFound as error:
        visit, found = _visited(request, person_id)
        sent = Sent.refused("reassign", request.POST, InvalidFacts(error.message, field="to"))
        return _show(request, visit, found, status=422, sent=sent)


urls = [
    path("people/<int:person_id>/", person, name="person"),
    path("people/<int:person_id>/facts/", person_correct, name="person-facts"),
    path("people/<int:person_id>/limits/", person_limits, name="person-limits"),
    path("people/<int:person_id>/region/", person_region, name="person-region"),
    path("people/<int:person_id>/skill/", person_skill, name="person-skill"),
    path("people/<int:person_id>/team/", person_team, name="person-team"),
    path("people/<int:person_id>/hours/", person_hours, name="person-hours"),
    path("people/<int:person_id>/presence/", person_presence, name="person-presence"),
    path("people/<int:person_id>/absence/", person_absence, name="person-absence"),
    path("people/<int:person_id>/absence/<int:absence_id>/cancel/", person_absence_cancel, name="absence-cancel"),
    path("people/<int:person_id>/activity/", person_activity, name="person-activity"),
    path("people/<int:person_id>/reassign/", person_reassign, name="person-reassign"),
]
