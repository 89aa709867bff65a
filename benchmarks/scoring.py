"""How long it takes to score all running promises of a desk, reading and writing included, and to list them by danger.

The model is learned from the public incident log; the desk is a made-up one of growing size. Times are CPU seconds of this
process and of its PostgreSQL backend together, which work one after the other; wall seconds stand beside them. “again”: a
minute later, when what open items were opened with is at hand and only what moved is written. “rolled out”: before, as a
desk without a model.

Run: python -m benchmarks.scoring
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

from benchmarks._cpu import cpu_s
from benchmarks._database import fresh_database
from benchmarks._fill import fill
from benchmarks._report import report
from benchmarks._uci import task
from watchbill.engine.sense.risk import Model, Past, learn

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SIZES = (1_000, 100_000)
PEOPLE = 500
SCORE_S, PAGE_MS = 5.0, 100.0
PAGES = 20


def main() -> int:
    """Learn, fill a desk of each size, and measure; the exit code says whether the targets were met."""
    model = learn(Past(*task()), seed=1).model
    if model is None:
        raise RuntimeError("the public log teaches a model")
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    with fresh_database():
        return 0 if all(each for size in sizes for each in measure(size, model)) else 1


def measure(size: int, model: Model) -> list[bool]:
    from watchbill.apps.core.actor import console
    from watchbill.apps.decisions import riskwrites
    from watchbill.apps.decisions.risks import danger_count, danger_page
    from watchbill.apps.work.queries import WorkFilter
    from watchbill.flows.sense.training import Due, Task, desk_learn

    filled = fill(items=size, people=PEOPLE, now=NOW, slug=f"bench-{size}")
    done = [scored("rolled out", filled.desk_id, size, NOW)]
    desk_learn(Task(desk_id=filled.desk_id, due=Due.COUNT, now=NOW))
    riskwrites.model_keep(
        filled.desk_id, source=model.source, digest=model.digest, words="", figures={"items": size, "reliability": {}},
        body=model.as_json(), now=NOW,
    )  # fmt: skip
    for case, at in (("first", NOW), ("again", NOW + timedelta(minutes=1))):
        done.append(scored(case, filled.desk_id, size, at))
    by, wanted, place = console("bench"), WorkFilter(desk_id=filled.desk_id), None
    began = time.perf_counter()
    for _ in range(PAGES):
        found = danger_page(wanted, after=place, limit=51, by=by, now=NOW)
        place = found[-1].place if found else None
    took = (time.perf_counter() - began) / PAGES
    began = time.perf_counter()
    number = danger_count(wanted, is_likely=True, at_most=1000, by=by, now=NOW)
    done.append(
        report(
            name="scoring", case=f"{size:,} open items, a page by danger", value=took * 1000, unit="ms", target=PAGE_MS,
            against={"count_ms": round((time.perf_counter() - began) * 1000, 1), "likely": number},
        )
    )  # fmt: skip
    return done


def scored(case: str, desk_id: int, size: int, at: datetime) -> bool:
    """Score a desk once."""
    from watchbill.flows.sense.scoring import desk_score

    began, wall = cpu_s(), time.perf_counter()
    rows = desk_score(desk_id, at)
    return report(
        name="scoring", case=f"{size:,} open items, {case}", value=cpu_s() - began, unit="s", target=SCORE_S,
        against={"wall_s": round(time.perf_counter() - wall, 2), "rows_written": rows},
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
