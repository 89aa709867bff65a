"""What the ceiling costs, and how far policies stay below it: ten days of about a thousand cases, and a desk of the size of the public log.

CPU seconds of one core. Each size twice: where all plainly fits, which is the rule, and in overload, where programmes are solved.

Run: python -m benchmarks.bound [--quick]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from benchmarks._report import report
from benchmarks._twin import twin
from watchbill.engine.backtest.bound import Bound, clairvoyant_bound
from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.reference import reference_model
from watchbill.engine.backtest.regret import regret, regret_of_day
from watchbill.engine.backtest.rules import Pull, earliest_due, fifo
from watchbill.engine.backtest.simulate import simulate

LOADS = (1.01, 1.2, 1.5)
TEN_DAYS_S, WHOLE_LOG_S = 60.0, 300.0
FACTORS = (1.0, 0.8, 1.2)
EFFORTS = (1.0, 2.0, 4.0)
"""Of the large desk, whose teams have loads of 0.2 to 0.9: with twice the effort the busiest are far beyond theirs."""
DAY_MIN = 1440
DAY_S = 10.0


def main(arguments: Sequence[str]) -> int:
    ok = True
    for load in LOADS[:1] if "--quick" in arguments else LOADS:
        ok &= _ten_days(load)
    model = twin()
    for effort in EFFORTS[:1] if "--quick" in arguments else EFFORTS:
        ok &= _told(model, f"77 days, {len(model.cases):,} cases, effort x{effort:g}", effort, WHOLE_LOG_S)
    return 0 if ok & _day() else 1


def _ten_days(load: float) -> bool:
    model = reference_model(1, load=load)
    ok = True
    for factor in FACTORS:
        what = f"10 days, {len(model.cases):,} cases, load {load}, effort x{factor:g}"
        ok &= _told(model, what, factor, TEN_DAYS_S if load < LOADS[-1] else None, is_run=factor == 1.0)
    return ok


def _told(model: Model, what: str, effort: float, target: float | None, *, is_run: bool = False) -> bool:
    started = time.process_time()
    bound = clairvoyant_bound(model, effort_factor=effort)
    seconds = time.process_time() - started
    against: dict[str, object] = {
        "bound": round(bound.attainment, 2),
        "by_window": round(bound.by_window, 2),
        "by_priority": [round(one.attainment, 2) for one in bound.by_priority],
    }
    if is_run:
        against["regret"] = {policy.name: _regret(model, policy, bound) for policy in POLICIES}
    return report(
        name="bound.cost", case=what, value=seconds, unit="CPU seconds, all weight and four priorities", target=target,
        against=against,
    )  # fmt: skip


POLICIES = (Pull("FIFO", fifo), Pull("earliest due", earliest_due))


def _regret(model: Model, policy: Pull, bound: Bound) -> list[float]:
    """All, then P1 to P4."""
    lost = regret(simulate(model, policy), bound)
    return [round(points, 2) for points in (lost.points, *lost.by_priority)]


def _day() -> bool:
    """One day of the large desk as "first come, first served" left it, case by case."""
    whole = twin()
    start = 30 * DAY_MIN
    cases = tuple(case for case in whole.cases if start <= case.opened_min < start + DAY_MIN)
    model = replace(whole, cases=cases)
    really = simulate(model, POLICIES[0]).cases
    started = time.process_time()
    day = regret_of_day(model, really)
    return report(
        name="bound.day", case=f"one day, {len(cases)} cases", value=time.process_time() - started, unit="CPU seconds",
        target=DAY_S,
        against={"bound": round(day.bound.attainment, 2), "kept": round(day.attainment, 2), "missed": len(day.missed)},
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
