"""Instants as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.instants import instant_of

NOW = datetime(2026, 11, 17, 14, 48, tzinfo=UTC)  # a Tuesday, 11:48 in Sao Paulo
ZONE = "America/Sao_Paulo"


def read(text, zone=ZONE, now=NOW):
    found = instant_of(text, now=now, zone=zone, field="due_at")
    return found and found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("16:30", "2026-11-17 19:30"),
        ("9:00", "2026-11-18 12:00"),
        ("tomorrow 9:00", "2026-11-18 12:00"),
        ("today 23:59", "2026-11-18 02:59"),
        ("18 Nov 16:30", "2026-11-18 19:30"),
        ("Wed 18 Nov 16:30", "2026-11-18 19:30"),
        ("18 november 2027 at 16:30", "2027-11-18 19:30"),
        ("2 Jan 08:05", "2027-01-02 11:05"),
        ("Fri 10:00", "2026-11-20 13:00"),
        ("Tuesday 12:00", "2026-11-17 15:00"),
        ("2026-11-20 10:00", "2026-11-20 13:00"),
        ("2026-11-20T10:00", "2026-11-20 13:00"),
        ("in 2 h", "2026-11-17 16:48"),
        ("+30 min", "2026-11-17 15:18"),
        ("in 3 days", "2026-11-20 14:48"),
    ],
)
def test_what_people_write_is_read_in_the_desks_zone(text, utc):
    """A time alone is the next such time; a day without a year the nearest ahead."""
    assert read(text) == utc


@pytest.mark.parametrize("text", ["soon", "25:00", "12:61", "31 Feb 10:00", "32 Nov 10:00", "10 Foo 10:00", "10", "<b>", "in 99999 h", "2026-13-01 10:00"])  # fmt: skip
def test_what_cannot_be_read_says_what_can(text):
    """Nothing is guessed."""
    with pytest.raises(InvalidFacts) as problem:
        read(text)
    assert problem.value.details["field"] == "due_at"


def test_nothing_is_nothing():
    """An empty field is no instant."""
    assert read("  ") is None


def test_a_local_time_that_the_zone_skips_is_refused():
    """02:30 does not exist in Dublin on 29 March 2026."""
    with pytest.raises(InvalidFacts, match="does not exist"):
        read("29 Mar 2026 01:30", zone="Europe/Dublin")


def test_what_the_page_shows_can_be_sent_back():
    """The form is filled with the instant as it is shown; sending it again changes nothing."""
    due = datetime(2026, 11, 19, 18, 5, tzinfo=UTC)
    assert instant_of(moment(due, NOW, ZONE), now=NOW, zone=ZONE, field="due_at") == due
