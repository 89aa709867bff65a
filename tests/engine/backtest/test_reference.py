"""The reference model is what its page says it is, and drawn from the seed alone."""

from collections import Counter

import pytest

from watchbill.engine.backtest.compare import of_figure
from watchbill.engine.backtest.reference import Kind, Statistics, draw, reference_model, reference_models
from watchbill.engine.backtest.rules import table
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority


def test_the_reference_desk_is_as_described():
    """24 people in three regions around the clock, every skill four times each, six in eight with two; priorities and targets."""
    desk = reference_model(1, load=0.94)
    assert len(desk.agents) == 24
    for region in ("APJ", "EMEA", "AMS"):
        team = [agent for agent in desk.agents if agent.region == region]
        assert Counter(skill for agent in team for skill in agent.skills) == {1: 4, 2: 4, 3: 4, 4: 4}
        assert sorted(agent.breadth for agent in team) == [1, 2, 2, 2, 2, 2, 2, 3]
        assert len({agent.shifts[0] for agent in team}) == 1
    assert {(case.priority, case.target_min) for case in desk.cases} == {
        (Priority.P1, 240), (Priority.P2, 480), (Priority.P3, 1440), (Priority.P4, 4320),
    }  # fmt: skip
    assert 850 < len(desk.cases) < 1100
    by_half = Counter(case.opened_min // 720 % 2 for case in desk.cases)
    assert by_half[0] > 1.8 * by_half[1]


def test_seeds_make_models():
    """The same seed the same model, people included whatever the load; another seed another one."""
    assert reference_model(1, load=0.82) == reference_model(1, load=0.82)
    assert reference_model(1, load=0.82).agents == reference_model(1, load=1.01).agents
    first, second = reference_models((1, 2), load=0.82)
    assert first.cases != second.cases


def test_the_order_of_the_rules_is_that_of_the_literature():
    """At full load first-come loses most, then rules that ignore due dates; interrupting for P1 helps P1."""
    models = reference_models(range(3), load=1.01)
    kept = {rule.name: [simulate(model, rule).figures() for model in models] for rule in table()}
    mean = {name: of_figure(runs, lambda run: run.attainment).mean for name, runs in kept.items()}
    assert mean["FIFO"] < mean["c-mu"] - 20
    assert mean["c-mu"] < mean["ATC, K = 1"]
    assert mean["strict priority"] < mean["index 1a"] < mean["index 1a, P1 interrupts"]


@pytest.mark.parametrize(
    "wrong",
    [{"kinds": ()}, {"per_hour": ()}, {"per_hour": (-1.0,)}, {"days": 0}],
    ids=["kinds", "hours", "rate", "days"],
)
def test_statistics_that_say_nothing_are_refused(wrong):
    """No kinds of work, no hours, fewer than no arrivals, no day."""
    kind = Kind(share=1, priority=Priority.P3, skill=1, target_min=60, mean_min=30)
    with pytest.raises(InvalidFacts):
        Statistics(**({"kinds": (kind,), "per_hour": (1.0,), "agents": (), "days": 1} | wrong))


def test_arrivals_follow_the_hours():
    """Nothing comes in an hour in which nothing ever came; a desk without arrivals is empty."""
    kind = Kind(share=1, priority=Priority.P3, skill=1, target_min=60, mean_min=30)
    desk = draw(Statistics(kinds=(kind,), per_hour=(0.0, 12.0), agents=(), days=3), 5)
    assert len(desk.cases) > 300
    assert all(case.opened_min // 60 % 2 for case in desk.cases)
    assert draw(Statistics(kinds=(kind,), per_hour=(0.0,), agents=(), days=3), 5).cases == ()
