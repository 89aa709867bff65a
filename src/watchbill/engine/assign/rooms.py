"""Limits by class of work across a whole plan, which a network cannot hold: how much room is left beside given choices."""

from __future__ import annotations

from collections import Counter

from watchbill.engine.assign.classes import Ints, Need
from watchbill.engine.assign.rules import class_limit
from watchbill.engine.assign.tables import Tables

IDLE_STAY = -2
"""A choice: the item stays with an owner who cannot work on it now."""


class Rooms:
    """Room by person and class of work. What a person owns outside the plan counts, and so does every choice for her.

    An owner may keep what she holds, whatever the limit. Without limits nothing is counted.
    """

    def __init__(self, tables: Tables, chosen: Ints) -> None:
        self._t = tables
        self._used: Counter[tuple[int, str]] = Counter()
        self._owned: Counter[tuple[int, str]] = Counter()
        self.has_limits = any(need.limited for need in tables.classes.needs)
        if not self.has_limits:
            return
        for at in range(len(chosen)):
            if not (names := self.names(at)):
                continue
            owner = self._owner(at)
            if owner >= 0 and tables.classes.competes[at]:
                self._owned.update((owner, name) for name in names)
            place = owner if chosen[at] == IDLE_STAY else int(chosen[at])
            self._count(at, place, 1)

    def names(self, at: int) -> tuple[str, ...]:
        """The limited classes of an item."""
        need: Need = self._t.classes.needs[int(self._t.classes.need_of[at])]
        return need.limited

    def has_room(self, at: int, place: int) -> bool:
        """Whether one more item like this fits beside what the person has been given."""
        return self._owner(at) == place or all(
            (room := self._room(place, name)) is None or self._used[place, name] < room for name in self.names(at)
        )

    def over(self) -> list[tuple[int, str]]:
        """Persons and classes where more was given than fits, in order."""
        return sorted(each for each in self._used if self.is_over(*each))

    def is_over(self, place: int, name: str) -> bool:
        """Whether more of a class was given to a person than fits."""
        room = self._room(place, name)
        return room is not None and self._used[place, name] > room

    def move(self, at: int, before: int, after: int) -> None:
        """Note that an item goes from one person to another; negative for nobody."""
        self._count(at, before, -1)
        self._count(at, after, 1)

    def _count(self, at: int, place: int, amount: int) -> None:
        if place >= 0:
            for name in self.names(at):
                self._used[place, name] += amount

    def _room(self, place: int, name: str) -> int | None:
        person = self._t.kinds.people[place]
        limit = class_limit(person, name, self._t.context.policy)
        return None if limit is None else limit - person.open_by_class.get(name, 0) + self._owned[place, name]

    def _owner(self, at: int) -> int:
        owner = self._t.classes.items[at].owner
        return -1 if owner is None else self._t.kinds.position.get(owner, -1)
