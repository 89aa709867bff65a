"""What comes in: cases with their true effort, agents with their shifts, and what a handover costs. All times are whole minutes.

A case is one piece of work, or a first and more that follow it: with other people, or after somebody else was waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from watchbill.engine.backtest.hours import Hours
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority

Span = tuple[int, int]
"""Half-open, in minutes since the model's start."""
WEIGHTS: Mapping[Priority, float] = {Priority.P1: 8.0, Priority.P2: 4.0, Priority.P3: 2.0, Priority.P4: 1.0}
"""What a kept promise of each priority counts in the weighted attainment."""
SPEED_PER_LEVEL = 0.1
"""How much faster each skill level above the first works; the assumption of the assignment policy's default."""


class Skilled(Protocol):
    """Whatever asks for a skill: a case by its first piece of work, a leg, a job by what comes next."""

    @property
    def skill(self) -> SkillId: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A piece of work that follows another one of the same case.

    mean_min, effort_min: as of a case. wait_min: minutes of the clock from the end of the work before it in which somebody outside
    has the case; is_paused: whether its promise stands still meanwhile. delay_min: minutes of the skill's hours that then pass
    before anybody could begin, for reasons that no policy governs.
    """

    skill: SkillId
    mean_min: int
    effort_min: int
    wait_min: int = 0
    is_paused: bool = True
    delay_min: int = 0

    def __post_init__(self) -> None:
        if min(self.mean_min, self.effort_min) < 1 or min(self.wait_min, self.delay_min) < 0:
            raise InvalidFacts("A leg must have effort of at least a minute, and neither wait nor delay below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Work with one promise.

    mean_min: what a rule may expect the first piece of it to take, the mean of its class; effort_min: what it really takes at
    speed 1, which no rule is told. due_min: when the promise runs out; kept when all is done by then. counts: whether the promise
    weighs anything in the figures; what was never promised, or lost before the model begins, is only work. delay_min: as of a leg,
    for the first piece; later: the others, in their order. wait_min: minutes of the clock from opening in which nobody could begin,
    as for what had been opened before the model begins.
    """

    id: ItemId
    opened_min: int
    due_min: int
    priority: Priority
    skill: SkillId
    mean_min: int
    effort_min: int
    counts: bool = True
    wait_min: int = 0
    delay_min: int = 0
    later: tuple[Leg, ...] = ()

    def __post_init__(self) -> None:
        if (
            min(self.mean_min, self.effort_min) < 1
            or self.due_min <= self.opened_min
            or self.delay_min < 0
            or self.wait_min < 0
        ):
            raise InvalidFacts(f"Case {self.id} must have effort of at least a minute and be due after it is opened")

    @property
    def target_min(self) -> int:
        return self.due_min - self.opened_min

    @property
    def weight(self) -> float:
        return WEIGHTS[self.priority] if self.counts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One person. skills: level by skill, 1 the lowest; shifts: sorted, not touching; capacity: cases in hand at once, for rules that push.

    pace: how much faster than a mean person she works at any level.
    """

    id: PersonId
    region: str
    skills: Mapping[SkillId, int]
    shifts: tuple[Span, ...]
    capacity: int = 1
    pace: float = 1.0

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.pace <= 0:
            raise InvalidFacts(f"Agent {self.id} must have a capacity of at least 1 and a pace above 0")
        ends = [0, *(end for _, end in self.shifts)]
        if any(end <= start or start < before for (start, end), before in zip(self.shifts, ends, strict=False)):
            raise InvalidFacts(f"The shifts of agent {self.id} must be in order and not overlap")

    @property
    def breadth(self) -> int:
        return len(self.skills)

    def staffed_min(self, until_min: int) -> int:
        """Minutes of shifts before *until_min*."""
        return sum(max(0, min(end, until_min) - start) for start, end in self.shifts)

    def may(self, work: Skilled) -> bool:
        """The must of the model: the skill."""
        return work.skill in self.skills

    def speed(self, work: Skilled) -> float:
        return self.speed_in(work.skill)

    def speed_in(self, skill: SkillId) -> float:
        return self.pace * (1.0 + SPEED_PER_LEVEL * (self.skills[skill] - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Everything a simulation runs on. Same model and policy, same result.

    handover_min: extra for whoever goes on with a case that somebody else has begun; switch_min: before work on another case
    than the last one; step_min: everything happens on multiples of it; horizon_min: until when a person's work is counted (shifts
    may go on after it, to finish what was opened before). promised: the hours in which the promise of a priority runs down, which
    matters when it is paused: always, where none are given. worked: the hours in which delays of a skill pass, likewise.
    """

    cases: tuple[Case, ...]
    agents: tuple[Agent, ...]
    handover_min: int = 15
    switch_min: int = 6
    step_min: int = 5
    horizon_min: int
    seed: int = 0
    promised: Mapping[Priority, Hours] = field(default_factory=dict)
    worked: Mapping[SkillId, Hours] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({case.id for case in self.cases}) != len(self.cases) or len({a.id for a in self.agents}) != len(
            self.agents
        ):
            raise InvalidFacts("Cases and agents of a model must have unique ids")
        if self.step_min < 1 or min(self.handover_min, self.switch_min) < 0:
            raise InvalidFacts("A step must be at least a minute, and no cost negative")
