"""One run: a clock that jumps from event to event, and a policy that is asked whenever something has happened."""

from __future__ import annotations

import heapq
import math
from enum import IntEnum

from watchbill.engine.backtest.desk import Act, Desk, Job, Person, Policy, Worked
from watchbill.engine.backtest.facts import Case, Model
from watchbill.engine.backtest.hours import FAR_MIN
from watchbill.engine.backtest.outcome import CaseOutcome, PersonOutcome, Run
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, SkillId


class Happens(IntEnum):
    """In the order in which things of one instant happen: work ends before shifts end, and people come before work does."""

    DONE = 0
    LEAVES = 1
    COMES = 2
    ARRIVES = 3


Event = tuple[int, int, int, int]
"""Minute, what happens, id of the agent or place of the case, and for DONE the turn which it ends, for COMES the end of the shift."""
_DONE, _LEAVES, _COMES, _ARRIVES = (happens.value for happens in Happens)
_END: Event = (FAR_MIN, _ARRIVES, 0, 0)


def simulate(model: Model, policy: Policy) -> Run:
    """Run *policy* over all cases of *model*, until the last shift ends.

    Effort, shifts and arrivals are facts of the model, so that two policies on one model meet the same luck (common random
    numbers). What is not finished when a shift ends goes back to the queue, and whoever goes on with it is handed it.

    Returns the fate of every case and person. Raises InvalidFacts when the policy breaks a must: a case to somebody without the
    skill, off shift, or beyond her capacity. O(events log events) and what the policy costs.
    """
    return _Simulation(model, policy).run()


