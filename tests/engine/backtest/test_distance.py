"""How far placements are from the plan: counted on states where one knows what each would say."""

import pytest
from hypothesis import given, settings

from tests.engine.assign.smalldesk import desk, item, person
from tests.engine.backtest.tinydesk import models
from watchbill.engine.assign.decide import plan
from watchbill.engine.backtest.distance import Distance, distance, points_of
from watchbill.engine.backtest.reference import reference_model


def test_choices_of_the_plan_are_at_no_distance():
    """Nothing otherwise, no point lost."""
    snapshot = desk([item(1, skill=1), item(2, skill=2)], [person(1, skills={1: 1, 2: 1}), person(2, skills={1: 3})])
    planned, found = plan(snapshot), Distance()
    found.add(planned, [(number, who) for number, who in planned.choices.items() if who is not None])
    assert (found.states, found.choices, found.otherwise, found.fewer, found.points) == (1, 2, 0, 0, 0.0)


def test_an_exchange_costs_the_points_of_both():
    """The slower and the faster person swapped: two choices otherwise, at what the objective loses."""
    snapshot = desk(
        [item(1, skill=1), item(2, skill=2)],
        [person(1, skills={1: 3, 2: 1}, wip_limit=1), person(2, skills={1: 1, 2: 3}, wip_limit=1)],
    )
    planned, found = plan(snapshot), Distance()
    assert planned.choices == {1: 1, 2: 2}
    found.add(planned, [(1, 2), (2, 1)])
    assert (found.otherwise, found.fewer) == (2, 0)
    assert found.points == pytest.approx(planned.points - points_of(planned, [(1, 2), (2, 1)]))
    assert found.points > 0
    assert found.share == 1.0


def test_equal_people_are_no_loss():
    """Whichever of two equal people the plan names, the other one is as good."""
    planned, found = plan(desk([item(1, skill=1)], [person(1, skills={1: 1}), person(2, skills={1: 1})])), Distance()
    (best,) = planned.choices.values()
    found.add(planned, [(1, 3 - best)])
    assert (found.otherwise, found.equal, found.share, found.points) == (1, 1, 0.0, 0.0)


def test_an_item_left_is_told_apart():
    """Whoever gives away less is not compared by points."""
    snapshot = desk([item(1, skill=1), item(2, skill=1)], [person(1, skills={1: 1})])
    found = Distance()
    found.add(plan(snapshot), [(1, 1)])
    assert (found.choices, found.otherwise, found.fewer, found.points) == (2, 1, 1, 0.0)


@settings(max_examples=40, deadline=None)
@given(models(most_cases=10, most_legs=1))
def test_the_plan_is_never_worse(model):
    """It wins points or none; a single placement loses none."""
    assert distance(model).points >= -0.01


def test_a_part_of_the_states_is_enough():
    """Every second state is half of them; the same each time."""
    model = reference_model(2, load=1.01, days=1)
    every, second = distance(model), distance(model, every=2)
    assert every.states // 2 == second.states > 0
    assert every == distance(model)
