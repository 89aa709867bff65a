"""A big desk for the benchmarks of pages and API: N open items with clocks, people with skills, queues, an admin's key."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SEED = 20260302
QUEUES, SKILLS, CUSTOMERS, TEAMS = 40, 24, 800, 12
BATCH = 5_000
SINCE = timedelta(days=400)
AGE_MIN = 10 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What stands on the desk: its key and slug, keys of people, names of queues, and an API key that may do all."""

    desk_id: int
    slug: str
    people: tuple[int, ...]
    queues: tuple[str, ...]
    key: str


def fill(*, items: int, people: int, now: datetime, slug: str = "bench") -> Filled:
    """Make the desk at *now*: three of four items owned, one of seven waiting, opened in the last ten days.

    Items are written by the product's own services, `BATCH` at a time; their clocks are computed by its own flow.
    """
    from watchbill.apps.core.actor import console
    from watchbill.apps.people import services, users
    from watchbill.apps.people.rights import Role
    from watchbill.flows.clocks import recompute

    by, draw = console("bench"), random.Random(SEED)
    desk_id = services.desk_ensure(slug, name="Bench", zone="UTC", by=by, now=now)
    _policies(desk_id, by, now)
    owners = _people(desk_id, people, draw)
    queues, customers = _queues(desk_id), _customers(desk_id)
    for ids in _items(desk_id, items, owners, list(queues.values()), customers, draw, by, now):
        recompute(desk_id, ids, now=now, told_at=now)
    users.user_create("bench", name="Bench", password="a long way to the watch", by=by, now=now)
    users.role_grant("bench", Role.ADMIN, by=by, now=now)
    key = users.token_issue("bench", label="bench", by=by, now=now)
    _analyze()
    return Filled(desk_id=desk_id, slug=slug, people=tuple(owners), queues=tuple(queues), key=key)


def _policies(desk_id: int, by: Any, now: datetime) -> None:
    from watchbill.apps.clocks.services import calendar_publish, policy_publish
    from watchbill.engine.base.calendar import Calendar
    from watchbill.engine.clocks import default_policy

    week = Calendar.working_week("UTC", "08:00-18:00").as_json()
    calendar_publish(
        desk_id, "office", week, holds_from=now - SINCE, is_for_history=True, reason="bench", by=by, now=now
    )
    policy = default_policy(calendar="office").as_json()
    policy_publish(desk_id, policy, holds_from=now - SINCE, is_for_history=True, reason="bench", by=by, now=now)


def _people(desk_id: int, count: int, draw: random.Random) -> list[int]:
    """People in teams, with two skills each and usual hours around the clock."""
    from watchbill.apps.people.models import Membership, Person, PersonSkill, Skill, Team
    from watchbill.apps.shifts.models import UsualHours

    skills = Skill.objects.bulk_create([Skill(desk_id=desk_id, name=f"skill {n}") for n in range(SKILLS)])
    teams = Team.objects.bulk_create([Team(desk_id=desk_id, name=f"Team {n:02}") for n in range(TEAMS)])
    people = Person.objects.bulk_create(
        [Person(desk_id=desk_id, name=f"Person {n:04}", wip_limit=200) for n in range(count)],
        batch_size=BATCH // 5,
    )
    Membership.objects.bulk_create(
        [Membership(team=teams[n % TEAMS], person=person) for n, person in enumerate(people)],
        batch_size=BATCH // 5,
    )
    PersonSkill.objects.bulk_create(
        [
            PersonSkill(person=person, skill=skill, level=draw.randint(1, 5))
            for person in people
            for skill in draw.sample(skills, 2)
        ],
        batch_size=BATCH // 5,
    )
    UsualHours.objects.bulk_create(
        [
            UsualHours(person=person, weekday=weekday, opens_min=start, closes_min=start + 540)
            for person in people
            for start in (draw.choice((0, 300, 420, 480, 540, 840)),)
            for weekday in range(7)
        ],
        batch_size=BATCH // 5,
    )
    return [person.id for person in people]


def _queues(desk_id: int) -> dict[str, int]:
    from watchbill.apps.work.models import Queue

    made = Queue.objects.bulk_create([Queue(desk_id=desk_id, name=f"Queue {n:02}") for n in range(QUEUES)])
    return {queue.name: queue.id for queue in made}


def _customers(desk_id: int) -> list[int]:
    from watchbill.apps.customers.bulk import customer_ensure_many

    return list(customer_ensure_many(desk_id, [f"C{n}" for n in range(CUSTOMERS)]).values())


def _items(
    desk_id: int, count: int, owners: list[int], queues: list[int], customers: list[int], draw: random.Random, by: Any,
    now: datetime,
) -> Iterator[list[int]]:  # fmt: skip
    """Open *count* items and give their keys, batch by batch."""
    from watchbill.apps.work.services import NewItem, work_create_many

    def new(number: int) -> NewItem:
        is_owned = number % 4 > 0
        patch: dict[str, Any] = {
            "kind": "incident", "title": f"The printer of room {number} does not print", "category": f"category {number % 60}",
            "description": "It did yesterday. " * 8, "priority": draw.choices((1, 2, 3, 4), (5, 20, 45, 30))[0],
            "customer_id": draw.choice(customers), "queue_id": draw.choice(queues), "state": "new",
        }  # fmt: skip
        if is_owned:
            state = "waiting_customer" if number % 5 == 0 else "in_progress"
            patch |= {"owner_id": draw.choice(owners), "state": state}
        opened_at = now - timedelta(minutes=draw.randrange(AGE_MIN))
        return NewItem(
            desk_id=desk_id, patch=patch, opened_at=opened_at, external_source="bench", external_ref=f"INC{number:07}"
        )

    for start in range(0, count, BATCH):
        rows = work_create_many([new(number) for number in range(start, min(count, start + BATCH))], by=by)
        yield [row.item_id for row in rows]


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
