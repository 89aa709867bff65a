"""What will come in: effort expected by the hour of the week, from the desk's own history, with a band."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.engine.base.errors import InvalidFacts

WEEK_H = 168
WEEKS = 8
"""How many weeks of history are asked for. Fewer will do; less than one whole week says nothing."""
LOW, HIGH = 0.1, 0.9
"""The band holds four of five weeks, if arrivals go on as they did."""
LARGE = 300.0
"""Means above this are near enough to a normal distribution."""
NORMAL_90 = 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What came in, hour by hour up to now: the last hour ends now, so an hour and the one 168 places on are of one hour of the week.

    counts: items opened; effort_min: expected minutes of work in them. Both of the same length.
    """

    counts: Sequence[int]
    effort_min: Sequence[int]

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.effort_min):
            raise InvalidFacts(
                f"Arrivals.effort_min must have {len(self.counts)} hours as counts have, got {len(self.effort_min)}"
            )
        if any(number < 0 for number in (*self.counts, *self.effort_min)):
            raise InvalidFacts("Arrivals must not be negative")

    @property
    def weeks(self) -> int:
        """Whole weeks of history."""
        return len(self.counts) // WEEK_H


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Effort expected to come in from now to an instant, in minutes, with the band from LOW to HIGH."""

    mean_min: float = 0.0
    low_min: float = 0.0
    high_min: float = 0.0


NOTHING = Expected()


def expected(arrivals: Arrivals, *, hours: int) -> tuple[Expected, ...]:
    """What comes in from now on, added up to the end of each of the next *hours* hours (at most 168).

    The same stretch of each whole week before is one observation: their mean is expected, and their spread gives a negative
    binomial by its moments (a Poisson where they spread less than that), whose quantiles make the band. Numbers become
    effort by the mean effort of what came. Without a whole week nothing is expected, which the caller has to say.
    O(weeks x hours).

    References
    ----------
    Ibrahim, Ye, L'Ecuyer, Shen (2016), Modeling and forecasting call center arrivals, International Journal of
    Forecasting 32(3), sections 3.1 and 4.
    """
    if not 0 < hours <= WEEK_H:
        raise InvalidFacts(f"expected looks 1 to {WEEK_H} hours ahead, got {hours}")
    weeks, size = arrivals.weeks, len(arrivals.counts)
    total = sum(arrivals.counts)
    if not weeks or not total:
        return (NOTHING,) * hours
    each_min = sum(arrivals.effort_min) / total
    sums, ahead = [0] * weeks, []
    for hour in range(hours):
        for week in range(weeks):
            sums[week] += arrivals.counts[size - (week + 1) * WEEK_H + hour]
        mean = sum(sums) / weeks
        spread = sum((one - mean) ** 2 for one in sums) / (weeks - 1) if weeks > 1 else mean
        low, high = (quantile(share, mean=mean, variance=spread) for share in (LOW, HIGH))
        ahead.append(Expected(mean_min=mean * each_min, low_min=low * each_min, high_min=high * each_min))
    return tuple(ahead)


def quantile(share: float, *, mean: float, variance: float) -> float:
    """The smallest number that a negative binomial of these moments stays at or under with probability *share*.

    A variance under the mean counts as the mean (Poisson). Above LARGE by the normal distribution, for LOW and HIGH alone.
    """
    if mean <= 0:
        return 0.0
    variance = max(variance, mean)
    if mean > LARGE:
        return max(0.0, mean + math.copysign(NORMAL_90, share - 0.5) * math.sqrt(variance))
    odds = 1 - mean / variance
    size = mean * mean / (variance - mean) if variance > mean * (1 + 1e-9) else 0.0
    chance = math.exp(size * math.log1p(-odds)) if size else math.exp(-mean)
    number, below = 0, chance
    while below < share and number < 20 * LARGE:
        chance *= (number + size) * odds / (number + 1) if size else mean / (number + 1)
        number += 1
        below += chance
    return float(number)
