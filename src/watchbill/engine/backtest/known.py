"""A simulated desk in the words of the live one: its facts, and the yardsticks of its queue, kept from event to event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from watchbill.engine.assign.facts import Commitment, CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.assign.running import Running
from watchbill.engine.backtest.desk import Desk, Job, Person
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, SkillId

START = datetime(2026, 3, 2, tzinfo=UTC)
"""Minute 0 of every model; a date only because the engine asks for instants."""
TOUCH_MOST_MIN = 60
"""The next piece of work is assumed to be all that is left, but at most this long, as the live desk assumes it."""
NEVER_MIN = 100 * 366 * 24 * 60
"""Beyond all that can be asked about; a promise whose hours have come to an end is due there."""
WINDOW_MIN = 7 * 24 * 60
"""Staffed minutes count for so long ahead, as on the live desk."""


class Known:
    """What the live functions are told of one simulated desk."""

    def __init__(self, desk: Desk, parameters: Parameters, limit: int) -> None:
        self.desk, self.parameters = desk, parameters
        self._limits = {who: min(limit, person.agent.capacity) for who, person in desk.people.items()}
        self.running = Running(parameters)
        self._changes: dict[int, list[Person]] = {}
        for person in desk.people.values():
            for edge in {edge for shift in person.agent.shifts for edge in shift}:
                self._changes.setdefault(edge, []).append(person)
        self.edges = sorted(self._changes)
        self._there: dict[PersonId, int] = {}
        self._staffed: dict[PersonId, Hours] = {}
        self._facts: dict[ItemId, tuple[tuple[object, ...], ItemFacts]] = {}
        self._people: dict[PersonId, tuple[tuple[int, int], PersonFacts]] = {}

    @property
    def now(self) -> datetime:
        return at(self.desk.now_min)

    def look(self) -> None:
        """Take up who has come and gone and what has arrived since the policy was asked before."""
        for person in self._changes.get(self.desk.now_min, ()):
            who, until, before = person.agent.id, person.shift_end_min, self._there.pop(person.agent.id, 0)
            if before and before != until:
                self.running.go(who, person.agent.skills)
            if until:
                self._there[who] = until
                if until != before:
                    self.running.come(who, person.agent.skills, until)
        for job in self.desk.arrived:
            self.running.enter(self.item(job))

    def gone(self, job: Job) -> None:
        """To be told before a case of the queue is given to somebody."""
        self.running.leave(self.item(job))

    def room(self, person: Person) -> int:
        """How many more items she may be given; nobody who is off shift any."""
        return self._limits[person.agent.id] - person.in_hand if person.shift_end_min else 0

    def with_room(self, skill: SkillId) -> list[Person]:
        """Who has a skill, is on shift, and may be given more."""
        limits = self._limits
        return [
            person
            for person in self.desk.able.get(skill, ())
            if person.shift_end_min and len(person.held) + (person.current is not None) < limits[person.agent.id]
        ]

    def part(self, jobs: Iterable[Job], people: Iterable[Person]) -> Snapshot:
        return Snapshot(
            now=self.now,
            items=[self.item(job) for job in jobs],
            people=[self.person(person) for person in people],
            policy=self.parameters,
        )

    def whole(self) -> Snapshot:
        """All that waits, and everybody on shift."""
        return self.part(self.desk.waiting.values(), self.desk.on_shift.values())

    def item(self, job: Job) -> ItemFacts:
        """The facts of a case, made anew only when something about it has changed."""
        state = (job.legs, job.spent_min, job.holder, len(job.workers))
        before = self._facts.get(job.case.id)
        if before is None or before[0] != state:
            before = self._facts[job.case.id] = (state, _item(job))
        return before[1]

    def person(self, person: Person) -> PersonFacts:
        """The facts of a person, made anew when the clock has moved or something in her hands has."""
        state = (self.desk.now_min, person.stamp)
        before = self._people.get(person.agent.id)
        if before is None or before[0] != state:
            before = self._people[person.agent.id] = (state, self._person(person))
        return before[1]

    def _person(self, person: Person) -> PersonFacts:
        agent, now = person.agent, self.desk.now_min
        in_hand = person.held if person.current is None else [*person.held, person.current]
        if (hours := self._staffed.get(agent.id)) is None:
            hours = self._staffed[agent.id] = Hours(agent.shifts)
        return PersonFacts(
            id=agent.id,
            skills=agent.skills,
            shift_left_min=person.shift_end_min - now,
            staffed_week_min=hours.between(now, now + WINDOW_MIN),
            load_min=round(sum(job.expected_min for job in in_hand)),
            open_count=len(in_hand),
            wip_limit=self._limits[agent.id],
        )


def at(minute: int) -> datetime:
    """The instant of a minute; of one that never comes, one far enough to make no difference."""
    return START + timedelta(minutes=min(minute, NEVER_MIN))


def _item(job: Job) -> ItemFacts:
    case, expected = job.case, round(job.expected_min)
    return ItemFacts(
        id=case.id,
        queue=QueueId(1),
        priority=case.priority,
        opened_at=at(case.opened_min),
        touch_min=min(expected, TOUCH_MOST_MIN),
        effort_min=expected,
        skill=job.skill,
        commitments=(Commitment(kind=CommitmentKind.RESOLUTION, due_at=at(job.due_min), target_min=case.target_min),),
        owner=job.holder.agent.id if job.holder is not None else None,
        is_touched=bool(job.workers),
        worked_before=tuple(job.workers),
    )
