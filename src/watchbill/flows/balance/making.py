"""Making moves: what one's own region may do at once is one undoable act; the rest waits for the other side's manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import lock_take
from watchbill.apps.decisions.choices import MoveStatus
from watchbill.apps.decisions.moves import GIVES, TAKES, NewMove, move_add_many, move_list
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.managers import manages
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.services import Change
from watchbill.engine.assign.balance import weigh_each
from watchbill.engine.assign.moves import Move
from watchbill.engine.base.errors import InvalidFacts, WatchbillError
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import EventKind
from watchbill.flows.act.bulk import Gift, items_give
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.suggesting import Weighed, item_ids, key_read, weigh
from watchbill.flows.balance.telling import body_of, note_of

MOST = 50
"""Moves in one call."""


MOST_WAITING = 1_000
"""Moves that wait for an answer, of which one is named when it is asked for again."""
ASKED_ALREADY = "A move of it has been asked for already, and waits for an answer"
NOT_TO_HER = "It cannot go to this person: a rule of assignment, or a rest after a move"


@dataclass(slots=True, kw_only=True)
class Made:
    """What became of the moves asked for: done in one act that undoes them, asked of the other side, or left, and why.

    others: of those left, the ones for which who asked speaks on neither side.
    """

    act: str = ""
    done: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One move that was asked for and holds: the engine's, with the item as the writer saw it."""

    reference: str
    version: int
    move: Move


def moves_make(desk_id: int, keys: Sequence[str], *, by: Actor, now: datetime) -> Made:
    """Make moves given in their short form (CASE-10042:3>PER-12): as one act, or asked of the manager of the other region.

    Each is weighed anew, after those before it, one caller at a time on a desk: what somebody changed since, what breaks a
    must, moved lately or exceeds the policy's moves an hour is left, and named. A move between regions of different managers is half accepted: it waits for the other side. Raises
    InvalidFacts for none, too many, or what is no move; needs the rights to assign and to change many items at once.
    """
    require(by, Right.WORK_BULK, desk_id)
    require(by, Right.WORK_ASSIGN, desk_id)
    if not keys:
        raise InvalidFacts("Choose at least one move", field="moves")
    if len(keys) > MOST:
        raise InvalidFacts(f"At most {MOST} moves can be made at once; you chose {len(keys)}", field="moves")
    asked = list({reference: (reference, version, taker) for reference, version, taker in map(key_read, keys)}.values())
    made = Made()
    with transaction.atomic():
        lock_take(f"moves:{desk_id}")
        weighed = _weigh(desk_id, asked, by=by, now=now)
        wanted = _holding(weighed, asked, made)
        made.left += [
            (one.reference, f"No more than {weighed.policy.moves_per_hour} moves may be made within an hour")
            for one in wanted[weighed.left_in_hour :]
        ]
        wanted = wanted[: weighed.left_in_hour]
        waiting = [one for one in wanted if weighed.asks(one.move, by=by) is not None]
        _make(weighed, [one for one in wanted if one not in waiting], made, by=by, now=now)
        _ask(weighed, waiting, made, by=by, now=now)
    return made


def _weigh(desk_id: int, asked: Sequence[tuple[str, int, int]], *, by: Actor, now: datetime) -> Weighed:
    rows = work.work_rows(desk_id, [reference for reference, _, _ in asked], by=by)
    people = {taker for _, _, taker in asked} | {row.owner_id for row in rows if row.owner_id is not None}
    return weigh(loads_get(desk_id, by=by, now=now), people, also=[row.id for row in rows])


def _holding(weighed: Weighed, asked: Sequence[tuple[str, int, int]], made: Made) -> list[_Wanted]:
    """Return the moves that still hold, each after those before it, and say of the others why not."""
    ids = item_ids(weighed)
    known = [one for one in asked if one[0] in ids]
    made.left += [
        (reference, "This desk has no such item, or nobody works on it now")
        for reference, _, _ in asked
        if reference not in ids
    ]
    moves = weigh_each(weighed.facts, [(ids[reference], PersonId(taker)) for reference, _, taker in known])
    waiting = {row.item_id for row in move_list(weighed.loads.desk_id, status=MoveStatus.ASKED, limit=MOST_WAITING)}
    made.left += [
        (reference, ASKED_ALREADY if ids[reference] in waiting else _why_not(weighed, ids[reference], version))
        for (reference, version, _), move in zip(known, moves, strict=True)
        if move is None
    ]
    return [
        _Wanted(reference=reference, version=version, move=move)
        for (reference, version, _), move in zip(known, moves, strict=True)
        if move is not None
    ]


