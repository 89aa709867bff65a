"""Recovery options of a large desk: simulations of about 1,000 open items and 100 people, in the two ways of giving work out."""

from __future__ import annotations

import json
import os
import random
import resource
from time import perf_counter

from watchbill.engine.backtest.recovery.decide import recover
from watchbill.engine.backtest.recovery.facts import Came, Pending, Situation, Worker
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority
from watchbill.flows.backtest.workers import Workers

TARGET_MIN = {Priority.P1: 240, Priority.P2: 480, Priority.P3: 1440, Priority.P4: 4320}
DAY = 1440
WEEKS = 8


def situation(items: int, people: int, *, is_on_autopilot: bool) -> Situation:
    """A desk around the clock in three shifts and five teams; six of ten items are owned. Load is about 1."""
    rng = random.Random(1)
    staff = [PersonId(number) for number in range(1, people + 1)]
    teams = [tuple((person, 1) for person in staff if person % 5 == team) for team in range(5)]

    def drawn() -> tuple[Priority, tuple[tuple[PersonId, int], ...]]:
        return Priority(rng.choices((1, 2, 3, 4), (5, 20, 45, 30))[0]), rng.choice(teams)

    pending = []
    for number in range(1, items + 1):
        priority, team = drawn()
        is_owned = rng.random() < 0.6
        able = (rng.choice(team),) if is_owned else team
        due_min = int(rng.uniform(-0.1, 1) * TARGET_MIN[priority])
        pending.append(
            Pending(
                item=ItemId(number), due_min=due_min, priority=priority, mean_min=45, able=able,
                is_begun=is_owned and rng.random() < 0.3,
            )
        )  # fmt: skip
    came = []
    for _ in range(WEEKS * items * 2 // 5):
        priority, team = drawn()
        came.append(
            Came(
                at_min=rng.randrange(32 * 60), due_after_min=TARGET_MIN[priority], priority=priority, mean_min=45, able=team
            )
        )  # fmt: skip
    workers = [
        Worker(id=one, spans=tuple((day * DAY + one % 3 * 480 - 200, day * DAY + one % 3 * 480 + 280) for day in range(-1, 4)))
        for one in staff
    ]  # fmt: skip
    return Situation(open=pending, came=came, weeks=WEEKS, workers=workers, is_on_autopilot=is_on_autopilot)


def _cpu_s() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """One JSON line a case, in as many processes as there are cores."""
    workers = os.cpu_count() or 1
    for name, items, people, is_on_autopilot, futures in (
        ("index, 1,000 open, 100 people", 1000, 100, False, 60),
        ("live policy, 200 open, 20 people", 200, 20, True, 60),
    ):
        began, cpu = perf_counter(), _cpu_s()
        found = recover(
            situation(items, people, is_on_autopilot=is_on_autopilot), futures=futures, mapper=Workers(workers)
        )
        told = {
            "case": f"recover: {name}, horizon 8 h", "seconds": round(perf_counter() - began, 1),
            "cpu_s": round(_cpu_s() - cpu, 1), "workers": workers, "futures": futures,
            "plans": [one.plan.code.value for one in found.options],
            "misses": [round(one.misses.mean, 1) for one in found.options],
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }  # fmt: skip
        print(json.dumps(told))


if __name__ == "__main__":
    main()
