"""Acts on one item: open, assign, take, change, note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.customers.services import customer_ensure
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people import queries as people
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work import queries as work
from watchbill.apps.work import queues, weighing
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import ItemDetail, ItemRow
from watchbill.apps.work.services import Change, NewItem, Written
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.time import require_instant
from watchbill.engine.base.work import ActorKind, EventKind, Kind, Level, Priority, State
from watchbill.engine.clocks import ClockEvent
from watchbill.engine.intake.priority import DEFAULT_MATRIX, priority_of
from watchbill.flows.act.writing import Act, write_one
from watchbill.flows.clocks import compute_after

EDITABLE = frozenset({"title", "description", "category", "language", "skill_id", "skill_level"})
"""Fields that `item_edit` may set; state, priority, queue and owner have acts of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item that somebody wants to open. Priority follows from impact and urgency unless it is given.

    The queue is given by key or by name. With ``owner_id`` it is given to that person at once, who is told; ``text`` is a first work note.
    """

    desk_id: int
    title: str
    kind: Kind = Kind.CASE
    description: str = ""
    category: str = ""
    language: str = ""
    customer: str = ""
    queue_id: int | None = None
    queue_name: str = ""
    impact: Level | None = None
    urgency: Level | None = None
    priority: Priority | None = None
    external_source: str = ""
    external_ref: str = ""
    owner_id: int | None = None
    text: str = ""


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
        _require_owner(draft.owner_id, draft.desk_id)
    queue = _queue(draft.desk_id, draft.queue_id, draft.queue_name)
    with transaction.atomic():
        customer_id = customer_ensure(draft.desk_id, draft.customer, by=by, now=now) if draft.customer.strip() else None
        patch = _opening(draft, queue, customer_id)
        first = ClockEvent(
            at=now,
            kind=EventKind.OPENED,
            state=State(patch["state"]),
            priority=Priority(patch["priority"]),
            owner=None if draft.owner_id is None else PersonId(draft.owner_id),
            actor=by.kind,
        )
        computed = compute_after(draft.desk_id, {0: [first]})
        new = NewItem(
            desk_id=draft.desk_id,
            patch=patch,
            opened_at=now,
            due_sort_at=computed.due_sort_at[0],
            external_source=draft.external_source,
            external_ref=draft.external_ref,
            data={"text": draft.text.strip()} if draft.text.strip() else {},
        )
        written = work_services.work_create_many([new], by=by)[0]
        computed.writes = [replace(write, item_id=written.item_id) for write in computed.writes]
        computed.drops = []
        computed.keep()
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


def _opening(draft: Draft, queue: Mapping[str, Any] | None, customer_id: int | None) -> dict[str, Any]:
    priority = draft.priority
    if priority is None:
        impact, urgency = draft.impact or Level.MEDIUM, draft.urgency or Level.MEDIUM
        priority = priority_of(weighing.matrix_get(draft.desk_id) or DEFAULT_MATRIX, impact=impact, urgency=urgency)
    patch: dict[str, Any] = {
        "kind": draft.kind,
        "title": draft.title.strip(),
        "state": State.NEW if draft.owner_id is None else State.IN_PROGRESS,
        "priority": int(priority),
    }
    optional = {
        "description": draft.description,
        "category": draft.category.strip(),
        "language": draft.language.strip().lower(),
        "customer_id": customer_id,
        "impact": draft.impact,
        "urgency": draft.urgency,
        "owner_id": draft.owner_id,
    }
    if queue is not None:
        optional |= {"queue_id": queue["id"], "team_id": queue["team_id"], "skill_id": queue["skill_id"]}
        optional["skill_level"] = queue["skill_level"]
    return patch | {name: value for name, value in optional.items() if value not in (None, "")}


def _queue(desk_id: int, queue_id: int | None, name: str = "") -> Mapping[str, Any] | None:
    if queue_id is None and not name:
        return None
    return queues.queue_find(desk_id, queue_id=queue_id, name=name or None)


def _editable(reference: str, version: int | None, right: Right, *, by: Actor) -> tuple[ItemDetail, int]:
    """Return the item and the version to write on: the one that the writer saw, or the present one."""
    item = work.work_get(reference, by=by)
    require(by, right, item.desk_id)
    return item, item.version if version is None else version


def assignment(
    item: ItemRow,
    person_id: int | None,
    person_name: str,
    *,
    version: int,
    text: str = "",
    data: Mapping[str, Any],
    kind: EventKind = EventKind.ASSIGNED,
    by: Actor,
) -> Act:
    """Return the act of giving *item* to a person, or to nobody: a new item is taken up by being owned."""
    patch: dict[str, Any] = {"owner_id": person_id, "is_taken_over": True}
    if person_id is not None and item.state == State.NEW:
        patch["state"] = State.IN_PROGRESS
    change = Change(
        item_id=item.id,
        kind=kind,
        version=version,
        patch=patch,
        data={k: v for k, v in {"text": text, "to": person_name, "from": item.owner, **data}.items() if v},
    )
    return Act(
        item=item, change=change, notices=_moved_notices(item, person_id, person_name, by=by), ends_proposal=True
    )


def _moved_notices(item: ItemRow, person_id: int | None, person_name: str, *, by: Actor) -> list[NewNotice]:
    """Tell the new owner and the old one, unless they did it themselves."""
    told: dict[int, tuple[str, str]] = {}
    if item.owner_id is not None:
        to_whom = f"gave {item.reference} to {person_name}" if person_id else f"took {item.reference} back to the queue"
        told[item.owner_id] = ("unassigned", f"{by.name} {to_whom}")
    if person_id is not None:
        told[person_id] = ("assigned", f"{by.name} gave you {item.reference}: {item.title}")
    return [
        NewNotice(desk_id=item.desk_id, person_id=whom, kind=notice, text=text, subject_ref=item.reference)
        for whom, (notice, text) in told.items()
        if whom != by.person_id
    ]


def item_assign(
    reference: str, person_id: int | None, *, version: int | None = None, text: str = "", by: Actor, now: datetime
) -> Written:
    """Give an item to a person of its desk, or back to the queue (None).

    Taking it oneself needs less of a right than giving it to others. Raises NotAllowed, NotFound, Conflict; refuses
    people who are not active and items that are done.
    """
    item = work.work_get(reference, by=by)
    is_taking = person_id is not None and person_id == by.person_id
    require(by, Right.WORK_TAKE if is_taking else Right.WORK_ASSIGN, item.desk_id)
    name = require_assignable(item, person_id)
    act = assignment(
        item, person_id, name, version=item.version if version is None else version, text=text, data={}, by=by
    )
    return write_one(act, by=by, now=now)


def require_assignable(item: ItemRow, person_id: int | None) -> str:
    """Return the person's name ("" for nobody). Raises when the item is done, or the person cannot own it."""
    if State(item.state) in (State.RESOLVED, State.CLOSED, State.CANCELLED):
        raise InvalidFacts(f"{item.reference} is {item.state}; open it again before giving it to somebody")
    if person_id is None:
        return ""
    name = _require_owner(person_id, item.desk_id)
    if person_id == item.owner_id:
        raise InvalidFacts(f"{name} owns {item.reference} already", field="person")
    return name


