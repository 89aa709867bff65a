"""The people of a desk: who is at work, what they carry against their limit, and their teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.people.queries import PersonRow, person_list, team_list
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.apps.work.queries import owner_load
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.people import NewPerson, person_add, week_read
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import count, moment, plural
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.regionforms import new_person_region
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels.parts import Chip, Empty, Field, Link, LoadBar, Option, Pager
from watchbill.interfaces.web.viewmodels.people import Form, PeoplePage, PersonLine

ROWS = 50
VIEWS = {"": "Active", "left": "Deactivated", "all": "Everybody"}
AXIS = 1.6
"""How far the axis of loads reaches beyond the largest limit of the page; what is longer is cut there."""

NEW = "new"
"""The form of somebody new."""

MINUTE_S = 60
NOTHING: Mapping[str, int] = {"open": 0, "top": 0, "waiting": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Working time of everybody on the desk at this moment."""

    by_person: Mapping[int, Staffed]
    now: datetime
    zone: str

    def shift(self, person_id: int, *, own_zone: str = "") -> str:
        """Say until when a person is on shift, or from when; on her own clock, too, where that is another."""
        row = self.by_person.get(person_id)
        if row is None:
            return ""
        if row.is_on_shift:  # whole seconds are left, and hours end on a minute: the nearest one
            return f"until {self._moment(self.now + timedelta(seconds=row.left_s + MINUTE_S / 2), own_zone)}"
        return f"from {self._moment(row.opens_at, own_zone)}" if row.opens_at else "no hours known"

    def _moment(self, at: datetime, own_zone: str) -> str:
        here, own = (moment(at, self.now, zone) for zone in (self.zone, own_zone or self.zone))
        return here if here == own else f"{own} {place_of(own_zone)} ({here} {place_of(self.zone)})"


def staff_of(visit: Visit) -> Staff:
    """Read the working time of the desk's people: three queries, one of them for its holidays."""
    closed_on = closed_dates(visit.desk.id, visit.now)
    return Staff(by_person=staffed(visit.desk.id, visit.now, closed_on=closed_on), now=visit.now, zone=visit.desk.zone)


def load_bar(load: Mapping[str, int], limit: int, *, most: float, href: str = "") -> LoadBar:
    """Draw what a person carries against her limit; *most* items are the whole axis."""

    def per_cent(items: float) -> float:
        return round(min(items / most, 1.0) * 100, 1)

    actionable = load["open"] - load["waiting"]
    drawn, capacity = per_cent(actionable), per_cent(limit)
    return LoadBar(
        actionable=drawn,
        inbound=0,
        waiting=round(min(per_cent(load["waiting"]), 100 - drawn), 1),
        over=round(max(drawn - capacity, 0), 1),
        capacity=capacity,
        ratio=actionable / limit if limit else 0,
        title=f"{actionable} can be worked on, {load['waiting']} waiting; the limit is {limit}",
        href=href,
    )


def chips_of(person: PersonRow, row: Staffed | None) -> list[Chip]:
    """Return what is out of the ordinary about a person."""
    chips = []
    if person.is_robot:
        chips.append(Chip(label="robot", look="line"))
    if not person.is_active:
        chips.append(Chip(label="deactivated", look="line"))
    if row is not None and row.presence != "available":
        chips.append(Chip(label=row.presence, look="line", title="As she said herself"))
    return chips


@never_cache
@require_safe
@requires(Right.PEOPLE_VIEW)
def people(request: HttpRequest) -> HttpResponse:
    """List the people of a desk."""
    return _show(request, None)


def _show(request: HttpRequest, sent: Sent | None) -> HttpResponse:
    shown = people_page(visit_of(request), sent=sent)
    return page(
        request, "pages/people.html", "People", current="people", status=422 if sent else 200,
        has_errors=sent is not None, page=shown,
    )  # fmt: skip


@require_POST
@requires(Right.PEOPLE_EDIT)
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person to the desk."""
    visit, form = visit_of(request), request.POST
    try:
        new = NewPerson(
            desk_id=visit.desk.id,
            name=text_of(form, "name"),
            email=text_of(form, "email"),
            zone=text_of(form, "zone"),
            languages=_listed(form, "languages"),
            wip_limit=required_number(form, "wip_limit", "The limit"),
            teams=_listed(form, "teams"),
            skills=dict(_skill(each) for each in _listed(form, "skills")),
            week=week_read(text_of(form, "hours")),
            region=text_of(form, "region"),
        )
        person_id = person_add(new, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        return _show(request, Sent.refused(NEW, form, error, field_of=_field_of))
    except Conflict as error:
        return _show(request, Sent.refused(NEW, form, InvalidFacts(error.message, field="name")))
    toast_add(request, f"{new.name} added")
    return HttpResponseRedirect(visit.href("person", person_id))


def _listed(form: QueryDict, name: str) -> list[str]:
    return [each.strip() for each in text_of(form, name).split(",") if each.strip()]


def _skill(text: str) -> tuple[str, int]:
    name, _, level = text.rpartition(" ")
    if not name or level not in {"1", "2", "3", "4", "5"}:
        raise InvalidFacts(f"“{text}” is not a skill with a level from 1 to 5, such as network 3", field="skills")
    return name.strip(), int(level)


def _field_of(key: str) -> str:
    """Turn the key of a week's body into the one field in which hours are written."""
    return "hours" if key.startswith("week") else key