class _Simulation:
    """The state of one run. Cases that are neither begun nor done are not in memory twice: a job is made when its case comes."""

    def __init__(self, model: Model, policy: Policy) -> None:
        self.model, self.policy = model, policy
        people = {agent.id: Person(agent) for agent in sorted(model.agents, key=lambda agent: agent.id)}
        self.desk = Desk(0, model.handover_min, people)
        self.cases = sorted(model.cases, key=lambda case: (case.opened_min, case.id))
        self.places = {case.id: place for place, case in enumerate(self.cases)}
        self.jobs: dict[int, Job] = {}
        self.fates: list[CaseOutcome | None] = [None] * len(self.cases)
        self.known: dict[tuple[PersonId, ...], tuple[PersonId, ...]] = {}
        self.first = [
            self._step(self._delayed(case.skill, case.opened_min + case.wait_min, case.delay_min))
            for case in self.cases
        ]
        self.arrivals = sorted(range(len(self.first)), key=self.first.__getitem__)[::-1]
        self.shifts = {agent.id: iter(agent.shifts) for agent in model.agents}
        self.end_min = max((agent.shifts[-1][1] for agent in model.agents if agent.shifts), default=0)
        self.events: list[Event] = [_END]
        self.given: list[Person] = []
        self.interrupted = 0

    def run(self) -> Run:
        desk, events = self.desk, self.events
        self.policy.start(desk)
        for person in desk.people.values():
            self._plan_shift(person)
        left, head = sum(at < self.end_min for at in self.first), self._next_arrival()
        while left and (now := min(head, events[0])[0]) < FAR_MIN:
            desk.now_min = now
            while (event := min(head, events[0]))[0] == now:
                if event is head:
                    head = self._next_arrival()
                else:
                    heapq.heappop(events)
                left -= self._happens(event)
            self._ask()
        return self._outcome()

    # -- events ---------------------------------------------------------------------------------------------------------

    def _happens(self, event: Event) -> bool:
        """Return whether nothing more will be of a case."""
        _, what, which, number = event
        if what == _ARRIVES:
            self._arrives(which)
            return False
        person = self.desk.people[PersonId(which)]
        if what == _DONE:
            return number == person.turn and person.current is not None and self._done(person)
        if what == _COMES:
            self._comes(person, number)
        else:
            self._leaves(person)
        return False

    def _next_arrival(self) -> Event:
        """The first coming of the next case; taken one by one, as shifts are, since a list of all events would be long."""
        if not self.arrivals:
            return _END
        place = self.arrivals.pop()
        return self.first[place], _ARRIVES, place, 0

    def _plan_shift(self, person: Person) -> None:
        """The next shift of somebody who is off shift."""
        for start, end in self.shifts[person.agent.id]:
            heapq.heappush(self.events, (start, _COMES, person.agent.id, end))
            return

    def _arrives(self, place: int) -> None:
        job = self.jobs.get(place)
        if job is None:
            job = self.jobs[place] = _job(self.cases[place])
            job.arrived_min = job.ready_min = self.desk.now_min
        self.desk.enqueue(job)

    def _comes(self, person: Person, until_min: int) -> None:
        person.shift_end_min, person.idle_since_min = until_min, self.desk.now_min
        person.stamp += 1
        self.desk.come(person)
        heapq.heappush(self.events, (until_min, _LEAVES, person.agent.id, 0))

    def _leaves(self, person: Person) -> None:
        """What she has in hand goes back to the queue."""
        self._stop(person)
        for job in person.held:
            job.holder, job.arrived_min = None, self.desk.now_min
            self.desk.enqueue(job)
        person.held.clear()
        person.shift_end_min = 0
        person.stamp += 1
        self._plan_shift(person)
        self.desk.go(person)

    def _done(self, person: Person) -> bool:
        """A piece of work is done; return whether nothing more will be of the case: it is done, or goes on when nobody is there."""
        self._stop(person)
        job = person.held.pop()
        job.holder = None
        person.stamp += 1
        job.log.append(Worked(job.ready_min, job.leg_begun_min or 0, self.desk.now_min, person.agent.id, job.skill))
        self.desk.freed.append(person)
        if job.legs < len(job.case.later):
            self._follows(job)
            return job.arrived_min >= self.end_min
        job.done_min = self.desk.now_min
        place = self.places[job.case.id]
        self.fates[place] = self._fate(self.jobs.pop(place))
        return True

    def _follows(self, job: Job) -> None:
        """The next piece comes into the queue when what is waited for has come; a pause moves the promise on."""
        leg, now = job.case.later[job.legs], self.desk.now_min
        back = now + leg.wait_min
        if leg.is_paused and leg.wait_min and job.due_min > now:
            hours = self.model.promised.get(job.case.priority)
            job.due_min = (
                job.due_min + leg.wait_min if hours is None else hours.after(back, hours.between(now, job.due_min))
            )
        job.legs += 1
        job.leg_begun_min = None
        job.skill, job.mean_min, job.left_min, job.spent_min = leg.skill, leg.mean_min, float(leg.effort_min), 0.0
        job.ready_min = job.arrived_min = self._step(self._delayed(leg.skill, back, leg.delay_min))
        heapq.heappush(self.events, (job.arrived_min, _ARRIVES, self.places[job.case.id], 0))

    def _delayed(self, skill: SkillId, at_min: int, delay_min: int) -> int:
        hours = self.model.worked.get(skill)
        return at_min + delay_min if hours is None else hours.after(at_min, delay_min)

    def _stop(self, person: Person) -> None:
        """Put what she works on back among what she holds, as the last of it, with the work that is done taken off."""
        job, now = person.current, self.desk.now_min
        if job is None:
            return
        speed = person.agent.speed(job)
        worked = min(job.left_min, max(0, now - person.began_min - person.overhead_min) * speed)
        job.left_min -= worked
        job.spent_min += worked
        counted = max(0, min(now, self.model.horizon_min) - person.began_min)
        person.busy_min += counted
        person.worked_min += min(worked / speed, max(0, counted - person.overhead_min))
        person.held.append(job)
        person.current = None
        person.idle_since_min = now
        person.turn += 1

    # -- acts -----------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        desk, policy = self.desk, self.policy
        for act in policy.give(desk):
            self._give(act)
        self._go_on()
        for job, person in policy.interrupt(desk):
            self.interrupted += person.current is not None
            self._stop(person)
            self._give((job, person), is_interrupt=True)
            self._begin(person, job)
        desk.arrived.clear()
        desk.freed.clear()
        self.given.clear()

    def _go_on(self) -> None:
        """Only who was given something or has finished something can have nothing that she works on, and something in hand."""
        ready = {p.agent.id: p for p in (*self.desk.freed, *self.given) if p.held and p.current is None}
        for _, person in sorted(ready.items()) if len(ready) > 1 else ready.items():
            self._begin(person, self.policy.choose(self.desk, person))

    def _give(self, act: Act, *, is_interrupt: bool = False) -> None:
        job, person = act
        agent = person.agent
        if not person.shift_end_min or not agent.may(job):
            raise InvalidFacts(f"{self.policy.name} gave case {job.case.id} to {agent.id}, who may not take it")
        if not is_interrupt and person.in_hand >= agent.capacity:
            raise InvalidFacts(f"{self.policy.name} gave case {job.case.id} to {agent.id} beyond her capacity")
        if job.holder is None:
            self.desk.dequeue(job)
        elif job in job.holder.held:
            job.holder.held.remove(job)
            job.holder.stamp += 1
        else:
            raise InvalidFacts(f"{self.policy.name} took case {job.case.id} out of the hands that work on it")
        job.holder = person
        job.stamp += 1
        person.stamp += 1
        if not job.takers or job.takers[-1] != agent.id:
            job.takers.append(agent.id)
        person.held.append(job)
        person.given_last_min = self.desk.now_min
        self.given.append(person)

    def _begin(self, person: Person, job: Job) -> None:
        person.held.remove(job)
        agent, now = person.agent, self.desk.now_min
        overhead = job.handover_to(agent.id, self.model.handover_min)
        overhead += self.model.switch_min if person.last_case != job.case.id else 0
        if job.leg_begun_min is None:
            job.leg_begun_min = now
        if job.begun_min is None:
            job.begun_min = now
        if not job.workers or job.workers[-1] != agent.id:
            job.workers.append(agent.id)
        person.current, person.last_case = job, job.case.id
        person.began_min, person.overhead_min = now, overhead
        ends = self._step(now + overhead + job.left_min / agent.speed(job))
        if ends <= person.shift_end_min:
            heapq.heappush(self.events, (ends, _DONE, agent.id, person.turn))

    # -- outcome --------------------------------------------------------------------------------------------------------

    def _step(self, at_min: float) -> int:
        step = self.model.step_min
        return step * math.ceil(at_min / step - 1e-9)

    def _fate(self, job: Job) -> CaseOutcome:
        known, takers, workers = self.known, tuple(job.takers), tuple(job.workers)
        return CaseOutcome(
            case=job.case,
            due_min=job.due_min,
            begun_min=job.begun_min,
            done_min=job.done_min,
            takers=known.setdefault(takers, takers),
            workers=known.setdefault(workers, workers),
            log=tuple(job.log),
        )

    def _outcome(self) -> Run:
        horizon = self.model.horizon_min
        return Run(
            policy=self.policy.name,
            cases=tuple(
                fate or self._fate(self.jobs.get(place) or _job(self.cases[place]))
                for place, fate in enumerate(self.fates)
            ),
            people=tuple(
                PersonOutcome(
                    agent=person.agent,
                    worked_min=person.worked_min,
                    busy_min=person.busy_min,
                    staffed_min=person.agent.staffed_min(horizon),
                )
                for person in self.desk.people.values()
            ),
            interrupted=self.interrupted,
        )


def _job(case: Case) -> Job:
    return Job(
        case=case, skill=case.skill, mean_min=case.mean_min, left_min=float(case.effort_min), due_min=case.due_min,
        arrived_min=case.opened_min,
    )  # fmt: skip