def _require_owner(person_id: int, desk_id: int) -> str:
    """Return the name of somebody who can own work of the desk. Raises InvalidFacts; others' people are not named."""
    person = people.owner_get(person_id)
    if person.desk_id != desk_id:
        raise InvalidFacts("This person does not belong to this desk", field="person")
    if not person.is_active:
        raise InvalidFacts(f"{person.name} is not active and cannot own work", field="person")
    return person.name


def item_take(reference: str, *, version: int | None = None, by: Actor, now: datetime) -> Written:
    """Take an item oneself."""
    if by.person_id is None:
        raise InvalidFacts("You are signed in as somebody who does not own work, so you cannot take an item")
    return item_assign(reference, by.person_id, version=version, by=by, now=now)


def item_state(
    reference: str, state: State, *, version: int | None = None, text: str = "", by: Actor, now: datetime
) -> Written:
    """Move an item to another state; clocks pause, run or stop as the policy says."""
    item, seen = _editable(reference, version, Right.WORK_EDIT, by=by)
    return write_one(state_act(item, state, version=seen, text=text), by=by, now=now)


def state_act(item: ItemRow, state: State, *, version: int, text: str = "") -> Act:
    """Return the act of moving *item* to *state*. Raises InvalidFacts when its kind does not know it, or has it."""
    work_services.require_state(Kind(item.kind), state)
    if item.state == state:
        raise InvalidFacts(f"{item.reference} is {state.replace('_', ' ')} already", field="state")
    data = {"from": item.state, **({"text": text} if text else {})}
    change = Change(item_id=item.id, kind=EventKind.STATE, version=version, patch={"state": state}, data=data)
    return Act(item=item, change=change, ends_proposal=True)


