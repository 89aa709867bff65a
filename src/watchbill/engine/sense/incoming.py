"""What will come in: effort expected by the hour of the week, from the desk's own history, with a band."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from watchbill.engine.base.errors import InvalidFacts

WEEK_H = 168
WEEKS = 8
"""How many weeks of history are asked for. Fewer will do; less than one whole week says nothing."""
LOW, HIGH = 0.1, 0.9
"""The band holds four of five weeks, if arrivals go on as they did."""
LARGE = 300.0
"""Means above this are near enough to a normal distribution."""
NORMAL_90 = 1.2815515655446004
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What came in, hour by hour up to now: the last hour ends now, so an hour and the one 168 places on are of one hour of the week.

    counts: items opened; effort_min: expected minutes of work in them. Both of the same length. due_min: of the work that came
    in each hour of the stretch from now on of all these weeks, the minutes that fell due so many hours from its beginning, by
    hour of arrival and hour of due; None: all work is due as it comes.
    """

    counts: Sequence[int]
    effort_min: Sequence[int]
    due_min: Mapping[int, Mapping[int, float]] | None = None

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

    def plus(self, other: Expected) -> Expected:
        """Both together; bands are added."""
        return Expected(
            mean_min=self.mean_min + other.mean_min,
            low_min=self.low_min + other.low_min,
            high_min=self.high_min + other.high_min,
        )

    def times(self, share: float) -> Expected:
        """A share of it."""
        return Expected(mean_min=self.mean_min * share, low_min=self.low_min * share, high_min=self.high_min * share)


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


def due_share(arrivals: Arrivals, *, hours: int) -> float:
    """The share of what comes in within so many hours that falls due within them, too, as it did in the weeks before."""
    if arrivals.due_min is None:
        return 1.0
    came = sum(_came(arrivals, hour) for hour in range(hours))
    due = sum(
        minutes
        for arrived, dues in arrivals.due_min.items()
        for hour, minutes in dues.items()
        if arrived < hours and hour < hours
    )
    return min(1.0, due / came) if came else 1.0


def due_shares(
    arrivals: Mapping[Key, Arrivals], weights: Mapping[Key, float], *, hours: int, seen_h: int
) -> list[dict[int, float]]:
    """For each of the next *hours* hours, when what comes in then falls due: shares by hour, below *seen_h*.

    Of several series together, each with its weight. The rest of each hour's work is due later.
    """
    found = []
    for at in range(hours):
        came, due = 0.0, dict[int, float]()
        for key, weight in weights.items():
            one = arrivals[key]
            minutes = _came(one, at) * weight
            came += minutes
            dues = {at: minutes} if one.due_min is None else one.due_min.get(at, {})
            for hour, part in dues.items():
                if hour < seen_h:
                    due[hour] = due.get(hour, 0.0) + (part if one.due_min is None else part * weight)
        found.append({hour: part / came for hour, part in due.items()} if came else {at: 1.0})
    return found


def _came(arrivals: Arrivals, hour: int) -> int:
    """Minutes of work that came in an hour of the stretch from now on, in all whole weeks before."""
    size = len(arrivals.effort_min)
    return sum(arrivals.effort_min[size - (week + 1) * WEEK_H + hour] for week in range(arrivals.weeks))


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
