"""What finding stuck work costs among 100,000 open items: the page that people see first, a reason's, and one further down.

Times are CPU milliseconds of this process and of its PostgreSQL backend together; wall milliseconds stand beside them.

Run: python -m benchmarks.stuck [ITEMS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks._database import fresh_database
from benchmarks._fill import fill
from benchmarks._report import report
from benchmarks.tick import timed
from watchbill.engine.sense.stuck import StuckReason

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ITEMS, PEOPLE = 100_000, 1_000
TARGET_MS = 100.0
ROUNDS = 20


def main() -> int:
    """Fill a desk and look for what is stuck on it; the exit code says whether the targets were met."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with fresh_database():
        return 0 if all(measure(fill(items=items, people=PEOPLE, now=NOW).desk_id, items)) else 1


def measure(desk_id: int, items: int) -> list[bool]:
    """Ask for each page ROUNDS times, after some that are not counted."""
    from watchbill.apps.core.actor import console
    from watchbill.flows.stuck import stuck_find

    def page(**asked: Any) -> Any:
        return stuck_find(desk_id, by=console("bench"), now=NOW, **asked)

    def rounds(**asked: Any) -> Callable[[], list[Any]]:
        return lambda: [page(**asked) for _ in range(ROUNDS)]

    first = page()
    pages = {"first page": {}, "one reason": {"reason": StuckReason.OFF_SHIFT}, "next page": {"after": first.next}}
    done = []
    for case, asked in pages.items():
        rounds(**asked)()
        took = timed(rounds(**asked))
        done.append(
            report(
                name="stuck", case=f"{case}; {items:,} open items, {PEOPLE:,} people", value=1000 * took.core_s / ROUNDS,
                unit="ms of one core", target=TARGET_MS,
                against={"wall_ms": round(1000 * took.wall_s / ROUNDS, 1), "stuck": first.total},
            )
        )  # fmt: skip
    return done


if __name__ == "__main__":
    sys.exit(main())
