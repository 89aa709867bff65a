"""Large desks: what is left out and what is cut makes the ceiling higher or leaves it, never lower; and costs little."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.backtest.test_bound_legs import leg
from tests.engine.backtest.tinydesk import agent, case, model
from tests.engine.backtest.tinylegs import legged
from watchbill.engine.backtest import bound as bounds
from watchbill.engine.backtest.bound import clairvoyant_bound
from watchbill.engine.backtest.capacity import Capacity
from watchbill.engine.backtest.programme import Programme
from watchbill.engine.backtest.reference import reference_model
from watchbill.engine.backtest.windows import Windows
from watchbill.engine.base.work import Priority

LITTLE = 1e-6
DAY = 1440


def whole(desk, *, slot_min=60):
    """Percent of weight by one programme over everything, nothing left out."""
    windows = Windows(desk)
    needs = list(windows.needs())
    total = sum(c.weight for c in desk.cases)
    if not needs:
        return 0.0 if total else 100.0
    weights = [need.case.weight for need in needs]
    shares = Programme(Capacity(desk, windows, slot_min)).solve(weights, [need.pieces for need in needs])
    return 100 * sum(w * z for w, z in zip(weights, shares, strict=True)) / total


def in_two_pieces(desk, *, every=3):
    """Every third case of a reference desk with a second piece in another skill, after an hour outside."""
    cases = [
        replace(
            c,
            effort_min=max(1, c.effort_min // 2),
            later=(leg(skill=c.skill % 4 + 1, effort_min=max(1, c.effort_min // 2), wait_min=60),),
        )
        if c.id % every == 0
        else c
        for c in desk.cases
    ]
    return replace(desk, cases=tuple(cases))


@settings(max_examples=80, deadline=None)
@given(legged(), st.sampled_from([30, 60, 90]))
def test_what_plainly_fits_may_be_left_out(desk, slot_min):
    """The ceiling is that of the programme over everything, to the last digit that the solver knows."""
    assert clairvoyant_bound(desk, slot_min=slot_min).attainment == pytest.approx(
        whole(desk, slot_min=slot_min), abs=1e-4
    )


@pytest.mark.parametrize("load", [1.2, 1.7, 2.2])
def test_a_desk_in_overload_is_solved_as_a_whole(load):
    """Three days in two pieces, most of them more than there is time for: again the programme over everything."""
    desk = in_two_pieces(reference_model(2, load=load, days=3))
    assert clairvoyant_bound(desk).attainment == pytest.approx(whole(desk), abs=1e-4)


@pytest.mark.parametrize("window_min", [DAY // 2, DAY, 3 * DAY])
@pytest.mark.parametrize("load", [1.5, 2.2])
def test_windows_are_never_below_the_whole(load, window_min):
    """Lots that do not see one another can only keep more; and never more than fits by itself."""
    desk = in_two_pieces(reference_model(3, load=load, days=4))
    all_at_once, in_lots = clairvoyant_bound(desk), clairvoyant_bound(desk, window_min=window_min)
    for one, lots in zip((all_at_once, *all_at_once.by_priority), (in_lots, *in_lots.by_priority), strict=True):
        assert one.attainment <= lots.attainment + LITTLE <= lots.by_window + 2 * LITTLE


@settings(max_examples=80, deadline=None)
@given(legged(), st.sampled_from([60, 120, 240]))
def test_windows_of_tiny_desks_are_never_below_the_whole(desk, window_min):
    """However short the windows are."""
    assert whole(desk) <= clairvoyant_bound(desk, window_min=window_min).attainment + LITTLE


def test_too_large_a_programme_is_cut_where_nothing_is_scarce(monkeypatch):
    """Two teams share one person; one of them is drowned. The other's work takes nothing from the ceiling, and needs no programme."""
    people = [agent(1, skills={1: 1}), agent(2, skills={1: 1, 2: 1}), agent(3, skills={2: 1})]
    cases = [case(number, due_min=120) for number in range(1, 9)]
    cases += [case(number, due_min=480, skill=2) for number in range(9, 12)]
    desk = model(cases, people)
    exact = clairvoyant_bound(desk)
    assert exact.attainment == pytest.approx(whole(desk))
    monkeypatch.setattr(bounds, "MOST_COLUMNS", 20)
    seen = []
    solve = Programme.solve
    monkeypatch.setattr(
        Programme, "solve", lambda self, weights, works: seen.append(works) or solve(self, weights, works)
    )
    cut = clairvoyant_bound(desk)
    assert exact.attainment <= cut.attainment + LITTLE
    assert {piece.skill for works in seen for pieces in works for piece in pieces} == {1}


def test_minutes_before_a_window_are_free():
    """A case of ten days ago has had its ten days: it takes nothing of the week in which it is due from what is new in it."""
    long = case(1, due_min=20 * DAY, effort_min=300)
    rush = [case(number, opened_min=19 * DAY, due_min=20 * DAY - 1) for number in range(2, 10)]
    shifts = tuple((day * DAY, day * DAY + 480) for day in range(20))
    desk = model([long, *rush], [agent(shifts=shifts)], horizon_min=20 * DAY)
    assert clairvoyant_bound(desk, window_min=DAY).attainment == 100


def test_progress_is_told_and_may_end_it():
    """After all weight and after each priority; whoever is told may raise."""
    told = []
    clairvoyant_bound(model([case()], [agent()]), tell=lambda done, of: told.append((done, of)))
    assert told == [(number, 5) for number in range(1, 6)]

    def enough(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clairvoyant_bound(model([case()], [agent()]), tell=enough)


def test_ten_days_of_a_thousand_cases_take_no_minute():
    """The size that is promised, with room to spare: five programmes of a desk in overload."""
    started = time.process_time()
    desk = reference_model(1, load=1.2)
    bound = clairvoyant_bound(desk)
    assert len(desk.cases) > 1000
    assert len(bound.by_priority) == len(Priority)
    assert time.process_time() - started < 60
