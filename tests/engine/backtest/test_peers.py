"""Each peer's rule on a desk where the rules differ."""

import pytest

from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority

BY_NAME = {policy.name: policy for policy in peers()}


def takers(name, cases, agents):
    run = simulate(model(cases, agents), BY_NAME[name])
    return [outcome.takers[0] for outcome in run.cases]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("round robin", [1, 2, 3, 1]),
        ("most available capacity (AWA-like)", [3, 3, 3, 1]),
        ("least active (Omni-Channel-like)", [1, 2, 3, 1]),
        ("highest capacity (Zendesk-like)", [1, 2, 3, 3]),
    ],
)
def test_who_is_given_four_cases_that_come_one_by_one(name, expected):
    """Capacities 2, 2 and 5; nobody finishes in between."""
    people = [agent(1, capacity=2), agent(2, capacity=2), agent(3, capacity=5)]
    cases = [case(number, opened_min=5 * number, effort_min=400) for number in range(1, 5)]
    assert takers(name, cases, people) == expected


def test_a_full_desk_queues_by_priority_where_the_product_does():
    """One person with one place: after the first, the P1 comes before the older P3."""
    cases = [case(1), case(2, opened_min=1), case(3, opened_min=2, priority=Priority.P1)]
    done = {
        name: [outcome.done_min for outcome in simulate(model(cases, [agent()]), policy).cases]
        for name, policy in BY_NAME.items()
    }
    assert done.pop("FIFO pull") == [60, 120, 180]
    assert all(times == [60, 180, 120] for times in done.values())


def test_a_person_pulls_only_when_she_is_free():
    """The one who has been free the longest takes the first case, the other the second."""
    people = [agent(1, shifts=((10, 480),)), agent(2)]
    assert takers("FIFO pull", [case(1, opened_min=20), case(2, opened_min=20)], people) == [2, 1]
