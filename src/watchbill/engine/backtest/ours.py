"""Watchbill's own policy on a simulated desk: the functions of the live desk, asked when the live desk would ask them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from watchbill.engine.assign.decide import plan
from watchbill.engine.assign.facts import Commitment, CommitmentKind, ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.interrupt import Held, does_interrupt, interrupt_all
from watchbill.engine.assign.next import next_items
from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.assign.schedule import Situation, Step, next_step
from watchbill.engine.assign.standing import place_beside, plan_beside
from watchbill.engine.assign.tables import tables_of
from watchbill.engine.backtest.desk import Act, Desk, Job, Person
from watchbill.engine.backtest.rules import preempt
from watchbill.engine.base.ids import ItemId, PersonId, QueueId, SkillId
from watchbill.engine.base.work import Priority

START = datetime(2026, 3, 2, tzinfo=UTC)
"""Minute 0 of every model; a date only because the engine asks for instants."""
TOUCH_MOST_MIN = 60
"""The next piece of work is assumed to be all that is left, but at most this long, as the live desk assumes it."""
WINDOW_MIN = 7 * 24 * 60
"""Staffed minutes count for so long ahead, as on the live desk."""


@dataclass(slots=True)
class Watchbill:
    """Autopilot in every queue, and people who take the next item of their list when they are free.

    limit: items in hand at once (the limit of each person). Events go through `schedule.next_step`, which says `place` or
    `plan`; a free person with nothing in hand takes the first line of `next_items`; a P1 without a free person interrupts, and so
    does one in the hands of somebody who works on something else.
    """

    name: str = "watchbill"
    parameters: Parameters = field(default_factory=Parameters)
    limit: int = 1
    _ran: datetime | None = None
    _planned: datetime | None = None
    _change: datetime | None = None
    _events: int = 0
    _changed: dict[ItemId, Job] = field(default_factory=dict)
    _edges: list[int] = field(default_factory=list)
    _facts: dict[ItemId, tuple[tuple[object, ...], ItemFacts]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What the model demands of whoever takes a case is its skill and a shift, whatever a desk's policy asks beside or does without."""
        self.parameters = replace(self.parameters, needs_skill=True, needs_shift=True)

    def start(self, desk: Desk) -> None:
        self._edges = sorted({at for person in desk.people.values() for shift in person.agent.shifts for at in shift})
        self._ran = self._planned = self._change = None
        self._events = 0
        self._changed, self._facts = {}, {}

    def give(self, desk: Desk) -> Iterator[Act]:
        self._changed.update((job.case.id, job) for job in desk.arrived)
        self._changed = {key: job for key, job in self._changed.items() if job.holder is None and job.done_min is None}
        self._events += len(desk.arrived) + len(desk.freed)
        yield from self._decide(desk)
        yield from self._take(desk)

    def choose(self, desk: Desk, person: Person) -> Job:
        if len(person.held) == 1:
            return person.held[0]
        snapshot = self._snapshot(desk, person.held, (person,))
        first = next_items(snapshot, person.agent.id, with_queue=False, most=1)[0].item
        return next(job for job in person.held if job.case.id == first)

    def interrupt(self, desk: Desk) -> Iterator[Act]:
        """For cases of the queue by the live function; for those in hand, each only for the person who holds it, by its rule."""
        able = _skills(desk.on_shift.values())
        urgent = [
            job
            for job in desk.waiting.values()
            if job.skill in able and does_interrupt(self._item(job), self.parameters)
        ]
        interrupted: set[PersonId] = set()
        if urgent:
            snapshot = self._snapshot(desk, desk.waiting.values(), desk.on_shift.values())
            held = [
                Held(facts=self._item(person.current), owner=person.agent.id, reference=str(person.current.case.id))
                for person in desk.on_shift.values()
                if person.current is not None
            ]
            urgent.sort(key=lambda job: (job.case.priority, job.case.opened_min, job.case.id))
            tables = tables_of(snapshot)
            decisions = [place_beside(snapshot, job.case.id, current={}, tables=tables) for job in urgent]
            for decision in interrupt_all([d for d in decisions if d.person is None], snapshot, held):
                if decision.interrupts is not None:
                    interrupted.add(decision.interrupts.person)
                    yield desk.waiting[decision.item], desk.people[decision.interrupts.person]
        classes = frozenset(priority for priority, does in self._switches() if does)
        begun_later = [job for p in desk.on_shift.values() for job in p.held if job.case.priority in classes]
        for job, person in preempt(desk, begun_later):
            if person.agent.id not in interrupted:
                yield job, person

    def _switches(self) -> tuple[tuple[Priority, bool], ...]:
        return (Priority.P1, self.parameters.preempts_p1), (Priority.P2, self.parameters.preempts_p2)

    # -- the live desk's tick ----------------------------------------------------------------------------------------------

    def _decide(self, desk: Desk) -> Iterator[Act]:
        now = _at(desk.now_min)
        step = next_step(self._situation(desk, now))
        if step is Step.NOTHING or not desk.waiting:
            return
        self._ran = now
        changed, self._changed = self._changed, {}
        if step is Step.PLAN:
            self._planned, self._events = now, 0
            after = bisect_right(self._edges, desk.now_min)
            self._change = _at(self._edges[after]) if after < len(self._edges) else None
        if not any(person.in_hand < self._limit(person) for person in desk.on_shift.values()):
            return
        snapshot = self._snapshot(desk, desk.waiting.values(), desk.on_shift.values())
        if step is Step.PLAN:
            for item, who in plan_beside(plan(snapshot), {}).choices():
                if who is not None:
                    yield desk.waiting[item], desk.people[who]
            return
        chosen: dict[ItemId, PersonId | None] = {}
        able = _skills(desk.on_shift.values())
        some = [item for item, job in changed.items() if job.skill in able]
        tables = tables_of(snapshot) if some else None
        for item in sorted(some, key=lambda item: (changed[item].case.priority, item)):
            who = place_beside(snapshot, item, current=chosen, tables=tables).person
            if who is not None:
                chosen[item] = who
        for item, who in chosen.items():
            yield desk.waiting[item], desk.people[who]  # type: ignore[index]

    def _situation(self, desk: Desk, now: datetime) -> Situation:
        return Situation(
            now=now,
            ran_at=self._ran,
            planned_at=self._planned,
            waiting=len(desk.waiting),
            changed=len(self._changed),
            gone=0,
            is_urgent=any(job.case.priority <= Priority.P2 for job in self._changed.values()),
            events=self._events,
            is_reset=False,
            next_change_at=self._change,
        )

    def _take(self, desk: Desk) -> Iterator[Act]:
        """Whoever is free and has nothing in hand takes the first line of her list, the one who has been free longest first."""
        free = [person for person in desk.on_shift.values() if person.is_free]
        for person in sorted(free, key=lambda person: (person.agent.breadth, person.idle_since_min, person.agent.id)):
            if person.agent.skills.keys().isdisjoint(job.skill for job in desk.waiting.values()):
                continue
            snapshot = self._snapshot(desk, desk.waiting.values(), (person,))
            for line in next_items(snapshot, person.agent.id, most=1):
                yield desk.waiting[line.item], person

    # -- facts ----------------------------------------------------------------------------------------------------------

    def _limit(self, person: Person) -> int:
        return min(self.limit, person.agent.capacity)

    def _snapshot(self, desk: Desk, jobs: Iterable[Job], people: Iterable[Person]) -> Snapshot:
        return Snapshot(
            now=_at(desk.now_min),
            items=[self._item(job) for job in jobs],
            people=[self._person(desk, person) for person in people],
            policy=self.parameters,
        )

    def _item(self, job: Job) -> ItemFacts:
        """The facts of a case, made anew only when something about it has changed."""
        state = (job.legs, job.spent_min, job.holder, len(job.workers))
        before = self._facts.get(job.case.id)
        if before is None or before[0] != state:
            before = self._facts[job.case.id] = (state, _item(job))
        return before[1]

    def _person(self, desk: Desk, person: Person) -> PersonFacts:
        in_hand = [*person.held, *((person.current,) if person.current is not None else ())]
        left = person.shift_end_min - desk.now_min
        return PersonFacts(
            id=person.agent.id,
            skills=person.agent.skills,
            shift_left_min=left,
            staffed_week_min=_staffed(person, desk.now_min),
            load_min=round(sum(job.expected_min for job in in_hand)),
            open_count=len(in_hand),
            wip_limit=self._limit(person),
        )


def _staffed(person: Person, now: int) -> int:
    return sum(max(0, min(end, now + WINDOW_MIN) - max(start, now)) for start, end in person.agent.shifts)


def _skills(people: Iterable[Person]) -> set[SkillId]:
    """What at least one of these people can do: nobody needs to be asked about other work."""
    return {skill for person in people for skill in person.agent.skills}


def _at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def _item(job: Job) -> ItemFacts:
    case, expected = job.case, round(job.expected_min)
    return ItemFacts(
        id=case.id,
        queue=QueueId(1),
        priority=case.priority,
        opened_at=_at(case.opened_min),
        touch_min=min(expected, TOUCH_MOST_MIN),
        effort_min=expected,
        skill=job.skill,
        commitments=(Commitment(kind=CommitmentKind.RESOLUTION, due_at=_at(job.due_min), target_min=case.target_min),),
        owner=job.holder.agent.id if job.holder is not None else None,
        is_touched=bool(job.workers),
        worked_before=tuple(job.workers),
    )
