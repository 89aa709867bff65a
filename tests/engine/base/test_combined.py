"""Calendars made of others, calendars in another zone, and what is refused when somebody writes one."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

from watchbill.engine.base.calendar import Calendar, CountryHolidays, SpecialDay, WallInterval
from watchbill.engine.base.combined import (
    MAX_DEPTH,
    Combination,
    CombinedCalendar,
    Way,
    combined,
    definition_entered,
    definition_of,
    resolved,
)
from watchbill.engine.base.errors import InvalidFacts

DAY = timedelta(days=1)
MANY = [f"{minute // 60:02}:{minute % 60:02}-{minute // 60:02}:{minute % 60 + 1:02}" for minute in range(0, 1000, 40)]
EMEA = Calendar.working_week("Europe/Dublin", "09:00-17:00")
APJ = Calendar.working_week("Asia/Kolkata", "09:00-18:00")
EITHER = combined(Way.UNION, [EMEA, APJ])
BOTH = combined(Way.INTERSECTION, [EMEA, APJ])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def listed(calendar, start: str, end: str) -> list[str]:
    return [f"{i.start_at:%d %H:%M} {i.end_at:%d %H:%M}" for i in calendar.open_intervals(at(start), at(end))]


def test_a_union_is_open_while_one_is_and_an_intersection_while_all_are():
    """On a winter Monday Kolkata works from 03:30 to 12:30 UTC, Dublin from 09:00 to 17:00."""
    assert listed(EITHER, "2026-03-02", "2026-03-03") == ["02 03:30 02 17:00"]
    assert listed(BOTH, "2026-03-02", "2026-03-03") == ["02 09:00 02 12:30"]
    assert EITHER.business_between(at("2026-03-02"), at("2026-03-09")) == timedelta(hours=5 * 13.5)
    assert BOTH.business_between(at("2026-03-02"), at("2026-03-09")) == timedelta(hours=5 * 3.5)
    assert BOTH.add_business(at("2026-03-02T10:00"), timedelta(hours=3)) == at("2026-03-03T09:30")
    assert BOTH.next_opening(at("2026-03-06T12:30")) == at("2026-03-09T09:00")
    assert EITHER.is_open(at("2026-03-02T08:00"))
    assert not BOTH.is_open(at("2026-03-02T08:00"))


def test_common_hours_follow_the_clocks_of_each_part():
    """Dublin's summer begins on 29 March 2026: the common hours then begin an hour earlier, and Kolkata's end stays."""
    assert listed(BOTH, "2026-03-30", "2026-03-31") == ["30 08:00 30 12:30"]


def test_a_holiday_of_one_part_closes_an_intersection_and_leaves_a_union_to_the_others():
    """St Patrick's day 2026 is a Tuesday: Dublin is closed, Kolkata is not."""
    dublin = Calendar.working_week("Europe/Dublin", "09:00-17:00", closed_on=[date(2026, 3, 17)])
    assert listed(combined(Way.INTERSECTION, [dublin, APJ]), "2026-03-17", "2026-03-18") == []
    assert listed(combined(Way.UNION, [dublin, APJ]), "2026-03-17", "2026-03-18") == ["17 03:30 17 12:30"]


def test_spans_that_touch_in_a_union_are_one():
    """An early and a late shift that meet give one long day, also where the table grows."""
    early, late = Calendar.always("UTC"), Calendar.working_week("UTC", "14:00-22:00")
    assert len(list(combined(Way.UNION, [early, late]).open_intervals(at("2020-01-01"), at("2022-01-01")))) == 1
    shifts = combined(Way.UNION, [Calendar.working_week("UTC", "06:00-14:00"), late])
    assert listed(shifts, "2026-03-02", "2026-03-03") == ["02 06:00 02 22:00"]


def test_order_and_repetition_of_parts_do_not_matter_and_equal_ones_share_a_table():
    """A union is a set: the same parts otherwise written are the same calendar."""
    assert combined(Way.UNION, [APJ, EMEA, APJ]) == EITHER
    assert combined(Way.UNION, [APJ, EMEA]).table is EITHER.table
    assert combined(Way.UNION, [EMEA, EMEA]) is EMEA
    assert EITHER != BOTH
    for twin in (copy.deepcopy(BOTH), pickle.loads(pickle.dumps(BOTH))):
        assert twin == BOTH
        assert twin.business_between(at("2026-03-02"), at("2026-03-03")) == timedelta(hours=3.5)


