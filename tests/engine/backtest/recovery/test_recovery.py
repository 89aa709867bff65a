"""Recovery options: known answers by counting, costs that are never left out, and the same luck for every plan."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.engine.backtest.recovery.decide import recover
from watchbill.engine.backtest.recovery.facts import Came, HourRules, Moved, Partner, Pending, Situation, Worker
from watchbill.engine.backtest.recovery.futures import tally_of, usual_of
from watchbill.engine.backtest.recovery.hours import extra_of
from watchbill.engine.backtest.recovery.outcome import Extra, Passed, Plan, PlanCode
from watchbill.engine.backtest.recovery.partners import passes_of
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority

H = 60
NOTHING = Plan(code=PlanCode.NOTHING)


def pending(item, who=(1, 2), **facts):
    default = {"due_min": 4 * H, "priority": Priority.P2, "mean_min": 1}
    return Pending(item=item, able=tuple((person, 1) for person in who), **(default | facts))


def worker(person, *spans, **facts):
    return Worker(id=person, spans=spans or ((0, H),), **facts)


def situation(**facts):
    default = {
        "open": [pending(item) for item in range(1, 4)],
        "came": [],
        "weeks": 1,
        "workers": [worker(1), worker(2)],
        "horizon_min": 8 * H,
        "follow_min": 32 * H,
    }
    return Situation(**(default | facts))


def test_overtime_saves_exactly_one():
    """Two people who leave in a quarter of an hour, time for one item each with switching, and three items: one is left, unless one stays."""
    tonight = situation(workers=[worker(1, (0, 15)), worker(2, (0, 15))])
    stays = Plan(code=PlanCode.HOURS, extra=(Extra(person=1, span=(15, 255), is_overtime=True),))
    assert [tally_of(tonight, plan, [], 0).count("open") for plan in (NOTHING, stays)] == [1, 0]
    found = recover(tonight, futures=4)
    nothing, hours = found.options
    assert (nothing.misses.mean, hours.misses.mean, hours.change.mean) == (1, 0, -1)
    assert (len(hours.plan.extra), hours.plan.extra_min) == (1, 240)
    assert found.best is PlanCode.HOURS


def test_a_move_to_somebody_with_time_saves_what_its_owner_cannot_do():
    """One who leaves owns all three, the other has the whole evening: her own stays hers until it is moved."""
    owned = [pending(item, who=(1,), owner=1) for item in range(1, 4)]
    tonight = situation(
        open=owned, workers=[worker(1, (0, 15)), worker(2, (0, 8 * H))], moves=[Moved(item=2, giver=1, taker=2), Moved(item=3, giver=1, taker=2)],
        rules=HourRules(most_extra_min=0),
    )  # fmt: skip
    found = recover(tonight, futures=2)
    assert [one.plan.code for one in found.options] == [PlanCode.NOTHING, PlanCode.REBALANCE]
    assert [one.misses.mean for one in found.options] == [2, 0]
    assert {one.code for one in found.dropped} == {PlanCode.HOURS, PlanCode.DEFER, PlanCode.PARTNER}


def test_a_plan_that_saves_next_to_nothing_is_not_offered():
    """In one of fifty futures one item more comes for who leaves soon, and a move would make room for it: that is no plan, and it is said."""
    owned = [pending(item, who=(1,), owner=1) for item in (1, 2)]
    tonight = situation(
        open=owned, workers=[worker(1, (0, 25)), worker(2, (0, 8 * H))], moves=[Moved(item=2, giver=1, taker=2)],
        came=[Came(at_min=0, due_after_min=H, priority=Priority.P2, mean_min=1, able=((1, 1),))], weeks=50,
        rules=HourRules(most_extra_min=0),
    )  # fmt: skip
    found = recover(tonight, futures=100)
    assert 0 < found.options[0].misses.mean < 0.05
    assert [one.plan.code for one in found.options] == [PlanCode.NOTHING]
    why = {one.code: one.why for one in found.dropped}
    assert why[PlanCode.REBALANCE] == "It would save less than 0.05 promises on average, over 100 futures"
    often = recover(replace(tonight, weeks=2), futures=100)
    assert [one.plan.code for one in often.options] == [PlanCode.NOTHING, PlanCode.REBALANCE]


def test_what_is_put_off_is_missed_when_it_falls_due_after_the_horizon():
    """Nobody is there after the horizon: a P4 put off until then is missed, and counted although it is due later."""
    tonight = situation(open=[pending(1, priority=Priority.P4, due_min=12 * H)])
    put_off = Plan(code=PlanCode.DEFER, deferred=(1,), until_min=8 * H)
    found = tally_of(tonight, put_off, [], 0)
    assert (tally_of(tonight, NOTHING, [], 0).count("open"), found.count("open"), found.deferred) == (0, 1, 1)


def partner(key=1, may=range(1, 20), **facts):
    default = {"lead_min": H, "at_once": 1, "most": 10}
    return Partner(id=key, may=frozenset(may), **(default | facts))


def test_a_partner_does_what_own_people_cannot():
    """Nobody of the desk is there, and a partner works on two at once after an hour: of three hours of work due in 150 min it takes two, due tonight all three."""
    late = situation(
        open=[pending(item, due_min=150, mean_min=60) for item in range(1, 4)], workers=[], partners=[partner(at_once=2)], rules=HourRules(most_extra_min=0)
    )  # fmt: skip
    passes = passes_of(late, {1: 8, 2: 8, 3: 8})
    assert passes == [Passed(item=1, partner=1, done_min=2 * H), Passed(item=2, partner=1, done_min=2 * H)]
    assert passes_of(replace(late, partners=[partner(at_once=2, lead_min=91)]), {1: 8, 2: 8, 3: 8}) == []
    found = recover(replace(late, open=[pending(item, due_min=10 * H, mean_min=60) for item in range(1, 4)]), futures=4)
    nothing, passed = found.options
    assert (nothing.misses.mean, passed.misses.mean) == (3, 0)
    assert passed.plan.code is PlanCode.PARTNER
    assert {one.item for one in passed.plan.passed} == {1, 2, 3}


def test_a_partner_begins_after_its_lead_and_does_nothing_else():
    """One seat, from an hour on: of two passed items due in 70 minutes one is done in time; what is not passed stays undone."""
    tonight = situation(open=[pending(item, due_min=75) for item in range(1, 4)], workers=[], partners=[partner()])
    passed = tuple(Passed(item=item, partner=1, done_min=61) for item in (1, 2))
    found = tally_of(tonight, Plan(code=PlanCode.PARTNER, passed=passed), [], 0)
    assert (found.count("open"), len(found.missed), 3 in found.missed) == (2, 2, True)
    early = replace(tonight, partners=[partner(lead_min=80)])
    assert tally_of(early, Plan(code=PlanCode.PARTNER, passed=passed), [], 0).missed == {1, 2, 3}


def test_what_may_be_passed():
    """Not what is put off, not the partner's or never missed, and what is begun only when there is time to be told of it; no more than it takes; the first partner first, what weighs most first."""
    work = [
        pending(1, is_begun=True, due_min=H + 10), pending(2, wait_min=60), pending(3), pending(4, priority=Priority.P1), pending(5, due_min=None),
        pending(6), pending(7), pending(8),
    ]  # fmt: skip
    tonight = situation(open=work, partners=[partner(1, may=(1, 2, 4, 5, 6, 8), most=2), partner(2, may=(6, 7, 8))])
    found = passes_of(tonight, dict.fromkeys((1, 2, 4, 5, 6, 7, 8), 8))
    assert [(one.item, one.partner) for one in found] == [(4, 1), (6, 1), (7, 2), (8, 2)]


