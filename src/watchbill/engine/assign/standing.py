"""Leaving a standing proposal alone when a new answer is hardly better, so that people do not see names flicker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watchbill.engine.assign.decide import Plan
from watchbill.engine.assign.facts import Snapshot
from watchbill.engine.assign.greedy import UNPLACED
from watchbill.engine.assign.one import beside, place_one
from watchbill.engine.assign.outcome import Decision, Verdict
from watchbill.engine.assign.reasons import Book
from watchbill.engine.assign.rooms import IDLE_STAY, Rooms
from watchbill.engine.assign.rules import MUSTS, PREFERENCES
from watchbill.engine.assign.tables import Tables, tables_of
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.ids import ItemId, PersonId

STANDING_POINTS = 2.0
"""A proposal that stands is replaced only by somebody who is better by more than this many points."""
EXCHANGES = 20
"""How many items of a person are looked at for a swap."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A plan beside the proposals that stand: the person for each item, reasons on demand."""

    book: Book

    def choices(self) -> Iterator[tuple[ItemId, PersonId | None]]:
        """Who takes each item that competes, None for nobody; oldest first. An idle owner who keeps an item counts."""
        tables = self.book.tables
        for at, item in enumerate(tables.classes.items):
            if tables.classes.competes[at]:
                place = int(self.book.chosen[at])
                yield (
                    item.id,
                    tables.kinds.people[place].id if place >= 0 else item.owner if place == IDLE_STAY else None,
                )

    def why_nobody(self, item: ItemId) -> tuple[Verdict, tuple[str, ...]]:
        """For an item that nobody takes: whether it waits or no one can, and the musts that leave people out.

        The short form of `decision`, without its search for ways out.
        """
        counts, eligible = self.book.rejected(self.book.tables.index[item])
        rejecting = tuple(must.__name__ for must, people in zip(MUSTS, counts, strict=True) if people)
        return Verdict.WAIT if eligible else Verdict.NO_ONE, rejecting

    def decision(self, item: ItemId) -> Decision:
        """Everything about one item."""
        return self.book.decision(self.book.tables.index[item])


def plan_beside(plan: Plan, standing: Mapping[ItemId, PersonId | None]) -> Beside:
    """Keep the persons of standing proposals where that costs the *plan* next to nothing.

    First by exchange: where the plan gives A to q, or to nobody, and B to p, and A stands with p while B does not, the two
    swap if both may and their points together fall by at most STANDING_POINTS; loads stay as planned, so this is free for
    items of one class. Then by a free slot: who fulfils every must, has a slot that the plan leaves, and is at most
    STANDING_POINTS behind the plan's choice. Nobody gets more than her free slots. The plan's own book is changed and must
    not be used otherwise. O(standing proposals that differ x EXCHANGES).
    """
    book, tables = plan.book, plan.book.tables
    wanted: dict[int, int] = {}
    for item, person in standing.items():
        at = tables.index.get(item)
        if at is not None and person is not None and person in tables.kinds.position and tables.holder[at] < 0:
            wanted[at] = tables.kinds.position[person]
    exchange, rooms = _Exchange(book, wanted), Rooms(tables, book.chosen)
    for at, place in sorted(wanted.items()):
        if book.chosen[at] not in (place, IDLE_STAY) and tables.is_eligible(at, place):
            _ = exchange.keep(at, place, rooms) or _keep_in_free_slot(book, at, place, rooms)
    return Beside(book)


def _keep_in_free_slot(book: Book, at: int, place: int, rooms: Rooms) -> bool:
    """Leave the item with its standing person when she has a slot to spare and is hardly worse."""
    chosen = int(book.chosen[at])
    if chosen == UNPLACED or book.taken[place] >= book.tables.free[place] or not rooms.has_room(at, place):
        return False
    lead = book.candidate(at, chosen, is_chosen=True).score - book.candidate(at, place, is_chosen=False).score
    if lead > STANDING_POINTS:
        return False
    book.chosen[at] = place
    book.taken[place] += 1
    book.taken[chosen] -= 1
    rooms.move(at, chosen, place)
    return True


class _Exchange:
    """Swaps of two choices, which leave everybody's load as it was planned."""

    def __init__(self, book: Book, wanted: Mapping[int, int]) -> None:
        self._book = book
        self._wanted = wanted
        self._given: dict[int, list[int]] = {}
        for at, place in enumerate(book.chosen.tolist()):
            if place >= 0 and wanted.get(at) != place and book.tables.holder[at] < 0:
                self._given.setdefault(place, []).append(at)

    def keep(self, at: int, place: int, rooms: Rooms) -> bool:
        """Give the item at *at* to *place*, and what she gives up for it to the one whom the plan chose.

        Both must count for the same limited classes of work, so that nobody's room changes.
        """
        book, chosen = self._book, int(self._book.chosen[at])
        best: tuple[int, int] | None = None
        for other in self._given.get(place, ())[:EXCHANGES]:
            is_alike = rooms.names(at) == rooms.names(other)
            if is_alike and (chosen == UNPLACED or book.tables.is_eligible(other, chosen)):
                loss = self._points(at, chosen) + self._points(other, place)
                loss -= self._points(at, place) + self._points(other, chosen)
                best = min(best or (loss, other), (loss, other))
        if best is None or best[0] > 100 * STANDING_POINTS:
            return False
        other = best[1]
        book.chosen[at], book.chosen[other] = place, chosen
        self._given[place].remove(other)
        if at in self._given.get(chosen, ()):
            self._given[chosen].remove(at)
        if chosen != UNPLACED and self._wanted.get(other) != chosen:
            self._given.setdefault(chosen, []).append(other)
        return True

    def _points(self, at: int, place: int) -> int:
        """Points of a pair in hundredths, without load; nothing for nobody."""
        if place == UNPLACED:
            return 0
        tables = self._book.tables
        item, person = tables.classes.items[at], tables.kinds.people[place]
        return sum(rule(item, person, tables.context) for rule, _ in PREFERENCES)


def place_beside(
    snapshot: Snapshot, item: ItemId, *, current: Mapping[ItemId, PersonId | None], tables: Tables | None = None
) -> Decision:
    """Decide one changed item as `decide.place` does, keeping the person that *current* has for it by the same rule.

    *tables*: those of the snapshot, for whoever places several items that compete. Raises NotFound when the item is not in
    the snapshot. O(items + people).
    """
    if tables is None or item not in tables.index:
        tables = tables_of(snapshot, also=item)
    if item not in tables.index:
        raise NotFound(f"Item {item} is not in the snapshot.")
    decision = place_one(tables, item, current)
    at, person = tables.index[item], current.get(item)
    if person is None or decision.person is None or decision.person == person or tables.holder[at] >= 0:
        return decision
    book, rooms = beside(tables, item, current)
    place = tables.kinds.position.get(person, -1)
    if place < 0 or not _may(book, at, place) or not rooms.has_room(at, place):
        return decision
    if decision.score - book.candidate(at, place, is_chosen=False).score > STANDING_POINTS:
        return decision
    book.chosen[at] = place
    book.taken[place] += 1
    return book.decision(at)


def _may(book: Book, at: int, place: int) -> bool:
    """Whether the person fulfils every must for the item and has a slot that no other choice takes."""
    return book.tables.is_eligible(at, place) and bool(book.taken[place] < book.tables.free[place])
