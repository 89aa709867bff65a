"""What a person does next, and picking it: her own work and what waits in queues to pick from, in one order with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions.deferrals import DEFERRED, deferred_of
from watchbill.apps.decisions.freed import FreedItem, freed_of
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.people.queries import PersonRow, person_get
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.apps.work import competing
from watchbill.apps.work.competing import Competing
from watchbill.apps.work.efforts import effort_table
from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.next import MOST, NextItem, next_items
from watchbill.engine.assign.rails import Mode
from watchbill.engine.assign.rules import failed_musts, is_away_too_long
from watchbill.engine.assign.words import cannot_take
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import Priority
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.gather import is_absent, items_facts, person_facts, without_owner
from watchbill.flows.assign.routes import routes_of

MOST_LOOKED_AT = 250
"""Items to pick that are looked at: so many of the highest priority, and so many that are due first."""
TRIES = 5
"""How often somebody may be faster before picking is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLine:
    """One line of a person's list: an item of her own, or one that she may pick."""

    reference: str
    version: int
    title: str
    priority: Priority
    is_own: bool
    points: float
    why: str
    before: str

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        names = ("reference", "version", "title", "is_own", "points", "why", "before")
        return {**{name: getattr(self, name) for name in names}, "priority": int(self.priority)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NextList:
    """What one person does next, the most pressing first.

    waiting: how many items to pick were looked at. left_out: why those are not for her now, in words; empty when one is.
    """

    person_id: int
    name: str
    desk_id: int
    at: datetime
    lines: Sequence[NextLine]
    waiting: int
    left_out: str

    @property
    def first_free(self) -> NextLine | None:
        """The first line that she may pick."""
        return next((line for line in self.lines if not line.is_own), None)

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        return {
            "person": shown(PERSON, self.person_id),
            "name": self.name,
            "at": self.at,
            "next": [line.as_json() for line in self.lines],
            "waiting": self.waiting,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What somebody picked; event: the number of the event, by which it is undone; instead_of: what she meant, when somebody was faster."""

    desk_id: int
    reference: str
    title: str
    version: int
    event: int
    why: str
    instead_of: str

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        return {name: getattr(self, name) for name in ("reference", "title", "version", "why", "instead_of")}


def next_of(person_id: int, *, most: int = MOST, by: Actor, now: datetime) -> NextList:
    """Say what a person does next, and why in this order. Raises NotFound, and NotAllowed for work not to be seen."""
    return next_for(person_get(person_id, by=by), most=most, by=by, now=now)


def next_for(
    person: PersonRow, *, hours: Mapping[int, Staffed] | None = None, most: int = MOST, by: Actor, now: datetime
) -> NextList:
    """Say what *person* does next, and why in this order. Raises NotAllowed for work not to be seen.

    A dozen queries, none of them by item; of queues to pick from, the most pressing are looked at (MOST_LOOKED_AT).
    *hours*: people's working time at *now*, where it has been read already.
    """
    require(by, Right.WORK_VIEW, person.desk_id)
    snapshot, rows = _gather(person, hours, now)
    whole = next_items(snapshot, PersonId(person.id), most=len(rows) + 1)
    free = [line for line in whole if not line.is_own]
    found = whole[:most]
    if free and free[0] not in found:  # much work of her own must not hide what she can pick
        found = (*found[:-1], free[0])
    waiting = [item for item in snapshot.items if item.owner != person.id]
    return NextList(
        person_id=person.id,
        name=person.name,
        desk_id=person.desk_id,
        at=now,
        lines=[_line(line, rows[line.item]) for line in found],
        waiting=len(waiting),
        left_out="" if free else _left_out(waiting, snapshot),
    )


def _gather(
    person: PersonRow, hours: Mapping[int, Staffed] | None, now: datetime
) -> tuple[Snapshot, Mapping[int, Competing]]:
    """Read her own work, what can be picked, and herself: nobody else matters for the order of one person's work.

    What a queue to pick from holds is what nobody owns, what is freed of its owner, and what its owner is away for too long for.
    """
    desk_id = person.desk_id
    policy = decisions.policy_in_force(desk_id, now).policy
    modes = decisions.modes_of_desk(desk_id)
    pulled = [queue_id for queue_id, row in modes.items() if row.mode is Mode.PULL]
    own = competing.items_held(desk_id, [person.id])
    if hours is None:
        hours = staffed(desk_id, now, closed_on=clocks.closed_dates(desk_id, now))
    free: list[Competing] = []
    freed: dict[int, FreedItem] = {}
    if pulled and person.is_active:
        freed = freed_of(desk_id, now)
        absent = [other for other, row in hours.items() if is_absent(row) and other != person.id]
        free = competing.items_to_pick(
            desk_id, pulled, also=[*freed], absent=absent, but=DEFERRED, now=now, most=MOST_LOOKED_AT
        )
    deferred = deferred_of(desk_id, now)
    rows = {row.id: row for row in (*free, *(one for one in own if one.id not in deferred))}
    listed = [rows[item_id] for item_id in sorted(rows)]
    able = ability_list(desk_id, only=person.id)
    carried = competing.carried_by_person(desk_id, now, only=person.id)
    facts = items_facts(
        listed,
        decisions.answers_before(list(rows)),
        effort_table(desk_id),
        now,
        routes_of(desk_id, listed, policy, able, now),
    )
    staff = [person_facts(one, hours.get(one.id), carried.get(one.id)) for one in able]
    facts = [without_owner(item, freed) if item.owner != person.id else item for item in facts]
    facts = [item for item in facts if item.owner in {None, person.id} or _is_left(item, hours)]
    return Snapshot(now=now, items=facts, people=staff, policy=policy), rows


def _is_left(item: ItemFacts, hours: Mapping[int, Staffed]) -> bool:
    """Whether somebody else's item is to be picked all the same: she has left, or is away for too long."""
    owner = None if item.owner is None else hours.get(item.owner)
    if owner is None:
        return True
    facts = PersonFacts(id=PersonId(item.owner or 0), is_absent=is_absent(owner), next_shift_at=owner.opens_at)
    return is_away_too_long(item, facts) and not item.is_pinned


def _line(line: NextItem, row: Competing) -> NextLine:
    return NextLine(
        reference=row.reference,
        version=row.version,
        title=row.title,
        priority=Priority(row.priority),
        is_own=line.is_own,
        points=line.points,
        why=line.why,
        before=line.before,
    )


def _left_out(waiting: Sequence[ItemFacts], snapshot: Snapshot) -> str:
    """Why nothing of what waits is for her now, what is said of most items first: “3: has no free slot; 1: ...”."""
    if not waiting or not snapshot.people:
        return ""
    her = snapshot.people[0]
    counts = Counter(cannot_take(item, her, failed_musts(item, her, snapshot.policy)[:1]) for item in waiting)
    return "; ".join(f"{count}: {said}" for said, count in counts.most_common() if said)


def next_pick(*, reference: str = "", by: Actor, now: datetime) -> Picked:
    """Take the first item that the actor may pick, or *reference* if it is still there; of two at once, each gets one.

    Whoever is second at an item gets the next. Raises NotFound when there is nothing for her, and says why; NotAllowed;
    InvalidFacts for who owns no work; Conflict after TRIES.
    """
    if by.person_id is None:
        raise InvalidFacts("You are signed in as somebody who does not own work, so you cannot take an item")
    gone: set[str] = set()
    wanted = reference.strip().upper()
    for _ in range(TRIES):
        found = next_of(by.person_id, most=2 * MOST_LOOKED_AT, by=by, now=now)
        require(by, Right.WORK_TAKE, found.desk_id)
        free = [line for line in found.lines if not line.is_own and line.reference not in gone]
        if not free:
            why = f" ({found.waiting} wait; {found.left_out})" if found.left_out else ""
            raise NotFound(f"Nothing waits that you can take now{why}")
        line = next((one for one in free if one.reference == wanted), free[0])
        try:
            written = item_assign(
                line.reference, by.person_id, version=line.version, text=f"Picked as what is next: {line.why}", by=by,
                now=now,
            )  # fmt: skip
        except Conflict:
            gone.add(line.reference)
            continue
        missed = wanted if wanted not in {"", line.reference} else ""
        return Picked(
            desk_id=found.desk_id,
            reference=line.reference,
            title=line.title,
            version=written.version,
            event=line.version + 1,
            why=line.why,
            instead_of=missed,
        )
    raise Conflict(f"Others were faster {TRIES} times; look again what is next")
