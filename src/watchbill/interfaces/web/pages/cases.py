"""The list of cases: search, filters, saved views, bulk acts, export; and the form for a new case."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.people.queries import person_search
from watchbill.apps.people.rights import Right
from watchbill.apps.people.services import desk_require_open
from watchbill.apps.work import saved
from watchbill.apps.work.acts import act_get
from watchbill.apps.work.queries import ItemRow, Key, View, WorkFilter, work_page
from watchbill.apps.work.queues import queue_names
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import EventKind, Kind, Level, Priority, State
from watchbill.flows.act import bulk
from watchbill.flows.act.bulk import BulkResult
from watchbill.flows.act.opening import Draft, item_open
from watchbill.flows.act.undoing import act_undo
from watchbill.interfaces.web import frame, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.bulkacts import act_words, undo_href
from watchbill.interfaces.web.caselist import cases_page
from watchbill.interfaces.web.errors import message_for, status_of, summary_of
from watchbill.interfaces.web.exports import csv_lines
from watchbill.interfaces.web.filters import NAMES, filter_of
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.forms import back_of, number_of, text_of
from watchbill.interfaces.web.people_field import OFFERED, person_of
from watchbill.interfaces.web.tiles import tiles_forget
from watchbill.interfaces.web.viewmodels.cases import NewCasePage
from watchbill.interfaces.web.viewmodels.parts import Field, Link, Option

EXPORT_BATCH = 1000
COLUMNS = (
    "reference", "other_number", "subject", "kind", "state", "priority", "queue", "owner", "customer", "category",
    "opened_at", "due_at", "next_step", "next_step_due_at",
)  # fmt: skip


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def cases(request: HttpRequest) -> HttpResponse:
    """Show the list."""
    return _list(visit_of(request))


def _list(
    visit: Visit,
    *,
    asked: QueryDict | None = None,
    left: BulkResult | None = None,
    error: InvalidFacts | Conflict | None = None,
    form: str = "f",
) -> HttpResponse:
    """Return the list that is asked for, with what was refused in its form again."""
    asked = visit.request.GET if asked is None else asked
    try:
        shown = cases_page(visit, asked, left=left.left if left else (), error=error, form=form)
    except InvalidFacts as problem:
        shown = cases_page(visit, QueryDict(), error=problem, typed=asked)
        error = problem
    is_clash = isinstance(error, Conflict) or (left is not None and bool(left.left))
    status = 409 if is_clash else 422 if error else 200
    return frame.page(
        visit.request, "pages/cases.html", "Cases", current="cases", status=status, has_errors=error is not None,
        page=shown,
    )  # fmt: skip


@require_POST
@requires(Right.WORK_BULK)
def cases_bulk(request: HttpRequest) -> HttpResponse:
    """Change the selected cases: give to somebody, set a state or a priority; say which were left alone, and why."""
    visit = visit_of(request)
    form = request.POST
    references = form.getlist("case")
    try:
        result, kind, what = _bulk(visit, references, form)
    except InvalidFacts as error:
        return _list(visit, error=error, form="bulk")
    tiles_forget(visit.desk.id)
    if result.done:
        undo = undo_href(visit, key_of(ACT, result.act))
        frame.toast_add(request, act_words(kind, what, len(result.done)), undo=undo)
    if result.left:
        return _list(visit, left=result)
    return HttpResponseRedirect(back_of(request, visit.href("cases")))


@require_POST
@requires(Right.WORK_BULK)
def cases_undo(request: HttpRequest, act_id: int) -> HttpResponse:
    """Take an act on many cases back; say which were left because somebody changed them since."""
    visit = visit_of(request)
    visit.be_on(act_get(act_id, by=visit.actor).desk_id)
    result = act_undo(act_id, by=visit.actor, now=visit.now)
    tiles_forget(visit.desk.id)
    if result.done:
        many = plural(len(result.done), "case is", "cases are")
        frame.toast_add(request, f"Undone: {many} as before")
    back = back_of(request, visit.href("cases"))
    if result.left:
        return _list(visit, asked=QueryDict(urlsplit(back).query), left=result)
    return HttpResponseRedirect(back)


def _bulk(visit: Visit, references: list[str], form: QueryDict) -> tuple[BulkResult, EventKind, str]:
    """Do what the form says; return what came of it, and what it was: the kind of act, and whom or what it set."""
    owner, state = text_of(form, "owner"), text_of(form, "state")
    priority = number_of(form, "priority", "The priority")
    text = text_of(form, "text")
    if sum(bool(part) for part in (owner, state, priority)) != 1:
        raise InvalidFacts("Choose one thing to change: the owner, the state or the priority", field="owner")
    desk_id, by, now = visit.desk.id, visit.actor, visit.now
    if owner:
        person_id = person_of(visit, owner, field="owner")
        done = bulk.items_assign(desk_id, references, person_id, text=text, by=by, now=now)
        return done, EventKind.ASSIGNED, owner
    if state:
        if state not in set(State):
            raise InvalidFacts("Choose a state", field="state")
        done = bulk.items_state(desk_id, references, State(state), text=text, by=by, now=now)
        return done, EventKind.STATE, state
    if priority not in set(Priority):
        raise InvalidFacts("A priority is from 1 to 4", field="priority")
    done = bulk.items_priority(desk_id, references, Priority(priority), text=text, by=by, now=now)
    return done, EventKind.PRIORITY, str(priority)


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def cases_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole list, as it is filtered, as CSV; read page by page, so that memory stays flat."""
    visit = visit_of(request)
    wanted = filter_of(visit, request.GET, default=View.OPEN)
    response = StreamingHttpResponse(
        csv_lines(COLUMNS, _all_rows(visit, wanted)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="watchbill-{visit.desk.slug}-cases.csv"'
    return response


def _all_rows(visit: Visit, wanted: WorkFilter) -> Iterator[list[object]]:
    after: Key | None = None
    while rows := work_page(wanted, after=after, limit=EXPORT_BATCH, by=visit.actor, now=visit.now):
        yield from (_cells(row) for row in rows)
        after = wanted.key(rows[-1])


def _cells(row: ItemRow) -> list[object]:
    due_at = None if row.due_sort_at == FAR_FUTURE else row.due_sort_at
    return [
        row.reference, row.external_ref, row.title, row.kind, row.state, f"P{row.priority}", row.queue, row.owner,
        row.customer, row.category, row.opened_at, due_at, row.next_step, row.next_step_due_at,
    ]  # fmt: skip


@require_POST
@requires(Right.WORK_VIEW)
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    visit = visit_of(request)
    asked = [(name, value) for name, value in parse_qsl(request.POST.get("query", "")) if name in NAMES]
    query = urlencode(asked)
    try:
        saved.view_save(
            visit.desk.id, name=text_of(request.POST, "name"), query=query, is_shared="shared" in request.POST,
            is_replacing="replace" in request.POST, by=visit.actor,
        )  # fmt: skip
    except (InvalidFacts, Conflict) as error:
        return _list(visit, asked=QueryDict(query), error=error, form="view")
    frame.toast_add(request, f"View “{text_of(request.POST, 'name')}” saved")
    return HttpResponseRedirect(f"{reverse('cases')}?{urlencode([('desk', visit.desk.slug), *asked])}")


@require_POST
@requires(Right.WORK_VIEW)
def view_drop(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove a saved view."""
    visit = visit_of(request)
    saved.view_drop(view_id, by=visit.actor, now=visit.now)
    frame.toast_add(request, "View removed")
    return HttpResponseRedirect(visit.href("cases"))


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def people_offered(request: HttpRequest, field: str) -> HttpResponse:
    """Answer the names that fit what is typed into a field for a person."""
    visit = visit_of(request)
    typed = text_of(request.GET, field).replace("\x00", "")[:100]
    found = person_search(visit.desk.id, typed, by=visit.actor, limit=OFFERED) if visit.may(Right.PEOPLE_VIEW) else []
    return render(request, "parts/people_offered.html", {"names": [row["name"] for row in found]})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.WORK_CREATE)
def case_new(request: HttpRequest) -> HttpResponse:
    """Ask what it is about, and open the case; a closed desk says that it is instead, and what was sent is kept."""
    visit = visit_of(request)
    error: InvalidFacts | Conflict | None = None
    if request.method == "POST":
        try:
            desk_require_open(visit.desk.id)
            written = item_open(_draft(visit, request.POST), by=visit.actor, now=visit.now)
        except (InvalidFacts, Conflict) as problem:
            error = problem
        else:
            tiles_forget(visit.desk.id)
            frame.toast_add(request, f"{written.reference} opened")
            return HttpResponseRedirect(visit.href("case", written.reference))
    shown = NewCasePage(
        action_href=visit.href("case-new"),
        back=Link(label="Cases", href=visit.href("cases")),
        fields=_new_fields(visit, request.POST, error) if error or visit.may_open_work() else [],
        errors=summary_of(error) if error else None,
    )
    return frame.page(
        request, "pages/case_new.html", "New case", current="cases", status=status_of(error) if error else 200,
        has_errors=error is not None, page=shown,
    )  # fmt: skip


def _draft(visit: Visit, form: QueryDict) -> Draft:
    impact, urgency = number_of(form, "impact", "The impact"), number_of(form, "urgency", "The urgency")
    kind = text_of(form, "kind") or Kind.CASE.value
    for value, known, field in ((kind, set(Kind), "kind"), (impact, {*Level, None}, "impact"), (urgency, {*Level, None}, "urgency")):  # fmt: skip
        if value not in known:
            raise InvalidFacts(f"Choose the {field} from the list", field=field)
    return Draft(
        desk_id=visit.desk.id,
        title=text_of(form, "title"),
        kind=Kind(kind),
        description=text_of(form, "description"),
        category=text_of(form, "category"),
        customer=text_of(form, "customer"),
        site=text_of(form, "site"),
        queue_id=number_of(form, "queue", "The queue"),
        impact=Level(impact) if impact else None,
        urgency=Level(urgency) if urgency else None,
    )


def _new_fields(visit: Visit, sent: QueryDict, error: InvalidFacts | Conflict | None) -> list[Field]:
    def text(name: str, label: str, *, kind: str = "text", width: str = "mid", is_required: bool = False) -> Field:
        return Field(
            name=name, label=label, kind=kind, width=width, rows=5, value=text_of(sent, name),
            error=message_for(error, name), is_required=is_required,
        )  # fmt: skip

    def select(name: str, label: str, options: dict[str, str], chosen: str) -> Field:
        wanted = text_of(sent, name) or chosen
        return Field(
            name=name, label=label, kind="select", width="mid", error=message_for(error, name),
            options=[Option(value=value, label=shown, is_chosen=value == wanted) for value, shown in options.items()],
        )  # fmt: skip

    levels = {str(int(level)): words.LEVEL[level] for level in Level}
    queues = {"": "no queue", **{str(key): name for key, name in queue_names(visit.desk.id, by=visit.actor).items()}}
    return [
        text("title", "Subject", width="", is_required=True),
        text("description", "Description", kind="textarea", width=""),
        select("kind", "Kind", {kind.value: words.KIND[kind] for kind in Kind}, Kind.CASE.value),
        select("queue", "Queue", queues, ""),
        select("impact", "Impact", levels, str(int(Level.MEDIUM))),
        select("urgency", "Urgency", levels, str(int(Level.MEDIUM))),
        text("customer", "Customer"),
        text("site", "Site of the customer"),
        text("category", "Category"),
    ]


urls = [
    path("cases/", cases, name="cases"),
    path("cases/new/", case_new, name="case-new"),
    path("cases/bulk/", cases_bulk, name="cases-bulk"),
    path("cases/acts/<int:act_id>/undo/", cases_undo, name="cases-undo"),
    path("cases/export.csv", cases_export, name="cases-export"),
    path("cases/views/", view_save, name="view-save"),
    path("cases/views/<int:view_id>/drop/", view_drop, name="view-drop"),
    path("people-offered/<slug:field>/", people_offered, name="people-offered"),
]
