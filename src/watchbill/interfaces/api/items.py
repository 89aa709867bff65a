"""Items: list, open, read, change; their notes, next steps, events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from watchbill.apps.clocks.queries import ClockRow, clocks_of_items
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.queries import now
from watchbill.apps.core.references import CUSTOMER, PERSON, is_reference, key_of, shown
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.queries import desk_by_id, desk_get, person_key
from watchbill.apps.people.rights import Right
from watchbill.apps.work import queries as work
from watchbill.apps.work import queues, timeline
from watchbill.apps.work.merged import merged_from, merged_into
from watchbill.apps.work.queries import ItemDetail, ItemRow, Key, Order, View, WorkFilter
from watchbill.apps.work.services import Written
from watchbill.apps.work.timeline import EventRow
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import Level, Priority, State
from watchbill.flows.act import assigning, merging, opening, undoing
from watchbill.flows.act import items as act
from watchbill.flows.act.patch import ItemPatch, item_patch
from watchbill.flows.assign.by_hand import item_give
from watchbill.interfaces.api.access import reads, writes
from watchbill.interfaces.api.render import json_response
from watchbill.interfaces.api.schemas import items as shapes
from watchbill.interfaces.api.schemas.base import Limit, OneToFour, Place, Short, Slug
from watchbill.interfaces.api.writing import actor, write

router = Router(tags=["items"])


class ItemQuery(Schema):
    """Which items; empty fields ask for nothing."""

    desk: Slug
    view: View = View.OPEN
    queue: Short | None = Field(None, description="The queue's name")
    owner: Short | None = Field(None, description="Reference (PER-12) or whole name")
    customer: Short | None = Field(None, description="Reference (CUS-7)")
    priority: list[OneToFour] = Field(default_factory=list, max_length=4)
    state: list[State] = Field(default_factory=list, max_length=len(State))
    q: Short = Field("", description="Words of title, description, category or references")
    order: Order | None = Field(
        None, description="By latest safe moment (act_by) or by due; left out: due for what is breached or due soon"
    )
    after: Place = ""
    limit: Limit = 50


def _row(item: ItemRow, desk: str) -> dict[str, Any]:
    """An item as lists show it, in the shape of `shapes.Item`."""
    return {
        "reference": item.reference,
        "desk": desk,
        "external_ref": item.external_ref,
        "kind": item.kind,
        "title": item.title,
        "category": item.category,
        "state": item.state,
        "state_since": item.state_since,
        "priority": item.priority,
        "opened_at": item.opened_at,
        "updated_at": item.updated_at,
        "due_at": None if item.due_sort_at == FAR_FUTURE else item.due_sort_at,
        "act_by_at": None if item.act_by_at == FAR_FUTURE else item.act_by_at,
        "queue": item.queue,
        "owner": item.owner,
        "owner_ref": shown(PERSON, item.owner_id),
        "customer": item.customer,
        "customer_tier": item.customer_tier,
        "is_sensitive": item.is_sensitive,
        "next_step": item.next_step,
        "next_step_due_at": item.next_step_due_at,
        "is_taken_over": item.is_taken_over,
        "version": item.version,
    }


def _whole(item: ItemDetail, desk: DeskRow, clocks: list[ClockRow], at: datetime) -> dict[str, Any]:
    """An item in the shape of `shapes.ItemWhole`."""
    return {
        **_row(item, desk.slug),
        "description": item.description,
        "language": item.language,
        "impact": item.impact,
        "urgency": item.urgency,
        "team": item.team,
        "skill": item.skill,
        "skill_level": item.skill_level,
        "owner_since": item.owner_since,
        "next_step_owner": item.next_step_owner,
        "next_step_owner_ref": shown(PERSON, item.next_step_owner_id),
        "resolved_at": item.resolved_at,
        "closed_at": item.closed_at,
        "external_source": item.external_source,
        "attributes": item.attributes,
        "customer_ref": shown(CUSTOMER, item.customer_id),
        "site": item.site,
        "merged_into": merged_into(item.id) or None,
        "merged": merged_from(item.id),
        "clocks": [_clock(clock, at) for clock in clocks],
    }


def _clock(clock: ClockRow, at: datetime) -> dict[str, Any]:
    names = (
        "name", "kind", "agreement", "cycle", "status", "target_s", "elapsed_s", "paused_s", "started_at", "due_at",
        "stopped_at",
    )  # fmt: skip
    return {
        **{name: getattr(clock, name) for name in names},
        "breached_at": clock.breach_at if clock.is_breached(at) else None,
        "policy_number": clock.policy_number,
        "calendar": clock.calendar,
        "calendar_number": clock.calendar_number,
    }


def _event(event: EventRow) -> dict[str, Any]:
    names = ("seq", "kind", "at", "recorded_at", "actor_kind", "state", "priority", "data")
    return {**{name: getattr(event, name) for name in names}, "actor": event.actor_name}


def _person_for(reference: str, person: str, by: Actor) -> int:
    """Return the key of a person named by reference, or by whole name on the item's desk."""
    if is_reference(PERSON, person):
        return key_of(PERSON, person)
    return person_key(work.work_get(reference, by=by).desk_id, person, by=by)