def new_form(visit: Visit, sent: Sent | None) -> Form:
    """Return the form of somebody new."""

    def field(name: str, label: str, default: object = "", hint: str = "", kind: str = "text") -> Field:
        return Field(
            name=name, label=label, kind=kind, hint=hint, value=value_of(sent, NEW, name, default),
            error=message_of(sent, NEW, name), is_required=name in {"name", "wip_limit"},
        )  # fmt: skip

    return Form(
        name=NEW, title="Add a person", submit="Add her", action_href=visit.href("person-new"),
        errors=summary_of(sent, NEW), is_open=sent is not None,
        fields=[
            field("name", "Name"),
            field("email", "Mail", kind="email"),
            field("zone", "Time zone", visit.desk.zone, "For example America/Sao_Paulo"),
            field("languages", "Languages", "", "Codes with commas: en, pt"),
            field("teams", "Teams", "", "Names with commas; a new name makes a new team"),
            field("skills", "Skills", "", "Name and level 1 to 5, with commas: network 3, mail 2"),
            field("wip_limit", "Limit of open items", 12, "0 to 1000; 0: she gets no work", "number"),
            field("hours", "Usual hours", "", "mon-fri 09:00-12:00, 13:00-17:30; sat 10:00-14:00"),
            *new_person_region(visit.desk.id, sent, NEW),
        ],
    )  # fmt: skip


def people_page(visit: Visit, *, sent: Sent | None = None) -> PeoplePage:
    """Return the list: the number of queries depends neither on people nor on their work."""
    asked = visit.request.GET
    text, view, after = text_of(asked, "q")[:100], asked.get("view", ""), asked.get("after", "")
    view = view if view in VIEWS else ""
    team_id = number_of(asked, "team", "The team")
    found = person_list(
        visit.desk.id, text=text, team_id=team_id, is_active={"": True, "left": False}.get(view), after=after,
        limit=ROWS + 1, by=visit.actor,
    )  # fmt: skip
    shown = found[:ROWS]
    staff = staff_of(visit)
    kept = {"q": text, "team": team_id, "view": view}
    on = sum(row.is_on_shift and row.presence == "available" for row in staff.by_person.values())
    is_filtered = bool(text or team_id)
    return PeoplePage(
        summary=f"{count(on)} of {plural(len(staff.by_person), 'person', 'people')} at work now",
        place=place_of(visit.desk.zone),
        lines=_lines(visit, shown, staff),
        views=[
            Link(label=label, href=visit.href("people", q=text, team=team_id, view=name), is_current=name == view)
            for name, label in VIEWS.items()
        ],
        view=view,
        text=text,
        teams=[
            Option(value=str(team["id"]), label=f"{team['name']} ({team['people']})", is_chosen=team["id"] == team_id)
            for team in team_list(visit.desk.id, by=visit.actor)
        ],
        desk=visit.desk.slug,
        regions_href=visit.href("regions"),
        partners_href=visit.href("partners"),
        pager=Pager(
            shown=f"{plural(len(shown), 'person', 'people')}, by name" + (f", after {after}" if after else ""),
            first_href=visit.href("people", **kept) if after else "",
            next_href=visit.href("people", **kept, after=shown[-1].name) if len(found) > ROWS else "",
        ),
        new_form=new_form(visit, sent) if visit.may(Right.PEOPLE_EDIT) else None,
        empty=None if shown else _empty(visit, is_filtered=is_filtered),
    )


def place_of(zone: str) -> str:
    """Return the city of a zone for headings: "Sao Paulo time"."""
    return "UTC" if zone == "UTC" else f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def _lines(visit: Visit, shown: list[PersonRow], staff: Staff) -> list[PersonLine]:
    loads = owner_load(visit.desk.id, by=visit.actor)
    most = AXIS * max([person.wip_limit for person in shown], default=1) or 1
    person_href, cases_href = visit.hrefs("person", 987654321), visit.href("cases", owner=987654321)
    lines = []
    for person in shown:
        load, row = loads.get(person.id, NOTHING), staff.by_person.get(person.id)
        lines.append(
            PersonLine(
                name=person.name,
                href=person_href(person.id),
                teams=", ".join(team["name"] for team in person.teams),
                bar=load_bar(load, person.wip_limit, most=most),
                held=f"{load['open'] - load['waiting']} / {person.wip_limit}",
                held_href=cases_href.replace("987654321", str(person.id)),
                top=load["top"],
                waiting=load["waiting"],
                shift=staff.shift(person.id),
                is_on=row is not None and row.is_on_shift,
                chips=chips_of(person, row),
            )
        )
    return lines


def _empty(visit: Visit, *, is_filtered: bool) -> Empty:
    if is_filtered:
        everybody = [Link(label="Show everybody", href=visit.href("people", view="all"))]
        return Empty(
            title="Nobody matches", text="No person of this desk fits the search and the team.", actions=everybody
        )
    return Empty(
        title="Nobody here yet",
        text="People come with the history that you import, or are added one by one by who may edit people.",
        actions=[Link(label="Imports", href=visit.href("imports"))] if visit.may(Right.IMPORT_VIEW) else [],
    )


urls = [path("people/", people, name="people"), path("people/new/", person_new, name="person-new")]
