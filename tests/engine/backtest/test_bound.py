"""The ceiling: no policy beats it, shown by trying everything on tiny desks, and on drawn ones by every policy we have."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.test_simulate import POLICIES
from tests.engine.backtest.tinydesk import agent, case, model, models
from watchbill.engine.backtest.bound import clairvoyant_bound, window_bound
from watchbill.engine.backtest.reference import reference_model
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.work import Priority

LITTLE = 1e-6


class Scripted:
    """Every person does her cases in a fixed order, and waits for one that has not come yet rather than take another."""

    name = "scripted"

    def __init__(self, lists):
        self.lists = lists

    def start(self, desk):
        pass

    def give(self, desk):
        for who, order in self.lists.items():
            person = desk.on_shift.get(who)
            if person is None or not person.is_free:
                continue
            left = [number for number in order if self.is_open(desk, number)]
            if left and left[0] in desk.waiting:
                yield desk.waiting[left[0]], person

    def is_open(self, desk, number):
        return number not in self.done(desk)

    def done(self, desk):
        return {number for number, job in self.seen.items() if job.done_min is not None}

    def choose(self, desk, person):
        return person.held[0]

    def interrupt(self, desk):
        return ()


class Watched(Scripted):
    """Remembers the cases it has seen, to know which are done."""

    def start(self, desk):
        self.seen = {}

    def give(self, desk):
        self.seen.update(desk.waiting)
        yield from super().give(desk)


def best_by_trying(desk):
    """The most weight of all ways to divide the cases among those who may take them, in every order."""
    able = [[a.id for a in desk.agents if a.may(c)] for c in desk.cases]
    best = 0.0
    for holders in product(*able):
        mine = {a.id: [c.id for c, who in zip(desk.cases, holders, strict=True) if who == a.id] for a in desk.agents}
        for orders in product(*(permutations(numbers) for numbers in mine.values())):
            run = simulate(desk, Watched(dict(zip(mine, orders, strict=True))))
            best = max(best, run.figures().attainment)
    return best


@settings(max_examples=25, deadline=None)
@given(models(most_cases=3, most_agents=2))
def test_trying_everything_does_not_beat_the_bound(desk):
    """Three cases, two people, every division and order."""
    bound = clairvoyant_bound(desk)
    assert best_by_trying(desk) <= bound.attainment + LITTLE
    assert bound.attainment <= bound.by_window + LITTLE
    assert bound.by_window == pytest.approx(window_bound(desk))


@settings(max_examples=40, deadline=None)
@given(models(), st.sampled_from(POLICIES))
def test_no_policy_beats_the_bound(desk, policy):
    """Those that interrupt and push as well."""
    assert simulate(desk, policy).figures().attainment <= clairvoyant_bound(desk).attainment + LITTLE


def test_one_person_cannot_do_two_hours_in_one():
    """Both cases fit their own windows, so the free bound says 100; the hour is there only once, and the heavier one counts."""
    rush = [case(1, due_min=60, priority=Priority.P1), case(2, due_min=60, priority=Priority.P2)]
    desk = model(rush, [agent()])
    assert window_bound(desk) == 100
    assert clairvoyant_bound(desk).attainment == pytest.approx(100 * 8 / 12)
    assert best_by_trying(desk) == pytest.approx(100 * 8 / 12)


def test_work_longer_than_its_window_is_lost():
    """Two hours of work due in one: nobody can, though time there is plenty."""
    desk = model([case(1, due_min=60, effort_min=120), case(2, due_min=240)], [agent()])
    assert window_bound(desk) == 50
    assert clairvoyant_bound(desk).attainment == pytest.approx(50)
    assert window_bound(desk, effort_factor=0.5) == 100


def test_a_case_nobody_may_take_is_lost():
    """No skill, no hope."""
    desk = model([case(skill=2)], [agent()])
    assert clairvoyant_bound(desk).attainment == 0
    assert window_bound(desk) == 0


def test_the_programme_needs_no_finer_slots_on_the_reference_desk():
    """Two days of it at full load: the bound with slots of four hours is never below that with one hour."""
    desk = reference_model(1, load=1.01, days=2)
    fine, coarse = clairvoyant_bound(desk), clairvoyant_bound(desk, slot_min=240)
    assert fine.attainment <= coarse.attainment + LITTLE <= coarse.by_window + 2 * LITTLE
