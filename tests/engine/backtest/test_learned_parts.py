"""What was learned is shown beside what a course draws, not beside itself."""

from itertools import pairwise

import pytest

from tests.engine.backtest.twin.oddlogs import PROMISE, Odd, told
from watchbill.engine.backtest.twin.draw import stretch_of
from watchbill.engine.backtest.twin.learn import learn
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.words import learned_parts


def parts_of(odd):
    history = told(odd)
    twin = learn(history, PROMISE)
    end = int(history.opened_us[-1]) + 60_000_000
    return twin, {one.part: one for one in learned_parts(twin, stretch_of(twin, history, since_us=int(history.opened_us[0]), until_us=end))}  # fmt: skip


def test_paths_and_routing_are_real_and_drawn():
    """Cases pass from one of two teams to the other: counted by hand in the history, and near it in what is drawn."""
    twin, parts = parts_of(Odd(items=900, passed=0.3))
    real = {}
    done = [item for item in range(twin.history.size) if twin.legs.done_us[item] != NEVER]
    for item in done:
        teams = twin.legs.team[twin.legs.first[item] : twin.legs.first[item + 1]].tolist()
        for one, other in pairwise(twin.history.teams[team] for team in teams):
            if one != other:
                real[f"{one} → {other}"] = real.get(f"{one} → {other}", 0) + 100 / len(done)
    bars = parts["Routing between teams"].bars
    assert {label: was for label, was, _ in bars} == pytest.approx(real)
    assert sum(was for _, was, _ in bars) > 10
    for _, was, drawn in bars:
        assert drawn == pytest.approx(was, abs=4)
    assert parts["Routing between teams"].evidence == round(sum(real.values()) * len(done) / 100)
    for place in (1, 2):
        assert sum(bar[place] for bar in parts["Paths"].bars) == pytest.approx(100)
    assert all(abs(was - drawn) < 6 for _, was, drawn in parts["Paths"].bars)


def test_one_team_passes_nothing_on():
    """No picture where there is nothing to see."""
    _, parts = parts_of(Odd(teams=1, passed=0.0))
    assert (parts["Routing between teams"].bars, parts["Routing between teams"].evidence) == ((), 0)
