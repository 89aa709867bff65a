"""The desk while a simulation runs: what a policy may see of it, and the acts that a policy may ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from watchbill.engine.backtest.facts import Agent, Case
from watchbill.engine.base.ids import ItemId, PersonId, SkillId

LEAST_LEFT_MIN = 30
"""What a case is expected to need at least, however long it has been worked on."""
DEFAULT_MEAN_MIN = 60.0
"""Mean expected effort of an empty queue."""
_EXACT = 1 << 48
"""Expected minutes are summed as whole multiples of 1 / _EXACT, which every float of LEAST_LEFT_MIN or more is."""


class Worked(NamedTuple):
    """A piece of work that is done. ready_min: since when it could be begun; who: the one who ended it."""

    ready_min: int
    begun_min: int
    done_min: int
    who: PersonId
    skill: SkillId


@dataclass(slots=True, eq=False)
class Job:
    """A case on its way. holder: who has it in hand, None in the queue; workers: all who have begun it, in that order.

    skill, mean_min: of the piece of work that comes next; legs: how many are over; ready_min, leg_begun_min: since when it could be begun, and when it was; log: the pieces that are done. due_min: of the promise, moved by every pause.
    arrived_min: when it came into the queue the last time. spent_min: on the piece at hand. stamp: another one
    whenever it was put into somebody's hands.
    """

    case: Case
    skill: SkillId
    mean_min: int
    left_min: float
    due_min: int
    arrived_min: int
    legs: int = 0
    ready_min: int = 0
    holder: Person | None = None
    workers: list[PersonId] = field(default_factory=list)
    spent_min: float = 0.0
    stamp: int = 0
    takers: list[PersonId] = field(default_factory=list)
    begun_min: int | None = None
    leg_begun_min: int | None = None
    log: list[Worked] = field(default_factory=list)
    done_min: int | None = None

    @property
    def expected_min(self) -> float:
        """What a policy may expect of the work that is left, at speed 1; it does not see `left_min`."""
        return max(LEAST_LEFT_MIN, self.mean_min - self.spent_min)

    def handover_to(self, person: PersonId, handover_min: int) -> int:
        """What it costs to explain the case to a person."""
        return handover_min if self.leg_begun_min is not None and self.is_new_to(person) else 0

    def is_new_to(self, person: PersonId) -> bool:
        """Whether somebody else has worked on the case last."""
        return bool(self.workers) and self.workers[-1] != person


@dataclass(slots=True, eq=False)
class Person:
    """An agent on her way. held: in hand and not being worked on; current: what she works on; shift_end_min: 0 off shift.

    stamp: another one whenever what she has in hand is not the same, and when her shifts begin and end.
    """

    agent: Agent
    held: list[Job] = field(default_factory=list)
    current: Job | None = None
    shift_end_min: int = 0
    idle_since_min: int = 0
    given_last_min: int = -1
    last_case: ItemId | None = None
    began_min: int = 0
    overhead_min: int = 0
    turn: int = 0
    stamp: int = 0
    worked_min: float = 0.0
    busy_min: int = 0

    @property
    def in_hand(self) -> int:
        return len(self.held) + (self.current is not None)

    @property
    def is_free(self) -> bool:
        return self.current is None and not self.held


@dataclass(slots=True, eq=False)
class Desk:
    """What a policy sees. waiting: the queue, oldest first; people: all, in the order of ids.

    by_skill: the queue apart for each skill that was ever asked for; able: who has a skill, on shift or not. arrived, freed: what
    has happened since the policy was asked before (came into the queue; people who finished something or came on shift), so
    that a policy need not look at everything whenever it is asked.
    """

    now_min: int
    handover_min: int
    people: dict[PersonId, Person]
    waiting: dict[ItemId, Job] = field(default_factory=dict)
    by_skill: dict[SkillId, dict[ItemId, Job]] = field(default_factory=dict)
    able: dict[SkillId, list[Person]] = field(default_factory=dict)
    arrived: list[Job] = field(default_factory=list)
    freed: list[Person] = field(default_factory=list)
    _expected: int | None = None
    _there: dict[PersonId, Person] = field(default_factory=dict)
    _is_in_order: bool = True

    def __post_init__(self) -> None:
        for person in self.people.values():
            for skill in person.agent.skills:
                self.able.setdefault(skill, []).append(person)

    @property
    def mean_expected_min(self) -> float:
        """Of the queue; once somebody has asked, kept exactly while it changes."""
        if self._expected is None:
            self._expected = sum(int(job.expected_min * _EXACT) for job in self.waiting.values())
        return self._expected / (_EXACT * len(self.waiting)) if self.waiting else DEFAULT_MEAN_MIN

    @property
    def on_shift(self) -> dict[PersonId, Person]:
        """In the order of ids; sorted only when somebody looks."""
        if not self._is_in_order:
            self._there, self._is_in_order = dict(sorted(self._there.items())), True
        return self._there

    def come(self, person: Person) -> None:
        """For the simulator."""
        self._there[person.agent.id] = person
        self._is_in_order = False
        self.freed.append(person)

    def go(self, person: Person) -> None:
        """For the simulator."""
        del self._there[person.agent.id]

    def enqueue(self, job: Job) -> None:
        """For the simulator."""
        self.waiting[job.case.id] = job
        self.by_skill.setdefault(job.skill, {})[job.case.id] = job
        if self._expected is not None:
            self._expected += int(job.expected_min * _EXACT)
        self.arrived.append(job)

    def dequeue(self, job: Job) -> None:
        """For the simulator."""
        del self.waiting[job.case.id], self.by_skill[job.skill][job.case.id]
        if self._expected is not None:
            self._expected -= int(job.expected_min * _EXACT)


Act = tuple[Job, Person]


class Policy(Protocol):
    """How work finds people: the plug-in point of every simulation. Nothing here may draw lots or remember a previous run.

    `start` is called once before a run. Then, whenever something has happened: `give` puts work into hands (from the queue, or
    out of other hands when it is not being worked on there); every free person then goes on with what `choose` names of what
    she holds; `interrupt` may name people who drop what they do for a case of the queue. Acts that break a must are refused with
    InvalidFacts.
    """

    name: str

    def start(self, desk: Desk) -> None: ...

    def give(self, desk: Desk) -> Iterable[Act]: ...

    def choose(self, desk: Desk, person: Person) -> Job: ...

    def interrupt(self, desk: Desk) -> Iterable[Act]: ...
