"""Fair shares beside the middle of a team."""

from __future__ import annotations

import pytest

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.sense.shares import Received, fair_shares


def got(person, *, team=1, effort=600, present=1200, **more):
    return Received(
        person=person, team=team, items=more.pop("items", 10), effort_min=effort, present_min=present, **more
    )


def test_effort_is_per_hour_present():
    """Half a person's hours with the same effort is twice the share; the median is the team's, with its middle half."""
    shares = fair_shares([got(1), got(2), got(3, present=600), got(4), got(5)])
    by = {one.person: one for one in shares}
    assert (by[1].per_hour, by[3].per_hour) == (0.5, 1.0)
    assert by[3].team_per_hour.median == 0.5
    assert (by[3].team_per_hour.low, by[3].team_per_hour.high) == (0.5, 0.5)


def test_hard_and_unpopular_are_shares():
    """Three of ten hard; a quarter of the hours at night."""
    (one,) = fair_shares([got(1, hard=3, unpopular_min=300)])
    assert (one.hard, one.unpopular) == (0.3, 0.25)


def test_small_teams_have_no_interval():
    """Of fewer than four the quartiles would be the people themselves."""
    assert fair_shares([got(1), got(2)])[0].team_per_hour.low is None


def test_without_hours_there_is_no_figure():
    """Somebody whose hours are not known has no share per hour, and does not bend the median."""
    shares = fair_shares([got(1), got(2, present=0)])
    assert shares[1].per_hour is None
    assert shares[1].team_per_hour.median == 0.5


def test_teams_are_not_mixed():
    """The middle is that of one's own team."""
    shares = fair_shares([got(1), got(2, team=2, effort=1200)])
    assert [one.team_per_hour.median for one in shares] == [0.5, 1.0]


def test_nonsense_is_refused():
    """More hard items than items; a person twice."""
    with pytest.raises(InvalidFacts):
        got(1, hard=11)
    with pytest.raises(InvalidFacts):
        fair_shares([got(1), got(1)])
