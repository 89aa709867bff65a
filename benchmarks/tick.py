"""How long one tick of assignment takes, gather to apply: 500 unassigned of 5,000 open items, 500 people.

Times are CPU seconds of this process and of its PostgreSQL backend together: a tick uses one after the other, so this is
what it takes on a quiet machine; wall seconds stand beside them.

Run: python -m benchmarks.tick
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks._cpu import cpu_s
from benchmarks._database import fresh_database
from benchmarks._report import report
from watchbill.engine.base.work import Priority

SEED = 20260302
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPEN, UNASSIGNED, PEOPLE, SKILLS, QUEUES, CUSTOMERS = 5_000, 500, 500, 24, 24, 800
TARGET_S = 1.0
PLACE_S = 0.15
FLOOD = 10_000
ROUNDS = 5


def main() -> int:
    """Fill a desk, run each kind of tick, print a line each; the exit code says whether the target was met."""
    with fresh_database():
        desk_id = fill(random.Random(SEED))
        return 0 if all([*measure(desk_id)]) else 1


def fill(draw: random.Random) -> int:
    """Make the desk: people of two skills each, queues that ask for one, items owned and not, clocks running."""
    from watchbill.apps.clocks.services import calendar_publish, policy_publish
    from watchbill.apps.core.actor import console
    from watchbill.apps.customers.bulk import customer_ensure_many
    from watchbill.apps.people.models import Person, PersonSkill, Skill
    from watchbill.apps.people.services import desk_ensure
    from watchbill.apps.shifts.models import UsualHours
    from watchbill.apps.work.models import Effort, Queue
    from watchbill.apps.work.services import NewItem, work_create_many
    from watchbill.engine.base.calendar import Calendar
    from watchbill.engine.clocks import default_policy
    from watchbill.flows.clocks import recompute

    by, since = console("bench"), NOW - timedelta(days=400)
    desk_id = desk_ensure("bench", name="Bench", zone="UTC", by=by, now=NOW)
    week = Calendar.working_week("UTC", "08:00-18:00").as_json()
    calendar_publish(desk_id, "office", week, holds_from=since, is_for_history=True, reason="bench", by=by, now=NOW)
    policy = default_policy(calendar="office").as_json()
    policy_publish(desk_id, policy, holds_from=since, is_for_history=True, reason="bench", by=by, now=NOW)
    skills = Skill.objects.bulk_create([Skill(desk_id=desk_id, name=f"skill {n}") for n in range(SKILLS)])
    people = Person.objects.bulk_create(
        [Person(desk_id=desk_id, name=f"Person {n:03}", wip_limit=14) for n in range(PEOPLE)]
    )
    PersonSkill.objects.bulk_create(
        [
            PersonSkill(person=person, skill=skill, level=draw.randint(1, 4))
            for person in people
            for skill in draw.sample(skills, 2)
        ]
    )
    opens = (360, 420, 480, 540, 600)
    UsualHours.objects.bulk_create(
        [
            UsualHours(person=person, weekday=weekday, opens_min=start, closes_min=start + 540)
            for person in people
            for start in (draw.choice(opens),)
            for weekday in range(7)
        ]
    )
    queues = Queue.objects.bulk_create(
        [Queue(desk_id=desk_id, name=f"Queue {n}", skill=skills[n % SKILLS]) for n in range(QUEUES)]
    )
    customers = list(customer_ensure_many(desk_id, [f"C{n}" for n in range(CUSTOMERS)]).values())
    Effort.objects.bulk_create(
        [Effort(desk_id=desk_id, category=f"category {n}", minutes=draw.choice((20, 45, 90, 180))) for n in range(40)]
    )

    def new(number: int) -> NewItem:
        is_owned = number >= UNASSIGNED
        patch: dict[str, Any] = {
            "kind": "incident", "title": f"Item {number}", "priority": draw.choices((1, 2, 3, 4), (5, 20, 45, 30))[0],
            "category": f"category {draw.randrange(40)}", "customer_id": draw.choice(customers),
            "queue_id": draw.choice(queues).id, "state": "in_progress" if is_owned else "new",
            "owner_id": people[number % PEOPLE].id if is_owned else None,
        }  # fmt: skip
        if is_owned and draw.random() < 0.3:
            patch["state"] = "waiting_customer"
        return NewItem(desk_id=desk_id, patch=patch, opened_at=NOW - timedelta(minutes=draw.randrange(5 * 24 * 60)))

    ids = [row.item_id for row in work_create_many([new(n) for n in range(OPEN)], by=by)]
    recompute(desk_id, ids, now=NOW, told_at=NOW)
    return desk_id


@dataclass(frozen=True, slots=True)
class Took:
    """Core seconds and wall seconds of something, and what it returned."""

    core_s: float
    wall_s: float
    result: Any


def timed(act: Callable[[], Any]) -> Took:
    """Do *act* and tell how long it took, PostgreSQL's part included."""
    core, started = cpu_s(), time.perf_counter()
    result = act()
    wall = time.perf_counter() - started
    return Took(cpu_s() - core, wall, result)


