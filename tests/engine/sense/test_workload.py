"""The four terms, who they are counted to, and when a region's capacity is passed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.incoming import WEEK_H, Arrivals
from watchbill.engine.sense.workload import DeskWork, Held, Worker, available_min, passed_at, workload

EMEA, AMS = 1, 2
DAY, LATE = ((0, 480),), ((420, 900),)


def worker(number, *, region=EMEA, spans=DAY, teams=(), **facts):
    return Worker(id=number, region=region, spans=spans, teams=frozenset(teams), **facts)


def steady(per_hour, *, effort=60):
    """A week in which every hour brought as much."""
    return Arrivals(counts=[per_hour] * WEEK_H, effort_min=[per_hour * effort] * WEEK_H)


def test_the_worked_number_of_the_docs():
    """Two people of eight hours each, ten hours of work held, one item of an hour arriving each hour: 18 of 16 hours."""
    work = DeskWork(
        people=[worker(1), worker(2)],
        held=[Held(owner=1, backlog_min=120, begun_min=360), Held(owner=2, begun_min=60), Held(backlog_min=60)],
        arrivals={None: steady(1)},
    )
    found = workload(work, horizon_h=8)
    region = found.regions[EMEA]
    assert (region.backlog_min, region.in_progress_min, region.handoffs_min) == (180, 420, 0)
    assert region.incoming.mean_min == 480
    assert region.available_min[8] == 960
    assert region.ratio(8) == pytest.approx(1080 / 960)
    assert found.people[1].ratio(8) == pytest.approx((480 + 240) / 480)
    assert found.history_weeks == 1


def test_handoffs_leave_one_region_and_come_into_the_other():
    """What is promised before its owner is back counts where people are at work, and nowhere twice."""
    work = DeskWork(
        people=[worker(1, spans=((900, 1380),)), worker(2, region=AMS)],
        held=[Held(owner=1, backlog_min=100, begun_min=50, passing_backlog_min=60, passing_begun_min=20)],
    )
    found = workload(work, horizon_h=8)
    assert (found.regions[EMEA].backlog_min, found.regions[EMEA].in_progress_min) == (40, 30)
    assert found.regions[AMS].handoffs_min == 80
    assert found.desk.own_min == 150
    assert found.people[1].own_min == 150


def test_one_region_keeps_its_work():
    """There is nobody to hand on to."""
    work = DeskWork(people=[worker(1, region=None)], held=[Held(owner=1, begun_min=50, passing_begun_min=50)])
    found = workload(work)
    assert found.regions[None].handoffs_min == 0
    assert found.regions[None].in_progress_min == 50


def test_a_team_without_people_goes_to_all():
    """Work of a team that nobody is in is nobody's less: all share it."""
    found = workload(
        DeskWork(people=[worker(1)], held=[Held(team=9, backlog_min=30)], arrivals={9: steady(1)}), horizon_h=8
    )
    assert found.regions[EMEA].backlog_min == 30
    assert found.people[1].incoming.mean_min == 480
    assert found.teams[9].backlog_min == 30


def test_a_skill_counts_who_has_it():
    """Demand is what asks for the skill; hours are those of all who have it, and of a skill that nobody has, none."""
    work = DeskWork(
        people=[worker(1, skills={7: 3}), worker(2)],
        held=[Held(owner=1, skill=7, begun_min=60), Held(skill=8, backlog_min=5)],
    )
    found = workload(work)
    assert found.skills[7].available_min[8] == 480
    assert found.skills[8].ratio(8) is None


def test_nobody_at_work_has_no_ratio_but_work():
    """All on leave: the work is told, the ratio is not, and capacity is passed now."""
    found = workload(DeskWork(people=[worker(1, spans=())], held=[Held(owner=1, begun_min=90)]))
    assert found.people[1].ratio(8) is None
    assert passed_at(found.forecast[EMEA]) == 0


def test_capacity_is_passed_when_more_comes_than_is_done():
    """Four hours of work an hour for two people: on hand grows until the day ahead no longer holds it."""
    work = DeskWork(
        people=[worker(1, spans=((0, 2880),)), worker(2, spans=((0, 2880),))], held=[], arrivals={None: steady(4)}
    )
    hours = workload(work).forecast[EMEA]
    assert hours[0].work_min == 0
    assert hours[1].work_min == 240 - 120
    assert passed_at(hours) is not None or hours[-1].work_min <= hours[-1].capacity_min
    assert hours[1].low_min <= hours[1].work_min <= hours[1].high_min


def test_available_time_is_cut_at_the_horizon():
    """Spans count as far as they reach into the window."""
    assert available_min(((0, 60), (100, 200)), 30, 150) == 80


def test_nonsense_is_refused():
    """Negative work, more passing on than there is, an unknown horizon."""
    with pytest.raises(InvalidFacts):
        Held(backlog_min=-1)
    with pytest.raises(InvalidFacts):
        Held(backlog_min=1, passing_backlog_min=2)
    with pytest.raises(InvalidFacts):
        workload(DeskWork(people=[], held=[]), horizon_h=5)


minutes = st.integers(0, 600)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from([EMEA, AMS, None]), st.sampled_from([DAY, LATE, ()])), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 7), minutes, minutes, st.booleans()), max_size=8),
)
def test_no_work_is_lost_or_counted_twice(people, held):
    """Whatever the regions and who is away: the regions' own work adds up to what is held; order makes no difference."""
    workers = [worker(at, region=region, spans=spans) for at, (region, spans) in enumerate(people, start=1)]
    rows = [
        Held(owner=owner or None, backlog_min=new, begun_min=begun, passing_backlog_min=new if away else 0)
        for owner, new, begun, away in held
    ]
    found = workload(DeskWork(people=workers, held=rows))
    assert found.desk.own_min == pytest.approx(sum(row.backlog_min + row.begun_min for row in rows))
    again = workload(DeskWork(people=workers[::-1], held=rows[::-1]))
    for region, load in found.regions.items():
        assert again.regions[region].own_min == pytest.approx(load.own_min)