def _why_not(weighed: Weighed, item: ItemId, version: int) -> str:
    """Why a move does not hold: most often because somebody was faster, and then with whom the item is now."""
    row = weighed.item(item)
    if row.version == version:
        return NOT_TO_HER
    owner = weighed.gathered.names.get(row.owner_id or 0, "nobody")
    return f"Somebody changed it meanwhile: it is with {owner} now"


def gifts_of(weighed: Weighed, wanted: Sequence[_Wanted]) -> list[Gift]:
    return [
        Gift(reference=f"{one.reference}:{one.version}", person_id=one.move.taker, text=note_of(one.move, weighed))
        for one in wanted
    ]


def _make(weighed: Weighed, wanted: Sequence[_Wanted], made: Made, *, by: Actor, now: datetime) -> None:
    if not wanted:
        return
    names = sorted({weighed.gathered.names[one.move.taker] for one in wanted})
    what = names[0] if len(names) == 1 else f"{len(names)} people"
    result = items_give(weighed.loads.desk_id, gifts_of(weighed, wanted), what=what, by=by, now=now)
    done = {row.reference for row in result.done}
    made.act, made.left = result.act, [*made.left, *result.left]
    kept = [one for one in wanted if one.reference in done]
    made.done += [one.reference for one in kept]
    move_add_many([_new(weighed, one, act=result.act) for one in kept], by=by, now=now)


def _ask(weighed: Weighed, wanted: Sequence[_Wanted], made: Made, *, by: Actor, now: datetime) -> None:
    """Keep half accepted moves, note them on their items, and tell the managers of the other side."""
    until = now + timedelta(minutes=weighed.policy.move_answer_min)
    new = []
    for one in wanted:
        try:
            new.append(_new(weighed, one, side=_side(weighed, one.move, by=by), answer_by_at=until))
        except WatchbillError as error:
            made.left.append((one.reference, error.message))
            made.others.append(one.reference)
    kept = set(move_add_many(new, by=by, now=now))
    changes, notices = [], []
    for one in wanted:
        if one.move.item not in kept:
            if one.reference not in {reference for reference, _ in made.left}:
                made.left.append((one.reference, ASKED_ALREADY))
            continue
        made.asked.append(one.reference)
        region = weighed.asks(one.move, by=by)
        text = f"Asked of {_region(weighed, region)} until {until:%H:%M} UTC. {note_of(one.move, weighed)}"
        changes.append(Change(item_id=one.move.item, kind=EventKind.NOTE, data={"text": text}))
        notices += notices_to(weighed, region, one, by=by)
    work_services.work_change_many(changes, by=by, now=now)
    notice_add_many(notices, now=now)


def _side(weighed: Weighed, move: Move, *, by: Actor) -> str:
    """The side for which *by* speaks. Raises InvalidFacts when she speaks for neither."""
    regions = (weighed.loads.region_of(move.giver), weighed.loads.region_of(move.taker))
    for side, region in zip((GIVES, TAKES), regions, strict=True):
        if manages(by, region, weighed.managers):
            return side
    of = " or ".join(dict.fromkeys(_region(weighed, region) for region in regions))
    raise InvalidFacts(f"Only managers of {of} move it")


def _region(weighed: Weighed, region_id: int | None) -> str:
    return weighed.loads.regions.get(region_id or 0, "the desk")


def notices_to(weighed: Weighed, region_id: int | None, one: _Wanted, *, by: Actor) -> list[NewNotice]:
    names = weighed.gathered.names
    text = (
        f"{by.name} asks you to agree: {one.reference} from {names[one.move.giver]} to {names[one.move.taker]}."
        " Answer it on Balance"
    )
    return [
        NewNotice(
            desk_id=weighed.loads.desk_id, person_id=manager.person_id, kind="move_asked", text=text,
            subject_ref=one.reference,
        )
        for manager in weighed.managers.get(region_id or 0, ())
    ]  # fmt: skip


def _new(
    weighed: Weighed, one: _Wanted, *, act: str = "", side: str = "", answer_by_at: datetime | None = None
) -> NewMove:
    return NewMove(
        desk_id=weighed.loads.desk_id,
        item_id=one.move.item,
        item_version=one.version,
        giver_id=one.move.giver,
        taker_id=one.move.taker,
        from_region_id=weighed.loads.region_of(one.move.giver),
        to_region_id=weighed.loads.region_of(one.move.taker),
        body=body_of(one.move, weighed),
        policy_number=weighed.gathered.policy_number,
        side=side,
        answer_by_at=answer_by_at,
        act=act,
    )
