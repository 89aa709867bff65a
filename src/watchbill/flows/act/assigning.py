"""Giving an item to a person, or back to its queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.notices.services import NewNotice
from watchbill.apps.people import queries as people
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Change, Written
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import EventKind, State
from watchbill.flows.act.writing import Act, write_one


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
    """Return the act of giving *item* to a person, or to nobody.

    Who takes a new item herself has taken it up. Who is given one has not: it stays new, and the time to respond runs,
    until she does something with it.
    """
    patch: dict[str, Any] = {"owner_id": person_id, "is_taken_over": True}
    if person_id is not None and person_id == by.person_id and item.state == State.NEW:
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
    name = "" if person_id is None else require_owner(person_id, item.desk_id)
    require_open_to(item, person_id, name)
    return name


def require_open_to(item: ItemRow, person_id: int | None, name: str) -> None:
    """Raise InvalidFacts when the item is done, or lies with this person already."""
    if State(item.state) in (State.RESOLVED, State.CLOSED, State.CANCELLED):
        raise InvalidFacts(f"{item.reference} is {item.state}; open it again before giving it to somebody")
    if person_id is not None and person_id == item.owner_id:
        raise InvalidFacts(f"{name} owns {item.reference} already", field="person")


def require_owner(person_id: int, desk_id: int) -> str:
    """Return the name of somebody who can own work of the desk. Raises NotFound, and InvalidFacts for a leaver."""
    person = people.owner_get(person_id, desk_id)
    if not person.is_active:
        raise InvalidFacts(f"{person.name} is not active and cannot own work", field="person")
    return person.name


def item_take(reference: str, *, version: int | None = None, by: Actor, now: datetime) -> Written:
    """Take an item oneself; what one was given and has not begun is taken up."""
    if by.person_id is None:
        raise InvalidFacts("You are signed in as somebody who does not own work, so you cannot take an item")
    item = work.work_get(reference, by=by)
    if _is_to_take_up(item, by=by):
        require(by, Right.WORK_TAKE, item.desk_id)
        seen = item.version if version is None else version
        data = {"text": "Taken up", "from": item.state}
        patch = {"state": State.IN_PROGRESS, "is_taken_over": True}
        change = Change(item_id=item.id, kind=EventKind.STATE, version=seen, patch=patch, data=data)
        return write_one(Act(item=item, change=change, ends_proposal=True), by=by, now=now)
    return item_assign(reference, by.person_id, version=version, by=by, now=now)


def may_take(item: ItemRow, *, by: Actor) -> bool:
    """Say whether the actor could take the item herself, or take up what she was given: for showing the button."""
    is_free = by.person_id != item.owner_id or _is_to_take_up(item, by=by)
    return by.person_id is not None and is_free and may(by, Right.WORK_TAKE, item.desk_id)


def _is_to_take_up(item: ItemRow, *, by: Actor) -> bool:
    return by.person_id is not None and by.person_id == item.owner_id and item.state == State.NEW
