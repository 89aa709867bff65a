"""How long a piece of work takes: what the log can carry of it, and an assumption where it cannot.

docs/algorithms/backtest.md, "Effort".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.twin.history import NOBODY, Ints
from watchbill.engine.backtest.twin.legs import NEVER, Legs

Floats = NDArray[np.float64]
MINUTE_US = 60_000_000
BATCH_MIN = 5
"""Pieces that one person ends so close together share the time before them equally."""
SERIAL_MOST = 1.2
"""Pieces under way at once, by their marks of begin: at most so many, and the marks say when work began."""
LEAST = 200
"""Pieces below which no statement about effort is made from them."""
SPREAD_MOST = 1.2
"""Of the logarithm of effort: what is wider is work mixed with something else, and no effort can be read from it."""
ASSUMED_MOST_MIN = 120
"""Where the log cannot carry effort, time beyond this is taken for work on something else."""
TRIM = 0.99
LEAST_TRIMMED = 100
"""Pieces of a class below which what is too long for it is said by all."""
SHRINK = 20
"""Pieces at which a class, or a person, counts half by itself and half by what is around it."""
QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


class Basis(StrEnum):
    """What effort rests on: marks of begin that are one after the other, the shape of the gaps between acts, or an assumption."""

    STAMPS = "stamps"
    SHAPE = "shape"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """minutes: by leg, NaN where it is not known; gaps: before anything was cut off; mean: by leg, of its class; pace: by person, 1.0 unless the log carries more.

    basis, with its evidence: pieces looked at, pieces under way at once, spread of the logarithm of the gaps.
    """

    minutes: Floats
    gaps: Floats
    mean: Floats
    pace: Mapping[int, float]
    basis: Basis
    pieces: int
    at_once: float
    spread: float

    def why(self) -> str:
        """In one sentence, for people."""
        if self.basis is Basis.STAMPS:
            return f"Work is marked as begun and ended one piece after the other ({self.at_once:.1f} at once), so that effort can be read from {self.pieces:,} pieces."
        if self.basis is Basis.SHAPE:
            return f"The gaps between {self.pieces:,} acts are spread as work is (log-spread {self.spread:.2f}), so that effort can be read from them."
        return (
            f"The log does not say how long anybody worked (log-spread {self.spread:.2f} of {self.pieces:,} gaps, {self.at_once:.1f}"
            f" pieces under way at once): assumed is the time since the person's last act, {ASSUMED_MOST_MIN} minutes at most."
        )


def effort_of(
    legs: Legs, category: Ints, hours: Mapping[int, Hours], *, origin_us: int, most_min: int = ASSUMED_MOST_MIN
) -> Effort:
    """Effort of each leg that somebody ended.

    Parameters
    ----------
    category: by item. hours: when each person works, in minutes since *origin_us*. most_min: the assumption.

    A piece begins at the latest of: ready, marked as begun by who ended it, her last act before. Time counts in her hours;
    what she ended together shares it. O(legs log legs).
    """
    gaps = _gaps(legs, hours, origin_us)
    known = np.flatnonzero(~np.isnan(gaps))
    at_once = _at_once(legs)
    logs = np.log(gaps[known]) if known.size else np.zeros(1)
    spread = _spread(logs)
    basis = _basis(int(known.size), at_once, spread)
    most = float(most_min) if basis is Basis.ASSUMED else _longest(gaps, legs, category, known)
    minutes = np.minimum(gaps, most)
    mean = _class_means(minutes, legs, category, known)
    pace = {} if basis is Basis.ASSUMED else _paces(minutes, mean, legs, known)
    return Effort(
        minutes=minutes,
        gaps=gaps,
        mean=mean,
        pace=pace,
        basis=basis,
        pieces=int(known.size),
        at_once=at_once,
        spread=spread,
    )


def _basis(pieces: int, at_once: float, spread: float) -> Basis:
    """Marks that overlap say that people do several things at once, and then the gaps between their acts are no effort either."""
    if pieces < LEAST or at_once > SERIAL_MOST:
        return Basis.ASSUMED
    if at_once:
        return Basis.STAMPS
    return Basis.SHAPE if spread <= SPREAD_MOST else Basis.ASSUMED


def _gaps(legs: Legs, hours: Mapping[int, Hours], origin_us: int) -> Floats:
    """Minutes of her hours since her last act or since the piece could be begun, shared among what was ended together."""
    gaps = np.full(legs.size, np.nan)
    order = np.lexsort((legs.ended_us, legs.worker))
    order = order[(legs.ended_us[order] != NEVER) & (legs.worker[order] != NOBODY)]
    ended = ((legs.ended_us[order] - origin_us) // MINUTE_US).tolist()
    begun = ((np.maximum(legs.ready_us, legs.stamp_us)[order] - origin_us) // MINUTE_US).tolist()
    batch: list[int] = []
    last_who, last_end, total = NOBODY, 0, 0
    for leg, who, end, begin in zip(order.tolist(), legs.worker[order].tolist(), ended, begun, strict=True):
        if who != last_who or end - last_end > BATCH_MIN:
            _share(gaps, batch, total)
            batch, total = [], 0
        if who in hours:
            total += max(0, hours[who].between(begin if who != last_who else max(begin, last_end), end))
            batch.append(leg)
        last_who, last_end = who, end
    _share(gaps, batch, total)
    return gaps


def _share(gaps: Floats, batch: Sequence[int], total: int) -> None:
    for leg in batch:
        gaps[leg] = max(1.0, total / len(batch))


def _at_once(legs: Legs) -> float:
    """Pieces under way at once, where they are marked as begun after they were ready; 0 when hardly any are."""
    marked = (legs.ended_us != NEVER) & (legs.worker != NOBODY) & (legs.stamp_us > legs.ready_us)
    if int(marked.sum()) < max(LEAST, legs.size // 4):
        return 0.0
    who, start, end = legs.worker[marked], legs.stamp_us[marked], legs.ended_us[marked]
    order = np.lexsort((start, who))
    who, start, end = who[order], start[order], end[order]
    total = float((end - start).sum())
    covered, last_who, last_end = 0.0, NOBODY, 0
    for person, begin, over in zip(who.tolist(), start.tolist(), end.tolist(), strict=True):
        last_end = last_end if person == last_who else begin
        covered += max(0, over - max(begin, last_end))
        last_who, last_end = person, max(over, last_end)
    return total / covered if covered else 0.0


def _spread(logs: Floats) -> float:
    """Standard deviation of a log-normal through the quantiles in the middle, which a tail of idle time does not move."""
    from scipy.special import ndtri

    places = ndtri(QUANTILES)
    slope = np.polyfit(places, np.quantile(logs, QUANTILES), 1)[0]
    return float(slope)


def _longest(gaps: Floats, legs: Legs, category: Ints, known: Ints) -> Floats:
    """By leg, the TRIM quantile of its class, or of all where the class is too small to have one: what is long for one class is usual
    for another.
    """
    place, size = _classes(legs, category)
    counts = np.bincount(place[known], minlength=size)
    most = np.full(size, float(np.quantile(gaps[known], TRIM)))
    for one in np.flatnonzero(counts >= LEAST_TRIMMED).tolist():
        most[one] = float(np.quantile(gaps[known][place[known] == one], TRIM))
    return most[place]


def _classes(legs: Legs, category: Ints) -> tuple[Ints, int]:
    """By leg, the number of its class, a team's work of one category; and how many there are."""
    keys, place = np.unique((legs.team + 1) * (int(category.max()) + 2) + category[legs.item], return_inverse=True)
    return place, int(keys.size)


