"""Which owned items to move from whom to whom, so that the busiest get relief and fewer promises are late on both sides."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import does_compete
from watchbill.engine.assign.facts import CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import POINTS, mean_touch_min, urgency_points, weight_of
from watchbill.engine.assign.lateness import Queued, late_by_item
from watchbill.engine.assign.moves import BalanceFacts, Effect, Move, Outlook
from watchbill.engine.assign.tables import tables_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.sense.due import due_min

TRIED = 3
"""For so many of the best takers of an item the effect on clocks is worked out."""
MOST_TO_ONE = 3
"""Nobody is to be given more at once."""
SPARING = frozenset({rules.spares_generalists, rules.spares_rare})
"""Rules that ask for nothing but what an item needs, so that items of equal needs share their points."""
WEIGHED = tuple(rule for rule, _ in rules.PREFERENCES if rule is not rules.urgency)
"""Rules by which people differ."""


# -- rules ----------------------------------------------------------------------------------------------------------------


def overlaps(giver: PersonFacts, taker: PersonFacts, snapshot: Snapshot) -> bool:
    """The giver is at work too, or comes before the taker goes, so that one can tell the other."""
    if giver.is_on_shift:
        return True
    return giver.next_shift_at is not None and giver.next_shift_at < snapshot.now + timedelta(
        minutes=taker.shift_left_min
    )


def may_take(item: ItemFacts, giver: PersonFacts, taker: PersonFacts, snapshot: Snapshot) -> bool:
    """Every must of assignment holds for the taker, and the two overlap."""
    return (
        taker.id != giver.id and overlaps(giver, taker, snapshot) and rules.fulfils_musts(item, taker, snapshot.policy)
    )


def need_of(item: ItemFacts) -> Hashable:
    """All that the musts ask of an item, but for its owner: items of equal needs can be taken by the same people."""
    return (
        item.team, item.skill, item.min_level, item.language, item.clearances, item.tier, item.route, item.touch_min,
        item.classes, item.declined_by,
    )  # fmt: skip


# -- decide ---------------------------------------------------------------------------------------------------------------


def suggest(facts: BalanceFacts, *, most: int) -> tuple[Move, ...]:
    """Find at most *most* moves that help, the best first; each is weighed after those before it.

    A move is offered only when its gain (points of the index for the taker over those for the giver, churn included, relief
    of load, and what the chances of missing promises fall) is above zero, the promises expected late of both together do
    not grow, and the taker does not end busier than the giver began. Nobody gets more than MOST_TO_ONE. Items that are pinned, moved lately or near a change of
    watch stay. Greedy with lazy re-evaluation; docs/algorithms/sense.md, "Moves". O(items x people) for the musts and
    O(items x TRIED x queue) for the clocks. Same facts, same moves.
    """
    if most < 0:
        raise InvalidFacts(f"most must be at least 0, got {most}")
    board = _Board(facts)
    ties = count()
    heap: list[tuple[float, int, tuple[int, int], Move]] = []
    for item in board.movable():
        for taker, considered, left_out in board.best_takers(item):
            if (move := board.weigh(item, taker, considered, left_out)) is not None:
                heapq.heappush(heap, (-move.gain, next(ties), board.mark(move), move))
    chosen: list[Move] = []
    while heap and len(chosen) < most:
        _, _, mark, move = heapq.heappop(heap)
        if move.item in board.moved or board.given(move.taker) >= MOST_TO_ONE:
            continue
        if mark != board.mark(move):
            again = board.weigh(board.items[move.item], board.people[move.taker], move.considered, move.left_out)
            if again is not None:
                heapq.heappush(heap, (-again.gain, next(ties), board.mark(again), again))
            continue
        others = [(one.taker, one.gain) for *_, one in heap if one.item == move.item and one.taker != move.taker]
        chosen.append(replace(move, second=max(others, key=lambda one: (one[1], -one[0]), default=None)))
        board.carry_out(move.item, move.taker)
    return tuple(chosen)


def weigh_each(facts: BalanceFacts, moves: Sequence[tuple[ItemId, PersonId]]) -> tuple[Move | None, ...]:
    """Moves (item, taker) that somebody asks for, each weighed after those before it; gains may be below zero.

    None where a must or a rest stands against it, or it was moved before; and where the item or the taker is not looked at.
    """
    board = _Board(facts)
    movable = {item.id: item for item in board.movable()}
    found = []
    for item, taker in moves:
        is_known = item in movable and item not in board.moved and taker in facts.sides
        move = board.weigh(movable[item], board.people[taker], 1, 0, is_asked=True) if is_known else None
        if move is not None:
            board.carry_out(item, taker)
        found.append(move)
    return tuple(found)


def outlook(facts: BalanceFacts, moves: Sequence[tuple[ItemId, PersonId]]) -> Outlook:
    """Everybody's load and promises expected late before and after *moves* (item, taker), as given, without judging them."""
    board = _Board(facts)
    before, late_before = board.loads(), {person: board.late(person) for person in facts.sides}
    for item, taker in moves:
        if item not in board.items or taker not in facts.sides:
            raise InvalidFacts(f"Item {item} or person {taker} is not among those looked at")
        board.carry_out(item, taker)
    after = {person: board.late(person) for person in facts.sides}
    return Outlook(before=before, after=board.loads(), late_before=late_before, late_after=after)


