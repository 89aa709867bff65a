"""What was lost against the ceiling: never below nothing in a simulation, and told with its reason minute by minute."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.test_bound_legs import leg
from tests.engine.backtest.test_simulate import POLICIES
from tests.engine.backtest.tinydesk import agent, case, model
from tests.engine.backtest.tinylegs import legged
from watchbill.engine.backtest.bound import clairvoyant_bound
from watchbill.engine.backtest.desk import Worked
from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.outcome import CaseOutcome
from watchbill.engine.backtest.regret import Why, regret, regret_of_day
from watchbill.engine.backtest.rules import Pull, fifo
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority

LITTLE = 1e-6
FIFO = Pull("fifo", fifo)


def fate(of, *log, due=None, done=None):
    """What became of a case: its pieces as (ready, begun, done, who)."""
    pieces = tuple(Worked(ready, begun, over, who, of.skill) for ready, begun, over, who in log)
    return CaseOutcome(
        case=of, due_min=of.due_min if due is None else due, begun_min=pieces[0].begun_min if pieces else None, log=pieces,
        done_min=done, takers=(), workers=tuple(piece.who for piece in pieces),
    )  # fmt: skip


def only_miss(desk, *really):
    [missed] = regret_of_day(desk, really).missed
    return missed


@settings(max_examples=80, deadline=None)
@given(legged(), st.sampled_from(POLICIES))
def test_regret_of_a_run_is_what_the_bound_has_more(desk, policy):
    """Over all and for each priority, and never below nothing."""
    run, bound = simulate(desk, policy), clairvoyant_bound(desk)
    lost, figures = regret(run, bound), run.figures()
    assert lost.points == pytest.approx(bound.attainment - figures.attainment)
    assert min(lost.points, *lost.by_priority) >= -LITTLE
    assert len(lost.by_priority) == len(Priority)


@settings(max_examples=80, deadline=None)
@given(legged() | legged(pauses=True), st.sampled_from(POLICIES))
def test_all_minutes_of_a_missed_promise_are_told(desk, policy):
    """Simulated days as if they were real: what was missed was lost and could be kept, and its minutes are those that the promise ran."""
    run = simulate(desk, policy)
    day = regret_of_day(desk, run.cases)
    fates = {one.case.id: one for one in run.cases}
    assert day.beyond == ()
    assert day.regret == regret(run, day.bound)
    could = {c.id for c in desk.cases if c.weight and not fates[c.id].is_kept and c.id in day.bound.kept}
    assert {one.item for one in day.missed} <= could
    for priority, ceiling, kept in zip(Priority, day.bound.by_priority, day.by_priority, strict=True):
        room = round((ceiling.attainment - kept) / 100 * sum(c.priority is priority for c in desk.cases if c.weight), 6)
        mine = [item for item in could if fates[item].case.priority is priority]
        shown = [one for one in day.missed if one.priority is priority]
        assert len(shown) == (min(len(mine), int(room)) if day.regret.points > LITTLE else 0)
    for one in day.missed:
        real, hours = fates[one.item], desk.promised.get(one.priority)
        ran = hours.between if hours else lambda start, end: end - start
        ends = [piece.done_min for piece in real.log][: len(real.case.later)]
        pauses = [
            (over, over + leg.wait_min) for over, leg in zip(ends, real.case.later, strict=False) if leg.is_paused
        ]
        stood = sum(ran(start, min(end, real.due_min)) for start, end in pauses if start < real.due_min)
        assert sum(one.minutes.values()) == ran(real.case.opened_min, real.due_min) - stood
        assert one.late_min is None or one.late_min > 0
        assert one.minutes.get(one.why, 0) == max(one.minutes.values(), default=0)


def test_something_else_was_worked_on_first():
    """The only person did a P4 of two hours while the P1 ran out; seen from the ceiling both could be kept."""
    urgent, other = (
        case(1, due_min=90, priority=Priority.P1),
        case(2, due_min=400, priority=Priority.P4, effort_min=120),
    )
    really = fate(urgent, (0, 120, 180, 1), done=180), fate(other, (0, 0, 120, 1), done=120)
    day = regret_of_day(model([urgent, other], [agent()]), really)
    [missed] = day.missed
    assert (day.bound.attainment, day.attainment) == (100, pytest.approx(100 / 9))
    assert day.regret.points == pytest.approx(88.9, abs=0.05)
    assert (missed.item, missed.why, missed.late_min, missed.first) == (1, Why.OTHER_FIRST, 90, (2,))
    assert missed.minutes == {Why.OTHER_FIRST: 90}


@pytest.mark.parametrize("kept", [1, 2])
def test_one_of_two_equals_was_kept_and_no_more_could_be(kept):
    """Two P1s of an hour and time for one: whichever the bound keeps, nothing was lost, and none could have been kept as well."""
    equals = [case(number, due_min=60, priority=Priority.P1) for number in (1, 2)]
    really = [fate(one, (0, 0, 60, 1), done=60) if one.id == kept else fate(one) for one in equals]
    day = regret_of_day(model(equals, [agent()]), really)
    assert (day.attainment, day.bound.attainment, day.regret.points) == (50, 50, 0)
    assert day.missed == ()


@pytest.mark.parametrize("kept", [1, 2])
def test_what_could_be_kept_is_told_beside_equals_that_could_not(kept):
    """The same, and later a P4 that nobody took: it alone could have been kept as well."""
    equals = [case(number, due_min=60, priority=Priority.P1) for number in (1, 2)]
    later = case(3, opened_min=100, due_min=400, priority=Priority.P4)
    really = [fate(one, (0, 0, 60, 1), done=60) if one.id == kept else fate(one) for one in equals]
    day = regret_of_day(model([*equals, later], [agent()]), [*really, fate(later)])
    assert [one.item for one in day.missed] == [3]


def test_a_heavier_one_could_have_been_kept_in_place_of_a_lighter():
    """Time for one: the desk did the P4, and the P1 was lost."""
    urgent, other = case(1, due_min=60, priority=Priority.P1), case(2, due_min=60, priority=Priority.P4)
    day = regret_of_day(model([urgent, other], [agent()]), [fate(urgent), fate(other, (0, 0, 60, 1), done=60)])
    assert [one.item for one in day.missed] == [1]


def test_nobody_able_was_free():
    """Two hours of P1 came before it, in no less haste, and they took longer than they should have."""
    ahead = [case(number, due_min=180, priority=Priority.P1) for number in (1, 2)]
    late = case(3, due_min=180)
    missed = only_miss(
        model([*ahead, late], [agent()]), fate(ahead[0], (0, 0, 60, 1), done=60), fate(ahead[1], (0, 60, 180, 1), done=180),
        fate(late, (0, 180, 240, 1), done=240),
    )  # fmt: skip
    assert (missed.item, missed.why, missed.minutes) == (3, Why.NOBODY_FREE, {Why.NOBODY_FREE: 180})


@pytest.mark.parametrize(
    ("people", "log", "why", "minutes"),
    [
        ([agent()], [(0, 200, 260, 1)], Why.UNTAKEN, {Why.UNTAKEN: 200, Why.WORK: 40}),
        ([agent(shifts=((0, 60), (230, 480)))], [(0, 230, 290, 1)], Why.ABSENT, {Why.UNTAKEN: 60, Why.ABSENT: 170, Why.WORK: 10}),
        ([agent()], [(150, 170, 260, 1)], Why.HELD_UP, {Why.HELD_UP: 150, Why.UNTAKEN: 20, Why.WORK: 70}),
        ([agent()], [(0, 10, 260, 1)], Why.WORK, {Why.UNTAKEN: 10, Why.WORK: 230}),
        ([agent()], [], Why.UNTAKEN, {Why.UNTAKEN: 240}),
    ],
)  # fmt: skip
def test_why_one_case_was_missed(people, log, why, minutes):
    """Four hours for one hour of work, and each of them is told; without acts people look free."""
    one = case()
    missed = only_miss(model([one], people), fate(one, *log, done=log[-1][2] if log else None))
    assert (missed.why, missed.minutes) == (why, minutes)


@pytest.mark.parametrize(("is_paused", "outside"), [(False, 120), (True, 0)])
def test_who_is_outside_counts_while_the_promise_runs(is_paused, outside):
    """Two hours outside, then nobody takes it: of a promise that stands still meanwhile nothing is lost there."""
    one = case(due_min=300, later=(leg(wait_min=120, is_paused=is_paused),))
    due = 420 if is_paused else 300
    really = fate(one, (0, 0, 60, 1), (180, 430, 490, 1), due=due, done=490)
    minutes = only_miss(model([one], [agent(shifts=((0, 600),))]), really).minutes
    assert minutes == {Why.WORK: 60, Why.UNTAKEN: due - 180} | ({Why.OUTSIDE: outside} if outside else {})


def test_what_could_not_be_begun_at_once_is_held_up():
    """Opened before the model begins, or with a delay of its own: nobody is to blame for that hour, and nobody outside was waited for."""
    one = case(wait_min=30, delay_min=30)
    assert only_miss(model([one], [agent()]), fate(one)).minutes == {Why.HELD_UP: 60, Why.UNTAKEN: 180}


def test_only_the_hours_of_the_promise_count():
    """A night in which the promise stands still is nobody's fault."""
    one = case(due_min=1500, effort_min=60)
    desk = model([one], [agent(shifts=((0, 60), (1440, 1920)))], promised={Priority.P3: Hours([(0, 60), (1440, 1920)])})
    assert only_miss(desk, fate(one)).minutes == {Why.UNTAKEN: 120}


