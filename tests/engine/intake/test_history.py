"""What a history says about people, rule by rule."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.base.ids import PersonId, SkillId, TeamId
from watchbill.engine.intake import history
from watchbill.engine.intake.history import Active, Met, Owned, Period, Resolved

SPAN = Period(first_at=datetime(2016, 3, 1, tzinfo=UTC), last_at=datetime(2016, 4, 1, tzinfo=UTC))
ANN, BO = PersonId(1), PersonId(2)


def owned(person, team, items):
    return Owned(person=PersonId(person), team=TeamId(team), items=items, period=SPAN)


def active(person, weekday, hour, weeks, events):
    return Active(person=PersonId(person), weekday=weekday, hour=hour, weeks=weeks, events=events)


def test_helping_out_is_no_membership():
    """Two items, or less than a twentieth of hers, make nobody a member."""
    found = history.memberships([owned(1, 1, 100), owned(1, 2, 2), owned(1, 3, 5), owned(1, 4, 6)])
    assert [(m.team, m.items) for m in found] == [(1, 100), (4, 6)]


def test_everybody_belongs_somewhere():
    """Who has owned anything belongs to the team where most of it lay, the first by id when equal."""
    assert [m.team for m in history.memberships([owned(1, 7, 1), owned(1, 4, 1)])] == [4]


@pytest.mark.parametrize(
    ("items", "level"), [(0, 0), (2, 0), (3, 1), (9, 1), (10, 2), (30, 3), (100, 4), (300, 5), (9999, 5)]
)
def test_level_grows_with_every_threefold(items, level):
    """From three resolved items on."""
    assert history.level_of(items) == level


def test_skill_below_the_least_is_not_said():
    """Two resolved items are no skill."""
    found = history.skills([
        Resolved(person=ANN, skill=SkillId(1), items=2, period=SPAN), Resolved(person=ANN, skill=SkillId(2), items=12, period=SPAN),
    ])  # fmt: skip
    assert [(s.skill, s.level) for s in found] == [(2, 2)]


def test_likeness_must_be_mutual():
    """A name that met Ann and, more often, Bo is Bo's; Ann gets none."""
    met = [Met(person=ANN, name="Updated by 4", items=20), Met(person=BO, name="Updated by 4", items=50),
           Met(person=BO, name="Updated by 9", items=3)]  # fmt: skip
    assert [(like.person, like.name, like.items, like.of) for like in history.likenesses(met)] == [
        (2, "Updated by 4", 50, 53)
    ]


def test_few_meetings_say_nothing():
    """Below ten items together nobody is said to be somebody."""
    assert history.likenesses([Met(person=ANN, name="Updated by 4", items=9)]) == ()


def test_own_hours_are_kept_where_confidence_and_coverage_suffice():
    """Active in a tenth of the weeks: kept; and the kept ones hold most of her acts."""
    facts = [active(1, 0, 9, 6, 60), active(1, 0, 10, 6, 60), active(1, 0, 22, 0, 0), active(1, 3, 20, 1, 5)]
    (hours,) = history.usual_hours(facts, {ANN: 12}, {})
    assert (hours.basis, hours.intervals) == ("own", ((0, 540, 660),))
    assert hours.coverage == pytest.approx(0.96)


def test_scattered_activity_falls_back_on_the_team():
    """Where her own granules cover too little, the team's hours count."""
    scattered = [active(1, day, hour, 1, 1) for day in range(5) for hour in (3, 6, 21)]
    steady = [active(2, day, 9, 20, 40) for day in range(5)]
    ann, bo = history.usual_hours([*scattered, *steady], {ANN: 20, BO: 20}, {TeamId(1): [ANN, BO]})
    assert (ann.basis, bo.basis) == ("team", "own")
    assert ann.intervals == bo.intervals == tuple((day, 540, 600) for day in range(5))


def test_one_quiet_hour_between_two_is_no_hour_off():
    """A single gap is closed, two are not."""
    facts = [active(1, 0, hour, 5, 10) for hour in (9, 11, 14)]
    (hours,) = history.usual_hours(facts, {ANN: 10}, {})
    assert hours.intervals == ((0, 540, 720), (0, 840, 900))


def test_member_without_activity_gets_the_hours_of_her_team():
    """And nobody without a team and without activity gets any."""
    found = history.usual_hours([active(2, 1, 8, 9, 90)], {BO: 10}, {TeamId(1): [ANN, BO]})
    assert [(hours.person, hours.basis) for hours in found] == [(1, "team"), (2, "own")]


def test_a_few_acts_make_no_week_of_her_own():
    """Three acts on Mondays at seven are no working week: her team's hours count, and of a team as quiet the desk's."""
    few = [active(1, 0, 7, 3, 3)]
    steady = [active(2, day, 9, 20, 40) for day in range(5)]
    week = tuple((day, 540, 600) for day in range(5))
    weeks = {ANN: 3, BO: 20}
    ann, bo = history.usual_hours([*few, *steady], weeks, {TeamId(1): [ANN, BO]})
    assert (ann.basis, ann.intervals, ann.events) == ("team", ((0, 420, 600), *week[1:]), 3)
    assert (bo.basis, bo.intervals) == ("own", week)
    ann, bo = history.usual_hours([*few, *steady], weeks, {TeamId(1): [ANN]})
    assert (ann.basis, bo.basis) == ("desk", "own")
    (ann,) = history.usual_hours(few, {ANN: 3}, {})
    assert (ann.basis, ann.intervals) == ("desk", ((0, 420, 480),))


CELLS = st.lists(
    st.builds(active, st.integers(1, 4), st.integers(0, 6), st.integers(0, 23), st.integers(1, 10), st.integers(1, 50)),
    unique_by=lambda a: (a.person, a.weekday, a.hour),
)


@given(CELLS, st.randoms(use_true_random=False))
def test_order_of_facts_makes_no_difference(cells, random):
    """Same facts in another order, same hours; intervals are sorted, apart, and inside the day."""
    weeks = {PersonId(p): 10 for p in range(1, 5)}
    teams = {TeamId(1): [PersonId(1), PersonId(2)]}
    shuffled = cells.copy()
    random.shuffle(shuffled)
    found = history.usual_hours(cells, weeks, teams)
    assert history.usual_hours(shuffled, weeks, teams) == found
    for hours in found:
        for (day, _, closes), (next_day, opens, _) in zip(hours.intervals, hours.intervals[1:], strict=False):
            assert day < next_day or closes < opens
        assert all(0 <= opens < closes <= 1440 for _, opens, closes in hours.intervals)
