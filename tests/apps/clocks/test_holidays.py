"""A country's holidays close a calendar, by a new version."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import BOSS, NOW, make_desk
from watchbill.apps.clocks.checking import calendar_notes, holidays_ending
from watchbill.apps.clocks.holidays import holidays_add, holidays_of
from watchbill.apps.clocks.queries import calendar_versions, closed_dates
from watchbill.apps.clocks.retiring import calendar_retire
from watchbill.apps.clocks.services import calendar_publish
from watchbill.engine.base.calendar import Calendar
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
        ("LK", None, [2026, 2027], "No holidays of LK are known for 2027"),
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
    assert set(added) <= closed_dates(desk, NOW).everywhere
    with pytest.raises(InvalidFacts, match="already"):
        holidays_add(desk, "office", **how)
    with pytest.raises(NotFound):
        holidays_add(desk, "moon", **how)
    with pytest.raises(InvalidFacts, match="already"):
        holidays_add(desk, "office", **{**how, "years": [2026, 2026]})


@pytest.mark.parametrize(
    ("country", "subdivision", "day"),
    [("DE", "BY", "11-01"), ("DE", None, "10-03"), ("GB", "SCT", "11-30"), ("IN", "KA", "01-26"), ("US", "CA", "03-31"),
     ("AU", "NSW", "04-25"), ("JP", None, "02-11")],
)  # fmt: skip
def test_countries_and_their_parts_are_known_for_years_ahead(country, subdivision, day):
    """The day of a region is a holiday there in each of the next ten years."""
    found = holidays_of(country, range(2026, 2036), subdivision=subdivision)
    assert all(date.fromisoformat(f"{year}-{day}") in found for year in range(2026, 2036))


@pytest.mark.django_db
def test_years_ahead_are_added_and_their_end_is_said():
    """Added in 2026 without years: listed to 2028; from mid 2028 on the calendar warns, and then the next are added."""
    desk = make_desk()
    how = {"country": "BR", "holds_from": NOW, "reason": "holidays", "by": BOSS, "now": NOW}
    _, added = holidays_add(desk, "office", subdivision="SP", **how)
    assert {day.year for day in added} == {2026, 2027, 2028}
    body = calendar_versions(desk)[0]["body"]
    assert body["holidays"] == [{"country": "BR", "subdivision": "SP", "until": 2028}]
    assert calendar_notes(body, date(2028, 6, 30)) == []
    assert "Holidays of BR-SP are listed until the end of 2028" in calendar_notes(body, date(2028, 7, 5))[0]
    holidays_add(desk, "office", subdivision="SP", **{**how, "years": [2029, 2031]})
    holidays_add(desk, "office", **{**how, "country": "LK"})
    assert calendar_versions(desk)[0]["body"]["holidays"] == [
        {"country": "BR", "subdivision": "SP", "until": 2029},
        {"country": "LK", "subdivision": "", "until": 2026},
    ]


@pytest.mark.django_db
def test_dates_that_were_kept_by_hand_warn_before_they_end_too():
    """Three or more in the year: the last one is named; a single closed day of long ago is no list of holidays."""
    dates = ["2026-01-01", "2026-04-03", "2026-12-25"]
    body = {**Calendar.always().as_json(), "closed_on": dates}
    assert calendar_notes(body, date(2026, 6, 20)) == []
    assert "The last date on which it is closed is 25 Dec 2026; after that" in calendar_notes(body, date(2026, 7, 1))[0]
    assert calendar_notes(body, date(2028, 7, 1)) == []
    assert calendar_notes({**body, "closed_on": dates[:2]}, date(2026, 7, 1)) == []


@pytest.mark.django_db
def test_the_calendars_of_all_desks_are_looked_at():
    """What doctor tells: desk and name; a retired calendar is not missed."""
    desk, how = make_desk(slug="far"), {"reason": "x", "by": BOSS, "now": NOW}
    calendar_publish(desk, "spare", Calendar.always().as_json(), holds_from=NOW, **how)
    holidays_add(desk, "spare", country="BR", years=[2026], holds_from=NOW, **how)
    assert holidays_ending(datetime(2026, 3, 3, tzinfo=UTC)) == []
    later = datetime(2026, 8, 1, tzinfo=UTC)
    assert holidays_ending(later) == ["spare of far: holidays of BR are listed until the end of 2026"]
    calendar_retire(desk, "spare", **how)
    assert holidays_ending(later) == []


@pytest.mark.django_db
def test_a_combination_has_no_holidays_of_its_own():
    """They belong to what it is made of."""
    desk = make_desk()
    how = {"holds_from": NOW, "reason": "x", "by": BOSS, "now": NOW}
    calendar_publish(desk, "always", Calendar.always().as_json(), **how)
    calendar_publish(desk, "either", {"union": ["always", "office"]}, **how)
    with pytest.raises(InvalidFacts, match="made of other calendars"):
        holidays_add(desk, "either", country="BR", **how)