def _class_means(minutes: Floats, legs: Legs, category: Ints, known: Ints) -> Floats:
    """Mean by team and category, drawn towards that of the team, and this towards that of all."""
    if not known.size:
        return np.full(legs.size, np.nan)
    overall = float(minutes[known].mean())
    team = legs.team + 1
    by_team = _shrunk(team[known], minutes[known], np.full(int(team.max()) + 1, overall))
    place, size = _classes(legs, category)
    parents = np.zeros(size)
    parents[place] = by_team[team]
    return _shrunk(place[known], minutes[known], parents)[place]


def _shrunk(groups: Ints, values: Floats, parents: Floats) -> Floats:
    sums = np.bincount(groups, weights=values, minlength=parents.size)
    counts = np.bincount(groups, minlength=parents.size)
    return (sums + SHRINK * parents) / (counts + SHRINK)


def _paces(minutes: Floats, mean: Floats, legs: Legs, known: Ints) -> dict[int, float]:
    """How much faster than her classes' means each person is, drawn towards not at all."""
    who = legs.worker[known]
    expected = np.bincount(who, weights=mean[known])
    took = np.bincount(who, weights=minutes[known])
    counts = np.bincount(who)
    found = {}
    for person in np.flatnonzero(counts).tolist():
        ratio = expected[person] / took[person]
        found[person] = float((counts[person] * ratio + SHRINK) / (counts[person] + SHRINK))
    return found
