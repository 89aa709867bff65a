"""More than usual: what an hour of the week normally brings, and when what comes, or waits, is more than chance explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.base.errors import InvalidFacts

WEEK_H = 168
BINS = 4
"""Bins of 15 minutes in an hour: arrivals are watched in these."""
FEWEST_WEEKS = 3
"""Less history than this says nothing about a week."""
LEVEL_WEEKS = 2
"""Whether there is more or less than there used to be is taken from the latest weeks."""
LEVEL_MOST = 2.0
"""However these weeks went, no usual week is taken to be more than twice, or less than half, of what was."""
POISSON = 1e6
"""A size this large is a Poisson distribution for all that matters here."""
SHIFTS = ((1.5, 0.5), (2.0, 2.0))
"""What is watched for, side by side: times the usual number, and so many items a bin more. The first finds what creeps up,
the second what breaks in; each may give half of the false alarms."""
PATHS, PATH_WEEKS = 100, 8
"""So many usual weeks are simulated, 800 in all, to see how often a threshold is passed by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a week normally brings: items by hour of the week (168, from Monday midnight), and how much that varies.

    size: of the negative binomial; the variance of an hour is mean + mean² / size. weeks: how much history it rests on.
    """

    means: tuple[float, ...]
    size: float
    weeks: int

    def __post_init__(self) -> None:
        if len(self.means) != WEEK_H or min(self.means) < 0 or self.size <= 0:
            raise InvalidFacts(f"Usual.means are {WEEK_H} numbers of at least 0, and size is above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """More came than usual: noticed at the end of *bin*, begun with *since*.

    came, expected: items in all bins from *since* to *bin*, both included.
    """

    bin: int
    since: int
    came: int
    expected: float


@dataclass(frozen=True, slots=True)
class Watched:
    """How far the watch for one shift has come: its score, and what came and was expected since the score was last nought."""

    score: float = 0.0
    bins: int = 0
    came: int = 0
    expected: float = 0.0


QUIET = Watched()
NOTHING_YET = (QUIET,) * len(SHIFTS)


def usual(counts: Sequence[int], *, first_hour: int) -> Usual | None:
    """What a week normally brings, from hourly counts in order; None with less than `FEWEST_WEEKS` whole weeks.

    first_hour: of the week, 0 to 167, that counts[0] belongs to; the latest weeks count where there are more than whole ones.
    The mean of an hour is that of its weeks without the largest and the smallest (from five weeks on), drawn half towards
    its neighbours, times how much more or less came in the latest weeks. The size is by moments over all hours. O(n).

    References
    ----------
    Ibrahim, Ye, L'Ecuyer, Shen (2016), Modeling and forecasting call center arrivals, *IJF* 32(3), section 3.
    """
    if not 0 <= first_hour < WEEK_H:
        raise InvalidFacts(f"first_hour is 0 to {WEEK_H - 1}, got {first_hour}")
    weeks = len(counts) // WEEK_H
    if weeks < FEWEST_WEEKS:
        return None
    skipped = len(counts) - weeks * WEEK_H
    table = np.asarray(counts[skipped:], dtype=np.float64).reshape(weeks, WEEK_H)
    ordered = np.sort(table, axis=0)
    means = (ordered[1:-1] if weeks >= 5 else ordered).mean(axis=0)
    means = 0.5 * means + 0.25 * (np.roll(means, 1) + np.roll(means, -1))
    means += means.mean() * 0.01  # an hour in which nothing ever came is still possible
    recent = table[-LEVEL_WEEKS:]
    whole = means.sum() * len(recent)
    level = min(LEVEL_MOST, max(1 / LEVEL_MOST, recent.sum() / whole)) if whole else 1.0
    excess = float(((table - means) ** 2 - means).sum()) * weeks / (weeks - 1)
    squares = float((means**2).sum()) * weeks
    size = min(POISSON, squares / excess) if excess > squares / POISSON else POISSON
    shift = (first_hour + skipped) % WEEK_H
    return Usual(means=tuple(np.roll(means * level, shift).tolist()), size=max(size, 0.05), weeks=weeks)


def increments(of: Usual, mean: float, most: int, *, shift: tuple[float, float]) -> NDArray[np.float64]:
    """What 0 to *most* items in a bin of that mean add to the score: the log-likelihood ratio of the shift to usual."""
    worse, size = shift[0] * mean + shift[1], of.size
    slope = np.log(worse / (worse + size)) - np.log(max(mean, 1e-9) / (max(mean, 1e-9) + size))
    found: NDArray[np.float64] = np.arange(most + 1) * slope + size * np.log((mean + size) / (worse + size))
    return found


def watch(
    of: Usual,
    thresholds: Sequence[float],
    seen: Sequence[Watched],
    *,
    bin: int,  # noqa: A002 - the word of the trade
    came: int,
) -> tuple[tuple[Watched, ...], Surge | None]:
    """Count one bin of 15 minutes (numbered from Monday midnight): the watch after it, and the surge if it shows one.

    For each of `SHIFTS` a cumulative sum of log-likelihood ratios of negative binomials, never below nought; when one passes its
    threshold it is a surge, and all begin anew. O(1).

    References
    ----------
    Höhle, Paul (2008), Count data regression charts for the monitoring of surveillance time series, *CSDA* 52(9), section 3.
    """
    mean = of.means[bin // BINS % WEEK_H] / BINS
    after = []
    for shift, limit, one in zip(SHIFTS, thresholds, seen, strict=True):
        score = max(0.0, one.score + float(increments(of, mean, came, shift=shift)[came]))
        now = Watched(score, one.bins + 1, one.came + came, one.expected + mean) if score else QUIET
        if score > limit:
            return NOTHING_YET, Surge(bin=bin, since=bin - now.bins + 1, came=now.came, expected=now.expected)
        after.append(now)
    return tuple(after), None


def surges(of: Usual, thresholds: Sequence[float], counts: Sequence[int], *, first_bin: int) -> Iterator[Surge]:
    """Every surge in counts of 15 minutes in order, *first_bin* numbered from a Monday midnight: `watch` over all of them."""
    seen: Sequence[Watched] = NOTHING_YET
    for number, came in enumerate(counts, start=first_bin):
        seen, found = watch(of, thresholds, seen, bin=number, came=came)
        if found is not None:
            yield found


def thresholds(of: Usual, *, per_week: float, seed: int = 0) -> tuple[float, ...]:
    """The lowest thresholds, one for each of `SHIFTS`, that usual weeks pass at most *per_week* times a week in all.

    By simulation, seeded: `PATHS` x `PATH_WEEKS` weeks are drawn from what is usual, every bin by itself; bisected to a
    hundredth. About two seconds. No textbook value would do: the distribution differs from hour to hour.
    """
    if per_week <= 0:
        raise InvalidFacts(f"per_week: expected more than 0 false alarms a week, got {per_week:g}")
    rng = np.random.default_rng(seed)
    means = np.tile(np.repeat(np.asarray(of.means) / BINS, BINS), PATH_WEEKS)
    shape = (len(means), PATHS)
    rates = rng.gamma(of.size, np.broadcast_to(means[:, None] / of.size, shape)) if of.size < POISSON else None
    drawn = rng.poisson(np.broadcast_to(means[:, None], shape) if rates is None else rates)
    found = []
    for shift in SHIFTS:
        steps = np.empty(shape)
        for row, mean in enumerate(means.tolist()):
            steps[row] = increments(of, mean, int(drawn[row].max()), shift=shift)[drawn[row]]
        low, high = 0.0, 1.0
        while _alarms(steps, high) > per_week / len(SHIFTS):
            low, high = high, high * 2
        while high - low > 0.01:
            middle = (low + high) / 2
            low, high = (middle, high) if _alarms(steps, middle) > per_week / len(SHIFTS) else (low, middle)
        found.append(high)
    return tuple(found)


def _alarms(steps: NDArray[np.float64], limit: float) -> float:
    """How often a week the sums of *steps*, begun anew at each alarm, pass *limit*."""
    score, count = np.zeros(steps.shape[1]), 0
    for step in steps:
        score = np.maximum(0.0, score + step)
        passed = score > limit
        count += int(passed.sum())
        score[passed] = 0.0
    return count / (PATHS * PATH_WEEKS)


# What real weeks do

WEEK_BINS = WEEK_H * BINS
CALM_DEVIATIONS = 2.0
"""An hour with no more than its mean and so many standard deviations is usual again."""
FACTORS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 13.0, 17.0)
HELD_SHARE = 0.5
"""Weeks that are known may alarm half as often as is allowed: those to come are less usual."""


def is_calm(of: Usual, hour: int, came: int) -> bool:
    """Whether what came in an hour of the week is what it brings, give or take."""
    mean = of.means[hour]
    return came <= mean + CALM_DEVIATIONS * sqrt(mean + mean * mean / of.size)


def raised(of: Usual, thresholds: Sequence[float], counts: Sequence[int], *, first_bin: int) -> list[Surge]:
    """The surges that are told: one is told when none is, and over after a whole hour that is calm. *first_bin*: of an hour."""
    seen: Sequence[Watched] = NOTHING_YET
    told: list[Surge] = []
    told_at: int | None = None
    for place, came in enumerate(counts):
        seen, found = watch(of, thresholds, seen, bin=first_bin + place, came=came)
        if found is not None and told_at is None:
            told.append(found)
            told_at = place
        elif told_at is not None and found is None and place % BINS == BINS - 1 and place - BINS >= told_at:
            hour = (first_bin + place) // BINS % WEEK_H
            if is_calm(of, hour, sum(counts[place - BINS + 1 : place + 1])):
                told_at = None
    return told


def thresholds_held(
    of: Usual, counts: Sequence[int], *, first_bin: int, per_week: float, seed: int = 0
) -> tuple[float, ...] | None:
    """Thresholds that usual weeks by simulation, and the desk's own weeks, both keep; None with fewer than four weeks.

    counts: of 15 minutes in order, *first_bin* of them at the begin of an hour; the latest whole weeks count. Whole days and
    weeks of a real desk are busier than others, which no drawing of single hours shows. So each week is watched by what the
    others say is usual, and the simulated thresholds are raised by the first of `FACTORS` at which these weeks together are told
    of at most `HELD_SHARE` of what is allowed. About two seconds for twelve weeks.
    """
    weeks = len(counts) // WEEK_BINS
    if weeks <= FEWEST_WEEKS:
        return None
    first = first_bin + len(counts) - weeks * WEEK_BINS
    own = [list(counts[len(counts) - n * WEEK_BINS :][:WEEK_BINS]) for n in range(weeks, 0, -1)]
    hours = [[sum(week[at : at + BINS]) for at in range(0, WEEK_BINS, BINS)] for week in own]
    others = []
    for left_out in range(weeks):
        rest = [count for n, week in enumerate(hours) if n != left_out for count in week]
        others.append(usual(rest, first_hour=first // BINS % WEEK_H) or of)
    simulated = thresholds(of, per_week=per_week, seed=seed)
    allowed = HELD_SHARE * per_week * weeks
    tried: tuple[float, ...] = simulated
    for factor in FACTORS:
        tried = tuple(limit * factor for limit in simulated)
        told = 0
        for week, usually in zip(own, others, strict=True):
            told += len(raised(usually, tried, week, first_bin=first))
            if told > allowed:
                break
        if told <= allowed:
            break
    return tried


# What waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much normally waits at each hour of the week: the middle, and above which it is more than usual.

    per_week: how often a week the limit was passed in the history that it was learned from.
    """

    middles: tuple[float, ...]
    limits: tuple[float, ...]
    per_week: float
    weeks: int


