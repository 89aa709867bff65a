"""A large, seeded service desk for the assignment benchmarks: teams, skills, shifts, a queue, and holders who may hold."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from watchbill.engine.assign.facts import Commitment, CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, SkillId, TeamId
from watchbill.engine.base.work import Priority

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PRIORITIES = (Priority.P1, Priority.P2, Priority.P3, Priority.P4)
RESPONSE_MIN = {Priority.P1: 30, Priority.P2: 60, Priority.P3: 240, Priority.P4: 480}
RESOLUTION_MIN = {Priority.P1: 240, Priority.P2: 480, Priority.P3: 1440, Priority.P4: 4320}
EFFORTS = ((15, 15), (15, 30), (30, 60), (60, 90))
"""Touch and remaining minutes by effort class."""


def desk(*, items: int, people: int, skills: int, kinds: int, held: float, seed: int = 7) -> Snapshot:
    """*people* in *kinds* skill vectors of two skills each, four shift ends; *items* of which the share *held* has an owner.

    Every owner fulfils every must for what she holds. Priorities 5/20/45/30 %, four effort classes, promises by priority.
    """
    rng = random.Random(seed)
    vectors = [_vector(rng, skills) for _ in range(kinds)]
    staff = [_person(rng, number, vectors[number % kinds]) for number in range(people)]
    holders: dict[int, list[PersonFacts]] = {}
    for person in staff:
        for skill in person.skills:
            holders.setdefault(skill, []).append(person)
    open_count = dict.fromkeys((person.id for person in staff), 0)
    work = [_item(rng, number, holders, held, open_count) for number in range(items)]
    loads: dict[PersonId, int] = dict.fromkeys(open_count, 0)
    for item in work:
        if item.owner is not None:
            loads[item.owner] += item.effort_min
    manned = [_with_work(person, open_count[person.id], loads[person.id]) for person in staff]
    return Snapshot(now=NOW, items=work, people=manned, policy=Policy(is_rebalancing=held > 0), seed=seed)


def _vector(rng: random.Random, skills: int) -> dict[SkillId, int]:
    first, second = rng.sample(range(1, skills + 1), 2)
    return {SkillId(first): rng.randint(1, 4), SkillId(second): rng.randint(1, 4)}


def _person(rng: random.Random, number: int, vector: dict[SkillId, int]) -> PersonFacts:
    return PersonFacts(
        id=PersonId(number + 1),
        teams=frozenset({TeamId(1)}),
        skills=vector,
        shift_left_min=480 if number % 4 else rng.choice((60, 120, 240)),
        staffed_week_min=480,
        wip_limit=12,
    )


def _with_work(person: PersonFacts, open_count: int, load_min: int) -> PersonFacts:
    return PersonFacts(
        id=person.id,
        teams=person.teams,
        skills=person.skills,
        shift_left_min=person.shift_left_min,
        staffed_week_min=person.staffed_week_min,
        wip_limit=person.wip_limit,
        open_count=open_count,
        load_min=load_min,
    )


def _item(
    rng: random.Random,
    number: int,
    holders: dict[int, list[PersonFacts]],
    held: float,
    open_count: dict[PersonId, int],
) -> ItemFacts:
    priority = rng.choices(PRIORITIES, weights=(5, 20, 45, 30))[0]
    skill = SkillId(rng.choice(sorted(holders)))
    touch, effort = rng.choice(EFFORTS)
    age = timedelta(minutes=rng.uniform(0, 1.1 * RESOLUTION_MIN[priority]))
    owner = None
    level = 1
    able = [p for p in holders[skill] if open_count[p.id] < 11 and p.shift_left_min >= touch]
    if able and rng.random() < held:
        person = rng.choice(able)
        open_count[person.id] += 1
        owner = person.id
    elif rng.random() < 0.3:
        level = 2
    promises = [
        Commitment(
            kind=CommitmentKind.RESOLUTION,
            due_at=NOW - age + timedelta(minutes=RESOLUTION_MIN[priority]),
            target_min=RESOLUTION_MIN[priority],
        )
    ]
    if owner is None:
        promises.append(
            Commitment(
                kind=CommitmentKind.RESPONSE,
                due_at=NOW - age + timedelta(minutes=RESPONSE_MIN[priority]),
                target_min=RESPONSE_MIN[priority],
            )
        )
    return ItemFacts(
        id=ItemId(number + 1),
        queue=QueueId(1),
        priority=priority,
        opened_at=NOW - age,
        touch_min=touch,
        effort_min=effort,
        team=TeamId(1),
        skill=skill,
        min_level=level,
        commitments=tuple(promises),
        owner=owner,
        is_touched=owner is not None,
    )
