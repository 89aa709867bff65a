"""One item against the current plan: the same tables and reasons as the whole queue, without a solver."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.network import IDLE_STAY, UNPLACED
from watchbill.engine.assign.outcome import Decision
from watchbill.engine.assign.reasons import Book
from watchbill.engine.assign.tables import Tables, people_on
from watchbill.engine.base.ids import ItemId, PersonId


def book_beside(tables: Tables, item: ItemId, current: Mapping[ItemId, PersonId | None]) -> Book:
    """A book in which the current plan's other items, and held items without an entry, take their slots."""
    competing = tables.classes.competes
    others: list[PersonId | None] = []
    for at, facts in enumerate(tables.classes.items):
        if facts.id == item or not competing[at]:
            continue
        if tables.is_idle[at] and current.get(facts.id, facts.owner) == facts.owner:
            continue  # it stays where it is, and counts among its owner's open items already
        holder = int(tables.holder[at])
        others.append(current.get(facts.id, tables.kinds.people[holder].id if holder >= 0 else None))
    return Book(tables, np.full(len(tables.classes.items), UNPLACED, dtype=np.int64), people_on(tables, others))


def place_one(tables: Tables, item: ItemId, current: Mapping[ItemId, PersonId | None]) -> Decision:
    """The best person with a free slot; for an owned item only when that beats staying by more than the price of a move."""
    at = tables.index[item]
    book = book_beside(tables, item, current)
    if not tables.classes.competes[at]:
        return book.decision(at)
    place = _best(book, at)
    if tables.is_idle[at] and (place == UNPLACED or _points(book, at, place) <= 0):
        book.chosen[at] = IDLE_STAY
        return book.decision(at)
    book.chosen[at] = place
    if place != UNPLACED:
        book.taken[place] += 1
    return book.decision(at)


def _best(book: Book, at: int) -> int:
    """Highest score among those who have a slot left; the owner first, then tie order, among equals."""
    free = np.nonzero(book.tables.free > book.taken)[0].tolist()
    able = [place for place in free if book.tables.is_eligible(at, place)]
    holder = int(book.tables.holder[at])
    return max(able, key=lambda place: (_points(book, at, place), place == holder, -place), default=UNPLACED)


def _points(book: Book, at: int, place: int) -> int:
    """Score of one person at her next slot, in hundredths."""
    t = book.tables
    item, person = t.classes.items[at], t.kinds.people[place]
    cost = int(t.slot_costs[place, book.slot_of(place, is_chosen=False)])
    return sum(rule(item, person, t.context) for rule, _ in rules.PREFERENCES) - cost
