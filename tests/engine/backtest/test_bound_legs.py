"""The ceiling of cases in several pieces: proved against every schedule of tiny desks, and against every policy we have."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.test_simulate import POLICIES
from tests.engine.backtest.tinydesk import agent, case, model
from tests.engine.backtest.tinylegs import best_of_all, legged
from watchbill.engine.backtest.bound import Ceiling, clairvoyant_bound, window_bound
from watchbill.engine.backtest.facts import Leg
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.rules import Pull
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority

LITTLE = 1e-6
PATIENT = [policy for policy in POLICIES if isinstance(policy, Pull) and not policy.preempts]


def leg(**facts):
    return Leg(**({"skill": 1, "mean_min": 60, "effort_min": 60} | facts))


@settings(max_examples=150, deadline=None)
@given(legged() | legged(pauses=True, most_cases=3))
def test_no_schedule_beats_the_bound(desk):
    """Every division, order and delay of two to four cases on steps of half an hour."""
    bound = clairvoyant_bound(desk)
    assert best_of_all(desk) <= bound.attainment + LITTLE
    assert bound.attainment <= bound.by_window + LITTLE
    assert bound.by_window == pytest.approx(window_bound(desk))


@settings(max_examples=100, deadline=None)
@given(legged(most_cases=3), st.sampled_from(PATIENT))
def test_the_schedules_tried_are_all_that_there_are(desk, policy):
    """No rule that interrupts nobody does better in the simulation than the best of them, or trying would prove nothing."""
    assert simulate(desk, policy).figures().attainment <= best_of_all(desk) + LITTLE


@settings(max_examples=150, deadline=None)
@given(legged(), st.sampled_from(POLICIES))
def test_no_policy_beats_the_bound_of_its_legs(desk, policy):
    """Those that interrupt and push as well, over all and for each priority."""
    figures, bound = simulate(desk, policy).figures(), clairvoyant_bound(desk)
    assert figures.attainment <= bound.attainment + LITTLE
    for kept, ceiling in zip(figures.by_priority, bound.by_priority, strict=True):
        assert kept <= ceiling.attainment + LITTLE <= ceiling.by_window + 2 * LITTLE


@settings(max_examples=60, deadline=None)
@given(legged())
def test_each_priority_alone_is_a_ceiling_of_its_own(desk):
    """Somebody who cares for one priority alone keeps no more of it than its ceiling says; without any of it nothing can be missed."""
    bound = clairvoyant_bound(desk)
    for priority, ceiling in zip(Priority, bound.by_priority, strict=True):
        cases = tuple(replace(c, counts=c.counts and c.priority is priority) for c in desk.cases)
        assert best_of_all(replace(desk, cases=cases)) <= ceiling.attainment + LITTLE
        if not any(c.weight for c in cases):
            assert ceiling == Ceiling(attainment=100.0, by_window=100.0)


@settings(max_examples=60, deadline=None)
@given(legged(), st.sampled_from([0.5, 0.8, 1.2]))
def test_more_effort_never_helps(desk, factor):
    """With every effort times 1.2 the ceiling is no higher, with less it is no lower."""
    plain, other = clairvoyant_bound(desk), clairvoyant_bound(desk, effort_factor=factor)
    assert (other.attainment - plain.attainment) * (1 - factor) >= -LITTLE
    assert (other.by_window - plain.by_window) * (1 - factor) >= -LITTLE


def test_what_follows_narrows_the_window_of_what_comes_first():
    """Two pieces of an hour with an hour outside between them, due after three: only at once, so that two such cases are one too many."""
    two = [case(number, due_min=180, later=(leg(wait_min=60, is_paused=False),)) for number in (1, 2)]
    assert clairvoyant_bound(model(two, [agent()])).attainment == pytest.approx(50)
    assert clairvoyant_bound(model(two, [agent(1), agent(2)])).attainment == 100


def test_a_pause_moves_the_promise_only_by_what_it_holds_up():
    """Closed from the second to the fourth hour: two hours of wait stop the clock for one at most, so that it runs out at minute 300."""
    hours = {Priority.P3: Hours([(0, 120), (240, 1440)])}
    waits = case(due_min=120, later=(leg(wait_min=120),))
    for back, kept in ((240, 100), (245, 0)):
        desk = model([waits], [agent(shifts=((0, 180), (back, 480)))], promised=hours)
        assert window_bound(desk) == kept
        assert simulate(desk, POLICIES[0]).figures().attainment == kept


def test_a_second_piece_in_other_hands_needs_a_switch_of_its_own():
    """Twice six minutes and an hour, due in two: not by two people, but by one who can do both, six minutes later."""
    long = case(due_min=126, later=(leg(skill=2),))
    split = [agent(1, skills={1: 1}), agent(2, skills={2: 1})]
    assert window_bound(model([long], split, switch_min=6, step_min=1)) == 0
    assert window_bound(model([long], [agent(1, skills={1: 1, 2: 1})], switch_min=6, step_min=1)) == 100


def test_work_without_a_promise_takes_nothing_from_the_clairvoyant():
    """He leaves it undone; and where nothing weighs anything, nothing is lost."""
    idle = case(2, due_min=60, counts=False)
    assert clairvoyant_bound(model([case(1, due_min=60), idle], [agent()])).attainment == 100
    assert clairvoyant_bound(model([idle], [agent()])).attainment == 100
    assert clairvoyant_bound(model([], [agent()])).attainment == 100