def test_a_calendar_in_another_zone_keeps_its_wall_hours_and_dates():
    """Nine to five in Dublin, read in Kolkata, is 03:30 to 11:30 UTC; the same zone again is the same object."""
    there = EMEA.in_zone("Asia/Kolkata")
    assert listed(there, "2026-03-02", "2026-03-03") == ["02 03:30 02 11:30"]
    assert EMEA.in_zone("Asia/Kolkata") is there
    assert there == Calendar.working_week("Asia/Kolkata", "09:00-17:00")
    assert there.table is Calendar.working_week("Asia/Kolkata", "09:00-17:00").table
    with pytest.raises(InvalidFacts, match="such as Asia/Kolkata, got 'asia/kolkatta'"):
        EMEA.in_zone("asia/kolkatta")


def test_a_combination_in_another_zone_is_made_of_its_parts_there():
    """With one zone for all, only the wall hours are left to differ; equal parts fall into one."""
    both = BOTH.in_zone("Asia/Kolkata")
    assert both.zone == "Asia/Kolkata"
    assert listed(both, "2026-03-02", "2026-03-03") == ["02 03:30 02 11:30"]
    twins = combined(Way.UNION, [EMEA, Calendar.working_week("UTC", "09:00-17:00")])
    assert twins.in_zone("Asia/Kolkata") == Calendar.working_week("Asia/Kolkata", "09:00-17:00")


def test_the_zone_of_a_combination_is_that_of_its_parts_or_utc():
    """A zone that a page may show, whatever the calendar is made of."""
    assert BOTH.zone == "UTC"
    assert combined(Way.UNION, [EMEA, Calendar.always("Europe/Dublin")]).zone == "Europe/Dublin"


def test_definitions_are_resolved_by_name_nested_ones_too():
    """A combination may be made of combinations; the order in which they are written does not matter."""
    found = resolved(
        {
            "all": definition_of({"union": ["both", "us"]}),
            "both": definition_of({"intersection": ["EMEA", "APJ"]}),
            "us": Calendar.working_week("America/New_York", "09:00-17:00"),
            "EMEA": EMEA,
            "APJ": APJ,
        }
    )
    assert found["both"] == BOTH
    assert listed(found["all"], "2026-03-02", "2026-03-03") == ["02 09:00 02 12:30", "02 14:00 02 22:00"]


@pytest.mark.parametrize("turn", [1, -1])
def test_circles_unknown_names_and_deep_nests_are_refused(turn):
    """The message names the calendars, whichever of them is looked at first."""
    circle = {"a": Combination(way=Way.UNION, names=frozenset({"b", "c"})), "c": EMEA,
              "b": Combination(way=Way.UNION, names=frozenset({"a", "c"}))}  # fmt: skip
    with pytest.raises(InvalidFacts, match="in a circle: “[ab]”, which is made of “[ab]”, which is made of “[ab]”"):
        resolved(dict(list(circle.items())[::turn]))
    with pytest.raises(InvalidFacts, match="“a” is made of “b”, which is not among the calendars: c"):
        resolved({"a": circle["a"], "c": EMEA})
    deep = {"0": EMEA} | {
        str(n): Combination(way=Way.UNION, names=frozenset({str(n - 1), "c"})) for n in range(1, MAX_DEPTH + 2)
    }
    few = {name: deep[name] for name in list(deep)[:-1]} | {"c": APJ}
    deepest = resolved(dict(list(few.items())[::turn]))[str(MAX_DEPTH)]
    assert listed(deepest, "2026-03-02", "2026-03-03") == listed(EITHER, "2026-03-02", "2026-03-03")
    with pytest.raises(InvalidFacts, match=f"more than {MAX_DEPTH} deep"):
        resolved(dict(list((deep | {"c": APJ}).items())[::turn]))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"union": ["a"]}, "calendar.union: expected the names of 2 to 50 calendars, got .'a'."),
        ({"union": ["a", "a"]}, "calendar.union: expected each calendar once, got 'a'"),
        ({"union": "ab"}, "calendar.union: expected a list"),
        ({"union": ["a", ""]}, r"calendar.union\[1\]: expected a text"),
        ({"union": ["a", "b"], "intersection": ["a", "b"]}, "either union or intersection, not both"),
        ({"union": ["a", "b"], "zone": "UTC"}, "calendar.zone: expected one of the keys intersection, union"),
        ({"zone": "UTC", "closed_on": ["2026-12-25", "20261225"]}, "calendar.closed_on: expected each date once, got '2026-12-25'"),
        ({"zone": "UTC", "closed_on": ["0026-12-25"]}, "calendar.closed_on: expected dates of the years 1900 to 2199, got '0026-12-25'"),
        ({"zone": "UTC", "special_on": {"9999-12-31": ["22:00-06:00"]}}, "calendar.special_on: expected dates of the years"),
        ({"zone": "UTC", "weekly": {"mon": MANY}}, "calendar.weekly.mon: expected at most 24 spans of hours a day, got 25"),
        ({"zone": "UTC", "special_on": {"2026-12-24": MANY}}, "calendar.special_on.2026-12-24: expected at most 24 spans"),
        ({"zone": "localtime"}, "calendar.zone: expected an IANA time zone such as"),
        ({"zone": "UTC", "holidays": [{"country": "BR", "until": "2026"}]}, r"calendar.holidays\[0\].until: expected a whole"),
    ],
)  # fmt: skip
def test_what_is_entered_is_refused_where_it_is_wrong(body, message):
    """Key, value and expectation, as for everything that is written by hand."""
    with pytest.raises(InvalidFacts, match=message):
        definition_entered(body)


