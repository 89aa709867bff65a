"""The figures of a run, counted by hand."""

from dataclasses import replace

import pytest

from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.backtest.rules import Pull, fifo
from watchbill.engine.backtest.scores import scores_of
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority


def scores(cases, people, **facts):
    return scores_of(simulate(model(cases, people, **facts), Pull("fifo", fifo)))


def test_promises_and_hours_are_counted():
    """Of three cases one after the other the third is late: two kept, done after one, two and three hours."""
    cases = [case(1, priority=Priority.P1), case(2), case(3, due_min=179)]
    found = scores(cases, [agent()])
    assert found.cases == 3
    assert found.kept == pytest.approx(200 / 3)
    assert found.by_priority == (100.0, None, 50.0, None)
    assert (found.missed, found.p1_missed, found.unfinished) == (1, 0, 0)
    assert (found.p50_h, found.p90_h) == (2.0, 3.0)
    assert (found.reassigned, found.interrupted, found.spread) == (0.0, 0.0, 1.0)


def test_what_does_not_count_is_only_work():
    """The first case makes the second one late, and is in no figure itself."""
    found = scores([case(1, counts=False), case(2, due_min=100)], [agent()])
    assert (found.cases, found.kept, found.missed) == (1, 0.0, 1)
    assert found.p50_h == 2.0


def test_what_is_never_done_is_missed():
    """Nobody has the skill: unfinished, missed, and without an hour to resolve."""
    found = scores([case(1), case(2, skill=9, priority=Priority.P1)], [agent()])
    assert (found.unfinished, found.missed, found.p1_missed) == (1, 1, 1)
    assert found.p90_h == 1.0


def test_a_change_of_hands_is_counted_by_case():
    """Half of the first case is done by somebody else: fifty changes per hundred cases."""
    people = [agent(1, shifts=((0, 90),)), agent(2, shifts=((90, 480),))]
    assert scores([case(1), case(2)], people).reassigned == 50.0


def test_no_case_no_figure():
    """Nothing is kept of nothing, and nothing fails."""
    found = scores([], [agent()])
    assert (found.cases, found.kept, found.missed) == (0, 0.0, 0)
    assert replace(found, kept=0.0) == found