def limits(levels: Sequence[int], *, first_hour: int, per_week: float) -> Limits | None:
    """Limits for something that waits (a queue's length), from hourly levels in order; None with too little history.

    What waits depends on what waited before, so no distribution is assumed: above the median of the hour of the week
    (with its neighbours), in units of its own median deviation and at least one item, the limit is drawn where the
    history itself passed it, coming from below, at most *per_week* times a week. O(n log n).
    """
    weeks = len(levels) // WEEK_H
    if weeks < FEWEST_WEEKS:
        return None
    if per_week <= 0:
        raise InvalidFacts(f"per_week: expected more than 0 false alarms a week, got {per_week:g}")
    by_hour: list[list[int]] = [[] for _ in range(WEEK_H)]
    for number, level in enumerate(levels, start=first_hour):
        by_hour[number % WEEK_H].append(level)
    around = [by_hour[hour - 1] + by_hour[hour] + by_hour[(hour + 1) % WEEK_H] for hour in range(WEEK_H)]
    middles = [float(median(of)) for of in around]
    spreads = [max(1.0, median([abs(one - middle) for one in of])) for of, middle in zip(around, middles, strict=True)]
    above = [
        (level - middles[number % WEEK_H]) / spreads[number % WEEK_H]
        for number, level in enumerate(levels, start=first_hour)
    ]
    allowed = per_week * len(levels) / WEEK_H
    height = next(one for one in sorted({0.0, *above}) if one >= 0 and _passed(above, one) <= allowed)
    return Limits(
        middles=tuple(middles),
        limits=tuple(middle + height * spread for middle, spread in zip(middles, spreads, strict=True)),
        per_week=_passed(above, height) * WEEK_H / len(levels),
        weeks=weeks,
    )


def _passed(above: Sequence[float], height: float) -> int:
    """How often *above* rises over *height*."""
    return sum(now > height >= before for before, now in zip((0.0, *above), above, strict=False))
