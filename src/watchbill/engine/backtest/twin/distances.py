"""How far apart two logs are: the distances by which process simulations are judged.

Each compares the cases of one stretch with those of another one, or of a simulation of it. docs/algorithms/backtest.md, "Fidelity".

References
----------
Chapela-Campa, Benchekroun, Baron, Dumas, Krass, Senderovich (2023), Can I trust my simulation model? Measuring the quality of
business process simulation models. BPM 2023.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from watchbill.engine.backtest.outcome import Run
from watchbill.engine.backtest.twin.effort import Floats
from watchbill.engine.backtest.twin.history import History, Ints
from watchbill.engine.backtest.twin.legs import NEVER, Legs
from watchbill.engine.backtest.twin.models import MINUTE_US, Floor

DAY_MIN, WEEK_H = 1440, 168
EDGE = -1
"""Before the first and after the last piece of a case, in n-grams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Pieces of work that were ended, of the cases of one stretch, in the order of cases and then of time.

    case: number from 0; opened_min: by case; ended_min, skill, who: by piece; done_min: by case, NEVER where it was not done. Minutes
    since the stretch began; wall_min: what the wall clock showed then, in minutes since a Monday.
    """

    opened_min: Ints
    done_min: Ints
    case: Ints
    ended_min: Ints
    skill: Ints
    who: Ints
    wall_min: int

    @property
    def cycle_h(self) -> Floats:
        """Hours from opening to done, of those that were."""
        done = self.done_min != NEVER
        return np.asarray((self.done_min[done] - self.opened_min[done]) / 60)


def log_of_history(
    history: History, legs: Legs, floor: Floor, *, since_us: int, until_us: int, seen_us: int, wall_min: int
) -> Log:
    """What really happened to what was opened in [since, until), as far as it was seen."""
    first, last = (int(at) for at in np.searchsorted(history.opened_us, [since_us, until_us]))
    done = legs.done_us[first:last]
    is_done = (done != NEVER) & (done <= seen_us)
    here = (legs.item >= first) & (legs.item < last) & (legs.ended_us != NEVER) & (legs.ended_us <= seen_us)
    opened = (history.opened_us[first:last] - since_us) // MINUTE_US
    item = legs.item[here] - first
    at = opened + (since_us - floor.origin_us) // MINUTE_US
    skill = [
        int(floor.skill(team, when)) for team, when in zip(legs.team[here].tolist(), at[item].tolist(), strict=True)
    ]
    return Log(
        opened_min=opened, done_min=np.where(is_done, (done - since_us) // MINUTE_US, NEVER), case=item,
        ended_min=(legs.ended_us[here] - since_us) // MINUTE_US, skill=np.array(skill, dtype=np.int64),
        who=legs.worker[here] + 1, wall_min=wall_min,
    )  # fmt: skip


def log_of_run(run: Run, *, seen_min: int, wall_min: int) -> Log:
    """What happened in a simulation to what was opened after it began, as far as it would have been seen."""
    cases = [one for one in run.cases if one.case.opened_min >= 0]
    rows = [
        (number, piece.done_min, piece.skill, piece.who)
        for number, one in enumerate(cases)
        for piece in one.log
        if piece.done_min <= seen_min
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    done = [NEVER if one.done_min is None or one.done_min > seen_min else one.done_min for one in cases]
    return Log(
        opened_min=np.array([one.case.opened_min for one in cases], dtype=np.int64),
        done_min=np.array(done, dtype=np.int64), case=table[:, 0], ended_min=table[:, 1], skill=table[:, 2],
        who=table[:, 3], wall_min=wall_min,
    )  # fmt: skip


def wasserstein(one: Floats, other: Floats) -> float:
    """1-Wasserstein distance of two samples, in their unit; infinite when one is empty and the other is not."""
    if not one.size or not other.size:
        return 0.0 if one.size == other.size else float("inf")
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(one, other))


def ngrams(one: Log, other: Log, *, size: int = 3) -> float:
    """Share of the runs of *size* teams, in the order in which cases went through them, that the logs do not have in common."""
    mine, theirs = _grams(one, size), _grams(other, size)
    total, others = max(1, mine.total()), max(1, theirs.total())
    return 0.5 * sum(abs(mine[key] / total - theirs[key] / others) for key in mine.keys() | theirs.keys())


def _grams(log: Log, size: int) -> Counter[tuple[int, ...]]:
    found: Counter[tuple[int, ...]] = Counter()
    bounds = np.searchsorted(log.case, np.arange(log.opened_min.size + 1))
    skills = log.skill.tolist()
    edge = [EDGE] * (size - 1)
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        padded = [*edge, *skills[start:end], *edge]
        found.update(tuple(padded[at : at + size]) for at in range(len(padded) - size + 1))
    return found


def absolute(one: Log, other: Log) -> float:
    """Between the times at which pieces were ended, counted from the beginning of the stretch; hours."""
    return wasserstein(one.ended_min / 60, other.ended_min / 60)


def relative(one: Log, other: Log) -> float:
    """Between the times at which pieces were ended, counted from the opening of their case; hours."""
    return wasserstein(
        (one.ended_min - one.opened_min[one.case]) / 60, (other.ended_min - other.opened_min[other.case]) / 60
    )


def circadian(one: Log, other: Log) -> float:
    """Between the hours of the day at which pieces were ended, by weekday, weighed by how many there were; hours."""
    return _by_weekday(*((log.ended_min + log.wall_min) // 60 % WEEK_H for log in (one, other)))


def workforce(one: Log, other: Log) -> float:
    """Between the hours of the day at which people were at work, by weekday, each person once an hour; hours."""
    return _by_weekday(*(_busy_hours(log) for log in (one, other)))


def _busy_hours(log: Log) -> Ints:
    hour = (log.ended_min + log.wall_min) // 60
    known = log.who > 0
    pairs = np.unique(np.stack((hour[known], log.who[known])), axis=1)
    return np.asarray(pairs[0] % WEEK_H)


def _by_weekday(one: Ints, other: Ints) -> float:
    total = weight = 0.0
    for day in range(7):
        mine, theirs = one[one // 24 == day] % 24, other[other // 24 == day] % 24
        if mine.size + theirs.size:
            share = (mine.size / max(1, one.size) + theirs.size / max(1, other.size)) / 2
            total += share * (wasserstein(mine, theirs) if mine.size and theirs.size else 23.0)
            weight += share
    return total / weight if weight else 0.0


def cycle(one: Log, other: Log) -> float:
    """Between the times from opening to done; hours."""
    return wasserstein(one.cycle_h, other.cycle_h)


def arrivals(one: Log, other: Log) -> float:
    """Between the times of opening, counted from the beginning of the stretch; hours."""
    return wasserstein(one.opened_min / 60, other.opened_min / 60)


def by_team(one: Log, other: Log) -> float:
    """Share of the pieces that lie with other teams."""
    size = 1 + int(max(one.skill.max(initial=0), other.skill.max(initial=0)))
    mine, theirs = (np.bincount(log.skill, minlength=size) / max(1, log.skill.size) for log in (one, other))
    return float(0.5 * np.abs(mine - theirs).sum())


MEASURES = (
    ("ngram", "Order of teams, three in a row", "share", ngrams),
    ("absolute", "When work was ended", "h", absolute),
    ("circadian", "Hours of the day of that, by weekday", "h", circadian),
    ("relative", "When, since a case was opened", "h", relative),
    ("workforce", "Hours in which people are busy, by weekday", "h", workforce),
    ("by_team", "Work by team", "share", by_team),
    ("cycle", "From opening to done", "h", cycle),
)
"""Key, name, unit and function of each distance that gate (a) looks at, except the arrivals, which are learned by themselves."""