def item_priority(
    reference: str,
    *,
    impact: Level | None = None,
    urgency: Level | None = None,
    priority: Priority | None = None,
    version: int | None = None,
    text: str = "",
    by: Actor,
    now: datetime,
) -> Written:
    """Set impact and urgency (priority follows by the desk's matrix), or the priority itself with a reason."""
    item, seen = _editable(reference, version, Right.WORK_EDIT, by=by)
    if priority is None:
        if impact is None or urgency is None:
            raise InvalidFacts("Give impact and urgency, or a priority", field="priority")
        priority = priority_of(weighing.matrix_get(item.desk_id) or DEFAULT_MATRIX, impact=impact, urgency=urgency)
    elif not text.strip():
        raise InvalidFacts("Say why: a priority set by hand needs a reason", field="text")
    return write_one(
        priority_act(item, priority, impact=impact, urgency=urgency, version=seen, text=text), by=by, now=now
    )


def priority_act(
    item: ItemRow,
    priority: Priority,
    *,
    impact: Level | None = None,
    urgency: Level | None = None,
    version: int,
    text: str = "",
) -> Act:
    """Return the act of giving *item* a priority."""
    patch: dict[str, Any] = {"priority": int(priority)}
    if impact is not None and urgency is not None:
        patch |= {"impact": int(impact), "urgency": int(urgency)}
    data = {"from": item.priority, **({"text": text} if text else {})}
    change = Change(item_id=item.id, kind=EventKind.PRIORITY, version=version, patch=patch, data=data)
    return Act(item=item, change=change, ends_proposal=True)


def item_queue(
    reference: str, queue_id: int, *, version: int | None = None, text: str = "", by: Actor, now: datetime
) -> Written:
    """Move an item to another queue of its desk; what the queue asks of an owner goes with it."""
    item, seen = _editable(reference, version, Right.WORK_EDIT, by=by)
    queue = _queue(item.desk_id, queue_id)
    if queue is None or queue["id"] == item.queue_id:
        raise InvalidFacts(f"{item.reference} is in this queue already", field="queue")
    patch = {
        "queue_id": queue["id"],
        "team_id": queue["team_id"],
        "skill_id": queue["skill_id"],
        "skill_level": queue["skill_level"],
    }
    data = {"from": item.queue or "", "to": queue["name"], **({"text": text} if text else {})}
    change = Change(item_id=item.id, kind=EventKind.QUEUE, version=seen, patch=patch, data=data)
    return write_one(Act(item=item, change=change, ends_proposal=True), by=by, now=now)