class _Board:
    """Who has what, as moves are carried out one after the other."""

    def __init__(self, facts: BalanceFacts) -> None:
        snapshot = replace(facts.snapshot, policy=replace(facts.snapshot.policy, is_rebalancing=True))
        self.facts, self.snapshot = facts, snapshot
        self.context = tables_of(snapshot).context
        self.people = {person.id: person for person in snapshot.people}
        self.items = {
            item.id: item for item in snapshot.items if item.owner in facts.sides and item.owner in self.people
        }
        self.moved: set[ItemId] = set()
        self._left_min = {item: _left_min(facts, snapshot) for item, facts in self.items.items()}
        mean_min = mean_touch_min(snapshot.items)
        self._urgency = {one.id: urgency_points(one, snapshot, mean_min=mean_min) for one in snapshot.items}
        self._due = {person: side.due_min for person, side in facts.sides.items()}
        self._given = dict.fromkeys(facts.sides, 0)
        self._version = dict.fromkeys(facts.sides, 0)
        self._queues: dict[PersonId, dict[ItemId, Queued]] = {person: {} for person in facts.sides}
        for item in self.items.values():
            if item.owner is not None:
                self._queues[item.owner][item.id] = self._queued(item, self.people[item.owner])
        self._off_by = self._offsets()
        self._late: dict[PersonId, Mapping[ItemId, tuple[float, float]]] = {}
        self._indexes: dict[tuple[ItemId, PersonId], tuple[int, ...]] = {}
        self._bare: dict[ItemId, ItemFacts] = {}
        self._sparings: dict[Hashable, int] = {}
        self._able_by_need: dict[Hashable, list[PersonFacts]] = {}

    def movable(self) -> list[ItemFacts]:
        """Items that may leave their owner now, in order of their ids."""
        found = (item for _, item in sorted(self.items.items()))
        return [item for item in found if item.owner and does_compete(item, self.snapshot, self.people)]

    def best_takers(self, item: ItemFacts) -> list[tuple[PersonFacts, int, int]]:
        """The TRIED best takers by index and load, with how many may take it and how many are left out."""
        giver = self.people[item.owner] if item.owner else None
        load = None if giver is None else self.load(giver.id)
        if giver is None or load is None:
            return []
        able = [
            person for person in self._able(item) if person.id != giver.id and overlaps(giver, person, self.snapshot)
        ]
        asked = [person for person in able if self.facts.may_ask(giver.id, person.id)]
        lighter = [person for person in asked if (mine := self.load(person.id)) is not None and mine < load]
        lighter.sort(key=lambda person: (-self._worth(item, person), person.id))
        left_out = len(self.facts.sides) - 1 - len(able)
        return [(person, len(able), left_out) for person in lighter[:TRIED]]

    def _able(self, item: ItemFacts) -> list[PersonFacts]:
        """Who fulfils every must for an item that is not hers, in order of their ids: once for all items of equal needs."""
        need = need_of(item)
        if need not in self._able_by_need:
            bare, policy = replace(item, owner=None), self.snapshot.policy
            known = (self.people[person] for person in sorted(self.facts.sides) if person in self.people)
            self._able_by_need[need] = [one for one in known if rules.fulfils_musts(bare, one, policy)]
        return self._able_by_need[need]

    def weigh(
        self, item: ItemFacts, taker: PersonFacts, considered: int, left_out: int, *, is_asked: bool = False
    ) -> Move | None:
        """The move with its effect on both sides as things stand, or None when it breaks a must by now, or does not help."""
        giver = self.people[item.owner] if item.owner else taker
        if not may_take(item, giver, taker, self.snapshot):
            return None
        queued = self._queued(item, taker)
        giving = {key: one for key, one in self._queues[giver.id].items() if key != item.id}
        taking = {**self._queues[taker.id], item.id: queued}
        late = {person: self.late(person) for person in (giver.id, taker.id)}
        given = self._late_of(giver.id, giving)
        taken = self._late_of(taker.id, taking)
        late_after = {giver.id: _total(given), taker.id: _total(taken)}
        load = {person: self.load(person) for person in (giver.id, taker.id)}
        load_after = {
            giver.id: self._ratio(giver.id, -self._due_min(item)), taker.id: self._ratio(taker.id, self._due_min(item, queued))
        }  # fmt: skip
        chances = (self._late_map(giver.id)[item.id][0], taken[item.id][0])
        gain = self._points(item, giver, taker) / 100 + self._promise_points(giver.id, taker.id, given, taken)
        is_worse = sum(late_after.values()) > sum(late.values()) + 1e-9
        is_fuller = (load_after[taker.id] or 0.0) >= (load[giver.id] or 0.0)
        if not is_asked and (gain <= 0 or is_worse or is_fuller):
            return None
        effects = [
            Effect(
                late_before=late[person], late_after=late_after[person], load_before=load[person],
                load_after=load_after[person],
            )
            for person in (giver.id, taker.id)
        ]  # fmt: skip
        return Move(
            item=item.id, giver=giver.id, taker=taker.id, gain=gain, late_before=chances[0], late_after=chances[1],
            giving=effects[0], taking=effects[1], reasons=self._reasons(item, giver, taker), considered=considered,
            left_out=left_out,
        )  # fmt: skip

    def carry_out(self, item: ItemId, taker: PersonId) -> None:
        """Let the item lie with the taker from here on."""
        facts = self.items[item]
        giver = next(person for person, queue in self._queues.items() if item in queue)
        queued = self._queued(facts, self.people[taker])
        del self._queues[giver][item]
        self._queues[taker][item] = queued
        self._due[giver] -= self._due_min(facts)
        self._due[taker] += self._due_min(facts, queued)
        self._given[taker] += 1
        self.people[taker] = _with_one_more(self.people[taker], facts)
        self.moved.add(item)
        for person in (giver, taker):
            self._version[person] += 1
            self._late.pop(person, None)

    def given(self, person: PersonId) -> int:
        """How many items have gone to the person."""
        return self._given[person]

    def mark(self, move: Move) -> tuple[int, int]:
        """Changes when anything has moved to or from either side."""
        return self._version[move.giver], self._version[move.taker]

    def load(self, person: PersonId) -> float | None:
        return self._ratio(person, 0.0)

    def loads(self) -> dict[PersonId, float]:
        """Loads of those who are available until the horizon."""
        found = ((person, self.load(person)) for person in sorted(self.facts.sides))
        return {person: load for person, load in found if load is not None}

    def late(self, person: PersonId) -> float:
        return _total(self._late_map(person))

    def _ratio(self, person: PersonId, more_min: float) -> float | None:
        side = self.facts.sides[person]
        return max(0.0, self._due[person] + more_min) / side.available_min if side.available_min > 0 else None

    def _due_min(self, item: ItemFacts, queued: Queued | None = None) -> float:
        """Minutes of the item that fall due until the horizon; *queued*: as work of somebody else."""
        act_in, done_in = self._left_min[item.id]
        work = queued or item
        within = 60 * self.facts.horizon_h
        return due_min(work.effort_min, work.touch_min, act_in_min=act_in, done_in_min=done_in, within_min=within)

    def _queued(self, item: ItemFacts, person: PersonFacts) -> Queued:
        """The item as work of this person: faster by skill, slower by being handed it."""
        speed = rules.speed_of(item, person, self.snapshot.policy)
        is_stranger = item.is_touched and not rules.has_worked_on(item, person.id)
        extra = self.snapshot.policy.handover_min if is_stranger else 0
        return Queued(
            item=item, urgency=self._urgency[item.id], touch_min=item.touch_min / speed + extra,
            effort_min=item.effort_min / speed + extra,
        )  # fmt: skip

    def _late_map(self, person: PersonId) -> Mapping[ItemId, tuple[float, float]]:
        if person not in self._late:
            self._late[person] = self._late_of(person, self._queues[person])
        return self._late[person]

    def _late_of(self, person: PersonId, queue: Mapping[ItemId, Queued]) -> Mapping[ItemId, tuple[float, float]]:
        found = self._worked_out(person, queue)
        if not self._off_by:
            return found
        return {item: _moved_by(self._off_by.get(item, 0.0), *chances) for item, chances in found.items()}

    def _worked_out(self, person: PersonId, queue: Mapping[ItemId, Queued]) -> Mapping[ItemId, tuple[float, float]]:
        return late_by_item(list(queue.values()), self.facts.sides[person].spans, self.snapshot.now)

    def _offsets(self) -> dict[ItemId, float]:
        """By how much the chances that are known differ from those worked out of the queues, as things stand."""
        known = self.facts.chances
        return {
            item: known[item] - worst
            for person, queue in self._queues.items()
            if not known.keys().isdisjoint(queue)
            for item, (worst, _) in self._worked_out(person, queue).items()
            if item in known and self.items[item].commitments
        }

    def _points(self, item: ItemFacts, giver: PersonFacts, taker: PersonFacts) -> int:
        """Index of the taker over that of the giver, and relief of load, in hundredths."""
        return self._worth(item, taker) - sum(self._index(item, giver)) + self._cost(item, giver.id, is_hers=True)

    def _worth(self, item: ItemFacts, taker: PersonFacts) -> int:
        """What of the points depends on the taker."""
        return sum(self._index(item, taker)) - self._cost(item, taker.id)

    def _relief(self, item: ItemFacts, giver: PersonId, taker: PersonId) -> int:
        return self._cost(item, giver, is_hers=True) - self._cost(item, taker)

    def _cost(self, item: ItemFacts, person: PersonId, *, is_hers: bool = False) -> int:
        """What the item costs a person in load, beside what else she has."""
        available = max(60.0, self.facts.sides[person].available_min)
        step = self._due_min(item) / available
        before = self._due[person] / available - (step if is_hers else 0.0)
        return rules.slot_cost(max(0.0, before), step, self.snapshot.policy)

    def _promise_points(
        self,
        giver: PersonId,
        taker: PersonId,
        given: Mapping[ItemId, tuple[float, float]],
        taken: Mapping[ItemId, tuple[float, float]],
    ) -> float:
        """What the fall of the chances of both queues is worth: 100 points for a standard P1 promise saved."""
        policy = self.snapshot.policy
        whole = policy.priority_weights["1"]
        before = self._weighted(self._late_map(giver)) + self._weighted(self._late_map(taker))
        return POINTS / whole * (before - self._weighted(given) - self._weighted(taken))

    def _weighted(self, late: Mapping[ItemId, tuple[float, float]]) -> float:
        policy = self.snapshot.policy
        return sum(weight_of(self.items[item], policy) * chances for item, (_, chances) in late.items())

    def _index(self, item: ItemFacts, person: PersonFacts) -> tuple[int, ...]:
        """Points of each rule, once for a pair; whom an item was merely given knows no more of it than others."""
        key = (item.id, person.id)
        if key not in self._indexes:
            if item.id not in self._bare:
                self._bare[item.id] = item if item.is_touched else replace(item, owner=None)
            bare = self._bare[item.id]
            self._indexes[key] = tuple(
                self._spared(rule, bare, person)
                if rule in SPARING
                else rule(item if rule is rules.stays_with_owner else bare, person, self.context)
                for rule in WEIGHED
            )
        return self._indexes[key]

    def _spared(self, rule: rules.Preference, item: ItemFacts, person: PersonFacts) -> int:
        """Points of a rule that asks for nothing but the item's needs: once for all items of equal needs."""
        key = (rule, item.skill, item.min_level, item.language, person.id)
        if key not in self._sparings:
            self._sparings[key] = rule(item, person, self.context)
        return self._sparings[key]

    def _reasons(self, item: ItemFacts, giver: PersonFacts, taker: PersonFacts) -> tuple[tuple[str, float], ...]:
        pairs = zip(WEIGHED, self._index(item, taker), self._index(item, giver), strict=True)
        said = [(rule.__name__, mine - hers) for rule, mine, hers in pairs]
        said.append(("even_load", self._relief(item, giver.id, taker.id)))
        return tuple(
            sorted(((name, points / 100) for name, points in said if points), key=lambda one: (-one[1], one[0]))
        )


def _with_one_more(person: PersonFacts, item: ItemFacts) -> PersonFacts:
    """The person as she is once she owns the item, for what limits what she may take."""
    held = {**person.open_by_class, **{name: person.open_by_class.get(name, 0) + 1 for name in item.classes}}
    return replace(person, open_count=person.open_count + 1, open_by_class=held)


def _total(late: Mapping[ItemId, tuple[float, float]]) -> float:
    return sum(chances for _, chances in late.values())


def _left_min(item: ItemFacts, snapshot: Snapshot) -> tuple[float | None, float | None]:
    """Minutes until an answer or update of the item is due, and until its resolution is; None where nothing is promised."""
    left = [
        (promise.kind is CommitmentKind.RESOLUTION, (promise.due_at - snapshot.now).total_seconds() / 60)
        for promise in item.commitments
    ]
    act, done = ([minutes for is_end, minutes in left if is_end == wanted] for wanted in (False, True))
    return min(act, default=None), min(done, default=None)


def _moved_by(offset: float, worst: float, total: float) -> tuple[float, float]:
    """The chance of the worst promise, moved by an offset and still a chance; and the sum, which it is a part of."""
    moved = min(1.0, max(0.0, worst + offset))
    return moved, total - worst + moved
