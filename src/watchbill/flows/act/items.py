"""Acts that change one item: state, priority, queue, fields, notes and the next step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.notices.services import NewNotice
from watchbill.apps.people import queries as people
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.merged import merged_into
from watchbill.apps.work.queries import CLEARANCE, ItemDetail, ItemRow
from watchbill.apps.work.queues import queue_in_use
from watchbill.apps.work.services import Change, Written
from watchbill.apps.work.weighing import matrix_get
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.time import require_instant
from watchbill.engine.base.work import ActorKind, EventKind, Kind, Level, Priority, State, clearances_of
from watchbill.engine.intake.priority import DEFAULT_MATRIX, priority_of
from watchbill.flows.act.placing import PLACE, placed
from watchbill.flows.act.writing import Act, write_one

PLAIN = frozenset({"title", "description", "category", "language", "skill_level"})
CLEARANCES = "clearances"
"""What whoever works on the item must have; kept among its attributes, as a log may bring it."""
EDITABLE = PLAIN | PLACE | {CLEARANCES}
"""Fields that `item_edit` may set; state, priority, queue and owner have acts of their own."""


def _editable(reference: str, version: int | None, right: Right, *, by: Actor) -> tuple[ItemDetail, int]:
    """Return the item and the version to write on: the one that the writer saw, or the present one."""
    item = work.work_get(reference, by=by)
    require(by, right, item.desk_id)
    return item, item.version if version is None else version


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
        priority = priority_of(matrix_get(item.desk_id) or DEFAULT_MATRIX, impact=impact, urgency=urgency)
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
    queue = queue_in_use(item.desk_id, queue_id=queue_id)
    if queue["id"] == item.queue_id:
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
    """Set fields that are not acts of their own; see `EDITABLE`. Customer and site go by name: `placing.placed`."""
    item, seen = _editable(reference, version, Right.WORK_EDIT, by=by)
    unknown = sorted(set(values) - EDITABLE)
    if unknown:
        raise InvalidFacts(f"“{unknown[0]}” cannot be set here; one of {', '.join(sorted(EDITABLE))} can")
    patch = {name: values[name] for name in values if name in PLAIN and values[name] != getattr(item, name)}
    with transaction.atomic():
        place, names = placed(item, {name: values[name] for name in values if name in PLACE}, by=by, now=now)
        patch |= place
        if CLEARANCES in values and (asked := clearances_of(values[CLEARANCES])) != list(item.clearances):
            others = {name: value for name, value in item.attributes.items() if name != CLEARANCE}
            patch["attributes"] = others | ({CLEARANCE: asked} if asked else {})
            names |= {CLEARANCES: ", ".join(asked)}
        if not patch:
            raise InvalidFacts("Nothing was changed")
        if "title" in patch and not str(patch["title"]).strip():
            raise InvalidFacts("An item needs a title", field="title")
        change = Change(item_id=item.id, kind=EventKind.FIELDS, version=seen, patch=patch, data=names)
        is_weighed = not {"skill_level", "customer_id", "attributes"}.isdisjoint(patch)
        return write_one(Act(item=item, change=change, ends_proposal=is_weighed), by=by, now=now)


def item_note(reference: str, text: str, *, is_to_customer: bool = False, by: Actor, now: datetime) -> Written:
    """Add a work note, or a reply to the customer (which answers the response clock). Notes never conflict."""
    item, _ = _editable(reference, None, Right.WORK_NOTE, by=by)
    if not text.strip():
        raise InvalidFacts("A note needs some text", field="text")
    if is_to_customer and (into := merged_into(item.id)):
        raise InvalidFacts(f"{item.reference} was merged into {into}: reply there", field="text")
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
        person = people.owner_get(who, item.desk_id)
        if not person.is_active:
            raise InvalidFacts(f"{person.name} cannot do a next step on this desk", field="who")
        patch = {"next_step": what.strip(), "next_step_owner_id": PersonId(who), "next_step_due_at": due_at}
        data = {"who": person.name}
    change = Change(item_id=item.id, kind=EventKind.NEXT_STEP, version=seen, patch=patch, data=data)
    return write_one(Act(item=item, change=change), by=by, now=now)
