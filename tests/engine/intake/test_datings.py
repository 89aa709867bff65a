"""How dates are written: each reading that the values allow, and the rows that disprove the others, against brute force."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.intake.dates import DateFormat
from watchbill.engine.intake.datings import ROWS_NAMED, DateTally, is_date, named_format, time_format

FORMATS = (
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f", "%d/%m/%Y %H:%M", "%d.%m.%Y, %H:%M", "%d/%b/%y %I:%M %p",
    "%b %d, %Y %I:%M:%S %p", "%d. %b %Y", "%d-%b-%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S %z", "%m/%d/%y %I:%M %p",
)  # fmt: skip


def dated(*values):
    tally = DateTally("at")
    tally.add(range(2, 2 + len(values)), values, frozenset(("",)))
    return tally.result()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "at", [datetime(2024, 2, 28, 15, 5, 9, 250_000), datetime(2024, 11, 3, 0, 0), datetime(2016, 7, 9, 12, 30)]
)
def test_each_way_of_writing_is_found(form, at):
    """The format that a date was written in is among its readings, and reads it."""
    from zoneinfo import ZoneInfo

    text = at.replace(tzinfo=ZoneInfo("UTC")).strftime(form)
    (shape,) = dated(text).shapes
    assert form in shape.formats
    alive = {reading.format for reading in shape.readings if not reading.disproofs}
    assert form in alive
    told = DateFormat.parse(form).read(text, ZoneInfo("UTC"))[0]
    assert (told.month, told.day) == (at.month, at.day)
    assert is_date(text)


@given(st.lists(st.tuples(st.integers(0, 33), st.integers(0, 33), st.integers(1990, 2030)), max_size=40))
def test_disproofs_are_counted_as_brute_force_counts_them(numbers):
    """Of each reading: the values that are a day in the other one and not in it; the rest are no dates."""
    found = dated(*(f"{a}/{b}/{year} 10:00" for a, b, year in numbers))

    def fits(day, month):
        return 1 <= day <= 31 and 1 <= month <= 12

    day_first = [fits(a, b) for a, b, _ in numbers]
    month_first = [fits(b, a) for a, b, _ in numbers]
    assert found.misfits == sum(not (one or other) for one, other in zip(day_first, month_first, strict=True))
    if not found.shapes:
        assert not any(day_first + month_first)
        return
    (shape,) = found.shapes
    one, other = shape.readings
    against_one = [line for line, (a, b) in enumerate(zip(day_first, month_first, strict=True), start=2) if b and not a]
    against_other = [
        line for line, (a, b) in enumerate(zip(day_first, month_first, strict=True), start=2) if a and not b
    ]
    assert (one.format, other.format) == ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")
    assert (one.disproofs, [place.line for place in one.rows]) == (len(against_one), against_one[:ROWS_NAMED])
    assert (other.disproofs, [place.line for place in other.rows]) == (len(against_other), against_other[:ROWS_NAMED])


@pytest.mark.parametrize("text", [
    "", "soon", "12", "1.2", "10:00", "2024", "1/2", "1/2/3", "192.168.0.1", "1/2/2024 ago", "01/Foo/2024", "12-345-6789", "1/2-2024",
    "Ma 3, 2024", "2024-01-02-03", "10.15.7 beta", "1/2/2024 13:00 PM",
])  # fmt: skip
def test_what_is_no_date(text):
    """Numbers, versions, addresses, and words."""
    assert not is_date(text)


def test_values_written_otherwise_make_another_shape():
    """The commonest comes first, each with an example and its line."""
    found = dated("1/2/2024 10:00", "", "3/4/2024 11:00", "2024-02-03", "never")
    assert [(shape.values, shape.example.line) for shape in found.shapes] == [(2, 2), (1, 5)]
    assert (found.misfits, [place.value for place in found.misfit_rows]) == (1, ["never"])


@pytest.mark.parametrize(("rest", "form"), [
    ("", ""), (" 10:00", " %H:%M"), ("T10:00:00.123Z", "T%H:%M:%S.%f%z"), (", 3:05 pm", ", %I:%M %p"), (" 3:05\u202fPM", " %I:%M %p"),
    (" 10:00 +0100", " %H:%M %z"), (" 3:05 p.\u00a0m.", " %I:%M %p"),
    (" um 10:00 Uhr", " um %H:%M Uhr"), (" às 10:00", " às %H:%M"), (" 10h", None), (" 0:05 AM", None), ("x", None),
])  # fmt: skip
def test_times(rest, form):
    """What stands behind a day."""
    assert time_format(rest) == form


def test_days_with_names_of_months():
    """In which order, with which marks; a word that is no month makes no date."""
    assert named_format("01/Feb/24 3:05 PM") == "%d/%b/%y %I:%M %p"
    assert named_format("1. März 2024") == "%d. %b %Y"
    assert named_format("Feb 1, 2024") == "%b %d, %Y"
    assert named_format("01/Bug/24") is None
