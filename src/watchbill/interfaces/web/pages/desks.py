"""Desks: the list, a new one, another name; and where a new installation begins."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.rights import Right, may
from watchbill.apps.people.services import desk_rename
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.clocks import default_targets
from watchbill.flows import desks as flow
from watchbill.flows.intake.desk import OFFICE_DAYS, OFFICE_HOURS, desk_make
from watchbill.interfaces.web.access import DESK_KEY, Visit, requires, visit_of
from watchbill.interfaces.web.formats import day_and_year, duration
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.pages.imports import COMMAND
from watchbill.interfaces.web.sent import Sent, message_of, summary_of, value_of
from watchbill.interfaces.web.viewmodels.desks import DeskLine, DesksPage, Step
from watchbill.interfaces.web.viewmodels.parts import Field, Option
from watchbill.interfaces.web.viewmodels.people import Form

DAYS: dict[int, str] = {5: "Monday to Friday", 6: "Monday to Saturday", 7: "every day"}
ZONE = "UTC"
NEW = "new"


@never_cache
@require_safe
@requires(Right.DESK_EDIT)
def desks(request: HttpRequest) -> HttpResponse:
    """List the desks that one may change, and say what comes next."""
    return _show(request)


def _show(request: HttpRequest, *, sent: Sent | None = None) -> HttpResponse:
    shown = desks_page(visit_of(request), sent=sent)
    return page(
        request, "pages/desks.html", "Desks", current="desks", status=422 if sent else 200, has_errors=sent is not None,
        page=shown,
    )  # fmt: skip


def desks_page(visit: Visit, *, sent: Sent | None = None) -> DesksPage:
    """Return the page: of a new installation, the form alone."""
    mine = [desk for desk in visit.desks if may(visit.actor, Right.DESK_EDIT, desk.id)]
    has_next = bool(mine) and visit.desk.closed_at is None
    return DesksPage(
        desks=[_line(visit, desk, sent) for desk in mine],
        new_form=_new_form(visit, sent) if may(visit.actor, Right.DESK_EDIT, None) else None,
        next_title=f"Next for {visit.desk.label}" if has_next else "",
        steps=_steps(visit) if has_next else [],
        errors=summary_of(sent, sent.form) if sent else None,
        errors_prefix=sent.form if sent else "",
    )


def _line(visit: Visit, desk: DeskRow, sent: Sent | None) -> DeskLine:
    form = f"name-{desk.id}"
    name = Field(
        name="name", label="Name", value=value_of(sent, form, "name", desk.name), is_required=True,
        error=message_of(sent, form, "name"),
    )  # fmt: skip
    return DeskLine(
        name=desk.label,
        slug=desk.slug,
        zone=desk.zone,
        href=visit.href("board", **{DESK_KEY: desk.slug}),
        rename_form=Form(
            name=form, title="Rename", action_href=reverse("desk-name", args=[desk.slug]), submit="Rename", fields=[name],
            is_open=sent is not None and sent.form == form,
        ),
        closed=f"closed {day_and_year(desk.closed_at)}" if desk.closed_at else "",
        close_form=_close_form(desk, sent),
    )  # fmt: skip


def _close_form(desk: DeskRow, sent: Sent | None) -> Form:
    form, is_closed = f"close-{desk.id}", desk.closed_at is not None
    why = Field(
        name="reason", label="Why", value=value_of(sent, form, "reason"), is_required=True,
        error=message_of(sent, form, "reason"), hint="Kept in the audit trail",
    )  # fmt: skip
    return Form(
        name=form,
        title="Open again" if is_closed else "Close",
        action_href=reverse("desk-reopen" if is_closed else "desk-close", args=[desk.slug]),
        submit="Open the desk again" if is_closed else "Close the desk",
        fields=[why],
        hint="" if is_closed else "It takes no new work and is not offered any more. Nothing of it is deleted.",
        is_open=sent is not None and sent.form == form,
    )


def _new_form(visit: Visit, sent: Sent | None) -> Form:
    def field(name: str, label: str, default: str = "", hint: str = "", *, is_required: bool = True) -> Field:
        return Field(
            name=name, label=label, value=value_of(sent, NEW, name, default), hint=hint, is_required=is_required,
            error=message_of(sent, NEW, name),
        )  # fmt: skip

    chosen = value_of(sent, NEW, "days", OFFICE_DAYS)
    days = [Option(value=str(number), label=said, is_chosen=str(number) == chosen) for number, said in DAYS.items()]
    promised = "; ".join(
        f"{kind.value} {', '.join(f'P{priority.value} {duration(of * 60)}' for priority, of in targets.items())}"
        for kind, targets in default_targets().items()
    )
    return Form(
        name=NEW,
        title="New desk",
        action_href=reverse("desk-new"),
        submit="Make the desk",
        hint=f"It begins with these targets: {promised}. P1 and P2 count round the clock, P3 and P4 while the desk is open."
        " All of it can be changed on Policies.",
        fields=[
            field("name", "Name", hint="As people see it"),
            field("slug", "Short name in addresses", hint="Up to 50 letters, digits, “-” and “_”; it stays"),
            field("zone", "Time zone", visit.desks[0].zone if visit.desks else ZONE, "Such as Europe/Vienna"),
            field("hours", "Open", OFFICE_HOURS, "Several parted by commas; 00:00-24:00 never closes"),
            Field(name="days", label="On", kind="select", options=days, error=message_of(sent, NEW, "days")),
        ],
    )


def _steps(visit: Visit) -> list[Step]:
    """Say what a desk needs to be of use: its history, its promises, its people, and who may see it."""
    return [
        Step(
            title="Import its history",
            text="Send the file on Imports, or from the machine on which Watchbill runs; queues and people come with it:",
            command=COMMAND.format(desk=visit.desk.slug), href=visit.href("imports"), label="Imports",
        ),
        Step(
            title="Or begin with today", text="Make a queue, add the people who work, and open the first case.",
            href=visit.href("queues"), label="Queues",
        ),
        Step(
            title="Say what you promise", text="Its targets are assumed: put yours in their place, and the calendar's holidays.",
            href=visit.href("policies"), label="Policies",
        ),
        Step(
            title="Let others in", text="Make users and give them roles on this desk.", href=visit.href("users"),
            label="Users",
        ),
    ]  # fmt: skip


@require_POST
@requires(Right.DESK_EDIT)
def desk_new(request: HttpRequest) -> HttpResponse:
    """Make a desk, and go on with what it needs."""
    visit, sent = visit_of(request), request.POST
    slug = text_of(sent, "slug")
    try:
        desk_make(
            slug, name=text_of(sent, "name"), zone=text_of(sent, "zone"), hours=text_of(sent, "hours"),
            days=number_of(sent, "days", "The number of days") or OFFICE_DAYS, by=visit.actor, now=visit.now,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        refused = InvalidFacts(error.message, field=error.details.get("field", ""))
        return _show(request, sent=Sent.refused(NEW, sent, refused))
    toast_add(request, f"The desk {text_of(sent, 'name') or slug} is there")
    return HttpResponseRedirect(f"{reverse('desks')}?{DESK_KEY}={slug}")


@require_POST
@requires(Right.DESK_EDIT)
def desk_name(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a desk another name."""
    visit = visit_of(request)
    desk = _desk_of(visit, slug)
    try:
        desk_rename(desk.id, name=text_of(request.POST, "name"), by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        return _show(request, sent=Sent.refused(f"name-{desk.id}", request.POST, error))
    toast_add(request, f"The desk is called {text_of(request.POST, 'name')}")
    return HttpResponseRedirect(f"{reverse('desks')}?{DESK_KEY}={slug}")


def _desk_of(visit: Visit, slug: str) -> DeskRow:
    desk = next((desk for desk in visit.desks if desk.slug == slug), None)
    if desk is None:
        raise NotFound("There is no such desk, or you may not see it")
    return visit.be_on(desk.id)


@require_POST
@requires(Right.DESK_EDIT)
def desk_close(request: HttpRequest, slug: str) -> HttpResponse:
    """Close a desk that has no open items."""
    return _close(request, slug, flow.desk_close, "is closed")


@require_POST
@requires(Right.DESK_EDIT)
def desk_reopen(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a closed desk again."""
    return _close(request, slug, flow.desk_reopen, "is open again")


def _close(request: HttpRequest, slug: str, act: Callable[..., None], said: str) -> HttpResponse:
    visit = visit_of(request)
    desk = _desk_of(visit, slug)
    try:
        act(desk.id, reason=text_of(request.POST, "reason"), by=visit.actor, now=visit.now)
    except (InvalidFacts, Conflict) as error:
        refused = InvalidFacts(error.message, field="reason")
        return _show(request, sent=Sent.refused(f"close-{desk.id}", request.POST, refused))
    toast_add(request, f"The desk {desk.name} {said}")
    return HttpResponseRedirect(reverse("desks"))


urls = [
    path("desks/", desks, name="desks"),
    path("desks/new/", desk_new, name="desk-new"),
    path("desks/<str:slug>/name/", desk_name, name="desk-name"),
    path("desks/<str:slug>/close/", desk_close, name="desk-close"),
    path("desks/<str:slug>/reopen/", desk_reopen, name="desk-reopen"),
]
