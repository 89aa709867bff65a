"""The reference model: rules of order, peers' policies and Watchbill's own on the same cases, against what nobody can beat.

Every policy meets the same seeds at every load, so differences are paired. About four minutes of one core, shared by two
processes where there are two; most of it is Watchbill's own policy, and the exact bound on its few seeds.

Run: python -m benchmarks.reference [--quick] [--markdown]
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks._report import report
from watchbill.engine.backtest.bound import clairvoyant_bound, window_bound
from watchbill.engine.backtest.compare import Interval, best_of, interval, of_figure, paired
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.outcome import Figures
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.reference import reference_model
from watchbill.engine.backtest.rules import table
from watchbill.engine.backtest.simulate import simulate

LOADS = (0.82, 0.94, 1.01)
SEEDS, QUICK_SEEDS = range(20), range(4)
BOUND_SEEDS = 2
OURS = "Watchbill"
STRICT = "strict priority"
NOISE = -0.5
"""Points: how far the lower confidence limit of a difference may lie below nothing."""
GAP, SPREAD, NEAR = 2.0, 1.35, 0.95
FACTORS = (0.8, 1.2)
"""The bound hangs on the efforts: it is told for these multiples of them as well."""


@dataclass(frozen=True, slots=True)
class Course:
    """One seed at one load: every policy's figures, the free bound (and at other efforts), the exact one where it was asked for."""

    figures: dict[str, Figures]
    by_window: float
    by_window_at: dict[float, float]
    bound: float | None
    seconds: float


def policies() -> list[Policy]:
    """Every row of the table."""
    return [*table(), *peers(), Watchbill(name=OURS), Watchbill(name=f"{OURS}, three in hand", limit=3)]


def course(task: tuple[float, int, bool]) -> Course:
    """Run everything on one model; for a process of its own."""
    load, seed, with_bound = task
    model = reference_model(seed, load=load)
    figures, seconds = {}, 0.0
    for policy in policies():
        started = time.process_time()
        figures[policy.name] = simulate(model, policy).figures()
        if policy.name == OURS:
            seconds = time.process_time() - started
    bound = clairvoyant_bound(model).attainment if with_bound else None
    at = {factor: window_bound(model, effort_factor=factor) for factor in FACTORS}
    return Course(figures, window_bound(model), at, bound, seconds)


def main(arguments: Sequence[str]) -> int:
    seeds = QUICK_SEEDS if "--quick" in arguments else SEEDS
    exact = 1 if "--quick" in arguments else BOUND_SEEDS
    tasks = [(load, seed, seed < exact) for load in LOADS for seed in seeds]
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(2, cores())) as pool:
        courses = pool.map(course, tasks, chunksize=1)
    ok = True
    for at, load in enumerate(LOADS):
        ok &= told(load, courses[at * len(seeds) : (at + 1) * len(seeds)], is_judged=seeds is SEEDS)
    if "--markdown" in arguments:
        for at, load in enumerate(LOADS):
            markdown(load, courses[at * len(seeds) : (at + 1) * len(seeds)])
    return 0 if ok else 1


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def told(load: float, courses: Sequence[Course], *, is_judged: bool) -> bool:
    """One line per policy, then the targets of this load; the intervals of a few seeds are too wide to judge by."""
    runs = by_policy(courses)
    for name, figures in runs.items():
        spread = {key: _triple(of_figure(figures, figure)) for key, figure in FIGURES.items()}
        report(
            name="reference.policy",
            case=f"load {load}, {len(courses)} seeds, {name}",
            value=of_figure(figures, _attainment).mean,
            unit="% of weight kept",
            target=None,
            better="higher",
            against={**spread, "watchbill_minus": _triple(paired(runs[OURS], figures, _attainment))},
        )
    rivals = {name: figures for name, figures in runs.items() if not name.startswith(OURS)}
    best = best_of(rivals, _attainment)
    mine = runs[OURS]
    noise = NOISE if is_judged else None
    lead = paired(mine, rivals[best], _attainment)
    ok = _difference(load, f"attainment, Watchbill minus the best rule ({best})", lead, noise)
    ok &= _difference(load, "P1, Watchbill minus strict priority", paired(mine, rivals[STRICT], _p1), noise)
    gap = interval([c.by_window - c.figures[OURS].attainment for c in courses])
    exact = [(c.bound, c.by_window) for c in courses if c.bound is not None]
    ok &= report(
        name="reference.gap",
        case=f"load {load}, free bound minus Watchbill",
        value=gap.mean,
        unit="points",
        target=GAP if is_judged and load <= NEAR else None,
        against={
            "interval": _triple(gap),
            "exact_and_free_bound": [[round(b, 2), round(w, 2)] for b, w in exact],
            "free_bound": round(sum(c.by_window for c in courses) / len(courses), 2),
            "free_bound_at_effort": {
                str(factor): round(sum(c.by_window_at[factor] for c in courses) / len(courses), 2) for factor in FACTORS
            },
        },
    )
    spreads = [figures.spread for figures in mine]
    ok &= report(
        name="reference.spread",
        case=f"load {load}, most over mean effort per staffed hour within the same skills, upper limit of the mean",
        value=of_figure(mine, FIGURES["spread"]).high,
        unit="ratio",
        target=SPREAD if is_judged else None,
        against={
            "interval": _triple(of_figure(mine, FIGURES["spread"])),
            "worst_seed": round(max(spreads), 2),
            "seeds_above_target": sum(value > SPREAD for value in spreads),
            "worst_seed_within_a_team": round(max(figures.team_spread for figures in mine), 2),
        },
    )
    report(
        name="reference.cost",
        case=f"load {load}, ten days of Watchbill's own policy",
        value=sum(c.seconds for c in courses) / len(courses),
        unit="s of one core",
        target=None,
    )
    return ok


