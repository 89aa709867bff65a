"""Matching by what has changed finds what looking through everything finds."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.tinydesk import agent, case, model, models
from watchbill.engine.backtest.desk import Job, Person
from watchbill.engine.backtest.facts import Leg
from watchbill.engine.backtest.match import FEW, Heap
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.rules import FIXED, Pull, fifo, mean_expected, owner_first, preempt, table
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority


def changeable(job: Job, desk, _mean):
    """An order that turns with the clock, as a user's own may."""
    return (desk.now_min // 7 * job.case.id) % 5


RULES = [*table(), *peers(), owner_first(), Pull("own", changeable, preempts=frozenset({Priority.P1, Priority.P2}))]


@dataclass
class Thorough:
    """The same rule by its definition: the whole queue in order, and everybody who has room, at every event."""

    policy: object

    @property
    def name(self):
        return self.policy.name

    def start(self, desk):
        self.policy.start(desk)

    def choose(self, desk, person):
        return self.policy.choose(desk, person)

    def interrupt(self, desk):
        urgent = getattr(self.policy, "preempts", frozenset())
        return preempt(desk, [job for job in desk.waiting.values() if job.case.priority in urgent])

    def give(self, desk):
        if getattr(self.policy, "owns_first", False):
            for person in list(desk.on_shift.values()):
                own = [j for j in desk.waiting.values() if j.workers[-1:] == [person.agent.id] and person.agent.may(j)]
                if own and person.is_free:
                    yield self.in_order(own, desk)[0], person
        for job in self.in_order(list(desk.waiting.values()), desk):
            able = [p for p in desk.on_shift.values() if self.has_room(p) and p.agent.may(job)]
            if able:
                yield job, min(able, key=lambda person: self.preference(job, person))

    def in_order(self, jobs, desk):
        mean = mean_expected(desk.waiting.values())
        return sorted(jobs, key=lambda j: (self.policy.order(j, desk, mean), j.case.opened_min, j.case.id))

    def has_room(self, person):
        return person.is_free if isinstance(self.policy, Pull) else person.in_hand < person.agent.capacity

    def preference(self, job, person):
        if not isinstance(self.policy, Pull):
            return self.policy.pick(person)
        idle = (person.idle_since_min, person.agent.id)
        if self.policy.is_plain:
            return idle
        return (job.is_new_to(person.agent.id), person.agent.breadth, -person.agent.speed(job), *idle)


@settings(max_examples=200, deadline=None)
@given(models(most_cases=12, most_agents=4, most_legs=2), st.sampled_from(RULES))
def test_what_changed_is_enough(desk, policy):
    """Every fate is the same as by the definition."""
    assert simulate(desk, policy) == simulate(desk, Thorough(policy))


def test_rules_of_the_table_are_not_looked_through():
    """Orders that stand still while a case waits are known as such; the index and the tardiness cost move."""
    moving = {policy.name for policy in table() if policy.order not in FIXED}
    assert moving == {"ATC, K = 1", "index 1a", "index 1a, P1 interrupts"}


@pytest.mark.parametrize(("policy", "done"), [(Pull("FIFO", fifo), [125, 65, 95]), (owner_first(), [95, 65, 125])])
def test_an_owner_takes_her_own_before_what_is_older(policy, done):
    """When she is free at minute 65, her own case has been back for ten minutes and an older one has waited for 45."""
    cases = [
        case(1, opened_min=5, effort_min=10, later=(Leg(skill=1, mean_min=30, effort_min=30, wait_min=40),)),
        case(2, opened_min=6, effort_min=50),
        case(3, opened_min=4, effort_min=30, delay_min=16),
    ]
    fates = simulate(model(cases, [agent()]), policy).cases
    assert [outcome.done_min for outcome in sorted(fates, key=lambda fate: fate.case.id)] == done


@pytest.mark.parametrize("count", [1, FEW, 40 * FEW])
def test_a_heap_forgets_what_is_stale(count):
    """However often a thing is put in anew, only its last place counts, and the heap stays short."""
    people = [Person(agent(number)) for number in range(3)]
    heap = Heap()
    for turn in range(count):
        for place, person in enumerate(people):
            person.stamp += 1
            heap.push((count - turn, place), person)
    assert heap.first() == ((1, 0), people[0])
    assert len(heap._rows) <= 2 * FEW


def test_the_example_of_the_page_is_a_policy():
    """Ten lines of the docs, run as they stand: of three cases that wait, the one that was opened last goes first."""
    page = (Path(__file__).parents[3] / "docs/algorithms/backtest.md").read_text()
    code = dedent(page[page.index("    class Youngest") : page.index("**Simple policies**")])
    found = {}
    exec(code, found)
    cases = [case(number, opened_min=opened) for number, opened in ((1, 5), (2, 15), (3, 10))]
    run = simulate(model(cases, [agent(shifts=((20, 480),))]), found["Youngest"]())
    assert [outcome.done_min for outcome in run.cases] == [200, 140, 80]