def test_at_most_three_plans_beside_going_on():
    """All four save something: a move one, overtime and a partner both of two, and putting off the long P4 the P1 that comes meanwhile."""
    tonight = situation(
        open=[
            *(pending(item, who=(1,), owner=1, due_min=5 * H) for item in (1, 2)),
            pending(3, who=(2,), due_min=20 * H, mean_min=240, priority=Priority.P4),
        ],
        came=[Came(at_min=minute, due_after_min=15, priority=Priority.P1, mean_min=1, able=((2, 1),)) for minute in range(10, 100, 30)],
        workers=[worker(1, (0, 5)), worker(2, (0, 20 * H)), worker(3, (0, 8 * H))],
        moves=[Moved(item=1, giver=1, taker=3)], partners=[partner(may=(1, 2))], horizon_min=4 * H, is_on_autopilot=False,
    )  # fmt: skip
    found = recover(tonight, futures=8)
    codes = [one.plan.code for one in found.options]
    assert len(codes) == 4
    left = {one.code: one.why for one in found.dropped}
    assert list(left) == [PlanCode.REBALANCE]
    assert left[PlanCode.REBALANCE].startswith("Three other plans save more weight of promises; with it ")


def test_what_a_partner_has_comes_first():
    """Four items of 60 minutes with two at once: its seats are free two hours later, and what is due before is not passed."""
    tonight = situation(open=[pending(1, mean_min=60, due_min=4 * H)], partners=[partner(at_once=2)])
    assert passes_of(tonight, {1: 8})[0].done_min == 2 * H
    busy = replace(tonight, partners=[partner(at_once=2, held=4)])
    assert passes_of(busy, {1: 8})[0].done_min == 4 * H
    assert passes_of(replace(tonight, partners=[partner(at_once=2, held=6)]), {1: 8}) == []


