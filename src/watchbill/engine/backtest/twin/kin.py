"""Which past items are like one another: of the same class, opened around the same time, as many as it takes to draw from.

docs/algorithms/backtest.md, "Paths".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from watchbill.engine.backtest.twin.history import Ints

DAY_US = 86_400_000_000
_UNKNOWN = -2
"""In place of the number of a class that nobody belongs to; -1 stands for those who are left for none."""
LEAST_DONORS = 30
"""Past items below which a class is taken together with its neighbours."""
Class = tuple[int, ...]
"""What is known of an item when it is opened: team, priority, category; then less and less of it."""


def classes_of(team: int, priority: int, category: int) -> tuple[Class, ...]:
    """The classes of an item, from the one that says most to the one that says nothing."""
    return (
        (0, team, priority, category),
        (1, team, priority),
        (2, priority, category),
        (3, priority),
        (4,),
    )


class _Window(NamedTuple):
    """Items opened around a day: from the first of them on, the number of the class that each is drawn for."""

    first: int
    pool: Ints


class Kin:
    """Items in the order of opening, by class and time.

    days: only items opened in so many days around the one that is asked about are like it, or in the nearest so many that there are.
    """

    def __init__(self, classes: Sequence[Sequence[Class]], opened_us: Ints, *, days: int) -> None:
        self.opened_us, self.days = opened_us, days
        self._number: dict[Class, int] = {}
        for each in classes:
            for one in each:
                self._number.setdefault(one, len(self._number))
        self._levels = np.array([[self._number[one] for one in each] for each in classes], dtype=np.int64).T
        self._windows: dict[int, _Window] = {}
        self._all: dict[int, Ints] = {}
        spans = float(opened_us[-1] - opened_us[0]) / DAY_US / days
        self._ever = self._pooled(0, opened_us.size, LEAST_DONORS * max(1.0, spans))

    def near(self, classes: Sequence[Class], at_us: int) -> Ints:
        """The items of the first of *classes* that enough belong to which were opened around *at_us*, in the order of opening.

        What is left for a wider class has those as its like that were left for it, too: were all of the wider class drawn from, the
        rare and long would be told by the usual and short, and all drawn work together would be less than there was. Where too few
        are left even for the widest, the nearest in time of the priority, or of all.
        """
        window = self._window(at_us)
        for one in classes:
            found = np.flatnonzero(window.pool == self._number.get(one, _UNKNOWN))
            if found.size:
                return found + window.first
        places = self._left(classes)
        at = int(np.searchsorted(self.opened_us[places], at_us))
        low = max(0, min(at - LEAST_DONORS // 2, places.size - LEAST_DONORS))
        return places[low : low + LEAST_DONORS]

    def _left(self, classes: Sequence[Class]) -> Ints:
        """Whom an item is drawn from that is like nobody near: as above, of all times; else of the priority, or all."""
        for one in classes:
            number = self._number.get(one, -1)
            if number >= 0 and (found := np.flatnonzero(self._ever.pool == number)).size:
                return found
        alike = self.members(classes[-2])
        return alike if alike.size >= LEAST_DONORS else self.members(classes[-1])

    def members(self, one: Class) -> Ints:
        """All items of a class, whenever they were opened."""
        number = self._number.get(one, -1)
        if number not in self._all:
            self._all[number] = np.flatnonzero((self._levels == number).any(axis=0))
        return self._all[number]

    def _window(self, at_us: int) -> _Window:
        """Everybody in it is drawn for one class: the first of hers that enough of those belong to who are in none before it."""
        half = self.days * DAY_US // 2
        day = max(min(at_us, int(self.opened_us[-1]) - half), int(self.opened_us[0]) + half) // DAY_US
        if day not in self._windows:
            low, high = np.searchsorted(self.opened_us, [day * DAY_US - half, (day + 1) * DAY_US + half])
            self._windows[day] = self._pooled(int(low), int(high), LEAST_DONORS)
        return self._windows[day]

    def _pooled(self, low: int, high: int, least: float) -> _Window:
        """Of those left for the widest class, LEAST_DONORS are enough: there is nothing wider but items whose like they are not."""
        pool = np.full(high - low, -1, dtype=np.int64)
        for number, level in enumerate(self._levels[:, low:high], start=1):
            left = np.flatnonzero(pool < 0)
            wanted = LEAST_DONORS if number == len(self._levels) else least
            enough = np.bincount(level[left], minlength=len(self._number)) >= wanted
            pool[left] = np.where(enough[level[left]], level[left], -1)
        return _Window(low, pool)
