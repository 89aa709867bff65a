"""What was learned is shown beside what a course draws, not beside itself."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.engine.backtest.twin.oddlogs import PROMISE, ZONE, Odd, lines_of, told
from watchbill.engine.backtest.learned import learned_parts
from watchbill.engine.backtest.twin.draw import stretch_of
from watchbill.engine.backtest.twin.history import history_of
from watchbill.engine.backtest.twin.learn import learn
from watchbill.engine.backtest.twin.legs import NEVER


def parts_of(odd, made=told):
    history = made(odd)
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


def reopened(odd):
    """Every fifth case is opened again an hour after it was resolved, and resolved once more."""
    found = []
    for line in lines_of(odd):
        found.append(line)
        if line.state == "resolved" and int(line.item[1:]) % 5 == 0:
            for minutes, state in ((60, "in_progress"), (90, "resolved")):
                at = datetime.fromisoformat(line.at) + timedelta(minutes=minutes)
                found.append(line._replace(at=at.isoformat(), state=state))
    return history_of(found, zone=ZONE)


def test_reopenings_and_waits_are_real_and_drawn():
    """Counted by hand in the history, and near it in what is drawn."""
    twin, parts = parts_of(Odd(items=900, waits=0.4), reopened)
    done = [item for item in range(twin.history.size) if twin.legs.done_us[item] != NEVER]
    again = [item for item in done if int(twin.history.references[item][1:]) % 5 == 0]
    (once, was, drawn), (_, never, _) = parts["Reopenings"].bars
    assert (once, was, never) == ("once", pytest.approx(100 * len(again) / len(done)), 0.0)
    assert drawn == pytest.approx(was, abs=4)
    assert parts["Reopenings"].evidence == len(again)
    waits = {label: (real, drawn) for label, real, drawn in parts["Waiting outside"].bars}
    assert waits
    assert all(drawn == pytest.approx(real, rel=0.25) for real, drawn in waits.values())
    after = {label for label, *_ in parts["Delays by what came before"].bars}
    assert {"opened", "reopened (resolved)"} < after
    assert any(label.startswith("back from") for label in after)
