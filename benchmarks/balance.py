"""What balance costs: the engine at 500 and 5,000 people, and the whole of it on a real database.

Times are CPU milliseconds of this process, and of its PostgreSQL backend together where there is one; wall milliseconds
stand beside them.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._cpu import cpu_s
from benchmarks._database import fresh_database
from benchmarks._fill import fill
from benchmarks._report import report
from watchbill.engine.assign.balance import suggest
from watchbill.engine.assign.facts import Commitment, CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.moves import BalanceFacts, Side
from watchbill.engine.base.work import Priority
from watchbill.engine.sense.deskwork import DeskWork, DueWork, Held, Part, Worker
from watchbill.engine.sense.incoming import WEEK_H, Arrivals
from watchbill.engine.sense.workload import workload

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEED = 7
ROUNDS = 7
TYPICAL, TARGET_MS, LARGE_MOVES_MS = 5_000, 100.0, 500.0
"""Up to so many open items moves have the target of the workload, too."""


def timed(call: Callable[[], Any], rounds: int, cpu: Callable[[], float]) -> tuple[float, float]:
    """Medians of some rounds, in milliseconds of *cpu* and of the wall."""
    core, wall = [], []
    for _ in range(rounds):
        began, before = time.perf_counter(), cpu()
        call()
        core.append(1000 * (cpu() - before))
        wall.append(1000 * (time.perf_counter() - began))
    return statistics.median(core), statistics.median(wall)


def desk_work(people: int, teams: int = 40) -> DeskWork:
    """Three regions, eight hours each, arrivals of eight weeks by team."""
    chance = random.Random(SEED)
    spans = ((0, 480),), ((300, 780),), ((900, 1380),)
    workers = [
        Worker(id=n, region=n % 3 + 1, teams=frozenset({n % teams + 1}), spans=spans[n % 3])
        for n in range(1, people + 1)
    ]
    held = [
        Held(
            owner=n if chance.random() < 0.9 else None, team=n % teams + 1,
            all=(part := Part(backlog_min=chance.randrange(600), begun_min=chance.randrange(600))), due=part,
        )
        for n in range(1, people + 1)
    ]  # fmt: skip
    due = [DueWork(hour=hour, minutes=300, region=region) for hour in range(48) for region in (1, 2, 3)]
    arrivals = {}
    for team in range(1, teams + 1):
        counts = [chance.randrange(6) for _ in range(8 * WEEK_H)]
        arrivals[team] = Arrivals(counts=counts, effort_min=[45 * count for count in counts])
    return DeskWork(people=workers, held=held, due=due, arrivals=arrivals)


def looked_at(people: int = 60, each: int = 20) -> BalanceFacts:
    """As many people as are looked at, a fifth of them with all the work."""
    chance = random.Random(SEED)
    busy = people // 5
    items = [
        ItemFacts(
            id=n, queue=1, priority=Priority(chance.randrange(1, 5)), opened_at=NOW - timedelta(hours=chance.randrange(90)),
            touch_min=45, effort_min=chance.choice((30, 60, 120)), owner=n % busy + 1,
            commitments=(
                Commitment(kind=CommitmentKind.RESOLUTION, due_at=NOW + timedelta(minutes=chance.randrange(-60, 2000)), target_min=480),
            ),
        )
        for n in range(1, busy * each + 1)
    ]  # fmt: skip
    staff = [PersonFacts(id=n, wip_limit=40, open_count=each if n <= busy else 2) for n in range(1, people + 1)]
    sides = {
        n: Side(spans=((0, 480),), due_min=70.0 * each if n <= busy else 120.0, available_min=480)
        for n in range(1, people + 1)
    }
    return BalanceFacts(snapshot=Snapshot(now=NOW, items=items, people=staff), sides=sides)


def told(
    case: str, call: Callable[[], Any], *, target: float | None = None, rounds: int = ROUNDS,
    cpu: Callable[[], float] = time.process_time,
) -> bool:  # fmt: skip
    core_ms, wall_ms = timed(call, rounds, cpu)
    against = {"wall_ms": round(wall_ms, 1)}
    return report(name="balance", case=case, value=core_ms, unit="ms of one core", target=target, against=against)


def main(sizes: list[tuple[int, int]]) -> int:
    """Print one line of JSON per case; 1 when a target was missed."""
    reached = []
    for people in (500, 5000):
        work = desk_work(people)
        reached.append(told(f"workload of {people} people, pure", lambda work=work: workload(work)))
    facts = looked_at()
    case = f"eight moves among 60 people with {len(facts.snapshot.items)} items, pure"
    reached.append(told(case, lambda: suggest(facts, most=8), target=TARGET_MS))
    for items, people in sizes:
        reached += on_database(items, people)
    return 0 if all(reached) else 1


def on_database(items: int, people: int) -> list[bool]:
    """Workload and moves with everything that they read, on a filled database."""
    with fresh_database():
        from watchbill.apps.core.actor import console
        from watchbill.flows.balance.loads import loads_get
        from watchbill.flows.balance.suggesting import suggest_moves

        by = console("bench")
        desk_id = fill(items=items, people=people, now=NOW).desk_id
        loads = loads_get(desk_id, by=by, now=NOW)
        most_ms = TARGET_MS if items <= TYPICAL else LARGE_MOVES_MS
        size = f"{items} open items, {people} people, with its queries"
        return [
            told(f"workload, {size}", lambda: loads_get(desk_id, by=by, now=NOW), target=TARGET_MS, cpu=cpu_s),
            told(f"eight moves, {size}", lambda: suggest_moves(loads, by=by), target=most_ms, cpu=cpu_s),
        ]


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    sys.exit(main([(asked[0], asked[1])] if asked else [(5000, 500), (100_000, 5000)]))
