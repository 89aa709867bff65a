"""What a risk is worth looking at: weight x probability x gain; and which of an item's promises speaks for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_GAIN = 0.001
"""What an act counts that lowers nothing: so dangers without a way out stand in order, too, after all that can be helped."""

LEAST_LOWERED = 0.005
"""An act that lowers a risk by less is none."""


def gains(p_miss: Floats, p_after: Floats) -> Floats:
    """By how much an act lowers each risk; 0 where it does not, or hardly."""
    lowered = p_miss - p_after
    return np.where(lowered >= LEAST_LOWERED, lowered, 0.0)


def ranks(item: Ints, weight: Floats, p_miss: Floats, gain: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The rank of each row's item, and which row is its worst.

    item: row by row, equal ones side by side. The rank of a promise is weight x probability x gain, that of an item the
    greatest of its promises; of equal ones the likelier, then the first, speaks for it.
    """
    own = weight * p_miss * np.maximum(gain, LEAST_GAIN)
    if not len(item):
        return own, np.zeros(0, dtype=bool)
    begins = np.flatnonzero(np.concatenate(([True], item[1:] != item[:-1])))
    group = np.cumsum(np.concatenate(([0], (item[1:] != item[:-1]).astype(np.int64))))
    rank = np.maximum.reduceat(own, begins)[group]
    order = np.lexsort((-p_miss, -own, group))
    is_worst = np.zeros(len(item), dtype=bool)
    is_worst[order[begins]] = True
    return rank, is_worst


def weights(
    priority: Ints, tier: list[str], *, by_priority: Mapping[str, float], by_tier: Mapping[str, float]
) -> Floats:
    """What a promise of each item weighs: priority times the factor of the customer's tier."""
    table = np.array([0.0, *(by_priority[str(each)] for each in range(1, 5))])
    factor = np.array([by_tier.get(each, 1.0) for each in tier]) if tier else np.empty(0)
    weighed: Floats = table[priority] * factor
    return weighed
