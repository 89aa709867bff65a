"""Which owned items to move from whom to whom, so that the busiest get relief and fewer promises are late on both sides."""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from itertools import count
from typing import NamedTuple

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Bools, Floats, does_compete
from watchbill.engine.assign.facts import CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import POINTS, mean_touch_min, urgency_points, weight_of
from watchbill.engine.assign.lateness import Late, Placed, Queued, late_in_order, moved_by, placed
from watchbill.engine.assign.moves import BalanceFacts, Effect, Move, Outlook
from watchbill.engine.assign.tables import load_cost
from watchbill.engine.assign.takers import Takers, takers_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.sense.due import due_min

TRIED = 3
"""For so many of the best takers of an item the effect on clocks is worked out."""
MOST_TO_ONE = 3
"""Nobody is to be given more at once."""
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
    heap: list[tuple[float, int, tuple[int, int], _Weighed, int]] = []
    for item, takers, considered in board.best_takers():
        for taker in takers:
            if (one := board.weigh(item, taker)) is not None:
                heapq.heappush(heap, (-one.gain, next(ties), board.mark(one), one, considered))
    chosen: list[Move] = []
    while heap and len(chosen) < most:
        _, _, mark, best, considered = heapq.heappop(heap)
        if best.item in board.moved or board.given(best.taker) >= MOST_TO_ONE:
            continue
        if mark != board.mark(best):
            if (again := board.weigh(board.items[best.item], board.people[best.taker])) is not None:
                heapq.heappush(heap, (-again.gain, next(ties), board.mark(again), again, considered))
            continue
        others = [(one.taker, one.gain) for *_, one, _ in heap if one.item == best.item and one.taker != best.taker]
        second = max(others, key=lambda one: (one[1], -one[0]), default=None)
        left_out = len(facts.sides) - 1 - considered
        chosen.append(board.move(best, considered=considered, left_out=left_out, second=second))
        board.carry_out(best.item, best.taker)
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
        weighed = board.weigh(movable[item], board.people[taker], is_asked=True) if is_known else None
        found.append(None if weighed is None else board.move(weighed, considered=1, left_out=0))
        if weighed is not None:
            board.carry_out(item, taker)
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


class _Weighed(NamedTuple):
    """A move as it was weighed: the giver's queue and the taker's, each before and after; the giver's load, and the taker's after."""

    gain: float
    item: ItemId
    giver: PersonId
    taker: PersonId
    given: tuple[Late, Late]
    taken: tuple[Late, Late]
    load: float | None
    load_after: float | None


