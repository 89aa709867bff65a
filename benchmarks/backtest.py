"""A backtest of the public incident log: seconds to learn, of each policy and of whole comparisons, memory, two workers, growth.

The desk is learned from the shipped log (`_learned`); growth alone is measured on drawn desks of any size (`_twin`). Learning and
policies are in seconds of one core, comparisons and the gain of a second worker on the clock of the wall: they need a quiet machine
with two cores.

Run: python -m benchmarks.backtest [CASE ...], of learn, policies, distance, quick, workers, growth, which are about six minutes in all
and what runs without a name; full (half an hour) and million (two minutes, 1 GB) only when they are named.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from benchmarks._learned import learned, log, quiet
from benchmarks._report import peak_mb, report
from benchmarks._twin import CASES, twin
from watchbill.engine.backtest.asked import FULL, QUICK, WATCHBILL, Asked
from watchbill.engine.backtest.contest import contest_of, play, runs_of
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.backtest.distance import distance
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.rules import Pull, fifo
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.draw import Stretch
from watchbill.flows.backtest.running import backtest
from watchbill.flows.backtest.workers import Workers

LEARN_S, SIMPLE_S, OWN_S = 30.0, 1.0, 15.0
QUICK_S, FULL_S, PEAK_MB = 120.0, 1800.0, 1024.0
WORKERS, SPEED_UP = 2, 1.7
REPEATS = 3
"""Of a simple policy: the fastest counts, since whatever else the machine does can only slow it down."""
EVERY = 20
"""Every so many states of `place` are planned as well."""
SIZES, MILLION = (10_000, 100_000), 1_000_000
GROWTH = 2.0
"""How many times longer a case may take on a desk with ten times the cases and people, and on one with a hundred times."""


def main(arguments: Sequence[str]) -> int:
    unknown = sorted(set(arguments) - set(RUNS))
    if unknown:
        print(f"There is no case “{unknown[0]}”; there are: {', '.join(RUNS)}", file=sys.stderr)
        return 2
    ok = True
    for name in arguments or DEFAULT:
        ok &= RUNS[name]()
    return 0 if ok else 1


@cache
def _desk() -> Stretch:
    history, _, promise = log()
    return learned(history, promise)[1]


def learning() -> bool:
    history, _, promise = log()
    started = time.process_time()
    learned(history, promise)
    seconds = time.process_time() - started
    return told("backtest.learn", f"{history.size:,} incidents of the public log", seconds, LEARN_S)


def policies() -> bool:
    """One course of all of the log's time, by each policy; the course itself apart."""
    stretch, ok = _desk(), True
    started = time.process_time()
    model = stretch.model(QUICK.seed)
    drawn = time.process_time() - started
    period = f"{len(model.cases):,} incidents in {model.horizon_min // 1440} days"
    report(name="backtest.course", case=f"{period}, drawn", value=drawn, unit="s of one core", target=None)
    for name, make in contest_of(stretch, QUICK.contenders).makers.items():
        is_own = name == WATCHBILL
        seconds = min(timed(model, make()) for _ in range(1 if is_own else REPEATS))
        what = "backtest.own" if is_own else "backtest.simple"
        ok &= told(what, f"{period}, {name}", seconds, OWN_S if is_own else SIMPLE_S)
    return ok & report(
        name="backtest.memory", case=f"{period}, all of these", value=peak_mb(), unit="MB", target=PEAK_MB
    )


def timed(model: Model, policy: Policy) -> float:
    """Seconds of the processor for one run."""
    started = time.process_time()
    simulate(model, policy)
    return time.process_time() - started


def told(name: str, case: str, seconds: float, target: float) -> bool:
    return report(name=name, case=case, value=seconds, unit="s of one core", target=target)


def near() -> bool:
    """How much single placements lose against the plan of everything."""
    found = distance(_desk().model(QUICK.seed), every=EVERY)
    return report(
        name="backtest.distance",
        case=f"choices that plan would make otherwise and better, {found.choices} choices in {found.states} states of place",
        value=100 * found.share,
        unit="% of choices",
        target=None,
        against={
            "points_per_choice": round(found.points_per_choice, 3),
            "otherwise_but_equal_percent": round(100 * found.equal / max(1, found.choices), 1),
            "states_in_which_plan_gives_more": found.fewer,
        },
    )