def _written(written: Written) -> dict[str, Any]:
    return {"reference": written.reference, "version": written.version}


@reads(router, "/items", right=Right.WORK_VIEW, out=shapes.Items)
def item_list(request: HttpRequest, asked: Query[ItemQuery]) -> HttpResponse:
    """List items of a desk, the one that has to be begun first first; finished ones newest first."""
    by = actor(request)
    desk = desk_get(asked.desk, by=by)
    wanted = WorkFilter(
        desk_id=desk.id,
        view=asked.view,
        queue_id=queues.queue_find(desk.id, name=asked.queue)["id"] if asked.queue else None,
        owner_id=person_key(desk.id, asked.owner, by=by) if asked.owner else None,
        customer_id=key_of(CUSTOMER, asked.customer) if asked.customer else None,
        priorities=tuple(asked.priority),
        states=tuple(asked.state),
        text=asked.q,
        order=asked.order,
    )
    rows = work.work_page(wanted, after=Key.parse(asked.after), limit=asked.limit + 1, by=by, now=now())
    shown_rows = rows[: asked.limit]
    after = str(wanted.key(shown_rows[-1])) if len(rows) > asked.limit else None
    return json_response({"items": [_row(row, desk.slug) for row in shown_rows], "next": after})


@writes(router, "POST", "/items", right=Right.WORK_CREATE, out=shapes.Written, status=201)
def item_create(request: HttpRequest, body: shapes.NewItem) -> HttpResponse:
    """Open an item, with its clocks. The same external reference twice is a conflict."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        desk = desk_get(body.desk, by=by)
        draft = opening.Draft(
            desk_id=desk.id,
            title=body.title,
            kind=body.kind,
            description=body.description,
            category=body.category,
            language=body.language,
            customer=body.customer,
            site=body.site,
            queue_name=body.queue or "",
            impact=Level(body.impact) if body.impact else None,
            urgency=Level(body.urgency) if body.urgency else None,
            priority=Priority(body.priority) if body.priority else None,
            external_source=body.external_source,
            external_ref=body.external_ref,
            owner_id=person_key(desk.id, body.person, by=by) if body.person else None,
            text=body.text,
            clearances=body.clearances,
        )
        return _written(opening.item_open(draft, by=by, now=at))

    return write(request, do, status=201)


@reads(router, "/items/{reference}", right=Right.WORK_VIEW, out=shapes.ItemWhole)
def item_get(request: HttpRequest, reference: str) -> HttpResponse:
    """Get one item with its clocks."""
    item = work.work_get(reference, by=actor(request))
    clocks = clocks_of_items([item.id]).get(item.id, [])
    return json_response(_whole(item, desk_by_id(item.desk_id), clocks, now()))


@writes(router, "PATCH", "/items/{reference}", right=Right.WORK_EDIT, out=shapes.Written)
def item_change(request: HttpRequest, reference: str, body: shapes.ItemChange) -> HttpResponse:
    """Change fields, customer, site, queue or priority of an item, on the version that you saw; left out, on the present one.

    When somebody was faster the answer is a conflict (409) whose details name who changed what.
    """

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        queue_id = None
        if body.queue is not None:
            item = work.work_get(reference, by=by)
            queue_id = queues.queue_find(item.desk_id, name=body.queue)["id"]
        plain = body.model_dump(include=set(act.EDITABLE), exclude_none=True)
        patch = ItemPatch(
            fields=plain,
            queue_id=queue_id,
            priority=Priority(body.priority) if body.priority else None,
            impact=Level(body.impact) if body.impact else None,
            urgency=Level(body.urgency) if body.urgency else None,
            text=body.text,
        )
        return _written(item_patch(reference, patch, version=body.version, by=by, now=at))

    return write(request, do)


@writes(router, "POST", "/items/{reference}/assign", right=Right.WORK_ASSIGN, out=shapes.Given)
def item_assign(request: HttpRequest, reference: str, body: shapes.Assign) -> HttpResponse:
    """Give an item to a person of its desk, or back to its queue, with a note if you like.

    Whom Watchbill would not give it to gets it all the same; the answer and the work note say which musts speak against it.
    """

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        person_id = None
        if body.person is not None:
            person_id = _person_for(reference, body.person, by)
        given = item_give(reference, person_id, version=body.version, text=body.text, by=by, now=at)
        return {**_written(given.written), "against": given.against}

    return write(request, do)


@writes(router, "POST", "/items/{reference}/take", right=Right.WORK_TAKE, out=shapes.Written)
def item_take(request: HttpRequest, reference: str, body: shapes.Take) -> HttpResponse:
    """Take an item yourself."""
    return write(request, lambda by, at: _written(assigning.item_take(reference, version=body.version, by=by, now=at)))


@writes(router, "POST", "/items/{reference}/state", right=Right.WORK_EDIT, out=shapes.Written)
def item_state(request: HttpRequest, reference: str, body: shapes.StateChange) -> HttpResponse:
    """Move an item to another state; its clocks pause, run or stop as the policy says."""
    return write(
        request,
        lambda by, at: _written(
            act.item_state(reference, body.state, version=body.version, text=body.text, by=by, now=at)
        ),
    )


@writes(router, "POST", "/items/{reference}/merge", right=Right.WORK_EDIT, out=shapes.Merged)
def item_merge(request: HttpRequest, reference: str, body: shapes.Merge) -> HttpResponse:
    """Merge an item into another of its desk that tells of the same: it is cancelled, and both say so."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        gone, kept = merging.item_merge(reference, **body.model_dump(), by=by, now=at)
        return {**_written(gone), "into": _written(kept)}

    return write(request, do)


