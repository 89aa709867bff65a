"""How pages write numbers, durations and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchbill.interfaces.web import formats

NOW = datetime(2026, 11, 17, 14, 48, 2, tzinfo=UTC)

DURATIONS = (
    (0, "0 s"), (48, "48 s"), (60, "1 min"), (599, "9 min"), (3599, "59 min"), (3600, "1 h"), (13920, "3 h 52"),
    (3900, "1 h 05"), (86400, "1 d"), (187200, "2 d 4 h"), (864000 + 7200, "10 d"), (-420, "−7 min"), (-30, "−30 s"),
)  # fmt: skip


@pytest.mark.parametrize(("seconds", "text"), DURATIONS)
def test_durations_are_cut_off_and_carry_a_true_minus(seconds, text):
    """Durations read as in the design: never rounded up, two units at most, U+2212 for overdue."""
    assert formats.duration(seconds) == text


def test_large_clocks_show_seconds_below_ten_minutes():
    """The clocks of a case tick by the second when it matters, and not before."""
    assert [formats.stopwatch(s) for s in (552, 599, 600, -65)] == ["9:12", "9:59", "10 min", "−1:05"]
    assert [formats.stopwatch(s) for s in (3600, -187_200, 188_100)] == ["1 h", "−52 h", "52 h 15"]


def test_a_moment_is_as_short_as_it_can_be_without_doubt():
    """Today needs no date, this half-year no year, anything older has both."""
    assert formats.moment(NOW, NOW) == "14:48"
    assert formats.moment(NOW - timedelta(days=1), NOW) == "Mon 16 Nov 14:48"
    assert formats.moment(NOW - timedelta(days=300), NOW) == "21 Jan 2026 14:48"


def test_a_zone_moves_the_day_with_the_clock():
    """At 14:48 UTC it is already the 18th in Sydney."""
    assert formats.day(NOW, "Australia/Sydney") == "Wed 18 Nov"
    assert formats.time_of_day(NOW, "Australia/Sydney") == "01:48"


def test_points_carry_their_sign():
    """Reasons show plus or a true minus; nought has no sign, not even a rounded one."""
    assert [formats.signed(p) for p in (34, -11, 0, -0.3)] == ["+34", "−11", "0", "0"]


def test_counts_and_shares():
    """Thousands are set apart, shares are whole per cent, one is singular."""
    assert formats.count(141712) == "141,712"
    assert formats.percent(1.1) == "110%"
    assert (formats.plural(1, "case"), formats.plural(23, "case"), formats.plural(2, "person", "people")) == (
        "1 case", "23 cases", "2 people")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Aoife Brennan", "AB"),
        ("Resolver 125", "125"),
        ("opened-by 8", "8"),
        ("Resolver 1057", "057"),
        ("", "?"),
        ("x", "X"),
    ],
)
def test_initials_fit_any_name(name, letters):
    """People of a log are codes, and the badge still says something."""
    assert formats.initials(name) == letters


def test_what_holds_for_a_whole_history_has_no_first_day():
    """Nobody means the year in which computers begin to count."""
    assert formats.since(datetime(1970, 1, 1, tzinfo=UTC)) == "the beginning"
    assert formats.since(datetime(2026, 3, 2, 9, tzinfo=UTC)) == "2 Mar 2026"
