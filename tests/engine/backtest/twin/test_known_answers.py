"""A twin learned from the log of a desk of which everything is known finds again what is known."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from tests.engine.backtest.twin.knowndesk import (
    CATEGORIES,
    FRONT,
    HOLIDAY,
    KEYS,
    LEAVE_DAYS,
    MINUTE_US,
    ON_LEAVE,
    PEOPLE,
    PROMISE,
    ZONE,
    Keeps,
    Known,
    desk_of,
    history,
    model_of,
    shifts_of,
    true_kept,
)
from watchbill.engine.backtest.rules import Pull, weight_per_effort
from watchbill.engine.backtest.scores import scores_of
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.backtest.twin.asis import ORDERS, guess_order
from watchbill.engine.backtest.twin.aswas import as_was
from watchbill.engine.backtest.twin.draw import stretch_of
from watchbill.engine.backtest.twin.effort import Basis
from watchbill.engine.backtest.twin.learn import learn, own_model
from watchbill.engine.backtest.twin.legs import NEVER, legs_of
from watchbill.engine.backtest.twin.promise import lived
from watchbill.engine.backtest.twin.staff import staff_of
from watchbill.engine.backtest.words import assumptions
from watchbill.engine.base.intervals import instant_of

DESK = Known(seed=1, per_day=18.0)


@cache
def twin_of(known, stamps="begun"):
    return learn(history(known, stamps=stamps), PROMISE)


def whole(twin):
    """All of the history as a stretch."""
    opened = twin.history.opened_us
    return stretch_of(twin, twin.history, since_us=int(opened[0]), until_us=int(opened[-1]) + 1)


def true_efforts(known):
    """By category, of all pieces."""
    _, category_of = model_of(known)
    found = {name: [] for name in CATEGORIES}
    for case in desk_of(known).model.cases:
        found[category_of[case.id]] += [piece.effort_min for piece in (case, *case.later)]
    return found


def efforts(twin):
    names = np.array(twin.history.categories)[twin.history.category[twin.legs.item]]
    ended = twin.legs.ended_us != NEVER
    return {name: twin.effort_min[ended & (names == name)] for name in CATEGORIES}


def test_the_log_tells_which_promises_were_kept():
    """Followed through the events, promises come to what the desk that wrote them knows, case by case, pauses included."""
    desk, told = desk_of(DESK), history(DESK)
    legs = legs_of(told, paused=PROMISE.paused)
    kept = lived(told, legs, PROMISE, until_us=int(told.at_us.max())).is_kept
    truth = {f"C{one.case.id:05}": one.is_kept for one in desk.run.cases}
    assert [truth[name] for name in told.references] == kept.tolist()


@pytest.mark.parametrize("order", list(ORDERS))
def test_attainment_is_found_within_two_points(order):
    """On the desk's own luck, the twin in the order that it guessed keeps what the desk kept; on drawn luck, what the desk kept is
    what such desks keep.
    """
    known = replace(DESK, order=order)
    twin, truth = twin_of(known), desk_of(known).kept
    ended = np.flatnonzero(twin.legs.ended_us != NEVER)
    floor = twin.floor(int(twin.history.opened_us[0]), int(twin.history.at_us.max()))
    own = own_model(twin, floor, ended, twin.delay_min[ended].astype(float))
    assert scores_of(simulate(own, twin.order.policy())).kept == pytest.approx(truth, abs=2.0)
    stretch = whole(twin)
    kept = [scores_of(simulate(stretch.model(seed), twin.order.policy())).kept for seed in range(1, 7)]
    assert abs(np.mean(kept) - truth) <= 2.0 + 2 * np.std(kept, ddof=1)


def test_the_work_of_drawn_courses_is_that_of_the_history():
    """However rare a class is, what is drawn comes to as many pieces and as much effort as there was."""
    twin = twin_of(DESK)
    ended = np.flatnonzero(twin.legs.ended_us != NEVER)
    floor = twin.floor(int(twin.history.opened_us[0]), int(twin.history.at_us.max()))
    stretch = whole(twin)

    def size(model):
        pieces = [piece for case in model.cases for piece in (case, *case.later)]
        return len(pieces), sum(piece.effort_min for piece in pieces)

    real = size(own_model(twin, floor, ended, np.zeros(ended.size)))
    drawn = np.mean([size(stretch.model(seed)) for seed in range(1, 21)], axis=0)
    assert drawn == pytest.approx(real, rel=0.02)


@pytest.mark.parametrize(("sigma", "stamps"), [(0.6, "begun"), (0.6, "never"), (0.9, "begun"), (0.9, "never")])
def test_effort_of_classes_is_found_within_a_tenth(sigma, stamps):
    """Means by class, of short and of long work, with marks of begin and by the shape of the gaps of a busy desk."""
    known = Known(per_day=21.0, sigma=sigma)
    found, truth = efforts(twin_of(known, stamps)), true_efforts(known)
    for name in CATEGORIES:
        # One piece of many minutes more than its class ever takes is trimmed: the mean of a heavy tail is itself uncertain.
        assert found[name].mean() == pytest.approx(np.mean(truth[name]), rel=0.1 if sigma < 0.9 else 0.12), name


def test_what_effort_rests_on_is_said():
    """Marks that are one after the other are read, gaps of a log without marks as well, but only the former are called measured."""
    for stamps, basis, word in (("begun", Basis.STAMPS, "measured"), ("never", Basis.SHAPE, "fitted")):
        twin = twin_of(DESK, stamps)
        assert twin.effort.basis is basis
        assert assumptions(twin)[0].basis == word


@pytest.mark.parametrize("stamps", ["begun", "ready"])
def test_people_who_do_several_things_at_once_leave_effort_assumed(stamps):
    """Three pieces under way at once, or marks that are set when work is given out: nobody can tell what each one took."""
    known = Known(per_day=40.0, threads=3 if stamps == "begun" else 1)
    twin = twin_of(known, stamps)
    assert twin.effort.at_once > 1.2
    assert twin.effort.basis is Basis.ASSUMED
    assert assumptions(twin)[0].basis == "assumed"


def test_hours_are_found():
    """Of people who are busy, nine tenths of the minutes of true shifts are learned, and nine tenths of what is learned is true.

    An hour in which somebody hardly ever has anything to do cannot be told from one in which she is not there: of those who have
    work for half of their time, three quarters.
    """
    known = replace(DESK, per_day=20.0)
    twin = twin_of(known)
    origin = desk_of(known).origin_us
    spans = twin.staff.spans(origin, origin + 7 * known.weeks * 1440 * MINUTE_US)
    for number, name in enumerate(twin.history.people):
        truth, found = (np.zeros(7 * known.weeks * 1440, dtype=bool) for _ in range(2))
        for minutes, all_spans in ((truth, shifts_of(known, int(name[1:]))), (found, spans[number])):
            for start, end in all_spans:
                minutes[start:end] = True
        is_busy = PEOPLE[int(name[1:])][1] == FRONT
        assert (found & truth).sum() >= (0.9 if is_busy else 0.75) * truth.sum(), name
        assert (found & truth).sum() >= 0.9 * found.sum(), name


def test_hours_hold_over_a_clock_change():
    """The learned hours of the wall become the same hours of the wall before and after the clocks change, to the minute."""
    known = Known(seed=3, per_day=20.0, weeks=10, begins_on=date(2026, 3, 9), is_leave=False)
    told = history(known)
    staff = staff_of(told, legs_of(told, paused=PROMISE.paused))
    origin, who = desk_of(known).origin_us, told.people.index("P1")
    intervals = staff.hours[who].intervals
    assert {opens for _, opens, _ in intervals} == {8 * 60}
    spans = staff.spans(origin, origin + 7 * known.weeks * 1440 * MINUTE_US)[who]
    shown = set()
    for start, end in spans:
        opens, closes = (instant_of(origin + at * MINUTE_US).astimezone(ZONE) for at in (start, end))
        shown.add(opens.utcoffset())
        minutes = (60 * opens.hour + opens.minute, 60 * closes.hour + closes.minute)
        assert (opens.weekday(), *minutes) in intervals
    assert len(shown) == 2
    assert len(spans) >= 5 * known.weeks - 1


def test_leave_and_holiday_are_found():
    """Two weeks without one person, and a day without anybody."""
    twin = twin_of(DESK)
    first = DESK.begins_on.toordinal()
    assert twin.staff.closed == {first + HOLIDAY}
    away = {
        name: [day - first for start, end in twin.staff.leave[number].away for day in range(start, end)]
        for number, name in enumerate(twin.history.people)
    }
    gone = set(away.pop(f"P{ON_LEAVE}"))
    assert set(LEAVE_DAYS) <= gone <= set(range(LEAVE_DAYS.start - 3, LEAVE_DAYS.stop + 3))
    assert not any(away.values())


@pytest.mark.parametrize("stamps", ["begun", "never", "ready"])
@pytest.mark.parametrize("order", list(ORDERS))
def test_the_order_is_guessed(order, stamps):
    """Of a busy desk, whether or not it says when work was begun."""
    known = Known(seed=1, per_day=20.0, order=order)
    told = history(known, stamps=stamps)
    assert guess_order(told, legs_of(told, paused=PROMISE.paused), PROMISE).name == order


def test_no_delays_are_found_where_there_were_none():
    """What people's load explains is not put down to delays: half of all have none, and the mean is a few minutes."""
    twin = twin_of(DESK)
    ended = twin.legs.ended_us != NEVER
    assert np.median(twin.delay_min[ended]) == 0
    assert twin.delay_min[ended].mean() < 10


