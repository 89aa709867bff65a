"""What comes later changes nothing that was learned, drawn or decided before."""

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.backtest.twin.oddlogs import PROMISE, Odd, lines_of, told
from watchbill.engine.backtest.rules import Pull, fifo
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.draw import stretch_of
from watchbill.engine.backtest.twin.fidelity import fidelity_of
from watchbill.engine.backtest.twin.history import history_of
from watchbill.engine.backtest.twin.learn import learn
from watchbill.engine.backtest.twin.legs import legs_of
from watchbill.engine.backtest.twin.staff import staff_of

ODD = Odd(items=400, days=40.0)
DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def history():
    return told(ODD)


def at(history, share):
    first, last = int(history.opened_us[0]), int(history.opened_us[-1])
    return first + int((last - first) * share)


@pytest.mark.parametrize("share", [0.5, 0.75])
def test_what_is_learned_of_a_past_does_not_know_its_future(history, share):
    """The past cut out of the history, and the past of a history whose future never was, give one twin and one course."""
    cut = at(history, share)
    lines = [line for line in lines_of(ODD) if line.at < _iso(cut) and line.opened_at < _iso(cut)]
    alone = history_of(lines, zone=history.zone)
    courses = []
    for past in (history.until(cut), alone):
        twin = learn(past, PROMISE)
        stretch = stretch_of(twin, past, since_us=at(history, share / 2), until_us=cut)
        courses.append(stretch.model(3))
    assert courses[0] == courses[1]


def _iso(us):
    from watchbill.engine.base.intervals import instant_of

    return instant_of(us).isoformat()


def test_a_stretch_that_ends_earlier_has_the_same_beginning(history):
    """Same seed, same luck of every item, whatever comes after it; and so the same decisions up to the earlier end."""
    cut, middle, end = (at(history, share) for share in (0.6, 0.8, 1.0))
    twin = learn(history.until(cut), PROMISE, staff=staff_of(history, legs_of(history)))
    whole, part = (stretch_of(twin, history, since_us=cut, until_us=until) for until in (end, middle))
    longer, shorter = whole.model(5), part.model(5)
    assert len(shorter.cases) < len(longer.cases)
    assert longer.cases[: len(shorter.cases)] == shorter.cases
    far = (middle - cut) // 60_000_000
    logs = []
    for model in (longer, shorter):
        run = simulate(model, Pull("fifo", fifo))
        logs.append([(one.case.id, done) for one in run.cases for done in one.log if done.done_min < far])
    assert logs[0] == logs[1]


def test_what_the_test_period_came_to_does_not_enter_its_simulation(history):
    """With the outcomes of the test period delayed at random, what is simulated stays; only what it is compared with changes."""
    cut = at(history, 0.75)
    rng = np.random.default_rng(9)
    later = history.at_us.copy()
    inside = (history.opened_us[history.item] >= cut) & (history.at_us > history.opened_us[history.item])
    later[inside] += rng.integers(0, 3, size=history.size)[history.item[inside]] * DAY_US
    scrambled = replace(history, at_us=later)
    staff = staff_of(history, legs_of(history))
    twin = learn(history.until(cut), PROMISE, staff=staff)
    assert learn(scrambled.until(cut), PROMISE, staff=staff).delay_min.tolist() == twin.delay_min.tolist()
    models = [
        stretch_of(twin, each, since_us=cut, until_us=int(history.opened_us[-1]) + 1).model(1)
        for each in (history, scrambled)
    ]
    assert models[0] == models[1]


def test_the_same_seed_grades_the_same(history):
    """Twice the same, and the order of replications is that of seeds."""
    one, other = (fidelity_of(history, PROMISE, replications=2, seed=4) for _ in range(2))
    assert one == other

    def backwards(function, context, arguments, tell):
        return [function(context, each) for each in reversed(arguments)][::-1]

    assert fidelity_of(history, PROMISE, replications=2, seed=4, mapper=backwards) == one
