"""Rules of order: whoever is free takes what comes first. One key per rule, the same way to find the person for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from watchbill.engine.assign.index import promise_urgency
from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.backtest.desk import DEFAULT_MEAN_MIN, LEAST_LEFT_MIN, Act, Desk, Job, Person
from watchbill.engine.backtest.facts import WEIGHTS
from watchbill.engine.backtest.match import Key, Match
from watchbill.engine.base.ids import ItemId, SkillId
from watchbill.engine.base.work import Priority

Order = Callable[[Job, Desk, float], float]
"""A case, the desk, and the mean expected effort of the queue; the smallest comes first."""


def fifo(job: Job, _desk: Desk, _mean: float) -> float:
    """First come, first served."""
    return job.case.opened_min


def strict_priority(job: Job, _desk: Desk, _mean: float) -> float:
    """The highest priority; ties, as for every rule, to the oldest."""
    return job.case.priority


def earliest_due(job: Job, _desk: Desk, _mean: float) -> float:
    """The promise that runs out first."""
    return job.due_min


def weight_per_effort(job: Job, _desk: Desk, _mean: float) -> float:
    """c-mu: the most weight per expected minute."""
    return -job.case.weight / job.expected_min


def tardiness_cost(look_ahead: float = 1.0) -> Order:
    """ATC: weight per minute, discounted by the time to spare."""

    def order(job: Job, desk: Desk, mean: float) -> float:
        slack = job.due_min - desk.now_min - job.expected_min
        return -job.case.weight / job.expected_min * math.exp(-max(0.0, slack) / (look_ahead * mean))

    return order


def index(parameters: Parameters) -> Order:
    """The priority index of Watchbill's own engine: ATC with triage of what is lost.

    Called for all that waits whenever somebody is free, so that `promise_urgency` is only asked where the promise is close or lost.
    """
    exp, look_ahead = math.exp, parameters.look_ahead

    def order(job: Job, desk: Desk, mean: float) -> float:
        case = job.case
        if not case.counts:
            return 0.0
        expected = max(LEAST_LEFT_MIN, job.mean_min - job.spent_min)
        work, left = round(expected), job.due_min - desk.now_min
        if left > work:
            return -WEIGHTS[case.priority] * exp(-(left - work) / (look_ahead * mean)) / expected
        target = case.due_min - case.opened_min
        urgency = promise_urgency(left, work_min=work, target_min=target, mean_min=mean, policy=parameters)
        return -WEIGHTS[case.priority] * urgency / expected

    return order


FIXED: frozenset[Order] = frozenset({fifo, strict_priority, earliest_due, weight_per_effort})
"""Orders in which no case changes its place while it waits, so that the queue need not be looked through."""


@dataclass(slots=True)
class Pull:
    """A free person takes what comes first by *order* among what she may do.

    Of several free people the one goes first who knows the case, then who has the fewest skills, then who is faster, then who
    has been free the longest: ``is_plain`` leaves only the last. owns_first: a free person takes what she has worked on last
    before anything else. preempts: priorities for which somebody is interrupted when nobody is free.
    """

    name: str
    order: Order
    is_plain: bool = False
    owns_first: bool = False
    preempts: frozenset[Priority] = frozenset()
    _match: Match | None = None
    _urgent: dict[ItemId, Job] = field(default_factory=dict)

    def start(self, _desk: Desk) -> None:
        self._match = Match(
            is_free,
            _idle if self.is_plain else _fitting,
            self.order,
            is_fixed=self.order in FIXED,
            knows_first=not self.is_plain,
            owns_first=self.owns_first,
        )
        self._urgent = {}

    def give(self, desk: Desk) -> Iterable[Act]:
        return () if self._match is None else self._match.acts(desk)

    def choose(self, desk: Desk, person: Person) -> Job:
        if len(person.held) == 1:
            return person.held[0]
        mean = mean_expected(person.held)
        return min(person.held, key=lambda job: (self.order(job, desk, mean), job.case.opened_min, job.case.id))

    def interrupt(self, desk: Desk) -> Iterable[Act]:
        if not self.preempts:
            return ()
        self._urgent.update((job.case.id, job) for job in desk.arrived if job.case.priority in self.preempts)
        if self._urgent:
            self._urgent = {key: job for key, job in self._urgent.items() if key in desk.waiting}
        return preempt(desk, self._urgent.values())


def is_free(person: Person) -> bool:
    """On shift, with nothing in hand."""
    return person.current is None and not person.held and person.shift_end_min > 0


def _idle(person: Person, _skill: SkillId) -> Key:
    return person.idle_since_min, person.agent.id


def _fitting(person: Person, skill: SkillId) -> Key:
    agent = person.agent
    return agent.breadth, -agent.speed_in(skill), person.idle_since_min, agent.id


def mean_expected(jobs: Iterable[Job]) -> float:
    expected = [job.expected_min for job in jobs]
    return sum(expected) / len(expected) if expected else DEFAULT_MEAN_MIN


def preempt(desk: Desk, urgent: Iterable[Job]) -> Iterator[Act]:
    """For each of *urgent* cases that nobody works on, oldest first, the person whose work can best wait for it.

    The one with the most slack per weight, whose slack covers what is left of her own and of the new case; nobody twice. A case
    in hand is only for the person who holds it.
    """
    taken: set[int] = set()
    for job in sorted(urgent, key=lambda job: (job.case.opened_min, job.case.id)):
        able = [job.holder] if job.holder is not None else desk.able.get(job.skill, ())
        slack = {p.agent.id: _slack_per_weight(p, job, desk) for p in able if p.agent.id not in taken}
        best = max(slack, key=lambda who: (slack[who], -who), default=None)
        if best is not None and slack[best] > 0:
            taken.add(best)
            yield job, desk.people[best]


def _slack_per_weight(person: Person, job: Job, desk: Desk) -> float:
    """How well what she works on can wait for *job*, in minutes by weight; 0 when it cannot, or she may not take the case."""
    current = person.current
    if current is None or current.case.weight >= job.case.weight or not person.agent.may(job):
        return 0.0
    if not current.case.weight:
        return math.inf
    slack = current.due_min - desk.now_min - current.expected_min
    return slack / current.case.weight if slack > job.expected_min else 0.0


def table() -> tuple[Pull, ...]:
    """The rules of the reference table, from the simplest to the index with interruption for P1."""
    fixed = Parameters(late_growth=0.0, look_ahead=1.0)
    urgent = frozenset({Priority.P1})
    return (
        Pull("FIFO", fifo),
        Pull("strict priority", strict_priority),
        Pull("EDD", earliest_due),
        Pull("c-mu", weight_per_effort),
        Pull("ATC, K = 1", tardiness_cost()),
        Pull("index 1a", index(fixed)),
        Pull("index 1a, P1 interrupts", index(fixed), preempts=urgent),
    )


def owner_first() -> Pull:
    """Whoever has worked on a case last takes it when she is free, before anything else; the rest is first come, first served."""
    return Pull("owner first", fifo, is_plain=True, owns_first=True)
