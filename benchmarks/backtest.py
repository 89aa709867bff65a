"""The simulator on a desk of the size of the public incident log: seconds of a run, memory, growth, and how near `place` comes to `plan`.

The desk is drawn (`_twin`): 21,016 cases in 77 days. About two minutes of one core; a million cases take two more, and 1 GB.

Run: python -m benchmarks.backtest [--million]
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Sequence

from benchmarks._report import peak_mb, report
from benchmarks._twin import CASES, twin
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.backtest.distance import distance
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.rules import Pull, fifo, owner_first, table
from watchbill.engine.backtest.simulate import simulate

SIMPLE_S, OWN_S, PEAK_MB = 1.0, 15.0, 1024.0
REPEATS = 3
"""Of a simple policy: the fastest counts, since whatever else the machine does can only slow it down."""
EVERY = 20
"""Every so many states of `place` are planned as well."""
SIZES, MILLION = (10_000, 100_000), 1_000_000
GROWTH = 2.0
"""How many times longer a case may take on a desk with ten times the cases and people, and on one with a hundred times."""


def main(arguments: Sequence[str]) -> int:
    ok = growth((*SIZES, *((MILLION,) if "--million" in arguments else ())))
    model = twin()
    desk = f"{CASES:,} cases in 77 days"
    for policy in (*table(), owner_first(), *peers()):
        seconds = min(timed(model, policy) for _ in range(REPEATS))
        ok &= told("backtest.simple", f"{desk}, {policy.name}", seconds, SIMPLE_S)
    ok &= told("backtest.own", f"{desk}, Watchbill", timed(model, Watchbill()), OWN_S)
    ok &= report(name="backtest.memory", case=f"{desk}, all of these", value=peak_mb(), unit="MB", target=PEAK_MB)
    near(model)
    return 0 if ok else 1


def timed(model: Model, policy: Policy) -> float:
    """Seconds of the processor for one run."""
    started = time.process_time()
    simulate(model, policy)
    return time.process_time() - started


def told(name: str, case: str, seconds: float, target: float) -> bool:
    return report(name=name, case=case, value=seconds, unit="s of one core", target=target)


def near(model: Model) -> None:
    """How much single placements lose against the plan of everything."""
    found = distance(model, every=EVERY)
    report(
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


def growth(sizes: Sequence[int]) -> bool:
    """First come, first served on ever larger desks, each in a process of its own; first of all, since a peak is handed down."""
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