def test_delays_are_found():
    """Where nothing begins before a delay has passed, its mean is found within 15 %, on the clock on which it is spent."""
    known = Known(per_day=12.0, delay_min=200.0, weeks=20)
    twin, desk = twin_of(known), desk_of(known)
    floor = twin.floor(desk.origin_us, int(twin.history.at_us.max()))
    team_of = {name: number for number, name in enumerate(twin.history.teams)}
    truth = []
    for one in desk.run.cases:
        came = one.case.opened_min
        for number, done in enumerate(one.log):
            team = team_of["front" if done.skill == 1 else "back"]
            truth.append(floor.worked[floor.skill(team, came)].between(came, done.ready_min))
            if number < len(one.case.later):
                came = done.done_min + one.case.later[number].wait_min
    ended = twin.legs.ended_us != NEVER
    assert twin.delay_min[ended].mean() == pytest.approx(np.mean(truth), rel=0.15)


def test_policies_rank_in_the_twin_as_on_the_desk():
    """Loaded at nine tenths, every two of five policies that are more than three points apart stand in the same order."""
    known = Known(seed=1, per_day=22.0)
    stretch = whole(twin_of(known))
    orders = {**ORDERS, "weight per effort": weight_per_effort}
    truth = {name: true_kept(known, name) for name in KEYS}
    found = {
        name: np.mean([scores_of(simulate(stretch.model(seed), Pull(name, orders[name]))).kept for seed in range(1, 4)])
        for name in KEYS
    }
    apart = [(one, other) for one in KEYS for other in KEYS if truth[one] > truth[other] + 3]
    assert len(apart) >= 6
    assert [(one, other) for one, other in apart if found[one] <= found[other]] == []


def test_as_was_is_what_was():
    """The row that needs no twin says what the desk itself knows: promises kept, of each priority, and hours to resolve."""
    twin, truth = twin_of(DESK), scores_of(desk_of(DESK).run)
    opened = twin.history.opened_us
    floor = twin.floor(int(opened[0]), int(opened[-1]))
    was = as_was(twin, floor, since_us=int(opened[0]), until_us=int(opened[-1]) + 1)
    assert (was.cases, was.missed, was.p1_missed, was.unfinished) == (truth.cases, truth.missed, truth.p1_missed, 0)
    assert was.by_priority == pytest.approx(truth.by_priority)
    assert (was.kept, was.p50_h, was.p90_h) == pytest.approx((truth.kept, truth.p50_h, truth.p90_h), rel=0.01)


def test_the_known_desk_never_hands_over():
    """The generator is what it says: who begins a piece ends it."""
    desk = desk_of(DESK)
    who = {(number, piece): person for _, number, piece, person in desk.begun}
    assert isinstance(Keeps("fifo"), Keeps)
    for one in desk.run.cases:
        assert [who[one.case.id, piece] for piece in range(len(one.log))] == [done.who for done in one.log]
