"""Dates are read as the profile says, and a date that fits only the other way round disproves the format."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.dates import DateFormat, Misread
from watchbill.engine.intake.months import _NAMES

SAO_PAULO, STOCKHOLM, UTC_ZONE = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Europe/Stockholm"), ZoneInfo("UTC")
DAY_FIRST = DateFormat.parse("%d/%m/%Y %H:%M")
OFFSET = DateFormat.parse("%Y-%m-%dT%H:%M:%S%z")


@pytest.mark.parametrize(("text", "instant"), [
    ("29/2/2016 01:16", (2016, 2, 29, 4, 16)), ("05/03/2016 12:00", (2016, 3, 5, 15, 0)),
    ("1/10/2016 9:05", (2016, 10, 1, 12, 5)),
])  # fmt: skip
def test_day_first_without_padding(text, instant):
    """Day before month, with or without a leading zero, in the profile's zone."""
    assert DAY_FIRST.read(text, SAO_PAULO)[1] == datetime(*instant, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "29-2-2016 01:16",
        "29/2/16 01:16",
        "29/2/2016",
        "29/2/2016 01:16 ",
        "30/2/2016 01:16",
        "32/1/2016 01:16",
        "1/1/2016 24:00",
        "٢٩/2/2016 01:1x",
    ],
)
def test_what_is_no_date_is_misread(text):
    """Nothing is guessed, nothing is cut off, and no disproof is seen where none is."""
    with pytest.raises(Misread) as caught:
        DAY_FIRST.read(text, SAO_PAULO)
    assert not caught.value.is_disproof


@pytest.mark.parametrize("text", ["4/13/2016 10:00", "12/31/2016 23:59"])
def test_date_the_other_way_round_is_a_disproof(text):
    """Month 13 does not exist, and day 13 does."""
    with pytest.raises(Misread) as caught:
        DAY_FIRST.read(text, SAO_PAULO)
    assert caught.value.is_disproof


def test_an_offset_of_a_day_is_no_disproof():
    """What is wrong with it says nothing about day and month."""
    with pytest.raises(Misread) as caught:
        DateFormat.parse("%d/%m/%Y %H:%M %z").read("1/2/2016 10:00 +99:00", SAO_PAULO)
    assert not caught.value.is_disproof


def test_offset_is_the_instant_whatever_the_zone():
    """A fixed +01:00 in summer is not Stockholm's time; the instant is right."""
    moved, true = OFFSET.read("2012-05-02T10:00:00+01:00", STOCKHOLM)
    assert moved == true == datetime(2012, 5, 2, 9, tzinfo=UTC)
    assert OFFSET.read("2012-05-02T10:00:00Z", STOCKHOLM)[1] == datetime(2012, 5, 2, 10, tzinfo=UTC)
    assert OFFSET.read("2012-05-02T10:00:00-0330", STOCKHOLM)[1] == datetime(2012, 5, 2, 13, 30, tzinfo=UTC)


def test_hour_that_comes_twice_is_the_first_and_one_that_is_skipped_is_read_unmoved():
    """Both changes of the clock in Stockholm."""
    assert DAY_FIRST.read("28/10/2012 02:30", STOCKHOLM)[1] == datetime(2012, 10, 28, 0, 30, tzinfo=UTC)
    assert DAY_FIRST.read("25/3/2012 02:30", STOCKHOLM)[1] == datetime(2012, 3, 25, 1, 30, tzinfo=UTC)


def test_shift_keeps_the_wall_clock_across_a_change_of_clocks():
    """Nine o'clock in winter becomes nine o'clock in summer, and the true instant stays."""
    moved, true = DAY_FIRST.read("27/2/2012 09:00", STOCKHOLM, shift=timedelta(weeks=10))
    assert true == datetime(2012, 2, 27, 8, tzinfo=UTC)
    assert moved == datetime(2012, 5, 7, 7, tzinfo=UTC)
    moved, true = OFFSET.read("2012-02-27T09:00:00+01:00", STOCKHOLM, shift=timedelta(weeks=10))
    assert (moved, true) == (datetime(2012, 5, 7, 7, tzinfo=UTC), datetime(2012, 2, 27, 8, tzinfo=UTC))