def test_no_more_than_one_act_may_have():
    """A partner that takes thousands is passed no more than can be passed at once."""
    work = [pending(item, due_min=20 * H) for item in range(1, 600)]
    tonight = situation(open=work, partners=[partner(may=range(1, 600), at_once=100, most=10_000)])
    assert len(passes_of(tonight, dict.fromkeys(range(1, 600), 8))) == 500


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-30, 600), st.integers(1, 120), st.sampled_from(list(Priority)), st.integers(0, 8)), max_size=12),
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=3),
)  # fmt: skip
def test_nothing_is_passed_beyond_what_partners_say(work, partners):
    """Each item once; no partner more than it takes, nor more at once, nor before its lead; all within their promise."""
    items = [pending(n, due_min=due, mean_min=mean, priority=p) for n, (due, mean, p, _) in enumerate(work, 1)]
    known = [partner(n, lead_min=lead, at_once=seats, most=most) for n, (lead, seats, most) in enumerate(partners, 1)]
    found = passes_of(situation(open=items, partners=known), {n: often for n, (*_, often) in enumerate(work, 1)})
    assert len({one.item for one in found}) == len(found)
    for one in known:
        mine = [
            (each.done_min - items[each.item - 1].mean_min, each.done_min) for each in found if each.partner == one.id
        ]
        assert len(mine) <= one.most
        assert all(begin >= one.lead_min for begin, _ in mine)
        assert all(sum(begin <= at < end for begin, end in mine) <= one.at_once for at, _ in mine)
    assert all(each.done_min <= items[each.item - 1].due_min and work[each.item - 1][3] for each in found)


def test_work_that_nobody_may_do_is_missed_and_said():
    """It is not left out of the expected misses because no model holds it."""
    found = recover(situation(open=[pending(1, who=())]), futures=2)
    assert found.options[0].misses.mean == 1
    assert found.unable == 1


def test_nothing_is_offered_where_nothing_is_missed():
    """All done in time: going on as now alone, and of all others why not."""
    found = recover(situation(open=[pending(1)]), futures=2)
    assert [one.plan.code for one in found.options] == [PlanCode.NOTHING]
    assert len(found.dropped) == 4
    assert "nothing to recover" in found.dropped[0].why


def test_nobody_at_all():
    """A desk whose people have no hours ahead misses all that falls due; no error."""
    found = recover(situation(workers=[]), futures=2)
    assert found.options[0].misses.mean == 3


def test_a_single_future_tells_nothing():
    """Luck cannot be told from gain."""
    with pytest.raises(InvalidFacts, match="at least 2"):
        recover(situation(), futures=1)


