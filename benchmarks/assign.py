"""The assignment engine alone: whole queues, one item, and how far from the exact optimum the answers are.

Times are seconds of one core (the engine uses one thread), so that a busy machine does not change them much; wall seconds
stand beside them.

Run: python -m benchmarks.assign
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace

import numpy as np

from benchmarks._cpu import queued_s
from benchmarks._desk import desk
from benchmarks._hours import hours_programme, value_in_hours
from benchmarks._report import report
from watchbill.engine.assign.classes import Ints
from watchbill.engine.assign.decide import Plan, place, plan
from watchbill.engine.assign.facts import Snapshot
from watchbill.engine.assign.kinds import KIND_MUSTS
from watchbill.engine.assign.network import Arcs, solve
from watchbill.engine.assign.scores import plan_scores
from watchbill.engine.assign.tables import Tables, pair_points, tables_of
from watchbill.engine.base.errors import Unavailable

SIZES = {
    "5k x 500": {"items": 5_000, "people": 500, "skills": 40, "kinds": 40},
    "1k x 100": {"items": 1_000, "people": 100, "skills": 20, "kinds": 12},
    "10k x 1k": {"items": 10_000, "people": 1_000, "skills": 60, "kinds": 60},
    "100k x 10k": {"items": 100_000, "people": 10_000, "skills": 200, "kinds": 300},
}
SLOW = "100k x 10k"
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
"""Items of a queue that grows, for a tenth as many people up to 10,000."""
RULE_MOST = 100_000
"""The index rule takes its time in items x people: its largest case."""


def whole_queues(sizes: tuple[str, ...]) -> bool:
    """Seconds of one plan, from facts to choices, scores and the tables behind the reasons; half of the items owned, or none."""
    ok = True
    for size in sizes:
        for held in (0.5, 0.0):
            snapshot = desk(held=held, **SIZES[size])
            seconds, wall, queued, decided = _timed(snapshot, runs=1 if size == SLOW else 5)
            ok &= report(
                name="assign.plan",
                case=f"{size}, {'half owned by eligible people, all may move' if held else 'nothing owned'}",
                value=seconds,
                unit="s of one core",
                target={"5k x 500": 0.5, "10k x 1k": 0.5, "100k x 10k": 10.0}.get(size),
                against={
                    "wall_s": round(wall, 3),
                    "of_it_waiting_for_a_core_s": round(queued, 3),
                    "left_in_queue": decided.left,
                    "points": round(decided.points),
                },
            )
    return ok


def growth() -> bool:
    """Seconds of one plan, and of the index rule that stands in for the solver, as the queue grows a thousandfold."""
    ok = True
    for items in GROWTH:
        snapshot = desk(held=0.0, items=items, people=min(10_000, items // 10), skills=100, kinds=100)
        for name, run in (("plan", None), ("index rule", _no_solver)):
            if name == "index rule" and items > RULE_MOST:
                continue
            started = time.process_time()
            decided = plan(snapshot, run=run)
            ok &= report(
                name="assign.growth",
                case=f"{name}, {items:,} items x {len(snapshot.people):,} people",
                value=time.process_time() - started,
                unit="s of one core",
                target=None,
                against={"left_in_queue": decided.left, "points": round(decided.points)},
            )
    return ok


def _no_solver(_arcs: Arcs) -> tuple[Ints, int]:
    raise Unavailable("the benchmark wants the index rule")


def one_item() -> bool:
    """95th percentile of placing one item beside a plan, and the time to spell out 500 decisions in full."""
    snapshot = desk(held=0.5, items=5_000, people=500, skills=40, kinds=40)
    decided = plan(snapshot)
    times = []
    for item in snapshot.items[:40]:
        started = time.process_time()
        place(snapshot, item.id, current=decided.choices)
        times.append(1000 * (time.process_time() - started))
    ok = report(
        name="assign.place",
        case="one of 5,000 items, 500 people",
        value=statistics.quantiles(times, n=20)[-1],
        unit="ms of one core, p95",
        target=150.0,
        against={"median_ms": round(statistics.median(times), 1)},
    )
    started = time.process_time()
    for number, _ in enumerate(decided.decisions()):
        if number == 499:
            break
    return ok & report(
        name="assign.reasons",
        case="500 decisions spelled out, with alternatives and ways out, 500 people",
        value=time.process_time() - started,
        unit="s of one core",
        target=None,
    )


def exactness(sizes: tuple[str, ...]) -> bool:
    """How much the bucketed plan loses against the exact flow on every item and person apart, valued without buckets."""
    ok = True
    for size in sizes:
        for held in (0.5, 0.0):
            tables = tables_of(desk(held=held, **SIZES[size]))
            raw = unfolded(tables)
            ours = plan_scores(raw, solve(tables).chosen)
            started = time.perf_counter()
            exact = solve(raw).chosen
            seconds = time.perf_counter() - started
            best = plan_scores(raw, exact)
            ok &= report(
                name="assign.gap",
                case=f"{size}, {'half owned' if held else 'nothing owned'}, to the exact unbucketed unit-slot flow",
                value=100 * (best.total - ours.total) / abs(best.total),
                unit="%",
                target=0.5,
                against={
                    "exact_points": round(best.total / 100),
                    "plan_points": round(ours.total / 100),
                    "exact_placed": int(best.taken.sum()),
                    "plan_placed": int(ours.taken.sum()),
                    "exact_arcs": len(raw.arc_kind),
                    "exact_solve_s": round(seconds, 2),
                },
            )
    return ok


def hours() -> bool:
    """What unit slots cost when effort in hours is what counts: against an integer programme over hours."""
    snapshot = desk(held=0.0, items=60, people=8, skills=4, kinds=4)
    tables = tables_of(snapshot)
    ours = value_in_hours(tables, solve(tables).chosen)
    best = hours_programme(tables, seconds=30)
    return report(
        name="assign.gap",
        case="60 x 8, to an integer programme with capacity in hours",
        value=100 * (best.points - ours.points) / abs(best.points),
        unit="%",
        target=None,
        against={
            "programme": {"points": round(best.points), "placed": best.placed, "is_proved": best.is_proved},
            "plan": {"points": round(ours.points), "placed": ours.placed},
        },
    )


def unfolded(tables: Tables) -> Tables:
    """The same snapshot with one class per item and one kind per person, and nothing rounded to buckets."""
    items, people = len(tables.classes.items), len(tables.kinds.people)
    old = tables.classes.of_item
    classes = replace(
        tables.classes,
        of_item=np.arange(items),
        need=tables.classes.need_of,
        base=np.array([tables.classes.urgency[item.id] for item in tables.classes.items]),
        effort_min=np.array([item.effort_min for item in tables.classes.items]),
        is_touched=tables.classes.is_touched[old],
        is_owned=tables.classes.is_owned[old],
    )
    of_person = tables.kinds.of_person
    kinds = replace(
        tables.kinds,
        of_person=np.arange(people),
        shift_min=np.array([person.shift_left_min for person in tables.kinds.people]),
        levels=tables.kinds.levels[of_person],
        failed=tables.kinds.failed[:, of_person],
        eligible=tables.kinds.failed[:, of_person] == KIND_MUSTS,
        apart=tables.kinds.apart[:, of_person],
    )
    able = [np.nonzero(row)[0] for row in kinds.eligible]
    lengths = np.array([len(row) for row in able])[classes.need]
    start = np.concatenate(([0], np.cumsum(lengths)))
    kind = np.concatenate([able[need] for need in classes.need.tolist()])
    points = pair_points(
        classes,
        kinds,
        tables.context.scarcity,
        tables.context.policy,
        of=np.repeat(np.arange(items), lengths),
        kind=kind,
    )
    return replace(tables, classes=classes, kinds=kinds, arc_start=start, arc_kind=kind, arc_points=points)


def _timed(snapshot: Snapshot, *, runs: int) -> tuple[float, float, float, Plan]:
    """Median core seconds and wall seconds of *runs* plans, and of the wall waiting for a core; the solver has been loaded."""
    plan(replace(snapshot, items=snapshot.items[:10], people=snapshot.people[:10]))
    core, wall, queued = [], [], []
    for _ in range(runs):
        started, began, before = time.process_time(), time.perf_counter(), queued_s()
        decided = plan(snapshot)
        queued.append(queued_s() - before)
        core.append(time.process_time() - started)
        wall.append(time.perf_counter() - began)
    return statistics.median(core), statistics.median(wall), statistics.median(queued), decided


def main() -> int:
    ok = whole_queues(("1k x 100", "5k x 500", "10k x 1k"))
    ok &= one_item()
    ok &= hours()
    ok &= exactness(("1k x 100", "10k x 1k"))
    ok &= whole_queues((SLOW,))
    ok &= growth()
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