def test_leap_day_is_a_day():
    """29 February exists in 2016 and not in 2015."""
    assert DAY_FIRST.read("29/2/2016 00:00", UTC_ZONE)[1].day == 29
    with pytest.raises(Misread):
        DAY_FIRST.read("29/2/2015 00:00", UTC_ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "%d/%m/%Y %H",
        "%d/%m",
        "%d/%d/%m/%Y %H:%M",
        "dd/mm/yyyy",
        "%d/%m/%Y %I:%M",
        "%d/%m/%Y %H:%M %p",
        "%m/%b/%Y %d",
        "%y/%m/%d/%Y",
        "%d/%m/%Y %H:%M:%f",
        "",
    ],
)
def test_format_that_leaves_something_open_is_refused(text):
    """No year, minutes or half of the day, a part twice or unknown: the message says what a format is made of."""
    with pytest.raises(InvalidFacts, match="a format with %d, %m"):
        DateFormat.parse(text)


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        ("%d/%b/%y %I:%M %p", "01/Feb/24 3:05 PM", (2024, 2, 1, 15, 5)),
        ("%d/%b/%y %I:%M %p", "01/Mrz/24 12:05 am", (2024, 3, 1, 0, 5)),
        ("%b %d, %Y %I:%M:%S %p", "Dec 31, 2023 12:00:01\u202fPM", (2023, 12, 31, 12, 0, 1)),
        ("%d/%m/%Y %I:%M %p", "1/2/2024 3:05 p.\u00a0m.", (2024, 2, 1, 15, 5)),
        ("%d.%m.%Y um %H:%M Uhr", "1.2.2024 um 9:05 Uhr", (2024, 2, 1, 9, 5)),
        ("%d.%m.%y %H:%M", "1.2.24 9:05", (2024, 2, 1, 9, 5)),
        ("%d. %b %Y", "1. März 2024", (2024, 3, 1)),
        ("%Y-%m-%d", "2024-03-01", (2024, 3, 1)),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-03-01T10:00:00.250Z", (2024, 3, 1, 10, 0, 0, 250_000)),
        ("%Y-%m-%d %H:%M:%S %z", "2024-03-01 10:00:00 UTC", (2024, 3, 1, 10)),
        ("%d/%m/%y", "1/2/69", (1969, 2, 1)),
        ("excel", "42429.545138888891", (2016, 2, 29, 13, 5)),
    ],
)
def test_dates_as_programs_write_them(text, written, told):
    """Months by name, years of two digits, AM and PM, fractions, days without a time, and a spreadsheet's numbers."""
    assert DateFormat.parse(text).read(written, UTC_ZONE)[1] == datetime(*told, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("%d/%b/%y %H:%M", "01/Foo/24 3:05"),
        ("%d/%m/%Y %I:%M %p", "1/2/2024 13:05 PM"),
        ("%d/%m/%Y %I:%M %p", "1/2/2024 0:05 AM"),
        ("excel", "0.5"),
        ("excel", "2958466"),
    ],
)
def test_no_such_month_hour_or_day_number(text, written):
    """What looks like the format and is no instant is misread, and disproves nothing."""
    with pytest.raises(Misread) as caught:
        DateFormat.parse(text).read(written, UTC_ZONE)
    assert not caught.value.is_disproof


def test_two_digit_years_are_disproved_like_others():
    """Month 13 does not exist, and day 13 does."""
    with pytest.raises(Misread) as caught:
        DateFormat.parse("%d/%m/%y").read("4/13/24", UTC_ZONE)
    assert caught.value.is_disproof


def test_no_name_of_a_month_means_two():
    """The names of all languages stand in one table; were one to mean two months, the later would win without a word."""
    names = [name for line in _NAMES for name in dict.fromkeys(line.split())]
    assert len(names) == len(set(names))
