"""The command palette: what can be done here, where one can go, and records that match."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchbill.apps.people.queries import person_search
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import View, WorkFilter, work_page
from watchbill.apps.work.queues import queue_names
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.caselist import VIEW_WORDS
from watchbill.interfaces.web.frame import page, person_hrefs, places_of
from watchbill.interfaces.web.viewmodels.palette import PaletteEntry, PaletteGroup

REFERENCE = re.compile(r"[A-Za-z]+-\d+")
"""What the selected case is called; anything else in the address is no case."""
RECORDS = 6
"""Records of each sort that are shown; the next line leads to the whole list."""


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def palette(request: HttpRequest) -> HttpResponse:
    """Answer a fragment to the palette, and a page of its own to a browser without scripts."""
    visit = visit_of(request)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    asked = request.GET.get("case", "")
    case = asked if REFERENCE.fullmatch(asked) else ""
    groups = [group for group in groups_for(visit, words, case) if group.entries]
    if request.headers.get("HX-Request"):
        return render(request, "parts/palette.html", {"groups": groups})
    return page(request, "pages/palette.html", "Search", groups=groups, words=words)


def groups_for(visit: Visit, words: str, case: str) -> list[PaletteGroup]:
    """Return actions, then places, then records, those that hold all *words*."""
    return [
        PaletteGroup(title="On this case" if case else "Do", entries=_matching(_actions(visit, case), words)),
        PaletteGroup(title="Go to", entries=_matching(_places(visit), words)),
        *(_records(visit, words) if words else ()),
    ]


def _matching(entries: list[PaletteEntry], words: str) -> list[PaletteEntry]:
    wanted = words.lower().split()
    return [one for one in entries if all(word in f"{one.label} {one.note}".lower() for word in wanted)]


def _actions(visit: Visit, case: str) -> list[PaletteEntry]:
    """Return the acts on the selected case; each presses its own control when the page has it."""
    if not case:
        return []
    href = visit.href("case", case)
    acts = (
        ("Accept the suggestion", "y", Right.DECISION_ANSWER),
        ("Assign", "a", Right.WORK_ASSIGN),
        ("Take it yourself", "t", Right.WORK_TAKE),
        ("Set the state", "s", Right.WORK_EDIT),
        ("Set the priority", "p", Right.WORK_EDIT),
        ("Move to another queue", "q", Right.WORK_EDIT),
        ("Merge it into another case", "m", Right.WORK_EDIT),
        ("Write a work note", "w", Right.WORK_NOTE),
        ("Set the next step", "n", Right.WORK_NOTE),
    )
    opened = [PaletteEntry(label="Open the case", href=href, note=case, keys=("Enter",))]
    return opened + [
        PaletteEntry(label=label, href=href, note=case, keys=(key.upper(),), press=key)
        for label, key, right in acts
        if visit.may(right)
    ]


def _places(visit: Visit) -> list[PaletteEntry]:
    places = [
        PaletteEntry(label=place.label, href=visit.href(place.name), note="page", keys=("G", place.key.upper()))
        for place in places_of(visit)
    ]
    if visit.may(Right.PEOPLE_VIEW):
        places.append(PaletteEntry(label="Recovery options", href=visit.href("recover"), note="page"))
        places.append(PaletteEntry(label="Partners", href=visit.href("partners"), note="page"))
    if visit.may_open_work():
        places.append(PaletteEntry(label="Open a new case", href=visit.href("case-new"), note="form"))
    views = [
        PaletteEntry(label=label, href=visit.href("cases", view=view.value), note="view")
        for view, label in VIEW_WORDS.items()
        if view is not View.MINE or visit.actor.person_id is not None
    ]
    return [*places, PaletteEntry(label="Your account", href=reverse("account"), note="page"), *views]


def _records(visit: Visit, words: str) -> list[PaletteGroup]:
    groups = [_cases(visit, words), _queues(visit, words)]
    if visit.may(Right.PEOPLE_VIEW):
        href = person_hrefs(visit)
        found = person_search(visit.desk.id, words, by=visit.actor, limit=RECORDS)
        people = [PaletteEntry(label=row["name"], href=href(row["id"]), note="person") for row in found]
        groups.append(PaletteGroup(title="People", entries=people))
    return groups


def _queues(visit: Visit, words: str) -> PaletteGroup:
    """Return the queues whose name holds all *words*: each leads to its open cases."""
    names = queue_names(visit.desk.id, by=visit.actor)
    queues = [
        PaletteEntry(label=name, href=visit.href("cases", queue=key), note="queue") for key, name in names.items()
    ]
    return PaletteGroup(title="Queues", entries=_matching(queues, words)[:RECORDS])


def _cases(visit: Visit, words: str) -> PaletteGroup:
    """Return cases of the desk that match, finished ones too, the newest first."""
    wanted = WorkFilter(desk_id=visit.desk.id, view=View.ANY, text=words)
    rows = work_page(wanted, limit=RECORDS + 1, by=visit.actor, now=visit.now)
    found = [
        PaletteEntry(label=row.title, href=visit.href("case", row.reference), note=f"{row.reference}, P{row.priority}")
        for row in rows[:RECORDS]
    ]
    if len(rows) > RECORDS:
        found.append(PaletteEntry(label="All that match", href=visit.href("cases", q=words, view="any"), note="list"))
    return PaletteGroup(title="Cases", entries=found)


urls = [path("palette/", palette, name="palette")]
