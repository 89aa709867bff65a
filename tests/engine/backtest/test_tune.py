"""A suggestion rests on its table, is certain or is none, and is the same each time."""

from dataclasses import replace

import pytest

from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.assign.policy import Policy
from watchbill.engine.backtest.reference import reference_models
from watchbill.engine.backtest.tune import tune
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority


def test_the_suggestion_rests_on_its_table():
    """Every setting once, those in force among them with no gain over themselves; only the two parameters change."""
    models = reference_models((1, 2), load=1.1, days=1)
    found = tune(models, parameters=Policy(look_ahead=3.0))
    tried = [(trial.look_ahead, trial.late_growth) for trial in found.trials]
    assert len(tried) == len(set(tried))
    (own,) = [trial for trial in found.trials if (trial.look_ahead, trial.late_growth) == (3.0, 0.05)]
    assert (own.gain.mean, own.gain.low, own.gain.high) == (0, 0, 0)
    back = replace(found.parameters, look_ahead=3.0, late_growth=0.05)
    assert back == Policy(look_ahead=3.0)
    assert found.is_change == (found.parameters != Policy(look_ahead=3.0))
    assert found == tune(models, parameters=Policy(look_ahead=3.0))


def test_what_is_not_certain_is_not_suggested():
    """On an idle desk every setting keeps the same, so nothing changes, and the sentence says so."""
    found = tune(reference_models((1, 2), load=0.1, days=1))
    assert not found.is_change
    assert found.parameters == Policy()
    assert found.why == "No other setting was certainly better on 2 simulated courses of the desk; nothing to change."


def test_a_certain_gain_is_suggested_with_its_interval():
    """A look-ahead of six minutes starts the P4 that is due first and loses the P1 behind it; half an hour is enough to see it."""
    rush = [case(1, due_min=65, priority=Priority.P4), case(2, due_min=110, priority=Priority.P1)]
    found = tune([model(rush, [agent()]), model(rush, [agent()], seed=1)], parameters=Policy(look_ahead=0.1))
    assert found.is_change
    assert found.parameters == Policy(look_ahead=0.5)
    assert found.gain.low == found.gain.high == pytest.approx(100 * 7 / 9)
    assert found.why == (
        "Look-ahead 0.5 (now 0.1) and growth 0.05 (now 0.05) changed weighted attainment by +77.78 points (+77.78 to"
        " +77.78) on 2 simulated courses of the desk."
    )


def test_one_course_is_not_enough():
    """Luck cannot be told from gain."""
    with pytest.raises(InvalidFacts):
        tune(reference_models((1,), load=0.8, days=1))
