"""One's own page: the work that lies with me, the next steps that I promised, and what was told me."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.notices.queries import notices_unread
from watchbill.apps.notices.services import notices_read
from watchbill.apps.people.queries import person_get
from watchbill.apps.people.rights import Right
from watchbill.apps.work.backlog import Step, steps_due
from watchbill.apps.work.queries import View, WorkFilter, owner_load, work_page
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.assign.picking import next_pick
from watchbill.flows.balance.shares import share_of
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.balancemoves import share_line
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.forms import numbers_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.nextwork import next_panel
from watchbill.interfaces.web.pages.notices import subject_href
from watchbill.interfaces.web.pages.people import AXIS, NOTHING, load_bar, staff_of
from watchbill.interfaces.web.personpage import presence_form
from watchbill.interfaces.web.rows import queue_rows
from watchbill.interfaces.web.tiles import tiles_forget
from watchbill.interfaces.web.viewmodels.balance import ShareLine
from watchbill.interfaces.web.viewmodels.parts import Empty, Link
from watchbill.interfaces.web.viewmodels.people import MyPage, NoticeLine, StepLine

ROWS = 50
AHEAD = timedelta(hours=24)
"""How far ahead next steps are listed."""


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def me(request: HttpRequest) -> HttpResponse:
    """Show the signed-in agent's own page."""
    visit = visit_of(request)
    shown = _nobody(visit) if visit.actor.person_id is None else my_page(visit, visit.actor.person_id)
    return page(request, "pages/me.html", "My work", current="me", page=shown)


@require_POST
@requires(Right.WORK_VIEW)
def me_read(request: HttpRequest) -> HttpResponse:
    """Mark what the page showed me as read."""
    notices_read(numbers_of(request.POST, "notice", "A notice"), by=visit_of(request).actor)
    return HttpResponseRedirect(reverse("me"))


@require_POST
@requires(Right.WORK_TAKE)
def me_pick(request: HttpRequest) -> HttpResponse:
    """Take what is next for me; who was second at it gets the next."""
    visit = visit_of(request)
    try:
        picked = next_pick(reference=text_of(request.POST, "reference"), by=visit.actor, now=visit.now)
    except (Conflict, InvalidFacts, NotFound) as error:
        toast_add(request, error.message)
        return HttpResponseRedirect(visit.href("me"))
    tiles_forget(picked.desk_id)
    faster = f"; {picked.instead_of} was taken before you" if picked.instead_of else ""
    undo = visit.href("case-undo", picked.reference, event=picked.event)
    toast_add(request, f"{picked.reference} is yours{faster}", undo=undo)
    return HttpResponseRedirect(visit.href("me"))


def my_page(visit: Visit, person_id: int) -> MyPage:
    """Return the page of a user who is a person of a desk; the number of queries does not depend on her work."""
    person = person_get(person_id, by=visit.actor)
    visit.be_on(person.desk_id)
    rows_href = visit.href("cases", owner=person.id)
    wanted = WorkFilter(desk_id=person.desk_id, view=View.MINE)
    items = work_page(wanted, limit=ROWS, by=visit.actor, now=visit.now)
    load = owner_load(person.desk_id, only=person.id, by=visit.actor).get(person.id, NOTHING)
    steps = steps_due(person.id, person.desk_id, until=visit.now + AHEAD, by=visit.actor)
    staff = staff_of(visit)
    row = staff.by_person.get(person.id)
    shift = staff.shift(person.id)
    return MyPage(
        name=person.name,
        person_href=visit.href("person", person.id),
        shift=f"{'On shift' if row is not None and row.is_on_shift else 'Off shift,'} {shift}" if shift else "",
        held=f"{load['open'] - load['waiting']} of {person.wip_limit} that can be worked on, {load['waiting']} waiting",
        bar=load_bar(load, person.wip_limit, most=AXIS * max(person.wip_limit, 1)),
        rows=queue_rows(visit, items, list_href=rows_href),
        rows_total=load["open"],
        rows_href=rows_href,
        live_href=visit.href("me"),
        steps=[_step(visit, step) for step in steps],
        notices=_notices(visit),
        read_href=reverse("me-read"),
        next=next_panel(visit, person, staff.by_person) if person.is_active else None,
        presence=presence_form(visit, person),
        share=_share(visit, person_id),
        empty=None if items else Empty(
            title="Nothing lies with you", text="What is given to you appears here by itself.",
            actions=[Link(label="Unassigned work", href=visit.href("board", view=View.UNASSIGNED.value))],
        ),
    )  # fmt: skip


def _share(visit: Visit, person_id: int) -> ShareLine | None:
    line = share_of(visit.desk.id, person_id, by=visit.actor, now=visit.now)
    return None if line is None else share_line(line)


def _step(visit: Visit, step: Step) -> StepLine:
    return StepLine(
        reference=step.reference,
        href=visit.href("case", step.reference),
        title=step.title,
        text=step.text,
        due=moment(step.due_at, visit.now),
        is_late=step.due_at <= visit.now,
    )


def _notices(visit: Visit) -> list[NoticeLine]:
    return [
        NoticeLine(
            id=notice["id"],
            at=moment(notice["at"], visit.now),
            text=notice["text"],
            reference=notice["subject_ref"],
            href=subject_href(visit, notice["subject_ref"]),
        )
        for notice in notices_unread(by=visit.actor)
    ]


def _nobody(visit: Visit) -> MyPage:
    """Return the page of a user who owns no work."""
    return MyPage(
        name=visit.actor.name, person_href="", shift="", held="", bar=None, rows=(), rows_total=0, rows_href="",
        live_href="", steps=(), notices=(), read_href="",
        empty=Empty(
            title="No work can be yours yet",
            text="Your user is not linked to a person who owns work. Whoever edits users can make that link.",
            actions=[Link(label="Board", href=visit.href("board"))],
        ),
    )  # fmt: skip


urls = [
    path("me/", me, name="me"),
    path("me/read/", me_read, name="me-read"),
    path("me/pick/", me_pick, name="me-pick"),
]