def by_policy(courses: Sequence[Course]) -> dict[str, list[Figures]]:
    return {name: [course.figures[name] for course in courses] for name in courses[0].figures}


def markdown(load: float, courses: Sequence[Course]) -> None:
    """The rows of docs/algorithms/reference-model.md."""
    runs = by_policy(courses)
    print(f"\nLoad {load}; bound {sum(c.by_window for c in courses) / len(courses):.1f}\n", file=sys.stderr)
    for name, figures in runs.items():
        cells = [str(of_figure(figures, FIGURES[key])) for key in ("attainment", "p1")]
        difference = "" if name == OURS else _signed(paired(runs[OURS], figures, _attainment))
        cells += [difference, *(f"{of_figure(figures, FIGURES[key]).mean:.{digits}f}" for key, digits in PLAIN.items())]
        print(f"| {name} | {' | '.join(cells)} |", file=sys.stderr)


def _difference(load: float, what: str, difference: Interval, target: float | None) -> bool:
    return report(
        name="reference.difference",
        case=f"load {load}, {what}, lower limit",
        value=difference.low,
        unit="points",
        target=target,
        better="higher",
        against={"interval": _triple(difference)},
    )


def _signed(difference: Interval) -> str:
    return f"{difference.mean:+.1f} ({difference.low:+.1f} to {difference.high:+.1f})"


def _triple(one: Interval) -> list[float]:
    return [round(one.mean, 2), round(one.low, 2), round(one.high, 2)]


def _attainment(figures: Figures) -> float:
    return figures.attainment


def _p1(figures: Figures) -> float:
    return figures.p1


FIGURES: dict[str, Callable[[Figures], float]] = {
    "attainment": _attainment,
    "p1": _p1,
    "wait_p50_h": lambda figures: figures.wait_p50 / 60,
    "wait_p95_h": lambda figures: figures.wait_p95 / 60,
    "late_p95_h": lambda figures: figures.late_p95 / 60,
    "gini": lambda figures: figures.gini,
    "spread": lambda figures: figures.spread,
    "team_spread": lambda figures: figures.team_spread,
    "reassigned_per_100": lambda figures: figures.reassigned,
    "interrupted_per_100": lambda figures: figures.interrupted,
}
PLAIN = {
    "wait_p50_h": 1,
    "wait_p95_h": 1,
    "gini": 3,
    "spread": 2,
    "team_spread": 2,
    "reassigned_per_100": 1,
    "interrupted_per_100": 1,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
