"""Models drawn from statistics, and the reference model: a company in three regions that hand the sun on, on which rules are compared.

The numbers of the reference model are fixed here, so that figures compare from release to release
(docs/algorithms/reference-model.md).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from watchbill.engine.backtest.facts import SPEED_PER_LEVEL, Agent, Case, Model
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority

HOUR_MIN, DAY_MIN = 60, 1440
DAYS = 10
REGIONS = ("APJ", "EMEA", "AMS")
"""In the order of their eight hours, from 00:00 UTC."""
SHIFT_MIN = 480
PEAK = 1.67
"""Arrivals at the busiest minute of the day against the mean; a sine over 24 hours, taken hour by hour."""
PRIORITIES = {Priority.P1: 0.05, Priority.P2: 0.20, Priority.P3: 0.45, Priority.P4: 0.30}
TARGETS_H = {Priority.P1: 4, Priority.P2: 8, Priority.P3: 24, Priority.P4: 72}
MEANS_MIN = (60, 90, 120, 180)
"""Mean effort of the four classes of work, equally frequent in every skill."""
SIGMA = 0.8
"""Spread of the log-normal effort around its class mean."""
SKILL_SETS = ((1, 2), (1, 2), (3, 4), (3, 4), (1, 3), (2, 4), (1,), (2, 3, 4))
"""Skills of the eight people of each region: every skill four times, six people with two."""
LEVELS = (1, 2, 3)
CAPACITIES = (2, 3, 4)
SWITCH_MIN, HANDOVER_MIN, STEP_MIN = 6, 15, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of work: its share of arrivals (any scale), and what it asks for. sigma: of the log-normal effort around mean_min."""

    share: float
    priority: Priority
    skill: SkillId
    target_min: int
    mean_min: int
    sigma: float = SIGMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a desk's history says about its work. per_hour: mean arrivals in each hour of a day or week, over and over; days: how long."""

    kinds: tuple[Kind, ...]
    per_hour: tuple[float, ...]
    agents: tuple[Agent, ...]
    days: int
    handover_min: int = HANDOVER_MIN
    switch_min: int = SWITCH_MIN

    def __post_init__(self) -> None:
        if not self.kinds or sum(kind.share for kind in self.kinds) <= 0 or min(k.share for k in self.kinds) < 0:
            raise InvalidFacts("Statistics need kinds of work with shares above nothing")
        if not self.per_hour or min(self.per_hour) < 0 or self.days < 1:
            raise InvalidFacts("Statistics need arrivals by hour, none below 0, and at least one day")


def draw(statistics: Statistics, seed: int) -> Model:
    """One possible course of the desk: Poisson arrivals by hour, log-normal effort. Same statistics and seed, same model. O(cases)."""
    rng = random.Random(f"cases {seed}")  # noqa: S311 - a model, not a secret
    shares = [kind.share for kind in statistics.kinds]
    end_min, peak = statistics.days * DAY_MIN, max(statistics.per_hour)
    cases: list[Case] = []
    at = 0.0
    while peak and (at := at + rng.expovariate(peak / HOUR_MIN)) < end_min:
        if rng.random() * peak < statistics.per_hour[int(at // HOUR_MIN) % len(statistics.per_hour)]:
            kind = rng.choices(statistics.kinds, weights=shares)[0]
            effort = rng.lognormvariate(math.log(kind.mean_min) - kind.sigma**2 / 2, kind.sigma)
            cases.append(
                Case(
                    id=ItemId(len(cases) + 1),
                    opened_min=int(at),
                    due_min=int(at) + kind.target_min,
                    priority=kind.priority,
                    skill=kind.skill,
                    mean_min=kind.mean_min,
                    effort_min=max(1, round(effort)),
                )
            )
    return Model(
        cases=tuple(cases),
        agents=statistics.agents,
        handover_min=statistics.handover_min,
        switch_min=statistics.switch_min,
        step_min=STEP_MIN,
        horizon_min=end_min,
        seed=seed,
    )


def reference_model(seed: int, *, load: float, days: int = DAYS) -> Model:
    """The reference desk at *load*: effort at mean speed and one switch per case, against staffed hours; handovers come on top.

    People are the same for a seed whatever the load.
    """
    rng = random.Random(f"people {seed}")  # noqa: S311 - a model, not a secret
    agents = tuple(_agent(rng, number, days) for number in range(len(REGIONS) * len(SKILL_SETS)))
    mean_speed = 1.0 + SPEED_PER_LEVEL * (sum(LEVELS) / len(LEVELS) - 1)
    each_min = sum(MEANS_MIN) / len(MEANS_MIN) / mean_speed + SWITCH_MIN
    per_hour = load * len(SKILL_SETS) * HOUR_MIN / each_min
    kinds = tuple(
        Kind(
            share=PRIORITIES[priority],
            priority=priority,
            skill=SkillId(skill),
            target_min=HOUR_MIN * TARGETS_H[priority],
            mean_min=mean_min,
        )
        for priority, skill, mean_min in product(PRIORITIES, range(1, 5), MEANS_MIN)
    )
    waves = tuple(per_hour * (1.0 + (PEAK - 1.0) * math.sin(2 * math.pi * (hour + 0.5) / 24)) for hour in range(24))
    return draw(Statistics(kinds=kinds, per_hour=waves, agents=agents, days=days), seed)


def reference_models(seeds: Sequence[int], *, load: float, days: int = DAYS) -> tuple[Model, ...]:
    """The reference desk once per seed."""
    return tuple(reference_model(seed, load=load, days=days) for seed in seeds)


def _agent(rng: random.Random, number: int, days: int) -> Agent:
    region, place = divmod(number, len(SKILL_SETS))
    start = region * SHIFT_MIN
    # Shifts go on for as long again, so that what was opened on the last day can still be finished.
    return Agent(
        id=PersonId(number + 1),
        region=REGIONS[region],
        skills={SkillId(skill): rng.choice(LEVELS) for skill in SKILL_SETS[place]},
        shifts=tuple((day * DAY_MIN + start, day * DAY_MIN + start + SHIFT_MIN) for day in range(2 * days)),
        capacity=rng.choice(CAPACITIES),
    )
