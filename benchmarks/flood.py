"""Whether a P1 is decided on at once while 10,000 other cases arrive within a minute: the ticker's own turns, one after another.

Arrivals are written as they come; then the ticker takes a turn (`flows/watch.py`: clocks, stuck work and risk included), and the
time goes on by what that took in CPU seconds of this process and of its PostgreSQL backend together, and by the rest that the
ticker keeps between two turns. A P1 has waited until the part of a turn ends that decides about it. So this is what a quiet machine does whose other core writes the
arrivals. The flood is planned when the gap between two plans is over: P1 that come then are told by themselves.

Run: python -m benchmarks.flood [ARRIVALS]
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from benchmarks._cpu import cpu_s
from benchmarks._database import fresh_database
from benchmarks._report import report
from benchmarks.tick import NOW, OPEN, PEOPLE, PLACE_S, QUEUES, SEED, fill

ARRIVALS = 10_000
STRETCHES = {"before": 60, "in the flood": 60, "after it, until it is planned": 360}
"""Seconds of each stretch."""
P1_EVERY_S = 5
REST_S = 0.4
"""What the ticker gathers after a turn (`interfaces/ticker.py`)."""


@dataclass(slots=True)
class Run:
    """The time of the run; when each P1 came that has no decision yet, and how long the others took, by stretch."""

    desk_id: int
    queues: list[int]
    now: datetime
    waiting: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    longest_s: float = 0.0

    def arrive(self, stretch: str, at: datetime, *, others: int) -> None:
        """Write one P1 and *others* that came before it."""
        from watchbill.apps.core.actor import console
        from watchbill.apps.work.services import NewItem, work_create_many
        from watchbill.flows.clocks import recompute

        made = [
            NewItem(
                desk_id=self.desk_id,
                patch={
                    "kind": "incident",
                    "title": "Flood",
                    "priority": priority,
                    "state": "new",
                    "queue_id": queue_id,
                },
                opened_at=at,
            )
            for priority, queue_id in zip([4] * others + [1], self.queues * (others // QUEUES + 1), strict=False)
        ]
        ids = [row.item_id for row in work_create_many(made, by=console("bench"))]
        recompute(self.desk_id, ids, now=at, told_at=at)
        self.waiting[ids[-1]] = (stretch, at)

    def turn(self) -> None:
        """Let the ticker take a turn, and see which P1 has a decision now."""
        from watchbill.apps.decisions.queries import proposals_open
        from watchbill.flows import watch

        began, decided_s, decide = cpu_s(), [0.0], watch.assign_tick

        def told(now: datetime) -> Any:
            runs = decide(now)
            decided_s[0] = cpu_s() - began
            return runs

        with patch.object(watch, "assign_tick", told):
            watch.step(self.now)
        took_s = cpu_s() - began
        decided = proposals_open(self.desk_id)
        for item_id in [one for one in self.waiting if one in decided]:
            stretch, at = self.waiting.pop(item_id)
            waited = (self.now - at).total_seconds() + decided_s[0]
            self.took.setdefault(stretch, []).append(waited)
        self.longest_s = max(self.longest_s, took_s)
        self.now += timedelta(seconds=took_s)


def main() -> int:
    """Fill a desk and let the flood come; the exit code says whether the target was met."""
    arrivals = int(sys.argv[1]) if len(sys.argv) > 1 else ARRIVALS
    with fresh_database():
        return 0 if all(measure(fill(random.Random(SEED)), arrivals)) else 1


def measure(desk_id: int, arrivals: int) -> list[bool]:
    """Take turns before, in and after the flood, and tell how long each P1 waited for its decision."""
    from watchbill.apps.core.actor import console
    from watchbill.apps.work.queues import queue_list

    run = Run(desk_id, [queue["id"] for queue in queue_list(desk_id, by=console("bench"))], NOW)
    for _ in range(3):  # plans what is there, and loads the solver
        run.turn()
    gc.freeze()  # as the ticker does after its first turn
    done = []
    for stretch, seconds in STRETCHES.items():
        run.longest_s, ends_at = 0.0, run.now + timedelta(seconds=seconds)
        count = seconds // P1_EVERY_S
        others = arrivals // count if stretch == "in the flood" else 0
        due = [run.now + timedelta(seconds=(n + 1) * P1_EVERY_S) for n in range(count)]
        while due or run.waiting or run.now < ends_at:
            run.now = max(run.now + timedelta(seconds=REST_S), due[0] if due and not run.waiting else run.now)
            while due and due[0] <= run.now:
                run.arrive(stretch, due.pop(0), others=others)
            run.turn()
            if not due and not run.waiting:
                run.now = max(run.now, ends_at)
        waits = sorted(run.took[stretch])
        done.append(
            report(
                name="flood", case=f"P1 {stretch}, 95th percentile of {len(waits)}; {arrivals:,} arrivals in a minute, {OPEN:,} open, {PEOPLE} people",
                value=statistics.quantiles(waits, n=20)[-1], unit="s", target=PLACE_S,
                against={"median_s": round(statistics.median(waits), 3), "longest_wait_s": round(waits[-1], 3), "longest_turn_s": round(run.longest_s, 3)},
            )
        )  # fmt: skip
    return done


if __name__ == "__main__":
    sys.exit(main())