def comparison(name: str, asked: Asked, target: float) -> bool:
    """A whole backtest, from what was read to the answer, as the command does it on two cores; and its memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        seconds, parts, mb, child_mb = pool.submit(_compared, asked).result()
    case = f"{len(asked.contenders)} policies, {asked.replications} replications, {len(asked.points)} other points"
    ok = report(
        name=f"backtest.{name}", case=f"{case}, {WORKERS} workers", value=seconds, unit="s", target=target, peak=mb, against=parts
    )  # fmt: skip
    return ok & report(
        name=f"backtest.{name}.memory",
        case=f"{case}: the command and {WORKERS} workers",
        value=mb + WORKERS * child_mb,
        unit="MB",
        target=PEAK_MB,
        peak=mb,
        against={"mb_of_the_command": mb, "mb_of_the_largest_worker_at_most": child_mb},  # it begins with its parent's
    )


def _compared(asked: Asked) -> tuple[float, dict[str, float], float, float]:
    facts = log()
    started = time.perf_counter()
    found = backtest(*facts, asked, workers=WORKERS, tell=quiet)
    seconds = time.perf_counter() - started
    spent = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return seconds, {**found.seconds, "seconds_of_cores": round(spent, 1)}, peak_mb(), peak_mb(children=True)


def workers() -> bool:
    """The same replications by one process and by two, start of the processes included."""
    stretch = _desk()
    contest = contest_of(stretch, QUICK.contenders)
    asked, took, found = runs_of(contest, 2, QUICK.seed), [], []
    for count in (1, WORKERS):
        started = time.perf_counter()
        found.append(Workers(count)(play, contest_of(stretch, QUICK.contenders), asked, quiet))
        took.append(time.perf_counter() - started)
    return report(
        name="backtest.workers",
        case=f"{len(asked)} replications by {WORKERS} processes: times as fast as by one",
        value=took[0] / took[1],
        unit="times",
        target=SPEED_UP,
        better="higher",
        against={"seconds_by_one": round(took[0], 1), "seconds": round(took[1], 1), "same": found[0] == found[1]},
    ) & (found[0] == found[1])


def growth(sizes: Sequence[int]) -> bool:
    """First come, first served on ever larger desks, each in a process of its own."""
    ok, first = True, 0.0
    for size in sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            drawn_s, drawn_mb, seconds, mb = pool.apply(grown, (size,))
        per_case = 1e6 * seconds / size
        first = first or per_case
        ok &= report(
            name="backtest.growth",
            case=f"{size:,} cases, {fifo.__name__}: time for a case beside that of {sizes[0]:,}",
            value=per_case / first,
            unit="times as much",
            target=GROWTH,
            peak=mb,
            against={
                "seconds": round(seconds, 2),
                "microseconds_a_case": round(per_case, 1),
                "seconds_to_draw": round(drawn_s, 2),
                "mb_of_the_model": drawn_mb,
                "mb_in_all": mb,
            },
        )
    return ok


def grown(size: int) -> tuple[float, float, float, float]:
    """Draw a desk and run it: seconds and peak MB of both."""
    started = time.process_time()
    model = twin(scale=size / CASES)
    drawn_s, drawn_mb = time.process_time() - started, peak_mb()
    return drawn_s, drawn_mb, timed(model, Pull("FIFO", fifo, is_plain=True)), peak_mb()


RUNS: dict[str, Callable[[], bool]] = {
    "growth": lambda: growth(SIZES),  # first: a process begins with the peak of its parent
    "quick": lambda: comparison("quick", QUICK, QUICK_S),
    "learn": learning,
    "policies": policies,
    "distance": near,
    "workers": workers,
    "million": lambda: growth((SIZES[0], MILLION)),
    "full": lambda: comparison("full", FULL, FULL_S),
}
DEFAULT = ("growth", "quick", "learn", "policies", "distance", "workers")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
