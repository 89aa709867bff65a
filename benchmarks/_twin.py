"""A desk of the size of the public incident log, drawn: 21,016 cases in 77 days, 70 teams, 220 people, 1.8 pieces of work a case.

A stand-in by which the simulator's speed is measured; nothing in it is learned from the log.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache

from watchbill.engine.backtest.facts import Agent, Case, Leg, Model, Span
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority

CASES, DAYS, TEAMS, PEOPLE = 21_016, 77, 70, 220
AFTER_DAYS = 28
"""Shifts go on for so long, to finish what was opened before."""
HOUR, DAY = 60, 1440
SHIFT, ROUND_THE_CLOCK = (9, 18), 3
"""Hours of a working day; and how many teams, the largest but one, are there at all hours instead."""
PRIORITIES = {Priority.P1: 1, Priority.P2: 2, Priority.P3: 90, Priority.P4: 7}
TARGET_H = {Priority.P1: 4, Priority.P2: 8, Priority.P3: 16, Priority.P4: 40}
MORE_LEGS = 0.8 / 1.8
"""The chance that a piece of work is followed by another one, so that a case has 1.8 on average."""
SIGMA = 0.8
PER_HOUR = {8: 3, 9: 8, 10: 10, 11: 9, 12: 6, 13: 7, 14: 9, 15: 9, 16: 8, 17: 5, 18: 2, 19: 1}
"""Arrivals by hour of a working day, any scale."""


@dataclass(frozen=True, slots=True)
class _Team:
    skill: SkillId
    share: float
    people: int
    mean_min: int
    load: float


def twin(seed: int = 0, *, scale: float = 1.0) -> Model:
    """The desk with *scale* times the cases and people, and fewer teams when smaller, in the same 77 days. Same seed, same model."""
    rng = random.Random(f"twin {seed} {scale}")
    teams = _teams(rng, round(TEAMS * min(1.0, scale)), round(PEOPLE * scale))
    cases = _cases(rng, teams, round(CASES * scale))
    effort = dict.fromkeys((team.skill for team in teams), 0)
    for case in cases:
        for work in (case, *case.later):
            effort[work.skill] += work.effort_min
    week = [(day * DAY + 8 * HOUR, day * DAY + 18 * HOUR) for day in range(DAYS + AFTER_DAYS) if day % 7 < 5]
    office = Hours(week)
    return Model(
        cases=cases,
        agents=_agents(rng, teams, effort),
        handover_min=15,
        switch_min=0,
        step_min=1,
        horizon_min=DAYS * DAY,
        seed=seed,
        promised=dict.fromkeys(Priority, office),
        worked={team.skill: office for at, team in enumerate(teams) if not _is_always_there(at)},
    )


def _is_always_there(at: int) -> bool:
    return 1 <= at <= ROUND_THE_CLOCK


def _teams(rng: random.Random, count: int, people: int) -> list[_Team]:
    """Shares and sizes as 1, 1/2, 1/3 ..., nobody in none."""
    shares = [1 / (at + 1) for at in range(count)]
    spare, total = people - count, sum(shares)
    sizes = [1 + int(spare * share / total) for share in shares]
    for at in range(people - sum(sizes)):
        sizes[at % count] += 1
    return [
        _Team(SkillId(at + 1), share, size, rng.randint(20, 60), rng.uniform(0.2, 0.9))
        for at, (share, size) in enumerate(zip(shares, sizes, strict=True))
    ]


def _cases(rng: random.Random, teams: list[_Team], count: int) -> tuple[Case, ...]:
    office = Hours((day * DAY + 8 * HOUR, day * DAY + 18 * HOUR) for day in range(3 * DAYS) if day % 7 < 5)
    days = [day for day in range(DAYS) if day % 7 < 5]
    hours, shares = list(PER_HOUR), [team.share for team in teams]
    cases = []
    for number in range(1, count + 1):
        hour = rng.choices(hours, weights=list(PER_HOUR.values()))[0]
        opened = rng.choice(days) * DAY + hour * HOUR + rng.randrange(HOUR)
        priority = rng.choices(list(PRIORITIES), weights=list(PRIORITIES.values()))[0]
        team = rng.choices(teams, weights=shares)[0]
        later = []
        while rng.random() < MORE_LEGS:
            other = rng.choices(teams, weights=shares)[0]
            is_after_wait = rng.random() < 0.5
            later.append(
                Leg(
                    skill=other.skill,
                    mean_min=other.mean_min,
                    effort_min=_effort(rng, other),
                    wait_min=round(HOUR * math.exp(rng.gauss(math.log(8), 1.2))) if is_after_wait else 0,
                    is_paused=rng.random() < 0.8,
                    delay_min=_delay(rng),
                )
            )
        cases.append(
            Case(
                id=ItemId(number),
                opened_min=opened,
                due_min=office.after(opened, TARGET_H[priority] * HOUR),
                priority=priority,
                skill=team.skill,
                mean_min=team.mean_min,
                effort_min=_effort(rng, team),
                delay_min=_delay(rng),
                later=tuple(later),
            )
        )
    return tuple(cases)


def _effort(rng: random.Random, team: _Team) -> int:
    return max(1, round(rng.lognormvariate(math.log(team.mean_min) - SIGMA**2 / 2, SIGMA)))


def _delay(rng: random.Random) -> int:
    """From 0 to 20 working hours, mostly little."""
    return 0 if rng.random() < 0.5 else round(20 * HOUR * rng.random() ** 2)


def _agents(rng: random.Random, teams: list[_Team], effort: dict[SkillId, int]) -> tuple[Agent, ...]:
    """One to three skills each, paced so that a team of its own would have its load."""
    agents: list[Agent] = []
    for at, team in enumerate(teams):
        for place in range(team.people):
            more = rng.choices((0, 1, 2), weights=(5, 3, 2))[0]
            near = [teams[(at + step) % len(teams)].skill for step in rng.sample(range(1, 7), more)]
            shifts = _shifts(at, place)
            staffed = sum(min(end, DAYS * DAY) - start for start, end in shifts if start < DAYS * DAY)
            agents.append(
                Agent(
                    id=PersonId(len(agents) + 1),
                    region="BR",
                    skills={skill: rng.choice((1, 2, 3)) for skill in (team.skill, *near)},
                    shifts=shifts,
                    capacity=rng.choice((2, 3, 4)),
                    pace=max(0.02, effort[team.skill] / (team.load * team.people * staffed)),
                )
            )
    return tuple(agents)


def _shifts(at: int, place: int) -> tuple[Span, ...]:
    return _working_days() if not _is_always_there(at) else _every_day((0, 8, 16)[place % 3] * HOUR)


@cache
def _working_days() -> tuple[Span, ...]:
    days = [day for day in range(DAYS + AFTER_DAYS) if day % 7 < 5]
    return tuple((day * DAY + SHIFT[0] * HOUR, day * DAY + SHIFT[1] * HOUR) for day in days)


@cache
def _every_day(start: int) -> tuple[Span, ...]:
    return tuple((day * DAY + start, day * DAY + start + 8 * HOUR) for day in range(DAYS + AFTER_DAYS))
