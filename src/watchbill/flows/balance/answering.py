"""Answers to half accepted moves: yes, no, or none in time; each once, and noted on the item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.core.services import lock_take, lock_try
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.moves import (
    GIVES,
    MoveRow,
    move_answer,
    move_get,
    move_list,
    moves_of_ids,
    moves_overdue,
    moves_take_back,
)  # fmt: skip
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.managers import Manager, managers_by_region, manages
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.work import services as work_services
from watchbill.apps.work.services import Change
from watchbill.engine.assign.balance import weigh_each
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import EventKind
from watchbill.flows.act.bulk import Gift, items_give
from watchbill.flows.apart import set_apart
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.suggesting import weigh
from watchbill.flows.balance.telling import note_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A move that waits for an answer, and whether *by* is one of those who may give it."""

    row: MoveRow
    may_answer: bool


def moves_asked(desk_id: int, *, by: Actor, limit: int = 50) -> list[Asked]:
    """Return the moves of a desk that wait for the other side, the latest first: two queries."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    rows = move_list(desk_id, status=MoveStatus.ASKED, limit=limit)
    if not rows:
        return []
    managers = managers_by_region(desk_id)
    can = may(by, Right.WORK_BULK, desk_id) and may(by, Right.WORK_ASSIGN, desk_id)
    return [Asked(row=row, may_answer=can and manages(by, row.awaits_region_id, managers)) for row in rows]


def move_accept(move_id: int, *, by: Actor, now: datetime) -> MoveRow:
    """Agree to a move for the side that was asked: the item goes over at once, as an act that can be undone.

    When it cannot go over any more (somebody changed the item, a must stands against it) the move is gone, with the reason.
    Raises NotFound, NotAllowed, and Conflict, naming who answered and how, when it was answered before.
    """
    row = _asked(move_id, by=by)
    with transaction.atomic():
        lock_take(f"moves:{row.desk_id}")
        work_services.items_lock([row.item_id])
        why, text = _still_holds(row, by=by, now=now)
        act = ""
        if not why:
            gift = Gift(reference=f"{row.reference}:{row.item_version}", person_id=row.taker_id, text=text)
            result = items_give(row.desk_id, [gift], what=row.taker, by=by, now=now)
            act, why = result.act, "; ".join(reason for _, reason in result.left)
        move_answer(row.id, MoveStatus.GONE if why else MoveStatus.MADE, reason=why, act=act, by=by, now=now)
        _tell(row, f"{by.name} agreed" if not why else f"{by.name} agreed too late: {why}", now=now)
    return move_get(move_id, by=by)


def move_refuse(move_id: int, reason: str, *, by: Actor, now: datetime) -> MoveRow:
    """Say no to a move, with a reason; the item rests with its owner as after a move. Raises as `move_accept`, and InvalidFacts."""
    said = reason.strip()
    if not said:
        raise InvalidFacts("Say in a few words why not", field="reason")
    row = _asked(move_id, by=by)
    with transaction.atomic():
        _note(row, f"Move to {row.taker} refused by {by.name}: {said}", by=by, now=now)
        move_answer(row.id, MoveStatus.REFUSED, reason=said, by=by, now=now)
        _tell(row, f"{by.name} refused, {said}", now=now)
    return move_get(move_id, by=by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What became of moves that were to be taken back: taken, which waited till then; agreed, which somebody had agreed to before."""

    taken: Sequence[MoveRow]
    agreed: Sequence[MoveRow]


