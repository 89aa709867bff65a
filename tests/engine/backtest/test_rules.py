"""Policies where a case weighs nothing, or is never due."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.backtest.test_simulate import POLICIES
from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.assign.index import promise_urgency
from watchbill.engine.assign.policy import Policy as Parameters
from watchbill.engine.backtest.desk import Desk, Job
from watchbill.engine.backtest.hours import FAR_MIN
from watchbill.engine.backtest.rules import index, table
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority


def test_what_was_never_promised_can_always_wait():
    """A P1 interrupts it, whoever holds it, and rather than what somebody was promised; it is finished afterwards."""
    promised, idle = case(1, due_min=2000, effort_min=90), case(2, due_min=900, effort_min=90, counts=False)
    urgent = case(3, opened_min=10, due_min=80, priority=Priority.P1, mean_min=30, effort_min=30)
    run = simulate(model([promised, idle, urgent], [agent(1), agent(2)]), table()[-1])
    assert [one.done_min for one in run.cases] == [90, 120, 40]
    assert run.interrupted == 1


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_what_is_never_due_is_work_like_any_other(policy):
    """Without a promise there is no instant to it, and every policy keeps it beside what has one."""
    never = case(1, due_min=FAR_MIN)
    run = simulate(model([never, case(2)], [agent()]), policy)
    assert run.figures().attainment == 100


@given(
    due=st.integers(1, 5_000), now=st.integers(0, 6_000), mean=st.integers(1, 500), spent=st.floats(0, 600),
    priority=st.sampled_from(list(Priority)), counts=st.booleans(), queue=st.floats(30, 500),
)  # fmt: skip
def test_the_index_is_the_urgency_of_the_live_desk(due, now, mean, spent, priority, counts, queue):
    """What the simulator computes in haste is to the last bit weight times `promise_urgency` per expected minute."""
    one = case(1, due_min=due, mean_min=mean, priority=priority, counts=counts)
    job = Job(case=one, skill=one.skill, mean_min=mean, left_min=1.0, due_min=due, arrived_min=0, spent_min=spent)
    parameters = Parameters()
    urgency = promise_urgency(
        due - now, work_min=round(job.expected_min), target_min=one.target_min, mean_min=queue, policy=parameters
    )
    assert index(parameters)(job, Desk(now, 15, {}), queue) == -one.weight * urgency / job.expected_min
