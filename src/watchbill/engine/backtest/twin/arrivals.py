"""How work comes in: by hour of the week, without holidays, more or less regular than chance.

docs/algorithms/backtest.md, "Arrivals".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.backtest.twin.history import History, Ints, local_minutes
from watchbill.engine.backtest.twin.staff import (
    DAY_MIN,
    EPOCH_ORDINAL,
    HOURS,
    MINUTE_US,
    MONDAY_MIN,
    RECENT_DAYS,
    WEEK_MIN,
    Staff,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """per_hour: mean by hour of the week, from Monday 00:00 on the wall; size: of the negative binomial (infinite: Poisson).

    counted: items that it rests on; closed_share: what comes on a holiday against its weekday.
    """

    per_hour: Floats
    size: float
    counted: int
    closed_share: float

    def draw(self, wall_hours: Ints, is_closed: NDArray[np.bool_], seed: int) -> Ints:
        """Counts for hours given by their hour of the week: a draw of one of infinitely many weeks like these."""
        rng = np.random.Generator(np.random.Philox(key=seed))
        mean = self.per_hour[wall_hours] * np.where(is_closed, self.closed_share, 1.0)
        if not np.isfinite(self.size):
            return np.asarray(rng.poisson(mean))
        day = np.cumsum(np.diff(wall_hours // 24, prepend=wall_hours[:1] // 24) != 0)
        luck = rng.gamma(self.size, 1 / self.size, size=int(day.max(initial=0)) + 1)
        return np.asarray(rng.poisson(mean * luck[day]))


def arrivals_of(history: History, staff: Staff) -> Arrivals:
    """From the last weeks of *history*, holidays apart.

    Days vary more than chance lets them: their luck is a gamma of one factor a day (moments), which is why hours of one day go
    together. O(items).
    """
    minute = local_minutes(history.opened_us, history.zone)
    last = int(minute[-1]) // DAY_MIN
    first = max(int(minute[0]) // DAY_MIN, last - RECENT_DAYS)
    days = np.arange(first, last + 1)
    day = minute // DAY_MIN
    recent = day >= first
    closed = np.array([int(one) + EPOCH_ORDINAL in staff.closed for one in days])
    is_closed = closed[day[recent] - first]
    hour = ((minute[recent] - MONDAY_MIN) % WEEK_MIN) // 60
    weekday = (days + 3) % 7
    open_days = np.bincount(weekday[~closed], minlength=7)
    counts = np.bincount(hour[~is_closed], minlength=HOURS).astype(float)
    per_hour = counts / np.maximum(1, np.repeat(open_days, 24))
    by_day = np.bincount(day[recent] - first, minlength=days.size).astype(float)
    expected = per_hour.reshape(7, 24).sum(axis=1)[weekday]
    on_closed = float(by_day[closed].sum() / expected[closed].sum()) if expected[closed].sum() else 0.0
    return Arrivals(
        per_hour=per_hour, size=_size(by_day[~closed], expected[~closed]), counted=int((~is_closed).sum()),
        closed_share=min(1.0, on_closed),
    )  # fmt: skip


def _size(counts: Floats, expected: Floats) -> float:
    """Of the gamma luck of days, by moments; infinite when days vary no more than chance."""
    beyond = float(((counts - expected) ** 2 - expected).sum())
    return float((expected**2).sum()) / beyond if beyond > 0 else float("inf")


def wall_hours(history: History, staff: Staff, since_us: int, until_us: int) -> tuple[Ints, NDArray[np.bool_]]:
    """The hours of the week of each hour in [since, until), and whether it is of a holiday."""
    at = np.arange(since_us, until_us, 60 * MINUTE_US)
    minute = local_minutes(at, history.zone)
    days = minute // DAY_MIN + EPOCH_ORDINAL
    return (minute - MONDAY_MIN) % WEEK_MIN // 60, np.isin(days, sorted(staff.closed))
