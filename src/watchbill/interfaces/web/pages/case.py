"""One case: its page, what can be done with it, and everybody who was weighed for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import ItemDetail, work_get
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.work import Level, Priority, State
from watchbill.flows.act import assigning, merging, undoing
from watchbill.flows.act import items as act
from watchbill.flows.assign.asking import explain
from watchbill.flows.assign.by_hand import item_give
from watchbill.flows.customers import customer_change
from watchbill.interfaces.web import frame, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.cards import Refused
from watchbill.interfaces.web.caseactions import Trouble, act_href
from watchbill.interfaces.web.casepage import case_page
from watchbill.interfaces.web.errors import conflict_of
from watchbill.interfaces.web.formats import count, signed, time_to_second
from watchbill.interfaces.web.forms import lines_of, number_of, required_number, text_of
from watchbill.interfaces.web.instants import instant_of
from watchbill.interfaces.web.peek import peek
from watchbill.interfaces.web.people_field import person_of
from watchbill.interfaces.web.tiles import tiles_forget
from watchbill.interfaces.web.viewmodels.cases import EveryonePage, PersonWeighed

LABELS = {
    "owner_id": "Owner",
    "state": "State",
    "priority": "Priority",
    "queue_id": "Queue",
    "title": "Subject",
    "category": "Category",
    "description": "Description",
    "next_step": "Next step",
    "next_step_due_at": "Due",
    "customer": "Customer",
    "site": "Site",
    "tier": "Tier",
    "contract": "Contract",
    "zone": "Time zone",
    "is_sensitive": "Sensitive",
    "attributes": "Clearances",
}
"""The fields that a conflict names."""

MINE = {
    "person": "owner_id", "state": "state", "priority": "priority", "queue": "queue_id", "title": "title",
    "category": "category", "description": "description", "what": "next_step", "due_at": "next_step_due_at",
    "text": "text", "customer": "customer", "site": "site", "tier": "tier", "is_sensitive": "is_sensitive",
    "clearances": "attributes",
}  # fmt: skip
"""Which field of the item each field of a form sets."""


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one case."""
    visit = visit_of(request)
    return page_of(visit, item_of(visit, reference))


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def case_peek(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer one case as it is read beside a list."""
    visit = visit_of(request)
    item = item_of(visit, reference)
    return render(request, "pages/peek.html", {"peek": peek(visit, item)})


def item_of(visit: Visit, reference: str) -> ItemDetail:
    """Return the case and put the visit on its desk. Raises NotFound, NotAllowed."""
    item = work_get(reference, by=visit.actor)
    visit.be_on(item.desk_id)
    return item


def page_of(
    visit: Visit, item: ItemDetail, *, trouble: Trouble | None = None, refused: Refused | None = None, back: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Return the page of a case, with what was refused in its form again."""
    shown = case_page(visit, item, trouble=trouble, refused=refused, answer_to=back)
    title = f"{item.reference} {item.title}"[:100]
    return frame.page(
        visit.request, "pages/case.html", title, current="cases", status=status,
        has_errors=refused is not None or (trouble is not None and trouble.error is not None), page=shown,
    )  # fmt: skip


Act = Callable[[Visit, ItemDetail, QueryDict], str]
View = Callable[[HttpRequest, str], HttpResponse]


def _acts(name: str, right: Right, *, has_undo: bool = False) -> Callable[[Act], View]:
    """Make a view of an act: done, it leads back to the case; refused, the case stands with what was sent.

    The act returns the line that the next page shows; with *has_undo* that line offers to take back its one event.
    """

    def decorate(do: Act) -> View:
        @require_POST
        @requires(right)
        def view(request: HttpRequest, reference: str) -> HttpResponse:
            visit = visit_of(request)
            item = item_of(visit, reference)
            here = visit.href("case", item.reference, **{"from": request.GET.get("from", "")})
            try:
                told = do(visit, item, request.POST)
            except InvalidFacts as error:
                return page_of(
                    visit, item, trouble=Trouble(act=name, error=error, sent=_sent(request.POST)), status=422
                )
            except Conflict as error:
                if "version" not in request.POST:  # an undoing: there is nothing to send again
                    raise
                now_item = work_get(reference, by=visit.actor)
                clash = conflict_of(request, error, keep_href=here, labels=LABELS, shown=_mine(request.POST))
                trouble = Trouble(act=name, conflict=clash, sent=_sent(request.POST))
                return page_of(visit, now_item, trouble=trouble, status=409)
            tiles_forget(item.desk_id)
            frame.toast_add(request, told, undo=_undo_href(visit, item, request.POST) if has_undo else "")
            return HttpResponseRedirect(here)

        view.__name__ = view.__qualname__ = f"case_{name.replace('-', '_')}"
        return view

    return decorate


def _undo_href(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    """Return where an act is taken back that was done on the version which its form names: its event is the next."""
    return act_href(visit, item, "undo", event=required_number(form, "version", "The version") + 1)


def _sent(form: QueryDict) -> dict[str, str]:
    """Return what was typed, to stand in the form again."""
    return {name: form.get(name, "") for name in form}


def _mine(form: QueryDict) -> dict[str, str]:
    """Return what a form says, by the field that it sets."""
    return {field: value for name, field in MINE.items() if (value := form.get(name, ""))}


@_acts("assign", Right.WORK_ASSIGN, has_undo=True)
def assign(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    name = text_of(form, "person")
    person_id = person_of(visit, name, field="person")
    if person_id is None and item.owner_id is None:
        raise InvalidFacts("Say who is to own it", field="person")
    version, text = required_number(form, "version", "The version"), text_of(form, "text")
    given = item_give(item.reference, person_id, version=version, text=text, by=visit.actor, now=visit.now)
    if person_id is None:
        return f"{item.reference} is back in its queue"
    return f"{item.reference} given to {name}" + (f", who {given.against}" if given.against else "")


@_acts("take", Right.WORK_TAKE, has_undo=True)
def take(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    version = required_number(form, "version", "The version")
    assigning.item_take(item.reference, version=version, by=visit.actor, now=visit.now)
    return f"{item.reference} is yours"


@_acts("state", Right.WORK_EDIT, has_undo=True)
def state(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    wanted = text_of(form, "state")
    if wanted not in set(State):
        raise InvalidFacts("Choose a state", field="state")
    version, text = required_number(form, "version", "The version"), text_of(form, "text")
    act.item_state(item.reference, State(wanted), version=version, text=text, by=visit.actor, now=visit.now)
    return f"{item.reference}: {words.STATE[wanted].lower()}"


@_acts("priority", Right.WORK_EDIT, has_undo=True)
def priority(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    by_hand = _one_of(form, "priority", 4, "priority")
    impact, urgency = _one_of(form, "impact", 3, "impact"), _one_of(form, "urgency", 3, "urgency")
    act.item_priority(
        item.reference,
        impact=Level(impact) if impact and not by_hand else None,
        urgency=Level(urgency) if urgency and not by_hand else None,
        priority=Priority(by_hand) if by_hand else None,
        version=required_number(form, "version", "The version"),
        text=text_of(form, "text"),
        by=visit.actor,
        now=visit.now,
    )
    return f"Priority of {item.reference} set"


def _one_of(form: QueryDict, name: str, most: int, label: str) -> int | None:
    number = number_of(form, name, f"The {label}")
    if number is not None and not 1 <= number <= most:
        raise InvalidFacts(f"The {label} must be from 1 to {most}", field=name)
    return number


@_acts("merge", Right.WORK_EDIT, has_undo=True)
def merge(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    into, text = text_of(form, "into"), text_of(form, "text")
    if not into:
        raise InvalidFacts("Say into which case", field="into")
    version = required_number(form, "version", "The version")
    _, kept = merging.item_merge(item.reference, into, version=version, text=text, by=visit.actor, now=visit.now)
    return f"{item.reference} merged into {kept.reference}"


@_acts("undo", Right.WORK_EDIT)
def undo(visit: Visit, item: ItemDetail, _form: QueryDict) -> str:
    event = required_number(visit.request.GET, "event", "The event")
    undoing.item_undo(item.reference, event, by=visit.actor, now=visit.now)
    return f"Undone: {item.reference} is as it was before"


@_acts("queue", Right.WORK_EDIT)
def queue(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    queue_id = required_number(form, "queue", "The queue")
    version, text = required_number(form, "version", "The version"), text_of(form, "text")
    act.item_queue(item.reference, queue_id, version=version, text=text, by=visit.actor, now=visit.now)
    return f"{item.reference} moved"


@_acts("edit", Right.WORK_EDIT)
def edit(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    values: dict[str, Any] = {
        name: text_of(form, name) for name in ("title", "category", "description", "customer", "site") if name in form
    }
    if act.CLEARANCES in form:
        values[act.CLEARANCES] = lines_of(form, act.CLEARANCES)
    if values.get("customer", item.customer or "") != (item.customer or ""):
        values.pop("site", None)  # it was chosen from the sites of the customer before
    version = required_number(form, "version", "The version")
    act.item_edit(item.reference, values, version=version, by=visit.actor, now=visit.now)
    return f"{item.reference} changed"


@_acts("customer", Right.PEOPLE_EDIT)
def customer(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    if item.customer_id is None:
        raise InvalidFacts("This case has no customer")
    kept = customer_change(
        item.customer_id,
        tier=text_of(form, "tier"),
        is_sensitive=text_of(form, "is_sensitive") == "1",
        version=required_number(form, "version", "The version"),
        reason=text_of(form, "reason"),
        by=visit.actor,
        now=visit.now,
    )
    return f"{item.customer} is kept, for all of its cases" if kept.changed else "Nothing was different"


@_acts("note", Right.WORK_NOTE)
def note(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    is_to_customer = text_of(form, "to") == "customer"
    act.item_note(item.reference, text_of(form, "text"), is_to_customer=is_to_customer, by=visit.actor, now=visit.now)
    return "Reply to the customer kept" if is_to_customer else "Note added"


@_acts("next-step", Right.WORK_NOTE)
def next_step(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    due_at = instant_of(text_of(form, "due_at"), now=visit.now, zone=visit.desk.zone, field="due_at")
    what = text_of(form, "what")
    if not what:
        raise InvalidFacts("Say what is to be done", field="what")
    act.item_next_step(
        item.reference,
        what=what,
        who=person_of(visit, text_of(form, "who"), field="who"),
        due_at=due_at,
        version=required_number(form, "version", "The version"),
        by=visit.actor,
        now=visit.now,
    )
    return "Next step set"


@_acts("next-step-done", Right.WORK_NOTE)
def next_step_done(visit: Visit, item: ItemDetail, form: QueryDict) -> str:
    version = required_number(form, "version", "The version")
    act.item_next_step(item.reference, what="", who=None, due_at=None, version=version, by=visit.actor, now=visit.now)
    return "Next step done"


@never_cache
@require_safe
@requires(Right.WORK_VIEW)
def everyone(request: HttpRequest, reference: str) -> HttpResponse:
    """List every person for one case: the score of those who may take it, and what the others lack."""
    visit = visit_of(request)
    item = item_of(visit, reference)
    found = explain(item.reference, by=visit.actor, now=visit.now)
    href = frame.person_hrefs(visit)
    weighed = [
        (
            one.consideration.score is not None,
            PersonWeighed(
                name=one.name,
                href=href(one.consideration.person),
                score="" if one.consideration.score is None else count(round(one.consideration.score)),
                words=one.consideration.words,
                reasons=[(words.capital(part.words), signed(part.points)) for part in one.consideration.contributions],
            ),
        )
        for one in found.considered
    ]
    shown = EveryonePage(
        reference=item.reference,
        case_href=visit.href("case", item.reference),
        about=f"{item.title}. Policy {found.policy_number}, facts {found.facts_digest[:8]}, at {time_to_second(found.at)}",
        able=[person for is_able, person in weighed if is_able],
        left_out=[person for is_able, person in weighed if not is_able],
    )
    return frame.page(request, "pages/everyone.html", f"Everyone for {item.reference}", current="cases", page=shown)


urls = [
    path("cases/<str:reference>/", case, name="case"),
    path("cases/<str:reference>/peek/", case_peek, name="case-peek"),
    path("cases/<str:reference>/everyone/", everyone, name="case-everyone"),
    path("cases/<str:reference>/assign/", assign, name="case-assign"),
    path("cases/<str:reference>/take/", take, name="case-take"),
    path("cases/<str:reference>/state/", state, name="case-state"),
    path("cases/<str:reference>/priority/", priority, name="case-priority"),
    path("cases/<str:reference>/merge/", merge, name="case-merge"),
    path("cases/<str:reference>/undo/", undo, name="case-undo"),
    path("cases/<str:reference>/queue/", queue, name="case-queue"),
    path("cases/<str:reference>/edit/", edit, name="case-edit"),
    path("cases/<str:reference>/customer/", customer, name="case-customer"),
    path("cases/<str:reference>/note/", note, name="case-note"),
    path("cases/<str:reference>/next-step/", next_step, name="case-next-step"),
    path("cases/<str:reference>/next-step/done/", next_step_done, name="case-next-step-done"),
]
