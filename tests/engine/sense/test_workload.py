"""The four terms, who they are counted to, and when a region's capacity is passed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.deskwork import DeskWork, DueWork, Held, Part, Worker
from watchbill.engine.sense.due import SEEN_H, due_min, passed_at
from watchbill.engine.sense.incoming import WEEK_H, Arrivals
from watchbill.engine.sense.workload import available_min, workload

EMEA, AMS = 1, 2
DAY, LATE = ((0, 480),), ((420, 900),)


def worker(number, *, region=EMEA, spans=DAY, teams=(), **facts):
    return Worker(id=number, region=region, spans=spans, teams=frozenset(teams), **facts)


def held(*, owner=None, team=None, skill=None, due=True, **minutes):
    """Work of which all is due at once, or nothing."""
    part = Part(**minutes)
    return Held(owner=owner, team=team, skill=skill, all=part, due=part if due else Part())


def at_once(*rows, region=EMEA):
    """The same work by the hour in which it falls due: the first."""
    return [
        DueWork(
            hour=0, minutes=row.due.backlog_min + row.due.begun_min, region=region, team=row.team,
            is_owned=row.owner is not None,
        )
        for row in rows
    ]  # fmt: skip


def steady(per_hour, *, effort=60):
    """A week in which every hour brought as much."""
    return Arrivals(counts=[per_hour] * WEEK_H, effort_min=[per_hour * effort] * WEEK_H)


def test_the_worked_number_of_the_docs():
    """Two people of eight hours each, ten hours of work held, one item of an hour arriving each hour: 18 of 16 hours."""
    work = DeskWork(
        people=[worker(1), worker(2)],
        held=[held(owner=1, backlog_min=120, begun_min=360), held(owner=2, begun_min=60), held(backlog_min=60)],
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
        held=[held(owner=1, backlog_min=100, begun_min=50, passing_backlog_min=60, passing_begun_min=20)],
    )
    found = workload(work, horizon_h=8)
    assert (found.regions[EMEA].backlog_min, found.regions[EMEA].in_progress_min) == (40, 30)
    assert found.regions[AMS].handoffs_min == 80
    assert found.desk.own_min == 150
    assert found.people[1].own_min == 150


def test_one_region_keeps_its_work():
    """There is nobody to hand on to."""
    work = DeskWork(people=[worker(1, region=None)], held=[held(owner=1, begun_min=50, passing_begun_min=50)])
    found = workload(work)
    assert found.regions[None].handoffs_min == 0
    assert found.regions[None].in_progress_min == 50


def test_a_team_without_people_goes_to_all():
    """Work of a team that nobody is in is nobody's less: all share it."""
    found = workload(
        DeskWork(people=[worker(1)], held=[held(team=9, backlog_min=30)], arrivals={9: steady(1)}), horizon_h=8
    )
    assert found.regions[EMEA].backlog_min == 30
    assert found.people[1].incoming.mean_min == 480
    assert found.teams[9].backlog_min == 30


def test_a_skill_counts_who_has_it():
    """Demand is what asks for the skill; hours are those of all who have it, and of a skill that nobody has, none."""
    work = DeskWork(
        people=[worker(1, skills={7: 3}), worker(2)],
        held=[held(owner=1, skill=7, begun_min=60), held(skill=8, backlog_min=5)],
    )
    found = workload(work)
    assert found.skills[7].available_min[8] == 480
    assert found.skills[8].ratio(8) is None


def test_nobody_at_work_has_no_ratio_but_work():
    """All on leave: the work is told, the ratio is not, and capacity is passed now."""
    row = held(owner=1, begun_min=90)
    found = workload(DeskWork(people=[worker(1, spans=())], held=[row], due=at_once(row)))
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
        Part(backlog_min=-1)
    with pytest.raises(InvalidFacts):
        Part(backlog_min=1, passing_backlog_min=2)
    with pytest.raises(InvalidFacts):
        DueWork(hour=SEEN_H, minutes=1)
    with pytest.raises(InvalidFacts):
        workload(DeskWork(people=[], held=[]), horizon_h=5)


def test_the_worked_number_of_what_falls_due():
    """Forty hours on hand of which six fall due in the next eight hours and four in the day after, for eight hours at work.

    The load until then is six of eight; within a day from now ten fall due, for eight hours in it: too much now, though
    forty of eight would have said so of any desk with a backlog.
    """
    part = {"backlog_min": 1200, "begun_min": 1200}
    row = Held(owner=1, all=Part(**part), due=Part(backlog_min=240, begun_min=120))
    due = [DueWork(hour=5, minutes=360, region=EMEA), DueWork(hour=20, minutes=240, region=EMEA)]
    found = workload(DeskWork(people=[worker(1)], held=[row], due=due), horizon_h=8)
    load, hours = found.regions[EMEA], found.forecast[EMEA]
    assert load.ratio(8) == pytest.approx(360 / 480)
    assert (load.total_min, load.due.total_min) == (2400, 360)
    assert (hours[0].work_min, hours[0].capacity_min, hours[0].all_min) == (600, 480, 2400)
    assert passed_at(hours) == 0


