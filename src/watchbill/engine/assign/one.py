"""One item against the current plan: the same tables and reasons as the whole queue, without a solver."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from watchbill.engine.assign.greedy import UNPLACED, best_person, weigh
from watchbill.engine.assign.outcome import Decision
from watchbill.engine.assign.reasons import Book
from watchbill.engine.assign.rooms import IDLE_STAY, Rooms
from watchbill.engine.assign.tables import Tables
from watchbill.engine.base.ids import ItemId, PersonId


def beside(tables: Tables, item: ItemId, current: Mapping[ItemId, PersonId | None]) -> tuple[Book, Rooms]:
    """A book in which the current plan's other items, and held items without an entry, take their slots, and the room left."""
    position = tables.kinds.position
    others = np.full(len(tables.classes.items), UNPLACED, dtype=np.int64)
    for at in np.nonzero(tables.classes.competes)[0].tolist():
        facts = tables.classes.items[at]
        if facts.id == item:
            continue
        if tables.is_idle[at] and current.get(facts.id, facts.owner) == facts.owner:
            others[at] = IDLE_STAY  # it stays where it is, and counts among its owner's open items already
        elif facts.id in current:
            person = current[facts.id]
            others[at] = UNPLACED if person is None else position.get(person, UNPLACED)
        else:
            others[at] = tables.holder[at]
    taken = np.bincount(others[others >= 0], minlength=len(tables.kinds.people))
    return Book(tables, np.full_like(others, UNPLACED), taken), Rooms(tables, others)


def book_beside(tables: Tables, item: ItemId, current: Mapping[ItemId, PersonId | None]) -> Book:
    """The book of `beside` alone."""
    return beside(tables, item, current)[0]


def place_one(tables: Tables, item: ItemId, current: Mapping[ItemId, PersonId | None]) -> Decision:
    """The best person with a free slot; for an owned item only when that beats staying by more than the price of a move."""
    at = tables.index[item]
    book, rooms = beside(tables, item, current)
    if not tables.classes.competes[at]:
        return book.decision(at)
    place = best_person(tables, at, book.taken, rooms)
    may_stay = tables.is_idle[at] and (not tables.must_go[at] or place == UNPLACED)
    if may_stay and (place == UNPLACED or weigh(tables, at, book.taken)[0][place] <= 0):
        book.chosen[at] = IDLE_STAY
        return book.decision(at)
    book.chosen[at] = place
    if place != UNPLACED:
        book.taken[place] += 1
    return book.decision(at)
