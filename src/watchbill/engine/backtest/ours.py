"""Watchbill's own policy on a simulated desk: the functions of the live desk, asked when the live desk would ask them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from watchbill.engine.assign.decide import plan
from watchbill.engine.assign.index import mean_touch_min
from watchbill.engine.assign.interrupt import Held, does_interrupt, laid_aside
from watchbill.engine.assign.next import first_item
from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.assign.rules import fulfils_musts
from watchbill.engine.assign.schedule import Situation, Step, next_step
from watchbill.engine.assign.standing import plan_beside
from watchbill.engine.backtest.desk import Act, Desk, Job, Person
from watchbill.engine.backtest.known import Known, at
from watchbill.engine.backtest.rules import is_free, preempt
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority

Team = tuple[tuple[int, bool, int], ...]
"""What the people of a skill work on, as far as an interruption could make a difference of it."""


@dataclass(slots=True)
class Watchbill:
    """Autopilot in every queue, and people who take the next item of their list when they are free.

    limit: items in hand at once (the limit of each person). Events go through `schedule.next_step`, which says `place` or
    `plan`; a free person with nothing in hand takes the first line of `next_items`; a P1 without a free person interrupts, and so
    does one in the hands of somebody who works on something else. Each is asked about that part of the desk which can change its
    answer, and gives the answer for all of it (docs/algorithms/assign.md, "Event by event").
    """

    name: str = "watchbill"
    parameters: Parameters = field(default_factory=Parameters)
    limit: int = 1
    _known: Known = field(init=False, repr=False, compare=False)
    _ran: datetime | None = None
    _planned: datetime | None = None
    _change: datetime | None = None
    _events: int = 0
    _changed: dict[ItemId, Job] = field(default_factory=dict)
    _urgent: dict[ItemId, Job] = field(default_factory=dict)
    _in_vain: dict[ItemId, Team] = field(default_factory=dict)
    _holding: dict[PersonId, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What the model demands of whoever takes a case is its skill and a shift, whatever a desk's policy asks beside or does without."""
        self.parameters = replace(self.parameters, needs_skill=True, needs_shift=True)

    def start(self, desk: Desk) -> None:
        self._known = Known(desk, self.parameters, self.limit)
        self._ran = self._planned = self._change = None
        self._events = 0
        self._changed, self._urgent, self._in_vain, self._holding = {}, {}, {}, {}

    def give(self, desk: Desk) -> Iterator[Act]:
        self._known.look()
        self._changed.update((job.case.id, job) for job in desk.arrived)
        self._changed = {key: job for key, job in self._changed.items() if job.holder is None and job.done_min is None}
        self._events += len(desk.arrived) + len(desk.freed)
        yield from self._decide(desk)
        yield from self._take(desk)

    def choose(self, _desk: Desk, person: Person) -> Job:
        if len(person.held) == 1:
            return person.held[0]
        part = self._known.part(person.held, (person,))
        first = first_item(part, person.agent.id, mean_min=mean_touch_min(part.items))
        return next(job for job in person.held if job.case.id == first)

    def interrupt(self, desk: Desk) -> Iterator[Act]:
        """For cases of the queue by the live function; for those in hand, each only for the person who holds it, by its rule."""
        interrupted = dict(self._interruptions(desk))
        for item, owner in interrupted.items():
            yield self._given(desk.waiting[item], desk.people[owner])
        self._holding = {who: person for who, person in self._holding.items() if person.held}
        classes = frozenset(priority for priority, does in self._switches() if does)
        begun_later = [job for p in self._holding.values() for job in p.held if job.case.priority in classes]
        for job, person in preempt(desk, begun_later):
            if person.agent.id not in interrupted.values():
                yield job, person

    def _interruptions(self, desk: Desk) -> Iterator[tuple[ItemId, PersonId]]:
        """Which urgent case of the queue interrupts whom. In vain once is in vain until somebody of its skill does something else."""
        known = self._known
        self._urgent.update(
            (job.case.id, job)
            for job in desk.arrived
            if job.holder is None and does_interrupt(known.item(job), self.parameters)
        )
        self._urgent = {key: job for key, job in self._urgent.items() if key in desk.waiting}
        spared: frozenset[PersonId] = frozenset()
        for job in sorted(self._urgent.values(), key=lambda job: (job.case.priority, job.case.opened_min, job.case.id)):
            there = [person for person in desk.able.get(job.skill, ()) if person.shift_end_min]
            team = tuple([(person.turn, person.current is None, len(person.held)) for person in there])
            if not there or self._in_vain.get(job.case.id) == team:
                continue
            part = known.part((job,), there)
            if known.running.best(part, desk.now_min, {}):
                continue
            held = [
                Held(facts=known.item(person.current), owner=person.agent.id, reference=str(person.current.case.id))
                for person in there
                if person.current is not None
            ]
            if (aside := laid_aside(part.items[0], part, held, spared=spared)) is not None:
                spared |= {aside.owner}
                yield job.case.id, aside.owner
            elif not spared:
                self._in_vain[job.case.id] = team

    def _switches(self) -> tuple[tuple[Priority, bool], ...]:
        return (Priority.P1, self.parameters.preempts_p1), (Priority.P2, self.parameters.preempts_p2)

    def _given(self, job: Job, person: Person) -> Act:
        """A case of the queue into somebody's hands."""
        self._known.gone(job)
        self._holding[person.agent.id] = person
        return job, person

    # -- the live desk's tick ----------------------------------------------------------------------------------------------

    def _decide(self, desk: Desk) -> Iterator[Act]:
        now = self._known.now
        step = next_step(self._situation(desk, now))
        if step is Step.NOTHING or not desk.waiting:
            return
        self._ran = now
        changed, self._changed = self._changed, {}
        if step is Step.PLAN:
            self._planned, self._events = now, 0
            edges = self._known.edges
            after = bisect_right(edges, desk.now_min)
            self._change = at(edges[after]) if after < len(edges) else None
        for item, who in self._plan(desk) if step is Step.PLAN else self._place(desk, changed.values()):
            yield self._given(desk.waiting[item], desk.people[who])

    def _place(self, desk: Desk, changed: Iterable[Job]) -> list[tuple[ItemId, PersonId]]:
        """Single items, the most urgent first, each beside the choices before it: `place`."""
        known, taken = self._known, Counter[PersonId]()
        choices = []
        for job in sorted(changed, key=lambda job: (job.case.priority, job.case.id)):
            if people := known.with_room(job.skill):
                best = known.running.best(known.part((job,), people), desk.now_min, taken)
                if best:
                    taken[best[0]] += 1
                    choices.append((job.case.id, best[0]))
        return choices

    def _plan(self, desk: Desk) -> list[tuple[ItemId, PersonId]]:
        """All that waits: `plan`, which is only asked where several items and several people meet, or equals do."""
        able = self._able(desk)
        choices = self._one_by_one(desk, able) if able else []
        if choices is None:
            return [
                (item, who) for item, who in plan_beside(plan(self._known.whole()), {}).choices() if who is not None
            ]
        choices.sort(key=lambda choice: (desk.waiting[choice[0]].case.opened_min, choice[0]))
        return choices

    def _able(self, desk: Desk) -> dict[ItemId, frozenset[PersonId]]:
        """Who may take what now, of all that somebody may."""
        known, able = self._known, {}
        for skill, jobs in desk.by_skill.items():
            people = [known.person(person) for person in known.with_room(skill)] if jobs else []
            for job in jobs.values() if people else ():
                item = known.item(job)
                if may := frozenset(one.id for one in people if fulfils_musts(item, one, self.parameters)):
                    able[job.case.id] = may
        return able

    def _one_by_one(self, desk: Desk, able: dict[ItemId, frozenset[PersonId]]) -> list[tuple[ItemId, PersonId]] | None:
        """The plan where it falls apart into one item for several people or one person for several items; else None."""
        known, left, choices = self._known, dict(able), []
        while left:
            item, people = left.popitem()
            items = [item]
            for other in [other for other, may in left.items() if may & people]:
                items.append(other)
                if left.pop(other) != people or len(people) > 1:
                    return None
            part = known.part((desk.waiting[one] for one in items), (desk.people[one] for one in people))
            if len(items) == 1:
                best = known.running.best(part, desk.now_min, {})
                if len(best) != 1:
                    return None
                choices.append((item, best[0]))
            else:
                only = known.running.only(part, desk.now_min)
                (who,) = people
                if only is None or known.room(desk.people[who]) != 1:
                    return None
                choices.append((only.id, who))
        return choices

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
        """Whoever is free and has nothing in hand takes the first line of her list, the one who has been free longest first.

        Who was free before, and has taken nothing, may take only what has arrived since.
        """
        known = self._known
        free = {person.agent.id: person for person in desk.freed if is_free(person)}
        for skill in {job.skill for job in desk.arrived}:
            free.update((person.agent.id, person) for person in desk.able.get(skill, ()) if is_free(person))
        for person in sorted(
            free.values(), key=lambda person: (person.agent.breadth, person.idle_since_min, person.agent.id)
        ):
            jobs = [job for skill in person.agent.skills for job in desk.by_skill.get(skill, {}).values()]
            if jobs:
                first = first_item(known.part(jobs, (person,)), person.agent.id, mean_min=known.running.mean_min)
                if first is not None:
                    yield self._given(desk.waiting[first], person)
