"""Policies side by side on the same models: means with intervals, and paired differences, which the luck of the draw cancels out of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from watchbill.engine.backtest.outcome import Figures
from watchbill.engine.base.errors import InvalidFacts

CONFIDENCE = 0.95
Figure = Callable[[Figures], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean over models, and the limits of its 95 % interval (Student's t)."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} ({self.low:.1f} to {self.high:.1f})"


def interval(values: Sequence[float]) -> Interval:
    """Of independent values. A single one has no interval that means anything: its limits are infinite."""
    if not values:
        raise InvalidFacts("An interval needs at least one value")
    count, mean = len(values), sum(values) / len(values)
    if count == 1:
        return Interval(mean=mean, low=-math.inf, high=math.inf)
    from scipy.special import stdtrit

    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    half = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2)) * math.sqrt(variance / count)
    return Interval(mean=mean, low=mean - half, high=mean + half)


def of_figure(runs: Sequence[Figures], figure: Figure) -> Interval:
    """One figure of one policy over all models."""
    return interval([figure(run) for run in runs])


def paired(runs: Sequence[Figures], others: Sequence[Figures], figure: Figure) -> Interval:
    """*runs* minus *others*, model by model. Both must be of the same models in the same order."""
    if len(runs) != len(others):
        raise InvalidFacts(f"Paired differences need the same models, got {len(runs)} and {len(others)} runs")
    return interval([figure(run) - figure(other) for run, other in zip(runs, others, strict=True)])


def best_of(table: Mapping[str, Sequence[Figures]], figure: Figure) -> str:
    """The policy with the largest mean; the first of equals."""
    return max(table, key=lambda name: of_figure(table[name], figure).mean)
