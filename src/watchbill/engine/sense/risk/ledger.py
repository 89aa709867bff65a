"""Counts and sums per group up to any instant: the one way in which risk looks at the past, so that it never looks ahead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.sense.risk.facts import Floats, Ints


class Ledger:
    """What happened to each group, in order of time, with running sums: O(n log n) to make, two bisections per look.

    group: the code of each entry; entries of -1 are left out. at_us: when. amounts: what to sum or to look up, by name.
    Every question has an instant, and entries after it are not part of the answer; unknown groups (-1) answer nothing.
    """

    __slots__ = ("_keys", "_sums", "_times", "_values", "_width")

    def __init__(self, group: Ints, at_us: Ints, **amounts: NDArray[np.integer] | NDArray[np.bool_]) -> None:
        kept = np.flatnonzero(group >= 0)
        order = kept[np.lexsort((at_us[kept], group[kept]))]
        times = at_us[order]
        self._times = np.unique(times)
        self._width = len(self._times) + 1
        self._keys = group[order] * self._width + np.searchsorted(self._times, times, "right")
        self._values = {name: column[order].astype(np.int64) for name, column in amounts.items()}
        self._sums = {name: np.concatenate(([0], np.cumsum(column))) for name, column in self._values.items()}

    def groups(self) -> Ints:
        """Every group that has an entry, in order."""
        return np.unique(self._keys // self._width).astype(np.int64)

    def _end(self, group: Ints, at_us: Ints) -> NDArray[np.intp]:
        return np.searchsorted(self._keys, group * self._width + np.searchsorted(self._times, at_us, "right"), "right")

    def _begin(self, group: Ints, since_us: Ints | None) -> NDArray[np.intp]:
        if since_us is None:
            return np.searchsorted(self._keys, group * self._width, "left")
        return self._end(group, since_us)

    def count(self, group: Ints, at_us: Ints, since_us: Ints | None = None) -> Floats:
        """How many entries of a group there were by *at_us*, after *since_us* if given."""
        number = self._end(group, at_us) - self._begin(group, since_us)
        return np.where(group >= 0, number, 0).astype(np.float64)

    def total(self, name: str, group: Ints, at_us: Ints, since_us: Ints | None = None) -> Floats:
        """The sum of an amount over the same entries."""
        sums = self._sums[name]
        found = sums[self._end(group, at_us)] - sums[self._begin(group, since_us)]
        return np.where(group >= 0, found, 0).astype(np.float64)

    def latest(self, name: str, group: Ints, at_us: Ints, otherwise: int | Ints = -1) -> Ints:
        """The amount of the last entry by *at_us*."""
        end = self._end(group, at_us)
        if not len(self._keys):
            return np.broadcast_to(np.asarray(otherwise, dtype=np.int64), end.shape).copy()
        is_there = (group >= 0) & (end > self._begin(group, None))
        return np.where(is_there, self._values[name][np.maximum(end - 1, 0)], otherwise)