def median(act: Callable[[], Any]) -> Took:
    """Do *act* ROUNDS times; the round in the middle counts."""
    return sorted((timed(act) for _ in range(ROUNDS)), key=lambda took: took.core_s)[ROUNDS // 2]


def measure(desk_id: int) -> list[bool]:
    """Run every kind of tick and report it: first those that can be taken back, then those that build on each other."""
    from django.db import connection, transaction

    from watchbill.apps.core.actor import console
    from watchbill.apps.decisions.services import mode_set
    from watchbill.apps.work.queues import queue_list
    from watchbill.engine.assign.decide import plan
    from watchbill.engine.assign.schedule import Step
    from watchbill.flows.act.opening import Draft, item_open
    from watchbill.flows.assign.gather import gather_desk
    from watchbill.flows.assign.tick import tick_desk

    by, later = console("bench"), NOW + timedelta(minutes=2)
    queues = [queue["id"] for queue in queue_list(desk_id, by=by)]
    with connection.cursor() as cursor:
        cursor.execute("analyze")

    def autopilot() -> None:
        rails = {"per_hour": 1000, "priorities": [1, 2, 3, 4]}
        for queue_id in queues:
            mode_set(queue_id, mode="autopilot", guard_rails=rails, by=by, now=later)

    def undone(prepare: Callable[[], None] = lambda: None) -> Took:
        """A first plan, taken back afterwards."""
        with transaction.atomic():
            prepare()
            took = timed(lambda: tick_desk(desk_id, NOW, step=Step.PLAN))
            if took.result.applied.proposed + took.result.applied.applied != UNASSIGNED:
                raise AssertionError(f"{UNASSIGNED} decisions expected, got {took.result}")
            transaction.set_rollback(True)
        return took

    def middle(prepare: Callable[[], None] = lambda: None) -> Took:
        return sorted((undone(prepare) for _ in range(ROUNDS)), key=lambda took: took.core_s)[ROUNDS // 2]

    undone()  # loads the solver, and lets PostgreSQL read the tables once
    gathered = median(lambda: gather_desk(desk_id, NOW))
    decided = median(lambda: list(plan(gathered.result.snapshot).decisions()))
    parts = {"gather_s": round(gathered.core_s, 3), "decide_with_reasons_s": round(decided.core_s, 3)}
    done = [_tell("advise, all new", middle(), parts), _tell("autopilot, all given away", middle(autopilot))]

    tick_desk(desk_id, NOW)
    done.append(_tell("advise, all standing", median(lambda: tick_desk(desk_id, NOW, step=Step.PLAN))))
    done.append(_tell("nothing changed", median(lambda: tick_desk(desk_id, NOW))))
    item_open(Draft(desk_id=desk_id, title="Late", queue_id=queues[0]), by=by, now=later)
    took = timed(lambda: tick_desk(desk_id, later))
    if took.result.step is not Step.PLACE:
        raise AssertionError(f"one arrival should be placed, got {took.result}")
    done.append(_tell("one arrival placed", took))
    done.append(_placed(desk_id, queues, later))
    done.append(_flood(desk_id, queues, later))
    return done


def _placed(desk_id: int, queues: list[int], now: datetime) -> bool:
    """From an arrival that has been written to its proposal: one P2 after another, each placed at once."""
    return _latency(
        "place, 95th percentile of 40 arrivals", desk_id, queues, now + timedelta(minutes=1), priority=2, target=PLACE_S
    )


def _flood(desk_id: int, queues: list[int], now: datetime) -> bool:
    """Ten thousand P4 have come within the minute and have no proposal yet; P1 among them are placed one after another."""
    from watchbill.apps.core.actor import console
    from watchbill.apps.work.services import NewItem, work_create_many

    flood = [
        NewItem(
            desk_id=desk_id,
            patch={"kind": "incident", "title": f"Flood {n}", "priority": 4, "state": "new", "queue_id": queues[0]},
            opened_at=now,
        )
        for n in range(FLOOD)
    ]
    work_create_many(flood, by=console("bench"))
    return _latency(
        f"P1 in a flood of {FLOOD:,} arrivals, 95th percentile of 20", desk_id, queues, now + timedelta(minutes=2),
        priority=1, count=20, target=PLACE_S,
    )  # fmt: skip


def _latency(
    what: str, desk_id: int, queues: list[int], now: datetime, *, priority: int, target: float | None, count: int = 40
) -> bool:
    from watchbill.apps.core.actor import console
    from watchbill.engine.assign.schedule import Step
    from watchbill.flows.act.opening import Draft, item_open
    from watchbill.flows.assign.tick import tick_desk

    times = []
    gc.freeze()  # as the ticker does after its first turn
    for number in range(count):
        at = now + timedelta(seconds=number)
        draft = Draft(desk_id=desk_id, title="Late", queue_id=queues[number % QUEUES], priority=Priority(priority))
        item_open(draft, by=console("bench"), now=at)
        times.append(timed(lambda at=at: tick_desk(desk_id, at)))
        if times[-1].result.step is not Step.PLACE:
            raise AssertionError(f"the arrival should be placed, got {times[-1].result}")
    middle = sorted(times, key=lambda took: took.core_s)[count // 2]
    return report(
        name="tick.place",
        case=f"{what}; {OPEN:,} open, {PEOPLE} people",
        value=statistics.quantiles([took.core_s for took in times], n=20)[-1],
        unit="s of one core",
        target=target,
        against={
            "median_s": round(middle.core_s, 3),
            "wall_p95_s": round(statistics.quantiles([took.wall_s for took in times], n=20)[-1], 3),
        },
    )


def _tell(what: str, took: Took, parts: dict[str, object] | None = None) -> bool:
    return report(
        name="tick",
        case=f"{what}; {UNASSIGNED} unassigned of {OPEN:,} open, {PEOPLE} people",
        value=took.core_s,
        unit="s of one core",
        target=TARGET_S,
        against={"wall_s": round(took.wall_s, 3), **(parts or {})},
    )


if __name__ == "__main__":
    sys.exit(main())