def test_what_was_stored_with_a_date_twice_is_still_read():
    """A version that was accepted once goes on to count; so does one with very many hours a day."""
    assert len(definition_of({"zone": "UTC", "weekly": {"mon": MANY}}).weekly[0]) == 25
    assert definition_entered({"zone": "UTC", "weekly": {"mon": MANY[:24]}})
    twice = {"zone": "UTC", "closed_on": ["2026-12-25", "2026-12-25"]}
    assert definition_of(twice) == Calendar(zone="UTC", weekly=((),) * 7, closed_on=frozenset({date(2026, 12, 25)}))


def test_definitions_round_trip():
    """A combination and a calendar's holidays come back equal."""
    for definition in (
        Combination(way=Way.INTERSECTION, names=frozenset({"b", "a"})),
        Calendar(zone="UTC", weekly=((),) * 7, holidays=(CountryHolidays(country="BR", subdivision="SP", until_year=2028),)),
    ):  # fmt: skip
        assert definition_of(definition.as_json()) == definition
    assert str(definition_of({"union": ["b", "a"]})) == "open while a or b is"
    assert isinstance(EITHER, CombinedCalendar)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("kolkata", "Asia/Kolkata"), ("Europe/Dubln", "Europe/Dublin"), ("new york", "America/New_York")],
)
def test_the_nearest_zone_is_named(name, meant):
    """A city alone, a slip of the pen, a wrong case."""
    with pytest.raises(InvalidFacts, match=f"such as {meant}, got "):
        Calendar.always(f"{name}?")
    with pytest.raises(InvalidFacts, match=f"such as {meant}, got "):
        definition_entered({"zone": f"X/{name}"})


def test_special_hours_that_clocks_skip_are_known():
    """Dublin skips 01:00 to 02:00 on 29 March 2026, Samoa the whole of 30 December 2011."""
    lost = WallInterval.parse("01:15-01:45")
    special = SpecialDay(date(2026, 3, 29), (lost, WallInterval.parse("09:00-12:00")))
    assert Calendar(zone="Europe/Dublin", weekly=((),) * 7, special_on=(special,)).swallowed() == [(special.on, lost)]
    assert Calendar(zone="UTC", weekly=((),) * 7, special_on=(special,)).swallowed() == []
    far = SpecialDay(date.max, (WallInterval.parse("22:00-06:00"),))
    assert Calendar(zone="UTC", weekly=((),) * 7, special_on=(far,)).swallowed() == []
    gone = SpecialDay(date(2011, 12, 30), (WallInterval.parse("09:00-17:00"),))
    assert Calendar(zone="Pacific/Apia", weekly=((),) * 7, special_on=(gone,)).swallowed() == [(gone.on, gone.hours[0])]
