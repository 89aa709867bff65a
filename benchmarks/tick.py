"""How long one tick of assignment takes, gather to apply: 500 unassigned of 5,000 open items, 500 people."""

from __future__ import annotations

import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._database import fresh_database
from benchmarks._report import report

SEED = 20260302
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OPEN, UNASSIGNED, PEOPLE, SKILLS, QUEUES, CUSTOMERS = 5_000, 500, 500, 24, 24, 800
TARGET_S = 1.0
ROUNDS = 3


def main() -> int:
    """Fill a desk, run each kind of tick, print a line each; the exit code says whether the target was met."""
    with fresh_database():
        desk_id = fill(random.Random(SEED))
        return 0 if all([*measure(desk_id)]) else 1


def fill(draw: random.Random) -> int:
    """Make the desk: people of two skills each, queues that ask for one, items owned and not, clocks running."""
    from watchbill.apps.clocks.services import calendar_publish, policy_publish
    from watchbill.apps.core.actor import console
    from watchbill.apps.customers.models import Customer
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
    calendar_publish(desk_id, "office", week, holds_from=since, reason="bench", by=by, now=NOW)
    policy = default_policy(calendar="office").as_json()
    policy_publish(desk_id, policy, holds_from=since, reason="bench", by=by, now=NOW)
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
    customers = Customer.objects.bulk_create([Customer(desk_id=desk_id, name=f"C{n}") for n in range(CUSTOMERS)])
    Effort.objects.bulk_create(
        [Effort(desk_id=desk_id, category=f"category {n}", minutes=draw.choice((20, 45, 90, 180))) for n in range(40)]
    )

    def new(number: int) -> NewItem:
        is_owned = number >= UNASSIGNED
        patch: dict[str, Any] = {
            "kind": "incident", "title": f"Item {number}", "priority": draw.choices((1, 2, 3, 4), (5, 20, 45, 30))[0],
            "category": f"category {draw.randrange(40)}", "customer_id": draw.choice(customers).id,
            "queue_id": draw.choice(queues).id, "state": "in_progress" if is_owned else "new",
            "owner_id": people[number % PEOPLE].id if is_owned else None,
        }  # fmt: skip
        if is_owned and draw.random() < 0.3:
            patch["state"] = "waiting_customer"
        return NewItem(desk_id=desk_id, patch=patch, opened_at=NOW - timedelta(minutes=draw.randrange(5 * 24 * 60)))

    ids = [row.item_id for row in work_create_many([new(n) for n in range(OPEN)], by=by)]
    recompute(desk_id, ids, told_at=NOW)
    return desk_id


def measure(desk_id: int) -> list[bool]:
    """Run every kind of tick and report it; each but the last two leaves the desk as it found it."""
    from django.db import connection, transaction

    from watchbill.apps.core.actor import console
    from watchbill.apps.decisions.services import mode_set
    from watchbill.apps.work.queries import queue_list
    from watchbill.engine.assign.decide import plan
    from watchbill.engine.assign.schedule import Step
    from watchbill.flows.act.items import Draft, item_open
    from watchbill.flows.assign.gather import gather_desk
    from watchbill.flows.assign.tick import tick_desk

    by = console("bench")
    with connection.cursor() as cursor:
        cursor.execute("analyze")

    def rolled_back() -> float:
        with transaction.atomic():
            started = time.perf_counter()
            run = tick_desk(desk_id, NOW, step=Step.PLAN)
            seconds = time.perf_counter() - started
            if run is None or run.applied.proposed + run.applied.applied != UNASSIGNED:
                raise AssertionError(f"{UNASSIGNED} decisions expected, got {run}")
            transaction.set_rollback(True)
        return seconds

    def timed(act: Any) -> tuple[float, Any]:
        started = time.perf_counter()
        result = act()
        return time.perf_counter() - started, result

    case = f"{UNASSIGNED} unassigned of {OPEN} open, {PEOPLE} people"
    first = statistics.median(rolled_back() for _ in range(ROUNDS))
    gather_s, gathered = timed(lambda: gather_desk(desk_id, NOW))
    plan_s, _ = timed(lambda: list(plan(gathered.snapshot).decisions()))
    parts = {"gather_s": round(gather_s, 3), "decide_with_reasons_s": round(plan_s, 3)}
    done = [_tell("advise, all new", case, first, parts)]

    tick_desk(desk_id, NOW)
    standing = statistics.median(timed(lambda: tick_desk(desk_id, NOW, step=Step.PLAN))[0] for _ in range(ROUNDS))
    done.append(_tell("advise, all standing", case, standing, {}))
    idle = statistics.median(timed(lambda: tick_desk(desk_id, NOW))[0] for _ in range(ROUNDS))
    done.append(_tell("nothing changed", case, idle, {}))
    later = NOW + timedelta(minutes=2)
    item_open(Draft(desk_id=desk_id, title="Late", queue_id=queue_list(desk_id, by=by)[0]["id"]), by=by, now=later)
    seconds, run = timed(lambda: tick_desk(desk_id, later))
    if run.step is not Step.PLACE:
        raise AssertionError(f"one arrival should be placed, got {run}")
    done.append(_tell("one arrival placed", case, seconds, {}))

    rails = {"per_hour": 1000, "priorities": [1, 2, 3, 4]}
    for queue in queue_list(desk_id, by=by):
        mode_set(queue["id"], mode="autopilot", guard_rails=rails, by=by, now=later)
    seconds, run = timed(lambda: tick_desk(desk_id, later))
    done.append(_tell("autopilot", case, seconds, {"applied": run.applied.applied}))
    return done


def _tell(what: str, case: str, seconds: float, against: dict[str, object]) -> bool:
    return report(
        name="tick", case=f"{what}; {case}", value=seconds, unit="s", target=TARGET_S, better="lower", against=against
    )


if __name__ == "__main__":
    sys.exit(main())
