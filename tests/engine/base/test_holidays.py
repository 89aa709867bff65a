"""On which dates people do not work: by the calendars of their place."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.holidays import holidays_of

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))
ZONES = ("Europe/Dublin", "America/New_York", "Asia/Tokyo")
DAYS = st.frozensets(st.sampled_from([MONDAY, TUESDAY, WEDNESDAY]))


def office(zone, *closed):
    return Calendar.working_week(zone, "09:00-17:00", closed_on=closed)


def always(zone="UTC"):
    return Calendar.working_week(zone, "00:00-24:00", days=7)


def test_a_holiday_of_one_place_closes_only_that_place():
    """Of her own zone, else of her region's; who is nowhere of these has the days that all share."""
    found = holidays_of([office("Europe/Dublin", MONDAY, TUESDAY), office("America/New_York", TUESDAY), always()])
    assert found.of("Europe/Dublin") == {MONDAY, TUESDAY}
    assert found.of("America/Denver", "America/New_York") == {TUESDAY}
    assert found.of("Europe/Dublin", "America/New_York") == {MONDAY, TUESDAY}
    assert found.of("Asia/Tokyo", None) == {TUESDAY}
    assert found.of("UTC") == {TUESDAY}


def test_a_place_whose_calendar_knows_no_holiday_has_none():
    """The others' days are not hers."""
    found = holidays_of([office("Europe/Dublin", MONDAY), office("Asia/Tokyo")])
    assert found.of("Asia/Tokyo") == frozenset()
    assert found.of("Europe/Dublin") == {MONDAY}


def test_a_calendar_of_one_customer_closes_nobodys_day():
    """Of two in one zone, those count that both have; one without any is not asked."""
    found = holidays_of([office("Asia/Tokyo", MONDAY), office("Asia/Tokyo", MONDAY, TUESDAY), office("Asia/Tokyo")])
    assert found.of("Asia/Tokyo") == {MONDAY}


@given(st.lists(st.tuples(st.sampled_from(ZONES), DAYS), max_size=6))
def test_nobody_is_at_home_when_everybody_works(given_):
    """What is closed everywhere is closed in every place that knows holidays; the order of calendars does not matter."""
    calendars = [office(zone, *days) for zone, days in given_]
    found = holidays_of(calendars)
    assert holidays_of(reversed(calendars)) == found
    for zone in ZONES:
        assert not found.of(zone) or found.everywhere <= found.of(zone)