def item_edit(
    reference: str, values: Mapping[str, Any], *, version: int | None = None, by: Actor, now: datetime
) -> Written:
    """Set fields that are not acts of their own; see `EDITABLE`."""
    item, seen = _editable(reference, version, Right.WORK_EDIT, by=by)
    unknown = sorted(set(values) - EDITABLE)
    if unknown:
        raise InvalidFacts(f"“{unknown[0]}” cannot be set here; one of {', '.join(sorted(EDITABLE))} can")
    patch = {name: value for name, value in values.items() if value != getattr(item, name)}
    if not patch:
        raise InvalidFacts("Nothing was changed")
    if "title" in patch and not str(patch["title"]).strip():
        raise InvalidFacts("An item needs a title", field="title")
    change = Change(item_id=item.id, kind=EventKind.FIELDS, version=seen, patch=patch)
    return write_one(
        Act(item=item, change=change, ends_proposal=bool({"skill_id", "skill_level"} & set(patch))), by=by, now=now
    )


def item_note(reference: str, text: str, *, is_to_customer: bool = False, by: Actor, now: datetime) -> Written:
    """Add a work note, or a reply to the customer (which answers the response clock). Notes never conflict."""
    item, _ = _editable(reference, None, Right.WORK_NOTE, by=by)
    if not text.strip():
        raise InvalidFacts("A note needs some text", field="text")
    kind = EventKind.REPLY if is_to_customer else EventKind.NOTE
    for attempt in range(5):
        change = Change(
            item_id=item.id, kind=kind, version=item.version if is_to_customer else None, data={"text": text.strip()}
        )
        act = Act(item=item, change=change, notices=_note_notices(item, text, by=by))
        if not is_to_customer or attempt == 4:
            return write_one(act, by=by, now=now)
        try:
            return write_one(act, by=by, now=now)
        except Conflict:
            item = work.work_get(reference, by=by)
    raise AssertionError("the last attempt returns or raises")


def _note_notices(item: ItemRow, text: str, *, by: Actor) -> list[NewNotice]:
    if item.owner_id is None or item.owner_id == by.person_id or by.kind is not ActorKind.PERSON:
        return []
    short = text.strip().splitlines()[0][:120]
    return [
        NewNotice(
            desk_id=item.desk_id,
            person_id=item.owner_id,
            kind="note",
            subject_ref=item.reference,
            text=f"{by.name} wrote on {item.reference}: {short}",
        )
    ]


def item_next_step(
    reference: str,
    *,
    what: str,
    who: int | None,
    due_at: datetime | None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Written:
    """Say who does what by when; empty *what* takes the next step away (done, or no longer needed)."""
    item, seen = _editable(reference, version, Right.WORK_NOTE, by=by)
    if not what.strip():
        if not item.next_step:
            raise InvalidFacts("Say what is to be done", field="what")
        patch: dict[str, Any] = {"next_step": "", "next_step_owner_id": None, "next_step_due_at": None}
        data: dict[str, Any] = {"done": item.next_step}
    else:
        if who is None:
            raise InvalidFacts("A next step needs somebody who does it", field="who")
        if due_at is None:
            raise InvalidFacts("A next step needs a time by which it is done", field="due_at")
        due_at = require_instant(due_at, "due_at")
        if due_at <= now:
            raise InvalidFacts("The time of a next step lies ahead", field="due_at")
        person = people.owner_get(who)
        if person.desk_id != item.desk_id or not person.is_active:
            raise InvalidFacts(f"{person.name} cannot do a next step on this desk", field="who")
        patch = {"next_step": what.strip(), "next_step_owner_id": PersonId(who), "next_step_due_at": due_at}
        data = {"who": person.name}
    change = Change(item_id=item.id, kind=EventKind.NEXT_STEP, version=seen, patch=patch, data=data)
    return write_one(Act(item=item, change=change), by=by, now=now)


def may_take(item: ItemRow, *, by: Actor) -> bool:
    """Say whether the actor could take the item herself: for showing the button."""
    return by.person_id is not None and by.person_id != item.owner_id and may(by, Right.WORK_TAKE, item.desk_id)