@writes(router, "POST", "/items/{reference}/undo", right=Right.WORK_EDIT, out=shapes.Written)
def item_undo(request: HttpRequest, reference: str, body: shapes.ItemUndo) -> HttpResponse:
    """Take back an owner, a state, a priority or a merge that somebody has set, while nobody has changed the item since.

    One's own with the right that it took, somebody else's with the right to change many items at once.
    """
    return write(request, lambda by, at: _written(undoing.item_undo(reference, body.event, by=by, now=at)))


@writes(router, "POST", "/items/{reference}/notes", right=Right.WORK_NOTE, out=shapes.Written, status=201)
def item_note(request: HttpRequest, reference: str, body: shapes.Note) -> HttpResponse:
    """Add a work note, or a reply to the customer. Notes never conflict."""
    return write(
        request,
        lambda by, at: _written(act.item_note(reference, body.text, is_to_customer=body.is_to_customer, by=by, now=at)),
        status=201,
    )


@writes(router, "POST", "/items/{reference}/next-step", right=Right.WORK_NOTE, out=shapes.Written)
def item_next_step(request: HttpRequest, reference: str, body: shapes.NextStep) -> HttpResponse:
    """Say who does what by when; an empty `what` takes the next step away."""

    def do(by: Actor, at: datetime) -> dict[str, Any]:
        who = None if body.who is None else _person_for(reference, body.who, by)
        return _written(
            act.item_next_step(
                reference, what=body.what, who=who, due_at=body.due_at, version=body.version, by=by, now=at
            )
        )

    return write(request, do)


class EventQuery(Schema):
    before: int | None = Field(None, ge=1, le=2**31 - 1)
    limit: Limit = 100


@reads(router, "/items/{reference}/events", right=Right.WORK_VIEW, out=shapes.Events)
def item_events(request: HttpRequest, reference: str, asked: Query[EventQuery]) -> HttpResponse:
    """List the events of an item, work notes included, the latest first."""
    item = work.work_get(reference, by=actor(request))
    rows = timeline.work_events(item.id, before=asked.before, limit=asked.limit + 1)
    listed = rows[: asked.limit]
    older = listed[-1].seq if len(rows) > asked.limit else None
    return json_response({"events": [_event(row) for row in listed], "next": older})
