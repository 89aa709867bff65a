"""A country's holidays close a calendar, by a new version."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import BOSS, NOW, make_desk
from watchbill.apps.clocks.holidays import holidays_add, holidays_of
from watchbill.apps.clocks.queries import closed_dates
from watchbill.engine.base.errors import InvalidFacts, NotFound


def test_holidays_are_those_of_the_country():
    """Tiradentes day is a Brazilian holiday, in order with the others."""
    found = holidays_of("BR", [2016])
    assert date(2016, 4, 21) in found
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("country", "subdivision", "years", "says"),
    [
        ("XX", None, [2026], "country code"),
        ("BR", "Mars", [2026], "no subdivision"),
        ("BR", None, [1], "years"),
        ("BR", None, [], "years"),
    ],
)
def test_unknown_places_and_years_are_refused(country, subdivision, years, says):
    """The message says what is known."""
    with pytest.raises(InvalidFacts, match=says):
        holidays_of(country, years, subdivision=subdivision)


@pytest.mark.django_db
def test_adding_holidays_publishes_a_version_once():
    """The next version closes on them; adding the same again says so; unknown calendars are not made."""
    desk = make_desk()
    how = {"country": "BR", "years": [2026], "holds_from": NOW, "reason": "holidays", "by": BOSS, "now": NOW}
    number, added = holidays_add(desk, "office", **how)
    assert number == 2
    assert set(added) <= closed_dates(desk, NOW)
    with pytest.raises(InvalidFacts, match="already"):
        holidays_add(desk, "office", **how)
    with pytest.raises(NotFound):
        holidays_add(desk, "moon", **how)