def moves_withdraw(desk_id: int, move_ids: Sequence[int], why: str, *, by: Actor, now: datetime) -> Withdrawn:
    """Take back moves that wait for an answer; their items stay where they are.

    Refused, expired and gone ones need nothing, and are in neither list. As many statements for many as for one. Needs the rights
    to assign and to change many items at once.
    """
    for right in (Right.WORK_BULK, Right.WORK_ASSIGN):
        require(by, right, desk_id)
    with transaction.atomic():
        lock_take(f"moves:{desk_id}")
        rows = [row for row in moves_of_ids(move_ids) if row.desk_id == desk_id]
        work_services.items_lock([row.item_id for row in rows])
        waited = moves_take_back([row.id for row in rows], reason=why, by=by, now=now)
        rows = moves_of_ids([row.id for row in rows])  # as they are now that nobody else can answer
        taken = [row for row in rows if row.id in waited]
        said = {row.item_id: f"Move to {row.taker} taken back by {by.name}: {why}" for row in taken}
        work_services.work_change_many([_noted(item, text) for item, text in said.items()], by=by, now=now)
        managers = managers_by_region(desk_id) if taken else {}
        what = f"taken back by {by.name}, nothing to answer"
        notice_add_many([one for row in taken for one in _told(row, what, row.awaits_region_id, managers)], now=now)
    return Withdrawn(taken=taken, agreed=[row for row in rows if row.status is MoveStatus.MADE])


def tick(now: datetime) -> int:
    """Let moves fall away that nobody answered in time; return how many. One runner at a time, safe to run twice."""
    expired = 0
    with lock_try("moves") as is_mine:
        for row in moves_overdue(now) if is_mine else ():
            with set_apart("a move without an answer", row.id):
                expired += _expire(row, now=now)
    return expired


def _expire(row: MoveRow, *, now: datetime) -> bool:
    """Let one move fall away; False when somebody has answered it at this very moment."""
    try:
        with transaction.atomic():
            _note(row, f"Nobody answered in time: {row.reference} stays with {row.giver}", by=WATCHBILL, now=now)
            move_answer(row.id, MoveStatus.EXPIRED, reason="no answer in time", by=WATCHBILL, now=now)
            _tell(row, "nobody answered in time", now=now)
    except Conflict:
        return False
    return True


def _asked(move_id: int, *, by: Actor) -> MoveRow:
    """Return a move that *by* may answer. Raises NotFound and NotAllowed; Conflict comes with the answer itself."""
    row = move_get(move_id, by=by)
    for right in (Right.WORK_BULK, Right.WORK_ASSIGN):
        require(by, right, row.desk_id)
    if not manages(by, row.awaits_region_id, managers_by_region(row.desk_id)):
        region = row.to_region if row.side == GIVES else row.from_region
        raise NotAllowed(f"The managers of {region} answer this move", region=region)
    return row


def _still_holds(row: MoveRow, *, by: Actor, now: datetime) -> tuple[str, str]:
    """Return why the move does not hold any more ("" when it does), and the words of its note."""
    loads = loads_get(row.desk_id, by=by, now=now)
    weighed = weigh(loads, (row.giver_id, row.taker_id), also=[row.item_id])
    item = weighed.gathered.items.get(row.item_id)
    if item is None or item.owner_id != row.giver_id:
        return f"{row.reference} does not lie with {row.giver} any more", ""
    facts = weighed.unrested(row.item_id)
    (move,) = weigh_each(facts, [(ItemId(row.item_id), PersonId(row.taker_id))])
    if move is None:
        return f"{row.taker} cannot take it by the rules of assignment now", ""
    return "", note_of(move, weighed)


def _note(row: MoveRow, text: str, *, by: Actor, now: datetime) -> None:
    work_services.work_change(_noted(row.item_id, text), by=by, now=now)


def _noted(item_id: int, text: str) -> Change:
    return Change(item_id=item_id, kind=EventKind.NOTE, data={"text": text})


def _tell(row: MoveRow, what: str, *, now: datetime) -> None:
    """Tell the managers of the side that had asked what became of it."""
    region_id = row.from_region_id if row.side == GIVES else row.to_region_id
    notice_add_many(_told(row, what, region_id, managers_by_region(row.desk_id)), now=now)


def _told(
    row: MoveRow, what: str, region_id: int | None, managers: Mapping[int, Sequence[Manager]]
) -> Sequence[NewNotice]:
    """What the managers of a region are told of a move."""
    text = f"Move of {row.reference} from {row.giver} to {row.taker}: {what}"
    return [
        NewNotice(
            desk_id=row.desk_id, person_id=one.person_id, kind="move_answered", text=text, subject_ref=row.reference
        )
        for one in managers.get(region_id or 0, ())
    ]
