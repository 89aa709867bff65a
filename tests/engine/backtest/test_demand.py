"""As demand rises, and week by week: the same luck under every factor, whole weeks only, and all of it adds up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.backtest.twin.oddlogs import ASKED, Odd, answer, lines_of, plain_answer
from watchbill.engine.backtest.asked import AS_IS


def test_less_is_kept_as_more_comes_in():
    """One point for each factor and one for what came in; the one for what came in is the comparison itself."""
    asked = replace(ASKED, replications=3, demand=(0.5, 4.0))
    found = plain_answer(asked)
    assert [one.factor for one in found.demand] == [0.5, 1.0, 4.0]
    names = {AS_IS, *(one.name for one in ASKED.contenders)}
    assert all(set(one.attainment) == names for one in found.demand)
    kept = {one.name: one.attainment for one in found.policies}
    for name in names:
        few, same, many = (one.attainment[name].mean for one in found.demand)
        assert same == pytest.approx(kept[name])
        assert few >= many
    assert answer(lines_of(Odd()), asked=asked).demand == found.demand
    assert plain_answer().demand == ()


def test_weeks_add_up():
    """Differences by week are of whole weeks of the measured span; no policy misses more in them than it does in all."""
    found = plain_answer(replace(ASKED, replications=2))
    base = next(one for one in found.policies if one.name == AS_IS)
    assert base.weekly == ()
    for one in found.policies[2:]:
        assert len(one.weekly) == int(found.measured.weeks)
        if len(one.weekly) == found.measured.weeks:
            total = (one.missed_per_week.mean - base.missed_per_week.mean) * found.measured.weeks
            assert sum(week.mean for week in one.weekly) == pytest.approx(total)


def test_as_is_under_a_what_if_is_as_is_of_demand():
    """On top of what is asked: the point without more arrivals is that of the desk's own order under it."""
    asked = replace(ASKED, replications=2, demand=(1.5,), what_if=("arrivals=0.5",))
    found = answer(lines_of(Odd()), asked=asked)
    kept = {one.name: one.attainment for one in found.policies}
    assert found.demand[0].factor == 1.0
    assert found.demand[0].attainment[AS_IS].mean == pytest.approx(kept["as is, what if"])
