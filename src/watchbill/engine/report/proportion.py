"""A share that was counted, with how sure one can be of it; and whose share stands out from everybody else's."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import Generic, TypeVar

from watchbill.engine.base.errors import InvalidFacts

LEVEL = 0.95
"""How often an interval holds the true share, in the long run."""

SMALL = 30
"""Below so many a share is called small: its interval is wider than a third where about half are hits."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """*hits* of *total*. Raises InvalidFacts unless 0 <= hits <= total."""

    hits: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.total:
            raise InvalidFacts(f"expected 0 <= hits <= total, got {self.hits} of {self.total}")

    @property
    def share(self) -> float | None:
        """Hits over total, 0 to 1; None of nothing."""
        return self.hits / self.total if self.total else None

    @property
    def is_small(self) -> bool:
        """Whether there are too few to say much."""
        return self.total < SMALL

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share: `wilson`."""
        return wilson(self.hits, self.total)

    def __sub__(self, other: Proportion) -> Proportion:
        """What is left without *other*, which must be a part of this."""
        return Proportion(hits=self.hits - other.hits, total=self.total - other.total)


def wilson(hits: int, total: int, *, level: float = LEVEL) -> tuple[float, float]:
    """The score interval of a share: every share that *hits* of *total* would not refute at *level*.

    It stays within 0 and 1, is honest for few and for shares near 0 or 1, and is narrower than the exact one: E. B. Wilson
    (1927), "Probable inference"; L. D. Brown, T. T. Cai, A. DasGupta (2001), "Interval estimation for a binomial
    proportion", section 5. Of nothing it is (0, 1).
    """
    if not total:
        return 0.0, 1.0
    z = _z(level)
    share, widening = hits / total, z * z / total
    middle = (share + widening / 2) / (1 + widening)
    half = z / (1 + widening) * sqrt(share * (1 - share) / total + widening / (4 * total))
    low = 0.0 if not hits else max(0.0, middle - half)
    return low, 1.0 if hits == total else min(1.0, middle + half)


@cache
def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Generic[K]):
    """One of several groups beside all the others. ``stands_out``: its share is higher by more than chance explains."""

    key: K
    own: Proportion
    others: Proportion
    stands_out: bool


def compare(groups: Mapping[K, Proportion]) -> tuple[Compared[K], ...]:
    """Compare each group's share with that of all others together; the highest shares first, then the larger groups.

    A group stands out when the share of the others lies below its interval at the level 1 - 0.05 / m, m being the
    number of groups (Bonferroni). So, where nobody differs, the chance that anybody is named at all is about 5 %,
    however many there are. A small group never stands out.
    """
    whole = Proportion(hits=sum(g.hits for g in groups.values()), total=sum(g.total for g in groups.values()))
    level = 1 - (1 - LEVEL) / max(len(groups), 1)
    found = []
    for key, own in groups.items():
        others = whole - own
        usual = others.share
        is_higher = usual is not None and not own.is_small and wilson(own.hits, own.total, level=level)[0] > usual
        found.append(Compared(key=key, own=own, others=others, stands_out=is_higher))
    found.sort(key=lambda one: (-(one.own.share or 0), -one.own.total, str(one.key)))
    return tuple(found)
