"""One run: whose luck it is, what a handover costs, and that no policy can break a must."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.tinydesk import agent, case, model, models
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.reference import reference_model
from watchbill.engine.backtest.rules import Pull, fifo, table
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority

POLICIES = [*table(), *peers(), Watchbill(), Watchbill(name="three in hand", limit=3)]
some_policy = st.sampled_from(POLICIES)


def fates(run):
    return {outcome.case.id: outcome for outcome in run.cases}


def test_work_takes_switch_and_effort_at_the_persons_speed():
    """Six minutes of switching, 60 minutes at speed 1.2 are 50: done at minute 60 on steps of five."""
    run = simulate(model([case()], [agent(skills={1: 3})], switch_min=6), Pull("fifo", fifo))
    assert fates(run)[1].done_min == 60
    assert run.people[0].worked_min == pytest.approx(50)


def test_unfinished_work_is_handed_over_at_the_end_of_a_shift():
    """Thirty minutes are done by the first, the second is handed the rest: 15 + 30 minutes."""
    people = [agent(1, shifts=((0, 30),)), agent(2, shifts=((30, 480),))]
    run = simulate(model([case()], people), Pull("fifo", fifo))
    assert fates(run)[1].done_min == 75
    assert fates(run)[1].workers == (1, 2)
    assert run.figures().reassigned == 100


def test_who_goes_on_with_her_own_work_needs_no_handover():
    """The same person the next day: 30 minutes each day, nothing on top."""
    run = simulate(model([case()], [agent(shifts=((0, 30), (1440, 1470)))]), Pull("fifo", fifo))
    assert fates(run)[1].done_min == 1470


def test_a_p1_interrupts_what_can_wait_best():
    """The case with a day to spare is dropped, the one due soon is not, and it is finished afterwards."""
    cases = [
        case(1, due_min=100, effort_min=90),
        case(2, due_min=2000, effort_min=90),
        case(3, opened_min=10, due_min=80, priority=Priority.P1, mean_min=30, effort_min=30),
    ]
    index = table()[-1]
    run = simulate(model(cases, [agent(1), agent(2)]), index)
    assert [fates(run)[number].done_min for number in (1, 2, 3)] == [90, 120, 40]
    assert run.interrupted == 1


def test_the_end_of_the_horizon_ends_the_count_of_work():
    """Only work before the horizon counts for load, though everything is finished."""
    run = simulate(model([case(effort_min=100)], [agent()], horizon_min=40), Pull("fifo", fifo))
    assert run.people[0].worked_min == pytest.approx(40)
    assert run.people[0].staffed_min == 40
    assert fates(run)[1].done_min == 100


class Careless(Pull):
    """Gives everything to the first person on shift."""

    def give(self, desk):
        for job in list(desk.waiting.values()):
            yield job, next(iter(desk.on_shift.values()))


@pytest.mark.parametrize(
    ("cases", "people"),
    [([case(skill=2)], [agent()]), ([case(1), case(2)], [agent()])],
    ids=["skill", "capacity"],
)
def test_a_policy_that_breaks_a_must_is_stopped(cases, people):
    """Whoever writes a policy cannot win by cheating."""
    with pytest.raises(InvalidFacts):
        simulate(model(cases, people), Careless("careless", fifo))


@settings(max_examples=80, deadline=None)
@given(models(), some_policy)
def test_musts_hold_and_work_is_conserved(desk, policy):
    """Nobody works without the skill; what was worked is what the done cases took and the open ones were given."""
    run = simulate(desk, policy)
    by_id = {a.id: a for a in desk.agents}
    for outcome in run.cases:
        assert all(outcome.case.skill in by_id[who].skills for who in outcome.takers)
        if outcome.done_min is not None:
            fastest = max(by_id[who].speed(outcome.case) for who in outcome.workers)
            assert outcome.done_min - outcome.case.opened_min >= outcome.case.effort_min / fastest - 1e-6
    done = sum(o.case.effort_min for o in run.cases if o.done_min is not None)
    most = sum(o.case.effort_min for o in run.cases if o.begun_min is not None)
    assert done / 1.2 - 1e-6 <= sum(p.worked_min for p in run.people) <= most + 1e-6
    assert all(p.busy_min <= p.staffed_min for p in run.people)


@settings(max_examples=60, deadline=None)
@given(models(), st.sampled_from([p for p in POLICIES if isinstance(p, Pull)]))
def test_nobody_is_free_while_she_could_work(desk, policy):
    """A case that was never begun had nobody able to, in all the time that was left."""
    run = simulate(desk, policy)
    for outcome in run.cases:
        able = [a for a in desk.agents if a.may(outcome.case)]
        if outcome.begun_min is None and able:
            idle = [p for p in run.people if p.agent in able and p.busy_min == 0]
            assert all(max(end for _, end in p.agent.shifts) <= outcome.case.opened_min + desk.step_min for p in idle)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_same_seed_same_result(policy):
    """Two runs of one policy agree to the last figure, whatever ran in between; the order of cases and people does not matter."""
    desk = reference_model(3, load=0.94, days=1)
    first = simulate(desk, policy)
    turned = replace(desk, cases=desk.cases[::-1], agents=desk.agents[::-1])
    assert simulate(turned, policy) == first
    assert simulate(reference_model(3, load=0.94, days=1), policy) == first