def test_what_there_was_no_time_for_and_was_kept_tells_on_the_model():
    """An hour's work done in half an hour: the day was better than its ceiling, and it is said which case shows that the effort is wrong."""
    one = case(due_min=30)
    day = regret_of_day(model([one], [agent()]), [fate(one, (0, 0, 25, 1), done=25)])
    assert (day.attainment, day.bound.attainment, day.regret.points, day.beyond) == (100, 0, -100, (1,))
    assert day.missed == ()


def test_what_weighs_nothing_is_not_missed_and_every_case_must_be_told():
    """Work without a promise cannot break one; a day told in part would make the rest look lost."""
    one = case(counts=False)
    desk = model([one], [agent()])
    assert regret_of_day(desk, [fate(one)]).missed == ()
    for really in ([], [fate(one), fate(one)], [fate(replace(one, id=2))]):
        with pytest.raises(InvalidFacts):
            regret_of_day(desk, really)


def test_the_heaviest_miss_comes_first():
    """P1 before P4, then the lower number."""
    cases = [case(1, priority=Priority.P4), case(2, priority=Priority.P1), case(3, priority=Priority.P4)]
    day = regret_of_day(model(cases, [agent()]), [fate(one) for one in cases])
    assert [one.item for one in day.missed] == [2, 1, 3]
    assert day.by_priority == (0, 100, 100, 0)
    assert day.regret.by_priority == (100, 0, 0, 100)