def test_a_long_backlog_with_far_deadlines_is_not_over_capacity():
    """Five days of work, all due in two days or later: nothing presses, and hours are spent on it all the same."""
    row = held(owner=1, begun_min=2400, due=False)
    found = workload(DeskWork(people=[worker(1)], held=[row]))
    hours = found.forecast[EMEA]
    assert found.regions[EMEA].ratio(24) == 0
    assert passed_at(hours) is None
    assert (hours[0].all_min, hours[8].all_min) == (2400, 2400 - 480)


def test_what_falls_due_tomorrow_presses_a_day_before():
    """Sixteen hours due in the thirtieth hour: nothing now, too much for a day of eight from the seventh hour on."""
    row = held(owner=1, begun_min=960, due=False)
    due = [DueWork(hour=30, minutes=960, region=EMEA)]
    hours = workload(DeskWork(people=[worker(1, spans=((480, 960),))], held=[row], due=due)).forecast[EMEA]
    assert [hour.work_min for hour in hours[:8]] == [0] * 7 + [960]
    assert passed_at(hours) == 7


def test_incoming_work_presses_as_it_did_before():
    """An item of an hour an hour, a quarter of which fell due within two hours: that much counts as due, the rest does not."""
    dues = {hour: {hour + 1: 15.0} for hour in range(24)}
    arrivals = Arrivals(counts=[1] * WEEK_H, effort_min=[60] * WEEK_H, due_min=dues)
    load = workload(DeskWork(people=[worker(1)], held=[], arrivals={None: arrivals}), horizon_h=8).regions[EMEA]
    assert load.incoming.mean_min == 480
    assert load.due.incoming.mean_min == pytest.approx(7 * 15)


@pytest.mark.parametrize(
    ("act_in", "done_in", "within", "due"),
    [
        (None, None, 1, 300), (None, 60, 60, 0), (None, 59, 60, 300), (-5, 900, 60, 60), (30, 900, 20, 0),
        (None, -10, 1, 300), (30, 40, 60, 300),
    ],
)  # fmt: skip
def test_what_of_an_item_falls_due(act_in, done_in, within, due):
    """An answer asks for a touch, a resolution for all; what nobody promised does not wait; the border is open."""
    assert due_min(300, 60, act_in_min=act_in, done_in_min=done_in, within_min=within) == due


minutes = st.integers(0, 600)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from([EMEA, AMS, None]), st.sampled_from([DAY, LATE, ()])), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 7), minutes, minutes, st.booleans()), max_size=8),
)
def test_no_work_is_lost_or_counted_twice(people, work):
    """Whatever the regions and who is away: the regions' own work adds up to what is held; order makes no difference."""
    workers = [worker(at, region=region, spans=spans) for at, (region, spans) in enumerate(people, start=1)]
    rows = [
        held(owner=owner or None, backlog_min=new, begun_min=begun, passing_backlog_min=new if away else 0)
        for owner, new, begun, away in work
    ]
    found = workload(DeskWork(people=workers, held=rows))
    assert found.desk.own_min == pytest.approx(sum(row.all.backlog_min + row.all.begun_min for row in rows))
    again = workload(DeskWork(people=workers[::-1], held=rows[::-1]))
    for region, load in found.regions.items():
        assert again.regions[region].own_min == pytest.approx(load.own_min)


def due_rows(draw_hours):
    return st.lists(st.tuples(st.sampled_from([EMEA, AMS, 0]), st.booleans(), draw_hours, minutes), max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(due_rows(st.integers(0, SEEN_H - 1)), st.integers(0, 5))
def test_what_falls_due_is_shared_out_whole_and_never_more_than_there_is(rows, per_hour):
    """Over all regions what falls due within the day is what was given; what is due is part of what is on hand, hour by hour.

    Work is neither made nor lost: at each hour all on hand is what was there, plus what came, less what could be done.
    """
    workers = [worker(1), worker(2, region=AMS, spans=LATE)]
    due = [
        DueWork(
            hour=hour, minutes=amount, region=region or None, is_owned=bool(region), is_passing=away and bool(region)
        )
        for region, away, hour, amount in rows
    ]
    owner = {EMEA: 1, AMS: 2, 0: None}
    held_rows = [
        held(owner=owner[region], begun_min=amount, passing_begun_min=amount if away and region else 0, due=False)
        for region, away, _, amount in rows
    ]
    arrivals = {None: steady(per_hour)} if per_hour else {}
    found = workload(DeskWork(people=workers, held=held_rows, due=due, arrivals=arrivals))
    first = [hours[0] for hours in found.forecast.values()]
    assert sum(hour.work_min for hour in first) == pytest.approx(sum(m for *_, hour, m in rows if hour < 24))
    assert sum(hour.all_min for hour in first) == pytest.approx(sum(m for *_, m in rows))
    for region, hours in found.forecast.items():
        for hour in hours:
            assert hour.work_min <= hour.all_min + 1e-6
            assert hour.low_min <= hour.work_min <= hour.high_min
        assert hours[0].capacity_min == pytest.approx(found.regions[region].available_min[24])
        done = found.regions[region].available_min[8]
        came = per_hour * 60 * 8 * (found.regions[region].incoming.mean_min / (per_hour * 60 * 24)) if per_hour else 0
        assert hours[8].all_min >= hours[0].all_min + came - done - 1e-6
