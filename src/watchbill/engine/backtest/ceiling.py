"""The ceiling over a comparison, and how far each policy stays below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from watchbill.engine.backtest.answer import Ceiling, Compared, Sort
from watchbill.engine.backtest.asked import Asked
from watchbill.engine.backtest.bound import Bound, clairvoyant_bound
from watchbill.engine.backtest.compare import interval
from watchbill.engine.backtest.contest import mean_known
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.engine.backtest.twin.fidelity import Mapper
from watchbill.engine.backtest.twin.learn import Tell
from watchbill.engine.base.work import Priority

FACTORS = (1.0, 0.8, 1.2)
"""Effort at which the ceiling is worked out: as assumed, and, of one course, less and more."""

Counts = tuple[tuple[float, float, int], ...]
"""By priority: percent that could be kept, percent for which there was time at all, cases."""


def bound_run(stretch: Stretch, what: tuple[int, float]) -> Counts:
    """The ceiling of one course at one factor of effort."""
    seed, factor = what
    model = stretch.model(seed)
    return _counts(model, clairvoyant_bound(model, effort_factor=factor))


def _counts(model: Model, bound: Bound) -> Counts:
    sizes = [sum(case.counts for case in model.cases if case.priority is priority) for priority in Priority]
    return tuple((one.attainment, one.by_window, size) for one, size in zip(bound.by_priority, sizes, strict=True))


def ceiling_of(stretch: Stretch, asked: Asked, mapper: Mapper[Any, Any], tell: Tell) -> Ceiling:
    """Of the courses of the comparison, so that every policy is held against the ceiling of just what it had before it.

    Of all cases: no policy keeps more of a priority than that priority's own bound, so none keeps more than they come to together.
    """
    seeds = range(asked.seed, asked.seed + asked.replications)
    asks = [*((seed, 1.0) for seed in seeds), *((asked.seed, factor) for factor in FACTORS[1:])]
    found: list[Counts] = mapper(bound_run, stretch, asks, tell)
    at = {f: [c for (_, each), c in zip(asks, found, strict=True) if each == f] for f in FACTORS}
    by_priority = {p.name: mean_known([one[p - 1][0] if one[p - 1][2] else None for one in at[1.0]]) for p in Priority}
    kept, by_window = (interval([_overall(one, place) for one in at[1.0]]).mean for place in (0, 1))
    return Ceiling(
        attainment=kept, by_window=by_window, by_priority=by_priority,
        at_effort={f"x{factor}": _overall(at[factor][0], 0) for factor in FACTORS[1:]},
        says=_says(kept, by_window),
    )  # fmt: skip


def _overall(one: Counts, place: int) -> float:
    total = sum(size for *_, size in one)
    return sum(share[place] * share[2] for share in one) / total if total else 100.0


def _says(kept: float, by_window: float) -> str:
    lost = 100 - by_window
    if by_window - kept < 0.05:
        return f"In the twin {lost:.1f} % could be kept by nobody: they were opened, or came back, too late. People were never too few for one who knew all."
    return f"In the twin {lost:.1f} % could be kept by nobody, for want of time; another {by_window - kept:.1f} % for want of people."


def with_regret(row: Compared, bound: Ceiling | None) -> Compared:
    """The row with how far it stays below the ceiling. What really happened is not measured on drawn courses: it has none."""
    if bound is None or row.sort is Sort.AS_WAS:
        return row
    below = {
        name: None if most is None or kept is None else _below(most, kept)
        for (name, kept), most in zip(row.by_priority.items(), bound.by_priority.values(), strict=True)
    }
    return replace(row, regret=_below(bound.attainment, row.attainment), regret_by_priority=below)


def _below(most: float, kept: float) -> float:
    """Points, without the rounding of sums."""
    return round(most - kept, 9) + 0.0
