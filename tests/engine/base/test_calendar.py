"""Business time on calendars: against counting minutes by the wall clock, and rule by rule."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.wallclock import MINUTE, calendars_around, open_minutes
from watchbill.engine.base.calendar import ALL_DAY, HORIZON, BusinessTime, Calendar, SpecialDay, WallInterval
from watchbill.engine.base.errors import InvalidFacts

DAY = timedelta(days=1)
OFFICE = Calendar.working_week("Europe/Dublin", "09:00-17:00")


def hours(number: float) -> BusinessTime:
    return BusinessTime(timedelta(hours=number))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(calendars_around(), st.integers(-2000, 2000), st.integers(0, 4000))
def test_business_time_is_the_number_of_open_minutes(around, shift_min, length_min):
    """Any stretch near a change of clocks holds as many business minutes as are counted on the wall."""
    calendar, moment = around
    start = moment + shift_min * MINUTE
    end = start + length_min * MINUTE
    assert calendar.business_between(start, end) == sum(open_minutes(calendar, start, end)) * MINUTE


@settings(max_examples=60, deadline=None)
@given(calendars_around(), st.integers(-2000, 2000), st.integers(1, 1500))
def test_adding_gives_the_earliest_instant_at_which_the_time_has_passed(around, shift_min, wanted_min):
    """The instant is the end of the minute in which the wall-clock count reaches the amount."""
    calendar, moment = around
    start = moment + shift_min * MINUTE
    horizon = timedelta(days=4)
    passed, expected = 0, None
    for minute, is_open in enumerate(open_minutes(calendar, start, start + horizon)):
        passed += is_open
        if passed == wanted_min:
            expected = start + (minute + 1) * MINUTE
            break
    assert calendar.add_business(start, BusinessTime(wanted_min * MINUTE), horizon=horizon) == expected


@settings(max_examples=40, deadline=None)
@given(calendars_around(), st.integers(-2000, 2000))
def test_open_closed_and_next_opening_agree_with_the_wall(around, shift_min):
    """What is open now, when it opens next, and the list of open intervals tell one story, minute by minute."""
    calendar, moment = around
    start = moment + shift_min * MINUTE
    end = start + 2 * DAY
    minutes = open_minutes(calendar, start, end)
    listed = list(calendar.open_intervals(start, end))
    for index in range(0, len(minutes), 7):
        now = start + index * MINUTE
        assert calendar.is_open(now) is minutes[index]
        assert any(one.start_at <= now < one.end_at for one in listed) is minutes[index]
    first = next((start + index * MINUTE for index, is_open in enumerate(minutes) if is_open), None)
    assert calendar.next_opening(start, horizon=2 * DAY - MINUTE) == first
    assert all(one.end_at < other.start_at for one, other in pairwise(listed))


@settings(max_examples=60, deadline=None)
@given(calendars_around(), st.lists(st.integers(-(10**12), 10**12), min_size=3, max_size=3))
def test_business_time_adds_up_and_has_no_memory(around, offsets):
    """Two stretches end to end hold what the whole holds, in whatever order a calendar is asked, to the microsecond."""
    calendar, moment = around
    one, two, three = (moment + timedelta(microseconds=offset) for offset in sorted(offsets))
    fresh = Calendar(zone=calendar.zone, weekly=(*calendar.weekly[:6], (WallInterval(0, 1),)))
    for asked in (calendar, fresh):
        late = asked.business_between(two, three)
        assert asked.business_between(one, two) + late == asked.business_between(one, three)
        assert asked.business_between(three, one) == -asked.business_between(one, three)
        assert asked.business_between(two, three) == late


@settings(max_examples=60, deadline=None)
@given(calendars_around(), st.integers(1, 10**11))
def test_adding_and_measuring_are_inverse(around, micros):
    """The stretch up to the instant that adding gives holds exactly what was added."""
    calendar, moment = around
    amount = BusinessTime(timedelta(microseconds=micros))
    end = calendar.add_business(moment, amount)
    if end is None:
        assert calendar.business_between(moment, moment + HORIZON) < amount
    else:
        assert calendar.business_between(moment, end) == amount
        assert calendar.business_between(moment, end - timedelta(microseconds=1)) < amount


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("America/Sao_Paulo", date(2016, 2, 20), 25),
        ("America/Sao_Paulo", date(2016, 10, 16), 23),
        ("Europe/Dublin", date(2016, 3, 27), 23),
        ("Europe/Dublin", date(2016, 10, 30), 25),
        ("Australia/Lord_Howe", date(2016, 4, 3), 24.5),
        ("Australia/Lord_Howe", date(2016, 10, 2), 23.5),
        ("Asia/Kathmandu", date(2016, 2, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_local_day_is_as_long_as_its_clocks_make_it(zone, day, length):
    """A calendar open on one date only holds the true length of that date."""
    calendar = Calendar(zone=zone, weekly=((),) * 7, special_on=(SpecialDay(day, (ALL_DAY,)),))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert calendar.business_between(noon - 2 * DAY, noon + 2 * DAY) == timedelta(hours=length)


def test_opening_that_happens_twice_is_its_first_showing():
    """Dublin shows 01:30 twice on 30 October 2016; hours from 01:30 to 03:00 then last two and a half hours."""
    calendar = Calendar(zone="Europe/Dublin", weekly=((WallInterval.parse("01:30-03:00"),),) * 7)
    assert calendar.next_opening(at("2016-10-29T12:00")) == at("2016-10-30T00:30")
    assert calendar.business_between(at("2016-10-30T00:00"), at("2016-10-30T12:00")) == hours(2.5)


def test_opening_that_never_happens_is_the_change_itself():
    """Dublin skips 01:00 to 02:00 on 27 March 2016; hours from 01:30 begin with the skip, and 01:15 to 01:45 are none."""
    late = Calendar(zone="Europe/Dublin", weekly=((WallInterval.parse("01:30-03:00"),),) * 7)
    lost = Calendar(zone="Europe/Dublin", weekly=((WallInterval.parse("01:15-01:45"),),) * 7)
    assert late.next_opening(at("2016-03-26T12:00")) == at("2016-03-27T01:00")
    assert late.business_between(at("2016-03-27T00:00"), at("2016-03-27T12:00")) == hours(1)
    assert lost.business_between(at("2016-03-27T00:00"), at("2016-03-27T12:00")) == hours(0)


def test_neighbouring_hours_lose_and_double_nothing_across_a_change():
    """A day cut anywhere into two intervals is as long as the whole, on both changes."""
    whole = Calendar(zone="Australia/Lord_Howe", weekly=((ALL_DAY,),) * 7)
    for cut in range(60, 181, 15):
        halves = Calendar(zone=whole.zone, weekly=((WallInterval(0, cut), WallInterval(cut, 1440)),) * 7)
        for start in (at("2016-04-01T00:00"), at("2016-09-30T00:00")):
            assert halves.business_between(start, start + 3 * DAY) == 3 * DAY
            assert whole.business_between(start, start + 3 * DAY) == 3 * DAY


def test_a_night_belongs_to_the_day_on_which_it_begins():
    """A holiday takes away the night that begins on it, not the morning that the night before runs into."""
    night = WallInterval.parse("22:00-06:00")
    calendar = Calendar(zone="Asia/Kolkata", weekly=((night,),) * 7, closed_on=frozenset({date(2016, 3, 24)}))
    noon = at("2016-03-23T06:30")  # 12:00 in Kolkata
    assert calendar.business_between(noon, noon + DAY) == hours(8)
    assert calendar.business_between(noon + DAY, noon + 2 * DAY) == hours(0)


def test_no_night_is_lost_where_the_table_grows():
    """Every night of a year counts in full, however many pieces the year was compiled in."""
    calendar = Calendar(zone="UTC", weekly=((WallInterval.parse("22:00-06:00"),),) * 7)
    for days in (1, 64, 65, 366):
        assert calendar.business_between(at("2016-01-01T12:00"), at("2016-01-01T12:00") + days * DAY) == days * hours(8)
    single = Calendar(zone="UTC", weekly=((WallInterval.parse("22:00-06:01"),),) * 7)
    for day in range(130):  # each time as the first question to a table that begins somewhere else
        fresh = Calendar(zone="UTC", weekly=single.weekly, closed_on=frozenset({date(1990, 1, 1) + day * DAY}))
        assert fresh.is_open(at("2016-01-01T03:00") + day * DAY)


def test_special_hours_win_over_a_holiday():
    """A date may be both a holiday and have hours of its own; the hours count."""
    eve = date(2016, 12, 23)
    short = SpecialDay(eve, (WallInterval.parse("09:00-12:00"),))
    calendar = Calendar(zone="UTC", weekly=OFFICE.weekly, closed_on=frozenset({eve}), special_on=(short,))
    assert calendar.business_between(at("2016-12-23T00:00"), at("2016-12-24T00:00")) == hours(3)


def test_leap_day_is_a_working_day_like_any_other():
    """29 February 2016 is a Monday: nine to five in Kathmandu begins at 03:15 UTC."""
    calendar = Calendar.working_week("Asia/Kathmandu", "09:00-17:00")
    assert calendar.next_opening(at("2016-02-28T00:00")) == at("2016-02-29T03:15")
    assert calendar.business_between(at("2016-02-28T00:00"), at("2016-03-02T00:00")) == hours(16)


def test_always_open_is_elapsed_time():
    """On a calendar that never closes business time is elapsed time, and stays one span however far it is asked."""
    calendar = Calendar.always("America/Sao_Paulo")
    start = at("2015-01-01T00:00")
    assert calendar.business_between(start, start + 800 * DAY) == 800 * DAY
    assert len(list(calendar.open_intervals(start, start + 800 * DAY))) == 1


def test_a_full_day_ends_at_closing_not_at_the_next_opening():
    """Eight hours from Friday 09:00 are over at Friday 17:00; one second more is Monday 09:00:01."""
    friday = at("2016-03-04T09:00")
    assert OFFICE.add_business(friday, hours(8)) == at("2016-03-04T17:00")
    assert OFFICE.add_business(friday, BusinessTime(timedelta(hours=8, seconds=1))) == at("2016-03-07T09:00:01")


def test_adding_nothing_stays_where_it_is():
    """No business time has passed at the start itself, open or closed."""
    saturday = at("2016-03-05T10:00")
    assert OFFICE.add_business(saturday, hours(0)) == saturday


def test_a_calendar_that_never_opens_gives_no_instant():
    """Within ten years nothing opens, which is an answer and no error."""
    calendar = Calendar(zone="UTC", weekly=((),) * 7)
    start = at("2016-03-05T10:00")
    assert calendar.add_business(start, hours(1)) is None
    assert calendar.next_opening(start) is None
    assert not calendar.is_open(start)
    assert list(calendar.open_intervals(start, start + DAY)) == []


def test_horizon_is_inclusive():
    """An instant exactly at the horizon is found, one microsecond less is not far enough."""
    start = at("2016-03-04T09:00")
    assert OFFICE.add_business(start, hours(8), horizon=timedelta(hours=8)) == start + timedelta(hours=8)
    assert OFFICE.add_business(start, hours(8), horizon=timedelta(hours=8, microseconds=-1)) is None


def test_equal_calendars_share_a_table_and_copies_do_not_carry_it():
    """Equal definitions compile once; a copy or pickle is the definition alone and gives the same answers."""
    same = Calendar.working_week("Europe/Dublin", "09:00-17:00")
    assert same.table is OFFICE.table
    for twin in (copy.deepcopy(OFFICE), pickle.loads(pickle.dumps(OFFICE))):
        assert twin == OFFICE
        assert twin.business_between(at("2016-03-04T00:00"), at("2016-03-05T00:00")) == hours(8)


def test_threads_that_extend_one_table_agree():
    """Many threads asking for far ends of one fresh calendar get the answers of a single one."""
    calendar = Calendar.working_week("America/New_York", "08:00-11:59", "12:07-18:00")
    start = at("2016-01-01T00:00")
    stretches = [(start + days * DAY, start + (days + 200) * DAY) for days in (0, 900, -900, 400, -1500, 1500, 30)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda stretch: calendar.business_between(*stretch), stretches * 8))
    alone = Calendar.working_week("America/New_York", "08:00-11:59", "12:07-18:00", closed_on=[date(1999, 1, 1)])
    assert together == [alone.business_between(*stretch) for stretch in stretches] * 8


def test_naive_instants_and_negative_amounts_are_refused():
    """An instant without a zone names its argument; time cannot be added backwards."""
    naive = datetime(2016, 3, 4, 9)
    with pytest.raises(InvalidFacts, match="start must be an instant with a time zone"):
        OFFICE.business_between(naive, at("2016-03-04T10:00"))
    with pytest.raises(InvalidFacts, match="end must be"):
        OFFICE.business_between(at("2016-03-04T10:00"), naive)
    with pytest.raises(InvalidFacts, match="must not be negative"):
        OFFICE.add_business(at("2016-03-04T10:00"), hours(-1))
    with pytest.raises(InvalidFacts, match="1900 to 2199"):
        OFFICE.is_open(datetime(9999, 1, 1, tzinfo=UTC))


def test_json_round_trip_keeps_everything():
    """What is written reads back equal: nights, split days, closed and special dates."""
    calendar = Calendar(
        zone="America/Sao_Paulo",
        weekly=((WallInterval.parse("09:00-12:00"), WallInterval.parse("13:00-18:00")),) * 5
        + ((WallInterval.parse("22:00-06:00"),), (ALL_DAY,)),
        closed_on=frozenset({date(2016, 3, 25), date(2016, 4, 21)}),
        special_on=(
            SpecialDay(date(2016, 12, 24), (WallInterval.parse("9:00-12:00"),)),
            SpecialDay(date(2017, 1, 2), ()),
        ),
    )
    body = calendar.as_json()
    assert Calendar.from_json(body) == calendar
    assert body["weekly"]["sat"] == ["22:00-06:00"]
    assert body["weekly"]["sun"] == ["00:00-24:00"]
    assert body["special_on"] == {"2016-12-24": ["09:00-12:00"], "2017-01-02": []}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], r"^calendar: expected an object, got \[\]$"),
        ({}, r"^calendar.zone: expected a text, got None$"),
        (
            {"zone": "Mars/Olympus"},
            "^calendar.zone: expected an IANA time zone such as Europe/Dublin, got 'Mars/Olympus'$",
        ),
        ({"zone": "UTC", "weekly": {"monday": []}}, "^calendar.weekly.monday: expected one of the keys fri, mon"),
        (
            {"zone": "UTC", "weekly": {"mon": "09:00-17:00"}},
            "^calendar.weekly.mon: expected a list, got '09:00-17:00'$",
        ),
        ({"zone": "UTC", "weekly": {"mon": ["9-17"]}}, r"^calendar.weekly.mon\[0\]: expected opening hours such as"),
        ({"zone": "UTC", "weekly": {"mon": ["09:00-09:00"]}}, r"^calendar.weekly.mon\[0\]: expected opening hours"),
        ({"zone": "UTC", "weekly": {"mon": ["09:00-25:00"]}}, r"got '09:00-25:00'$"),
        ({"zone": "UTC", "weekly": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "hours that do not overlap"),
        ({"zone": "UTC", "closed_on": ["25/3/2016"]}, r"^calendar.closed_on\[0\]: expected a date such as 2016-03-25"),
        (
            {"zone": "UTC", "special_on": {"2016-13-01": []}},
            "^calendar.special_on: expected a date .* got '2016-13-01'$",
        ),
        ({"zone": "UTC", "special_on": ["2016-01-01"]}, "^calendar.special_on: expected an object of dates"),
        ({"zone": "UTC", "holiday": []}, "^calendar.holiday: expected one of the keys closed_on"),
    ],
)
def test_json_refusals_name_key_value_and_expectation(body, message):
    """Somebody who edits a calendar by hand is told where, what is there, and what belongs there."""
    with pytest.raises(InvalidFacts, match=message):
        Calendar.from_json(body)


def test_construction_refuses_what_cannot_be_a_calendar():
    """Overlapping hours, six days, a date given twice and hours longer than a day are slips, not calendars."""
    day = WallInterval.parse("09:00-17:00")
    with pytest.raises(InvalidFacts, match="hours that do not overlap"):
        Calendar(zone="UTC", weekly=((day, WallInterval.parse("16:00-18:00")),) + ((),) * 6)
    with pytest.raises(InvalidFacts, match="seven days"):
        Calendar(zone="UTC", weekly=((day,),) * 6)
    with pytest.raises(InvalidFacts, match="special_on: expected each date once, got .2016-01-01"):
        Calendar(zone="UTC", weekly=((),) * 7, special_on=(SpecialDay(date(2016, 1, 1), ()),) * 2)
    with pytest.raises(InvalidFacts, match="at most 24 hours"):
        WallInterval(600, 600 + 1441)
