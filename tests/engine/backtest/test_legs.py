"""Cases of several pieces: in their order, after what they wait for, with promises that stand still meanwhile, and nothing lost."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.tinydesk import FAR, agent, case, model, models
from watchbill.engine.backtest.facts import Leg
from watchbill.engine.backtest.hours import FAR_MIN, Hours
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.peers import peers
from watchbill.engine.backtest.rules import Pull, fifo, owner_first, table
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority

POLICIES = [*table(), *peers(), owner_first(), Watchbill(), Watchbill(name="three in hand", limit=3)]
some_policy = st.sampled_from(POLICIES)
some_desk = models(most_legs=3)


def pieces(case):
    return (case, *case.later)


def is_open(hours, minute):
    return hours is None or any(start <= minute < end for start, end in zip(hours.starts, hours.ends, strict=True))


def walked(hours, at, count):
    """The minute by which *count* open minutes have passed, one step after the other."""
    while count:
        count -= is_open(hours, at)
        at += 1
        if at > FAR:
            return FAR_MIN
    return at


@settings(max_examples=100, deadline=None)
@given(some_desk, some_policy)
def test_pieces_are_done_in_their_order_by_people_who_may(desk, policy):
    """The log of a case is the beginning of its pieces, and whole when the case is done."""
    by_id = {agent.id: agent for agent in desk.agents}
    for outcome in simulate(desk, policy).cases:
        wanted = [piece.skill for piece in pieces(outcome.case)]
        assert [done.skill for done in outcome.log] == wanted[: len(outcome.log)]
        assert (len(outcome.log) == len(wanted)) is (outcome.done_min is not None)
        assert all(done.skill in by_id[done.who].skills for done in outcome.log)


@settings(max_examples=100, deadline=None)
@given(some_desk, some_policy)
def test_nothing_begins_before_wait_and_delay_are_over(desk, policy):
    """Counted minute by minute in the hours of the skill, and then to the next step."""
    for outcome in simulate(desk, policy).cases:
        over = outcome.case.opened_min
        for piece, done in zip(pieces(outcome.case), outcome.log, strict=False):
            ready = walked(desk.worked.get(piece.skill), over + piece.wait_min, piece.delay_min)
            assert done.ready_min == desk.step_min * math.ceil(ready / desk.step_min)
            assert done.ready_min <= done.begun_min < done.done_min
            over = done.done_min


@settings(max_examples=100, deadline=None)
@given(some_desk, some_policy)
def test_a_promise_moves_by_the_pause_and_no_more(desk, policy):
    """What was left of it in its own hours is left again when the wait is over, counted minute by minute; lost ones stay."""
    for outcome in simulate(desk, policy).cases:
        hours, due = desk.promised.get(outcome.case.priority), outcome.case.due_min
        for leg, done in zip(outcome.case.later, outcome.log, strict=False):
            if leg.is_paused and leg.wait_min and due > done.done_min:
                left = sum(is_open(hours, minute) for minute in range(done.done_min, min(due, FAR)))
                due = walked(hours, done.done_min + leg.wait_min, left)
        assert outcome.due_min == due


@settings(max_examples=100, deadline=None)
@given(some_desk, some_policy)
def test_work_on_pieces_is_conserved(desk, policy):
    """What people worked is what the pieces took that are done, and at most what was begun."""
    run = simulate(desk, policy)
    efforts = [[piece.effort_min for piece in pieces(o.case)] for o in run.cases]
    done = sum(sum(each[: len(o.log)]) for each, o in zip(efforts, run.cases, strict=True))
    most = sum(sum(each[: len(o.log) + 1]) for each, o in zip(efforts, run.cases, strict=True))
    worked = sum(person.worked_min for person in run.people)
    assert done / 1.2 - 1e-6 <= worked <= most + 1e-6


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_promise_whose_hours_come_to_an_end_is_never_due(policy):
    """After a pause that outlasts the hours of its promise a case is still worked on, and kept whenever that is."""
    back = Leg(skill=1, mean_min=30, effort_min=30, wait_min=500)
    desk = model(
        [case(later=(back,))], [agent(shifts=((0, 480), (1440, 1920)))], promised={Priority.P3: Hours([(0, 300)])}
    )
    (outcome,) = simulate(desk, policy).cases
    assert (outcome.due_min, outcome.done_min, outcome.is_kept) == (FAR_MIN, 1470, True)


class Noted(Pull):
    """Remembers when it was asked."""

    minutes = []

    def give(self, desk):
        self.minutes.append(desk.now_min)
        return Pull.give(self, desk)


def test_what_comes_back_when_nobody_is_there_any_more_ends_the_run():
    """Nothing is asked after the last work that can be done, and the case is told as unfinished."""
    back = Leg(skill=1, mean_min=30, effort_min=30, wait_min=5000)
    policy = Noted("fifo", fifo)
    outcome = simulate(model([case(later=(back,))], [agent(shifts=((0, 480), (1440, 1920)))]), policy).cases[0]
    assert (len(outcome.log), outcome.done_min) == (1, None)
    assert policy.minutes == [0, 60]
