"""The index rule: the most urgent item first, each to its best person. For one item, for repairs, and when the solver fails."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Bools, Ints
from watchbill.engine.assign.rooms import IDLE_STAY, Rooms
from watchbill.engine.assign.tables import Tables

UNPLACED = -1


def weigh(tables: Tables, at: int, taken: Ints) -> tuple[Ints, Bools]:
    """Score of every person for one item at her next slot beside *taken*, in hundredths, and who may take it. O(people).

    The same as the sum of rules.PREFERENCES less the slot, by kind; only people with a bond to the item are asked one by one.
    """
    t, item = tables, tables.classes.items[at]
    of = int(t.classes.of_item[at])
    arcs = slice(int(t.arc_start[of]), int(t.arc_start[of + 1]))
    by_kind = np.zeros(len(t.kinds.shift_min), dtype=np.int64)
    by_kind[t.arc_kind[arcs]] = t.arc_points[arcs]
    points = by_kind[t.kinds.of_person]
    able = t.kinds.eligible[t.classes.need_of[at]][t.kinds.of_person]
    if item.owner in t.context.owners:
        points -= rules.churn(item, t.context.policy)
    for place in t.familiar(item):
        person = t.kinds.people[place]
        points[place] = rules.preference_points(item, person, t.context)
        able[place] = t.is_eligible(at, place)
    for declined in item.declined_by:
        if declined in t.kinds.position:
            able[t.kinds.position[declined]] = False
    if not t.slot_costs.shape[1]:
        return points, np.zeros_like(able)  # nobody has a slot
    slot = np.maximum(0, np.minimum(taken, t.free - 1))
    return points - t.slot_costs[np.arange(len(slot)), slot], able & (taken < t.free)


def best_person(tables: Tables, at: int, taken: Ints, rooms: Rooms) -> int:
    """The place of the best person who may take the item and has room; the owner first, then tie order, among equals."""
    points, able = weigh(tables, at, taken)
    places = np.nonzero(able)[0]
    if rooms.names(at):
        places = places[[rooms.has_room(at, place) for place in places.tolist()]]
    if not len(places):
        return UNPLACED
    best = places[points[places] == points[places].max()]
    holder = int(tables.holder[at])
    return holder if holder in best else int(best[0])


def index_rule(tables: Tables) -> Ints:
    """Choices without a solver: owned items stay, but those of owners who are away for too long; the others go, the most
    urgent first, to their best person with a slot.

    Deterministic; no must is broken; nobody eligible stays free while an item waits. O(items x people).
    """
    chosen = np.where(tables.is_idle, IDLE_STAY, np.where(tables.classes.competes, tables.holder, UNPLACED))
    chosen[tables.must_go] = UNPLACED
    _Filler(tables, chosen).fill(np.nonzero(tables.classes.competes)[0].tolist())
    chosen[tables.must_go & (chosen == UNPLACED)] = IDLE_STAY
    return chosen


def repaired(tables: Tables, chosen: Ints) -> Ints:
    """Choices of the network with every limit by class of work held: what is too much goes elsewhere, or waits.

    From each person whose class is overfull the least urgent items are taken that are not her own; an owned one goes back to
    its owner, who if need be gives up a slot for it. Then everything unplaced is filled in by the index rule.
    """
    filler = _Filler(tables, chosen.copy())
    if not filler.rooms.has_limits:
        return chosen
    for place, name in filler.rooms.over():
        while filler.rooms.is_over(place, name) and filler.release(place, name):
            pass  # what is still over then is her own from before, which she keeps
    filler.fill(np.nonzero(tables.classes.competes)[0].tolist())
    return filler.chosen


class _Filler:
    """Choices that change, with what they use."""

    def __init__(self, tables: Tables, chosen: Ints) -> None:
        self._t = tables
        self.chosen = chosen
        self.taken = np.bincount(chosen[chosen >= 0], minlength=len(tables.kinds.people))
        self.rooms = Rooms(tables, chosen)

    def fill(self, items: Iterable[int]) -> None:
        """Place those of *items* that nobody has, the most urgent first."""
        for at in sorted((at for at in items if self.chosen[at] == UNPLACED), key=self._rank):
            self._put(at, best_person(self._t, at, self.taken, self.rooms))

    def release(self, place: int, name: str) -> bool:
        """Take one item of a class from a person; False when all of them are her own."""
        owned = self._t.kinds.people[place].id
        given = [
            at
            for at in np.nonzero(self.chosen == place)[0].tolist()
            if name in self.rooms.names(at) and self._t.classes.items[at].owner != owned
        ]
        if not given:
            return False
        self._send_back(max(given, key=self._rank))
        return True

    def _send_back(self, at: int) -> None:
        """To nobody; an owned item to its owner, who gives up her least urgent other choice when she has no slot left."""
        holder = int(self._t.holder[at])
        self._put(at, IDLE_STAY if self._t.is_idle[at] else UNPLACED)
        if holder < 0:
            return
        if self.taken[holder] >= self._t.free[holder]:
            mine = self._t.kinds.people[holder].id
            others = [
                other
                for other in np.nonzero(self.chosen == holder)[0].tolist()
                if self._t.classes.items[other].owner != mine
            ]
            self._send_back(max(others, key=self._rank))
        self._put(at, holder)

    def _put(self, at: int, place: int) -> None:
        before = int(self.chosen[at])
        self.rooms.move(at, before, place)
        if before >= 0:
            self.taken[before] -= 1
        if place >= 0:
            self.taken[place] += 1
        self.chosen[at] = place

    def _rank(self, at: int) -> tuple[float, int]:
        """The most urgent first, then the oldest: items stand in that order."""
        return -self._t.classes.urgency[self._t.classes.items[at].id], at
