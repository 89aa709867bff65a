"""Leaving a standing proposal alone when a new answer is hardly better, so that people do not see names flicker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watchbill.engine.assign.decide import Plan
from watchbill.engine.assign.facts import Snapshot
from watchbill.engine.assign.network import IDLE_STAY
from watchbill.engine.assign.one import book_beside, place_one
from watchbill.engine.assign.outcome import Decision
from watchbill.engine.assign.reasons import Book
from watchbill.engine.assign.tables import tables_of
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.ids import ItemId, PersonId

STANDING_POINTS = 1.0
"""A proposal that stands is replaced only by somebody who is better by more than this many points."""


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

    def decision(self, item: ItemId) -> Decision:
        """Everything about one item."""
        return self.book.decision(self.book.tables.index[item])


def plan_beside(plan: Plan, standing: Mapping[ItemId, PersonId | None]) -> Beside:
    """Keep the person of a standing proposal where that costs the *plan* next to nothing.

    Kept is who fulfils every must, has a free slot that the plan leaves, and is at most STANDING_POINTS behind the
    plan's choice. Each kept person costs the plan at most so much; nobody gets more than her free slots. The plan's own
    book is changed and must not be used otherwise. O(standing proposals that differ).
    """
    book = plan.book
    for item, person in sorted(standing.items()):
        at = book.tables.index.get(item)
        if at is None or person is None:
            continue
        place = book.tables.kinds.position.get(person, -1)
        chosen = int(book.chosen[at])
        if place < 0 or chosen < 0 or chosen == place or book.tables.holder[at] >= 0 or not _may(book, at, place):
            continue
        lead = book.candidate(at, chosen, is_chosen=True).score - book.candidate(at, place, is_chosen=False).score
        if lead <= STANDING_POINTS:
            book.chosen[at] = place
            book.taken[place] += 1
            book.taken[chosen] -= 1
    return Beside(book)


def place_beside(snapshot: Snapshot, item: ItemId, *, current: Mapping[ItemId, PersonId | None]) -> Decision:
    """Decide one changed item as `decide.place` does, keeping the person that *current* has for it by the same rule.

    Raises NotFound when the item is not in the snapshot. O(items + people).
    """
    tables = tables_of(snapshot, also=item)
    if item not in tables.index:
        raise NotFound(f"Item {item} is not in the snapshot.")
    decision = place_one(tables, item, current)
    at, person = tables.index[item], current.get(item)
    if person is None or decision.person is None or decision.person == person or tables.holder[at] >= 0:
        return decision
    book = book_beside(tables, item, current)
    place = tables.kinds.position.get(person, -1)
    if place < 0 or not _may(book, at, place):
        return decision
    if decision.score - book.candidate(at, place, is_chosen=False).score > STANDING_POINTS:
        return decision
    book.chosen[at] = place
    book.taken[place] += 1
    return book.decision(at)


def _may(book: Book, at: int, place: int) -> bool:
    """Whether the person fulfils every must for the item and has a slot that no other choice takes."""
    return book.tables.is_eligible(at, place) and bool(book.taken[place] < book.tables.free[place])
