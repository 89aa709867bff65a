"""Opening an item: its first event, its clocks, and word to the one who is to do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.core.actor import Actor
from watchbill.apps.customers.services import customer_ensure
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import CLEARANCE
from watchbill.apps.work.queues import queue_in_use
from watchbill.apps.work.services import NewItem, Written
from watchbill.apps.work.weighing import matrix_get
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import EventKind, Kind, Level, Priority, State, clearances_of
from watchbill.engine.clocks import ClockEvent
from watchbill.engine.clocks.lead_time import WorkClass
from watchbill.engine.intake.priority import DEFAULT_MATRIX, priority_of
from watchbill.flows.act.assigning import require_owner
from watchbill.flows.act.placing import site_in_use
from watchbill.flows.clockfacts import Ahead, clock_events
from watchbill.flows.clocks import compute_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item that somebody wants to open. Priority follows from impact and urgency unless it is given.

    The queue is given by key or by name, the customer by its name (made if it is new), the site by that of one that the
    customer has. With ``owner_id`` it is given to that person at once, who is told; it is taken up by
    that only when she opens it for herself. ``text`` is a first work note.
    """

    desk_id: int
    title: str
    kind: Kind = Kind.CASE
    description: str = ""
    category: str = ""
    language: str = ""
    customer: str = ""
    site: str = ""
    queue_id: int | None = None
    queue_name: str = ""
    impact: Level | None = None
    urgency: Level | None = None
    priority: Priority | None = None
    external_source: str = ""
    external_ref: str = ""
    owner_id: int | None = None
    text: str = ""
    clearances: Sequence[str] = ()


def item_open(draft: Draft, *, by: Actor, now: datetime) -> Written:
    """Open an item with its first event, its clocks and, if the queue's team is known, its queue's team.

    Raises NotAllowed, InvalidFacts naming the field, NotFound for a queue of another desk, and Conflict when the
    external reference exists already.
    """
    require(by, Right.WORK_CREATE, draft.desk_id)
    if not draft.title.strip():
        raise InvalidFacts("Say in a few words what this is about", field="title")
    if draft.owner_id is not None:
        require(by, Right.WORK_TAKE if draft.owner_id == by.person_id else Right.WORK_ASSIGN, draft.desk_id)
        require_owner(draft.owner_id, draft.desk_id)
    queue = None
    if draft.queue_id is not None or draft.queue_name:
        queue = queue_in_use(draft.desk_id, queue_id=draft.queue_id, name=draft.queue_name or None)
    with transaction.atomic():
        customer_id = customer_ensure(draft.desk_id, draft.customer, by=by, now=now) if draft.customer.strip() else None
        site_id = site_in_use(customer_id, draft.site) if draft.site.strip() else None
        patch = _opening(draft, queue, customer_id, site_id, by=by)
        first = ClockEvent(
            at=now,
            kind=EventKind.OPENED,
            state=State(patch["state"]),
            priority=Priority(patch["priority"]),
            owner=None if draft.owner_id is None else PersonId(draft.owner_id),
            actor=by.kind,
        )
        book = rulebook(draft.desk_id)
        events = clock_events(draft.desk_id, book, [0], now=now, ahead={0: Ahead(event=first, patch=patch)})
        of = WorkClass(patch["kind"], int(patch["priority"]), patch.get("category", ""), patch.get("queue_id"))
        computed = compute_after(draft.desk_id, book, events, classes={0: of}, now=now)
        new = NewItem(
            desk_id=draft.desk_id,
            patch=patch,
            opened_at=now,
            due_sort_at=computed.due_sort_at[0],
            act_by_at=computed.act_by_at[0],
            external_source=draft.external_source,
            external_ref=draft.external_ref,
            data={"text": draft.text.strip()} if draft.text.strip() else {},
        )
        written = work_services.work_create_many([new], by=by)[0]
        computed.renumbered(written.item_id).keep()
        if draft.owner_id is not None and draft.owner_id != by.person_id:
            text = f"{by.name} opened {written.reference} for you: {patch['title']}"
            told = NewNotice(
                desk_id=draft.desk_id,
                person_id=draft.owner_id,
                kind="assigned",
                text=text,
                subject_ref=written.reference,
            )
            notice_add_many([told], now=now)
    return written


def _opening(
    draft: Draft, queue: Mapping[str, Any] | None, customer_id: int | None, site_id: int | None, *, by: Actor
) -> dict[str, Any]:
    priority = draft.priority
    if priority is None:
        impact, urgency = draft.impact or Level.MEDIUM, draft.urgency or Level.MEDIUM
        priority = priority_of(matrix_get(draft.desk_id) or DEFAULT_MATRIX, impact=impact, urgency=urgency)
    patch: dict[str, Any] = {
        "kind": draft.kind,
        "title": draft.title.strip(),
        "state": State.IN_PROGRESS if draft.owner_id is not None and draft.owner_id == by.person_id else State.NEW,
        "priority": int(priority),
    }
    optional: dict[str, Any] = {
        "description": draft.description,
        "category": draft.category.strip(),
        "language": draft.language.strip().lower(),
        "customer_id": customer_id,
        "site_id": site_id,
        "impact": draft.impact,
        "urgency": draft.urgency,
        "owner_id": draft.owner_id,
    }
    if asked := clearances_of(draft.clearances):
        optional["attributes"] = {CLEARANCE: asked}
    if queue is not None:
        optional |= {"queue_id": queue["id"], "team_id": queue["team_id"], "skill_id": queue["skill_id"]}
        optional["skill_level"] = queue["skill_level"]
    return patch | {name: value for name, value in optional.items() if value not in (None, "")}
