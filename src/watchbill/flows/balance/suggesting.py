"""Suggested moves of owned items: whose items are looked at, what the engine says, and what a choice of them leads to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions.deferrals import DEFERRED
from watchbill.apps.decisions.moves import moved_in_hour
from watchbill.apps.decisions.risks import worst_of_items
from watchbill.apps.people.managers import Manager, managers_by_region, manages
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.competing import Competing
from watchbill.apps.work.loads import items_urgent
from watchbill.engine.assign.balance import outlook, suggest
from watchbill.engine.assign.facts import ItemFacts, Presence
from watchbill.engine.assign.moves import BalanceFacts, Move, Outlook
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rails import PROPOSING
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import ACTIONABLE, State
from watchbill.flows.act.bulk import reference_seen
from watchbill.flows.assign.gather import Gathered, gather_desk
from watchbill.flows.balance.loads import Loads

SHOWN = 8
"""Moves suggested at once."""
BUSIEST, FREEST, TEAMMATES = 12, 24, 6
"""Whose items are looked at: the busiest, the freest on shift, and the freest of the busiest ones' teams."""
MOST_EACH = 30
"""Items of one person that are looked at, the first due first."""
TO = ">"
"""Between item and taker in the short form of a move: CASE-10042:3>PER-12 is written CASE-10042:3>12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Facts of one look at a desk's balance: the engine's, and what applying a move needs beside.

    scored_at: when the oldest of the present chances was scored; None when none was, and they are worked out of the queues.
    """

    loads: Loads
    gathered: Gathered
    facts: BalanceFacts
    managers: Mapping[int, list[Manager]]
    left_in_hour: int
    scored_at: datetime | None = None

    @property
    def policy(self) -> Policy:
        return self.gathered.snapshot.policy

    def item(self, item_id: int) -> Competing:
        return self.gathered.items[item_id]

    def key(self, move: Move) -> str:
        """The short form of a move, with the version of the item that it speaks of."""
        item = self.item(move.item)
        return key_of(item.reference, item.version, move.taker)

    def unrested(self, item_id: int) -> BalanceFacts:
        """The facts with one item free to move although its move was asked lately: for carrying that move out."""
        items = [
            replace(item, last_moved_at=None) if item.id == item_id else item for item in self.facts.snapshot.items
        ]
        return replace(self.facts, snapshot=replace(self.facts.snapshot, items=items))

    def for_(self, by: Actor) -> Weighed:
        """The same, with moves suggested only where *by* speaks for one side at least."""
        mine = (person for person in self.facts.sides if manages(by, self.loads.region_of(person), self.managers))
        return replace(self, facts=replace(self.facts, speaks_for=frozenset(mine)))

    def asks(self, move: Move, *, by: Actor) -> int | None:
        """The region whose manager has to agree as well; None when *by* speaks for both sides."""
        for person in (move.taker, move.giver):
            region = self.loads.region_of(person)
            if not manages(by, region, self.managers):
                return region
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Moves that help, those of them that are chosen, and what the chosen lead to. ``left_in_hour``: as the policy lets."""

    weighed: Weighed
    moves: tuple[Move, ...]
    chosen: tuple[Move, ...]
    outlook: Outlook
    left_in_hour: int

    def key(self, move: Move) -> str:
        return self.weighed.key(move)


def key_of(reference: str, version: int, taker_id: int) -> str:
    return f"{reference}:{version}{TO}{taker_id}"


def key_read(key: str) -> tuple[str, int, int]:
    """Read the short form of a move: reference, version, key of the taker. Raises InvalidFacts."""
    item, mark, taker = key.strip().partition(TO)
    taker = taker.upper().removeprefix("PER-")
    if not mark or not (taker.isascii() and taker.isdigit() and len(taker) < 18):
        raise InvalidFacts(f"“{key[:80]}” is no move, as in CASE-10042:3{TO}PER-12", field="moves")
    reference, version = reference_seen(item)
    if version is None:
        raise InvalidFacts(f"“{key[:80]}” does not say which version of the item was seen", field="moves")
    return reference, version, int(taker)


def suggest_moves(loads: Loads, *, kept: Collection[str] | None = None, by: Actor) -> Suggested:
    """Return moves that help a desk, and what those with the keys *kept* lead to (None: all of them).

    At most SHOWN, and no more than the policy lets within an hour. Items moved, refused or asked to move within the
    policy's rest stay where they are, and *by* speaks for one side of each. About twenty queries; needs the right to see people.
    """
    require(by, Right.PEOPLE_VIEW, loads.desk_id)
    weighed = weigh(loads, looked_at(loads)).for_(by)
    moves = suggest(weighed.facts, most=min(SHOWN, weighed.left_in_hour))
    chosen = tuple(move for move in moves if kept is None or weighed.key(move) in kept)
    return Suggested(
        weighed=weighed,
        moves=moves,
        chosen=chosen,
        outlook=outlook(weighed.facts, [(move.item, move.taker) for move in chosen]),
        left_in_hour=weighed.left_in_hour,
    )


def looked_at(loads: Loads) -> list[int]:
    """Whose items and hours are looked at, whatever the size of the desk."""
    ratios = {
        person: ratio
        for person, load in loads.workload.people.items()
        if (ratio := load.ratio(loads.workload.horizon_h)) is not None
    }
    on_shift = sorted(
        (p for p in ratios if p in loads.shifts and _is_there(loads, p)), key=lambda person: (ratios[person], person)
    )
    busiest = sorted(ratios, key=lambda person: (-ratios[person], person))[:BUSIEST]
    found = {*busiest, *on_shift[:FREEST]}
    for giver in busiest:
        teams = set(loads.people[giver].teams)
        mates = (person for person in on_shift if teams & set(loads.people[person].teams))
        found |= {person for person, _ in zip(mates, range(TEAMMATES), strict=False)}
    return sorted(found)


def _is_there(loads: Loads, person_id: int) -> bool:
    shift = loads.shifts[person_id]
    return shift.is_on_shift and shift.presence == Presence.AVAILABLE


def weigh(loads: Loads, people: Collection[int], *, also: Sequence[int] = ()) -> Weighed:
    """Gather what the engine weighs moves by: the first due items of *people* but what is put off, and *also* those with these ids."""
    known = sorted(person for person in people if person in loads.people)
    urgent = items_urgent(loads.desk_id, known, but=DEFERRED, now=loads.now, most=MOST_EACH)
    ids = sorted({*urgent, *also})
    gathered = gather_desk(loads.desk_id, loads.now, also=ids, only=ids)
    policy = gathered.snapshot.policy
    items = [
        _as_it_lies(item, gathered) for item in gathered.snapshot.items if _is_held(gathered.items[item.id], gathered)
    ]
    snapshot = replace(gathered.snapshot, items=items)
    sides = {PersonId(person): loads.side(person) for person in known}
    scored = worst_of_items([item.id for item in items])
    return Weighed(
        loads=loads,
        gathered=gathered,
        facts=BalanceFacts(
            snapshot=snapshot,
            sides=sides,
            horizon_h=loads.workload.horizon_h,
            chances={ItemId(item): chance for item, (chance, _) in scored.items()},
        ),
        scored_at=min((at for _, at in scored.values()), default=None),
        managers=managers_by_region(loads.desk_id),
        left_in_hour=max(0, policy.moves_per_hour - moved_in_hour(loads.desk_id, loads.now)),
    )


def _is_held(row: Competing, gathered: Gathered) -> bool:
    """Whether the item can be worked on, has an owner, and lies in a queue in which Watchbill may propose."""
    may_propose = gathered.mode_of(row).mode in PROPOSING
    return row.owner_id is not None and State(row.state) in ACTIONABLE and may_propose


def _as_it_lies(item: ItemFacts, gathered: Gathered) -> ItemFacts:
    """The item for its owner: what its owner was given and has not begun nobody has to hand over."""
    before = tuple(person for person in item.worked_before if person != item.owner)
    if gathered.items[item.id].state != State.NEW:
        return item if item.is_touched else replace(item, is_touched=True)
    return replace(item, is_touched=bool(before), worked_before=before)


def item_ids(weighed: Weighed) -> dict[str, ItemId]:
    """Keys of the items looked at, by reference."""
    return {weighed.item(item.id).reference: item.id for item in weighed.facts.snapshot.items}
