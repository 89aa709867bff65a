"""Futures of recovery options in several processes: the answer is the one of a single process."""

import random

from watchbill.engine.backtest.recovery.decide import recover
from watchbill.engine.backtest.recovery.facts import Came, Moved, Pending, Situation, Worker
from watchbill.engine.base.work import Priority
from watchbill.flows.backtest.workers import Workers


def busy_evening():
    """Forty items, of which ten lie with one who leaves soon; five people; five items an hour come in."""
    rng = random.Random(3)
    team = tuple((person, 1) for person in range(1, 6))
    pending = [
        Pending(
            item=number, due_min=rng.randrange(60, 900), priority=Priority(1 + number % 4), mean_min=40,
            able=((1, 1),) if number <= 10 else team, owner=1 if number <= 10 else None,
        )
        for number in range(1, 41)
    ]  # fmt: skip
    came = [Came(at_min=12 * n, due_after_min=240, priority=Priority(1 + n % 4), mean_min=40, able=team) for n in range(160)]  # fmt: skip
    workers = [Worker(id=one, spans=((-300, 60 * (2 * one)),)) for one in range(1, 6)]
    moves = [Moved(item=item, giver=1, taker=5) for item in (2, 6, 10)]
    return Situation(open=pending, came=came, weeks=1, workers=workers, moves=moves, is_on_autopilot=False)


def test_the_same_answer_in_any_number_of_processes():
    """In one, two and three; more than one plan is compared; what is done is told, and never goes back."""
    told = []
    one = recover(busy_evening(), futures=9, tell=lambda done, of: told.append((done, of)))
    assert len(one.options) > 1
    assert [recover(busy_evening(), futures=9, mapper=Workers(count)) for count in (1, 2, 3)] == [one] * 3
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
