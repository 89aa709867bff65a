"""The time ahead as the order of work sees it: how pressing each item is, and who may take it once she is at work."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watchbill.engine.assign.classes import classes_of
from watchbill.engine.assign.facts import CommitmentKind, ItemFacts, PersonFacts, Presence, Snapshot
from watchbill.engine.assign.index import mean_touch_min, urgency_points
from watchbill.engine.assign.kinds import CLASS_ROOM, kinds_of
from watchbill.engine.assign.rules import NO_LIMIT_MIN
from watchbill.engine.base.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One item in the work that lies ahead.

    points: its index with all of its promises; later_points: with its resolution alone, when the next touch is done.
    owner: who has it and keeps it; None: anybody of *eligible* may take it.
    """

    item: ItemFacts
    points: float
    later_points: float
    owner: PersonId | None
    eligible: tuple[PersonId, ...] = ()


def ahead(snapshot: Snapshot) -> tuple[Ahead, ...]:
    """Every item of a snapshot, by key, with its index now and those who may do it at any time to come.

    An owner who can work, and is not absent, keeps what she owns. Of everybody else all musts are asked but those that pass
    by themselves: being on shift now, time left in the shift that runs, a free slot, room in a class of work. Names
    that declined stay out. O(items + people + needs x kinds).
    """
    mean_min = mean_touch_min(snapshot.items)
    owners = {person.id for person in snapshot.people if person.is_active and not person.is_absent}
    open_to = {item.id: item for item in snapshot.items if item.owner not in owners}
    able = _able(replace(snapshot, items=[replace(item, owner=None) for item in open_to.values()]))
    return tuple(
        Ahead(
            item=item,
            points=urgency_points(item, snapshot, mean_min=mean_min),
            later_points=urgency_points(_resolution_alone(item), snapshot, mean_min=mean_min),
            owner=None if item.id in open_to else item.owner,
            eligible=able.get(item.id, ()),
        )
        for item in sorted(snapshot.items, key=lambda item: item.id)
    )


def _able(snapshot: Snapshot) -> dict[int, tuple[PersonId, ...]]:
    """By item, those who may take it, as if everybody able to work were at work."""
    there = replace(snapshot, people=[_at_work(person) for person in snapshot.people if person.is_active])
    classes = classes_of(there)
    kinds = kinds_of(there, classes.needs, {})
    may = (kinds.failed >= CLASS_ROOM)[:, kinds.of_person]
    by_need = [
        tuple(sorted(person.id for person, can in zip(kinds.people, row, strict=True) if can)) for row in may.tolist()
    ]
    return {
        item.id: tuple(person for person in by_need[need] if person not in item.declined_by)
        if item.declined_by
        else by_need[need]
        for item, need in zip(classes.items, classes.need_of.tolist(), strict=True)
    }


def _at_work(person: PersonFacts) -> PersonFacts:
    return replace(
        person, is_on_shift=True, presence=Presence.AVAILABLE, shift_left_min=NO_LIMIT_MIN, is_absent=False, deputy=None
    )


def _resolution_alone(item: ItemFacts) -> ItemFacts:
    kept = tuple(one for one in item.commitments if one.kind is CommitmentKind.RESOLUTION)
    return replace(item, commitments=kept)