RULES = HourRules()


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        (((-7 * H, H),), ((H, 5 * H), True)),  # on shift: four hours more
        (((-10 * H, H),), ((H, 2 * H), True)),  # no day longer than twelve
        (((-7 * H, H), (14 * H, 22 * H)), ((H, 3 * H), True)),  # eleven hours of rest before tomorrow
        (((-7 * H, H), (12 * H, 20 * H)), None),  # no hour is left of it
        (((-24 * H, -16 * H), (24 * H, 32 * H)), ((H, 5 * H), False)),  # called in after an hour
        (((-13 * H, -5 * H), (30 * H, 32 * H)), ((6 * H, 8 * H), False)),  # not before she has rested
        (((0, 8 * H),), None),  # at work all the time
        (((-8 * H, -4 * H), (-3 * H, H)), ((H, 4 * H), True)),  # a day in two parts is one day, of twelve hours
        (((-9 * H, -5 * H), (-4 * H, -H)), None),  # and who has ended it rests before she is called
        (((-20 * H, -12 * H), (-H, 3 * H)), ((3 * H, 7 * H), True)),  # after a night's rest it is another day
    ],
)
def test_hours_respect_rest_and_the_longest_day(spans, expected):
    """Overtime follows the shift; a call-in follows notice and rest; both leave the rest before the next shift."""
    found = extra_of(Worker(id=1, spans=spans), 8 * H, RULES)
    assert (None if found is None else (found.span, found.is_overtime)) == expected
    assert extra_of(Worker(id=1, spans=spans, can_be_asked=False), 8 * H, RULES) is None


def test_what_usually_comes_is_what_came():
    """As many an hour as the weeks had on average, in their hours, due as long after; the luck of days where weeks differ."""
    came = [Came(at_min=90, due_after_min=60, priority=Priority.P1, mean_min=5, able=((1, 1),)) for _ in range(40)]
    usual = usual_of(situation(came=came, weeks=4), weekly=(10, 10, 10, 10))
    drawn = [usual.draw(0, number) for number in range(300)]
    mean = sum(len(one) for one in drawn) / 300
    assert abs(mean - 10) < 4 * math.sqrt(10 / 300)
    assert all((one.due_at - one.opened_at).total_seconds() / 60 + 0 >= H for each in drawn for one in each)
    assert math.isinf(usual.size)
    assert usual_of(situation(came=came, weeks=4), weekly=(0, 25, 5, 10)).size < 10


desks = st.builds(
    situation,
    open=st.lists(
        st.tuples(st.sampled_from([(1,), (2,), (1, 2), (3,)]), st.integers(-30, 30 * H), st.sampled_from(list(Priority)), st.integers(1, 120)),
        max_size=8,
    ).map(lambda rows: [pending(n, who=who, due_min=due, priority=p, mean_min=m) for n, (who, due, p, m) in enumerate(rows, 1)]),
    came=st.lists(
        st.builds(Came, at_min=st.integers(0, 10 * H), due_after_min=st.integers(30, 600), priority=st.sampled_from(list(Priority)), mean_min=st.integers(5, 90), able=st.just(((1, 1), (2, 1)))),
        max_size=6,
    ),
    workers=st.just([worker(1, (-7 * H, H)), worker(2, (-3 * H, 5 * H)), worker(3, (-20 * H, -12 * H), (26 * H, 34 * H))]),
    partners=st.sampled_from([(), (partner(lead_min=30, at_once=2, most=3),)]),
    seed=st.integers(0, 5),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(desks)
def test_plans_are_consistent(tonight):
    """Same facts, same answer; doing nothing first; what is offered saves weight; extra people cost hours; figures add up."""
    found = recover(tonight, futures=3)
    assert found == recover(replace(tonight, open=list(reversed(tonight.open))), futures=3)
    nothing, *others = found.options
    assert nothing.plan == NOTHING
    assert (nothing.change.mean, nothing.weight_change.mean) == (0, 0)
    for one in others:
        assert one.weight_change.mean < 0
        assert bool(one.plan.passed) == (one.plan.code is PlanCode.PARTNER)
        assert bool(one.plan.extra) == (one.plan.extra_min > 0) == (one.plan.code is PlanCode.HOURS)
    for one in found.options:
        assert sum(each.both.mean for each in one.by_priority) == pytest.approx(one.misses.mean)
        assert all(each.open.mean + each.coming.mean == pytest.approx(each.both.mean) for each in one.by_priority)
    codes = [one.plan.code for one in found.options] + [one.code for one in found.dropped]
    assert sorted(codes) == sorted(PlanCode)