class _Board:
    """Who has what, as moves are carried out one after the other."""

    def __init__(self, facts: BalanceFacts) -> None:
        snapshot = replace(facts.snapshot, policy=replace(facts.snapshot.policy, is_rebalancing=True))
        self.facts, self.snapshot = facts, snapshot
        self.people = {person.id: person for person in snapshot.people}
        self.items = {
            item.id: item for item in snapshot.items if item.owner in facts.sides and item.owner in self.people
        }
        self.moved: set[ItemId] = set()
        self._left_min = {item: _left_min(facts, snapshot) for item, facts in self.items.items()}
        self._own_due = {item: self._due_min(facts) for item, facts in self.items.items()}
        self._weights = {item: weight_of(facts, snapshot.policy) for item, facts in self.items.items()}
        mean_min = mean_touch_min(snapshot.items)
        self._urgency = {one.id: urgency_points(one, snapshot, mean_min=mean_min) for one in self.items.values()}
        self._due = {person: side.due_min for person, side in facts.sides.items()}
        self._given = dict.fromkeys(facts.sides, 0)
        self._version = dict.fromkeys(facts.sides, 0)
        self._owner = {item.id: item.owner for item in self.items.values() if item.owner is not None}
        self._queues: dict[PersonId, list[Placed]] = {person: [] for person in facts.sides}
        for item, owner in self._owner.items():
            insort(self._queues[owner], self._placed(self._queued(self.items[item], self.people[owner]), owner))
        self._off_by = self._offsets()
        self._late: dict[PersonId, Late] = {}
        self._without: dict[tuple[ItemId, int], Late] = {}
        self._own_costs: dict[tuple[ItemId, int], int] = {}

    @cached_property
    def takers(self) -> Takers:
        """Everybody looked at against what may move."""
        return takers_of(self.snapshot, self.facts.sides)

    def movable(self) -> list[ItemFacts]:
        """Items that may leave their owner now, in order of their ids."""
        found = (item for _, item in sorted(self.items.items()))
        return [item for item in found if item.owner and does_compete(item, self.snapshot, self.people)]

    def best_takers(self) -> list[tuple[ItemFacts, list[PersonFacts], int]]:
        """By item the TRIED best takers by index and load, and how many fulfil every must; before anything has moved."""
        movable, column = self.movable(), self.takers.column
        people = [self.people[person] for person in column]
        loads = np.array([np.nan if (load := self.load(p.id)) is None else load for p in people], dtype=np.float64)
        asking = self.facts.speaks_for
        speaks = np.array([asking is None or person in asking for person in column], dtype=np.bool_)
        met = {giver: self._met(giver, people) for giver in sorted({item.owner for item in movable if item.owner})}
        rows = [self.takers.row[item.id] for item in movable]
        worth = self.takers.points[rows] - self._costs(movable, people)
        found = []
        for item, row, points in zip(movable, rows, worth, strict=True):
            at = column[item.owner or people[0].id]
            if np.isnan(loads[at]):
                continue
            able = self.takers.able[row] & met[people[at].id]
            able[at] = False
            lighter = np.flatnonzero(able & (loads < loads[at]) & (speaks | speaks[at]))
            best = lighter[np.argsort(-points[lighter], kind="stable")][:TRIED]
            found.append((item, [people[taker] for taker in best], int(able.sum())))
        return found

    def _met(self, giver: PersonId, people: Sequence[PersonFacts]) -> Bools:
        """Who of *people* overlaps with the giver."""
        return np.array([overlaps(self.people[giver], taker, self.snapshot) for taker in people], dtype=np.bool_)

    def _costs(self, items: Sequence[ItemFacts], people: Sequence[PersonFacts]) -> Floats:
        """What each item costs each person in load: the array twin of `_cost`."""
        policy = self.snapshot.policy
        hours = np.array([max(60.0, self.facts.sides[person.id].available_min) for person in people], dtype=np.float64)
        before = np.maximum(0.0, np.array([self._due[person.id] for person in people], dtype=np.float64) / hours)
        steps = np.array([self._own_due[item.id] for item in items], dtype=np.float64)[:, None] / hours
        rise: Floats = 100 * (load_cost(before + steps, policy) - load_cost(before, policy))
        return np.minimum(rules.STEEPEST, np.rint(rise))

    def weigh(self, item: ItemFacts, taker: PersonFacts, *, is_asked: bool = False) -> _Weighed | None:
        """The move with its effect on both sides as things stand, or None when it breaks a must by now, or does not help.

        The musts are asked anew only when something has moved, or *is_asked*.
        """
        giver = self.people[item.owner] if item.owner else taker
        if (is_asked or self.moved) and not may_take(item, giver, taker, self.snapshot):
            return None
        queued = self._queued(item, taker)
        load = self.load(giver.id)
        load_after = self._ratio(taker.id, self._due_min(item, queued))
        if not is_asked and (load_after or 0.0) >= (load or 0.0):
            return None
        taking = list(self._queues[taker.id])
        insort(taking, self._placed(queued, taker.id))
        late, late_after = self._late_map(giver.id), self._late_without(giver.id, item.id)
        late_too, late_too_after = self._late_map(taker.id), self._late_of(taking)
        fall = late.weighted + late_too.weighted - late_after.weighted - late_too_after.weighted
        gain = self._points(item, giver, taker) / 100 + POINTS / self.snapshot.policy.priority_weights["1"] * fall
        is_worse = late_after.total + late_too_after.total > late.total + late_too.total + 1e-9
        if not is_asked and (gain <= 0 or is_worse):
            return None
        sides = (late, late_after), (late_too, late_too_after)
        return _Weighed(gain, item.id, giver.id, taker.id, *sides, load, load_after)

    def move(
        self, one: _Weighed, *, considered: int, left_out: int, second: tuple[PersonId, float] | None = None
    ) -> Move:
        """Tell a move as it was weighed, before anything else moves to or from either side."""
        (late, late_after), (late_too, late_too_after) = one.given, one.taken
        giving = Effect(
            late_before=late.total, late_after=late_after.total, load_before=one.load,
            load_after=self._ratio(one.giver, -self._own_due[one.item]),
        )  # fmt: skip
        taking = Effect(
            late_before=late_too.total, late_after=late_too_after.total, load_before=self.load(one.taker),
            load_after=one.load_after,
        )  # fmt: skip
        return Move(
            item=one.item, giver=one.giver, taker=one.taker, gain=one.gain, late_before=late.by_item[one.item][0],
            late_after=late_too_after.by_item[one.item][0], giving=giving, taking=taking, reasons=self._reasons(one),
            considered=considered, left_out=left_out, second=second,
        )  # fmt: skip

    def carry_out(self, item: ItemId, taker: PersonId) -> None:
        """Let the item lie with the taker from here on."""
        facts = self.items[item]
        giver, queued = self._owner[item], self._queued(facts, self.people[taker])
        self._queues[giver] = self._queue_without(giver, item)
        insort(self._queues[taker], self._placed(queued, taker))
        self._owner[item] = taker
        self._due[giver] -= self._own_due[item]
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

    def mark(self, move: _Weighed) -> tuple[int, int]:
        """Changes when anything has moved to or from either side."""
        return self._version[move.giver], self._version[move.taker]

    def load(self, person: PersonId) -> float | None:
        return self._ratio(person, 0.0)

    def loads(self) -> dict[PersonId, float]:
        """Loads of those who are available until the horizon."""
        found = ((person, self.load(person)) for person in sorted(self.facts.sides))
        return {person: load for person, load in found if load is not None}

    def late(self, person: PersonId) -> float:
        return self._late_map(person).total

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

    def _placed(self, queued: Queued, person: PersonId) -> Placed:
        return placed(queued, self.facts.sides[person].spans, self.snapshot.now)

    def _queue_without(self, person: PersonId, item: ItemId) -> list[Placed]:
        return [one for one in self._queues[person] if one.item != item]

    def _late_map(self, person: PersonId) -> Late:
        if person not in self._late:
            self._late[person] = self._late_of(self._queues[person])
        return self._late[person]

    def _late_without(self, giver: PersonId, item: ItemId) -> Late:
        """How late the giver is without the item: once for all who might take it."""
        key = (item, self._version[giver])
        if key not in self._without:
            self._without[key] = self._late_of(self._queue_without(giver, item))
        return self._without[key]

    def _late_of(self, queue: Sequence[Placed]) -> Late:
        found, whole, weighted = late_in_order(queue), 0.0, 0.0
        for item, (worst, total) in found.items():
            moved = total
            if item in self._off_by:
                found[item] = chances = moved_by(self._off_by[item], worst, total)
                moved = chances[1]
            whole += moved
            weighted += self._weights[item] * moved
        return Late(found, whole, weighted)

    def _offsets(self) -> dict[ItemId, float]:
        """By how much the chances that are known differ from those worked out of the queues, as things stand."""
        known = self.facts.chances
        return {
            item: known[item] - worst
            for queue in self._queues.values()
            if any(one.item in known for one in queue)
            for item, (worst, _) in late_in_order(queue).items()
            if item in known and self.items[item].commitments
        }

    def _points(self, item: ItemFacts, giver: PersonFacts, taker: PersonFacts) -> int:
        """Index of the taker over that of the giver, and relief of load, in hundredths."""
        points, column = self.takers.points[self.takers.row[item.id]], self.takers.column
        return int(points[column[taker.id]] - points[column[giver.id]]) + self._relief(item, giver.id, taker.id)

    def _relief(self, item: ItemFacts, giver: PersonId, taker: PersonId) -> int:
        key = (item.id, self._version[giver])
        if key not in self._own_costs:
            self._own_costs[key] = self._cost(item, giver, is_hers=True)
        return self._own_costs[key] - self._cost(item, taker)

    def _cost(self, item: ItemFacts, person: PersonId, *, is_hers: bool = False) -> int:
        """What the item costs a person in load, beside what else she has."""
        available = max(60.0, self.facts.sides[person].available_min)
        step = self._own_due[item.id] / available
        before = self._due[person] / available - (step if is_hers else 0.0)
        return rules.slot_cost(max(0.0, before), step, self.snapshot.policy)

    def _reasons(self, move: _Weighed) -> tuple[tuple[str, float], ...]:
        item, giver, taker = self.items[move.item], self.people[move.giver], self.people[move.taker]
        bare = item if item.is_touched else replace(item, owner=None)  # whom it was merely given knows no more of it
        said = []
        for rule in WEIGHED:
            asked = item if rule is rules.stays_with_owner else bare
            mine, hers = (rule(asked, person, self.takers.context) for person in (taker, giver))
            said.append((rule.__name__, mine - hers))
        said.append(("even_load", self._relief(item, giver.id, taker.id)))
        return tuple(
            sorted(((name, points / 100) for name, points in said if points), key=lambda one: (-one[1], one[0]))
        )


def _with_one_more(person: PersonFacts, item: ItemFacts) -> PersonFacts:
    """The person as she is once she owns the item, for what limits what she may take."""
    held = {**person.open_by_class, **{name: person.open_by_class.get(name, 0) + 1 for name in item.classes}}
    return replace(person, open_count=person.open_count + 1, open_by_class=held)


def _left_min(item: ItemFacts, snapshot: Snapshot) -> tuple[float | None, float | None]:
    """Minutes until an answer or update of the item is due, and until its resolution is; None where nothing is promised."""
    left = [
        (promise.kind is CommitmentKind.RESOLUTION, (promise.due_at - snapshot.now).total_seconds() / 60)
        for promise in item.commitments
    ]
    act, done = ([minutes for is_end, minutes in left if is_end == wanted] for wanted in (False, True))
    return min(act, default=None), min(done, default=None)
