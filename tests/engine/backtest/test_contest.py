"""Policies beside each other: same luck, paired, and turned only by more than chance."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.engine.backtest.twin.oddlogs import PROMISE, Odd, told
from watchbill.engine.backtest.answer import Ceiling, Grade, Sort
from watchbill.engine.backtest.asked import AS_IS, Contender, Point, asked_for
from watchbill.engine.backtest.ceiling import with_regret
from watchbill.engine.backtest.contest import Contest, compared, contest_of, play, runs_of, swept, table_of
from watchbill.engine.backtest.rules import Pull, fifo
from watchbill.engine.backtest.scores import Scores
from watchbill.engine.backtest.twin.draw import stretch_of
from watchbill.engine.backtest.twin.learn import learn
from watchbill.engine.backtest.words import verdict

SCORES = Scores(
    cases=100, kept=90.0, by_priority=(80.0, None, 90.0, 95.0), missed=10, p1_missed=2, p50_h=2.0, p90_h=9.0,
    reassigned=5.0, interrupted=0.0, spread=1.2, gini=0.1, unfinished=0,
)  # fmt: skip


def contender(name="mine", sort=Sort.PEER):
    return Contender(name=name, sort=sort, says="", make=lambda: Pull(name, fifo))


def runs(*kept):
    return [replace(SCORES, kept=each) for each in kept]


def test_gains_are_paired():
    """Two points more on each course are two points more, however much the courses differ."""
    row = compared(contender(), runs(92.0, 72.0, 52.0), runs(90.0, 70.0, 50.0), weeks=2.0)
    assert row.gain is not None
    assert (row.gain.mean, row.gain.low, row.gain.high) == (2.0, 2.0, 2.0)
    assert (row.better, row.attainment) == (1.0, 72.0)
    assert row.missed_per_week.mean == 5.0
    assert row.by_priority == {"P1": 80.0, "P2": None, "P3": 90.0, "P4": 95.0}


def test_one_replication_has_no_interval():
    """A single course says nothing about chance."""
    row = compared(contender(), runs(92.0), runs(90.0), weeks=1.0)
    assert row.gain is not None
    assert (row.gain.low, row.gain.high, row.interval) == (None, None, (None, None))


def test_as_is_gains_nothing_over_itself():
    """It is what the others are held against."""
    row = compared(contender(AS_IS, Sort.AS_IS), runs(90.0, 80.0), runs(90.0, 80.0), weeks=1.0)
    assert (row.gain, row.better) == (None, None)


def test_scores_are_kept_by_policy_in_the_order_of_seeds():
    """Whatever the order in which policies are played."""
    first, second = runs(1.0, 2.0)
    assert table_of([("b", 1), ("a", 1), ("b", 2)], [first, SCORES, second]) == {"b": [first, second], "a": [SCORES]}


def test_a_course_that_was_played_is_as_good_as_new():
    """Each policy comes to the same, whoever has played the course before it, and in whatever order courses are played."""
    lines = told(Odd(items=250))
    contenders = asked_for(("fifo", "round robin", "least active", "watchbill"))
    stretch = stretch_of(
        learn(lines, PROMISE), lines, since_us=int(lines.opened_us[0]), until_us=int(lines.opened_us[-1]) + 1
    )
    contest = contest_of(stretch, contenders)
    asked = runs_of(contest, 2, 1)
    alone = {run: play(contest_of(stretch, contenders), run) for run in asked}
    assert len({scores.p50_h for scores in alone.values()}) > 2
    for order in (asked, asked[::-1], sorted(asked)):
        assert {run: play(contest, run) for run in order} == alone


def test_a_course_is_drawn_once_for_those_that_are_not_slow():
    """Slow policies come first; then all others on one course before the next."""
    contest = Contest(stretch=None, makers=dict.fromkeys(("as is", "fifo", "watchbill", "watchbill: bold")))
    slow, others = ["watchbill", "watchbill: bold"], ["as is", "fifo"]
    assert runs_of(contest, 2, 7) == [(name, seed) for names in (slow, others) for seed in (7, 8) for name in names]


@pytest.mark.parametrize(("kept", "flips"), [((70.0, 71.0, 70.5), (("mine", AS_IS),)), ((70.0, 90.0, 84.0), ())])
def test_a_turn_is_named_only_beyond_chance(kept, flips):
    """Ahead by ten before and behind by ten now is a turn; behind on one course and ahead on another is none."""
    base = {AS_IS: runs(70.0, 71.0, 69.0), "mine": runs(80.0, 81.0, 79.5)}
    table = {AS_IS: runs(80.0, 81.2, 80.0), "mine": runs(*kept)}
    found = swept(Point(name="other", effort=2.0), "fifo", table, base)
    assert found.flips == flips
    assert found.ranking[0] == max(found.attainment, key=found.attainment.get)


def test_regret_is_what_is_left_to_the_ceiling():
    """Overall and by priority; never below nothing, and none for what really happened."""
    bound = Ceiling(
        attainment=95.0,
        by_window=96.0,
        by_priority={"P1": 82.0, "P2": None, "P3": 97.0, "P4": 99.0},
        at_effort={},
        says="",
    )
    row = with_regret(compared(contender(), runs(90.0, 90.0), runs(80.0, 80.0), weeks=1.0), bound)
    assert row.regret == 5.0
    assert row.regret_by_priority == {"P1": 2.0, "P2": None, "P3": 7.0, "P4": 4.0}
    was = compared(contender("as was", Sort.AS_WAS), runs(90.0), runs(90.0), weeks=1.0)
    assert with_regret(was, bound) is was
    assert with_regret(row, None) is row


def test_a_ceiling_below_what_was_kept_is_not_to_be_relied_on():
    """The twin's ceiling says nothing about a desk that kept more than it."""
    rows = [
        compared(contender("as was", Sort.AS_WAS), runs(94.0), runs(94.0), weeks=1.0),
        compared(contender("as is", Sort.AS_IS), runs(87.0, 87.0), runs(87.0, 87.0), weeks=1.0),
        compared(contender(), runs(88.0, 88.0), runs(87.0, 87.0), weeks=1.0),
    ]
    bound = Ceiling(attainment=88.2, by_window=89.0, by_priority={}, at_effort={}, says="")
    grade = SimpleNamespace(grade=Grade.B)
    assert "do not rely on this ceiling" in verdict(rows, grade, (), bound).detail
    above = replace(bound, attainment=95.0)
    assert verdict(rows, grade, (), above).detail.endswith("Nobody could have kept more than 95.0 %.")
