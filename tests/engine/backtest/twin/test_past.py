"""A change that somebody remembers: a twin learned before it foretells what it did, and is not believed where it does not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from tests.engine.backtest.twin.knowndesk import (
    MONDAY,
    PROMISE,
    ZONE,
    Desk,
    Keeps,
    Known,
    desk_of,
    model_of,
    told_of,
)
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.fidelity import fidelity_of
from watchbill.engine.backtest.twin.history import history_of
from watchbill.engine.backtest.twin.past import past_of, reproduced
from watchbill.engine.base.errors import InvalidFacts

DESK = Known(seed=5, per_day=18.0, weeks=14, is_leave=False)
DAY = 56
ON = (MONDAY + timedelta(days=DAY)).isoformat()
FEWER = (3, 4)
"""Two of the five of the front go on that day."""


@cache
def history(gone=()):
    """The log of the known desk, of which these people leave at the beginning of DAY."""
    model, _ = model_of(DESK)
    agents = tuple(
        replace(agent, shifts=tuple(span for span in agent.shifts if span[0] < DAY * 1440))
        if agent.id in gone
        else agent
        for agent in model.agents
    )
    model, keeps = replace(model, agents=agents), Keeps(DESK.order)
    return history_of(told_of(Desk(DESK, model, simulate(model, keeps), keeps.begun)), zone=ZONE)


@cache
def gate(gone, change):
    found = history(gone)
    return reproduced(found, PROMISE, past_of(f"{ON}:{change}", found), replications=4)


def foretold(found):
    return re.search(r"foretold was .+? to [\d.]+ %", found.says)[0]


def test_what_two_fewer_people_did_is_foretold():
    """The twin knows nothing of the time after; it finds the direction, and the size within a factor 2."""
    found = gate(FEWER, "staff=front-2")
    assert found.is_passed is True, found.says
    assert "2 fewer in front from 2026-06-08" in found.says.lower()


def test_a_change_that_was_another_one_is_not_reproduced():
    """Somebody who says that there were more people is told that it does not fit."""
    assert gate(FEWER, "staff=front+2").is_passed is False


def test_nothing_is_claimed_of_a_change_within_chance():
    """Nobody left: promises moved by chance alone, and the gate stays open."""
    found = gate((), "shift=back+1h")
    assert found.is_passed is None
    assert "within chance" in found.says


def test_the_future_is_not_looked_at():
    """What is foretold is the same when everything after the change was done three days later, by one person."""
    lines = told_of(desk_of(DESK))
    other = history_of((later(line) if line.at >= ON and line.state != "new" else line for line in lines), zone=ZONE)
    found = reproduced(other, PROMISE, past_of(f"{ON}:staff=front-2", other), replications=4)
    assert found.says != gate((), "staff=front-2").says
    assert foretold(found) == foretold(gate((), "staff=front-2"))


def later(line):
    at = datetime.fromisoformat(line.at) + timedelta(days=3)
    return line._replace(at=at.isoformat(), owner="P1" if line.owner else None)


def test_the_gate_is_in_the_grade():
    """It takes the place of the one that nobody could look at."""
    past = gate(FEWER, "staff=front-2")
    found = fidelity_of(history(FEWER), PROMISE, replications=2, past=past)
    assert [one.key for one in found.gates] == list("abcde")
    assert found.gates[-1] == past


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("staff=front-2", "a day and what changed"),
        (f"{ON}:arrivals=2", "a day and what changed"),
        ("June:staff=front-2", "“June” is no day"),
        ("0001-01-01:staff=front-2", "0001-01-01 is out of range"),
        ("9999-12-31:staff=front-2", "9999-12-31 is out of range"),
        (f"{ON}:staff=frnt-2", "did you mean “front”"),
    ],
)
def test_what_makes_no_sense_is_said(text, says):
    """In a sentence that names what is expected."""
    with pytest.raises(InvalidFacts, match=says):
        past_of(text, history())


@pytest.mark.parametrize("day", ["2026-04-20", "2026-12-07"])
def test_a_change_without_weeks_beside_it_is_refused(day):
    """Too early to learn before it, or nothing after it."""
    with pytest.raises(InvalidFacts, match="must hold a week after it"):
        reproduced(history(), PROMISE, past_of(f"{day}:staff=front-2", history()), replications=1)


def test_the_desk_of_these_tests_is_the_known_one():
    """Without anybody leaving, its log is that of the known desk."""
    assert history().references == history_of(told_of(desk_of(DESK)), zone=ZONE).references
