"""What a profile says of the desk's promises: targets with their units, hours, and what is neither."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.intake.test_guess import guessed, table
from tests.engine.intake.test_profile import changed
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks.facts import ClockKind
from watchbill.engine.clocks.policy import DEFAULT_TARGETS_MIN
from watchbill.engine.intake.profile import Profile
from watchbill.engine.intake.promise import ALWAYS, PromiseSaid, duration_of, read_minutes, read_promise


def test_a_profile_says_what_is_promised():
    """Hours and minutes, of some priorities; without the table nothing is said."""
    profile = Profile.from_toml(changed("promise", {"P1": "30min", "P3": "1.5h", "hours": "07:30-16:00"}))
    assert profile.promise == PromiseSaid(targets_min={Priority.P1: 30, Priority.P3: 90}, hours="07:30-16:00")
    assert Profile.from_toml(changed("name", "other")).promise is None
    assert read_promise({"hours": ALWAYS}) == PromiseSaid(hours=ALWAYS)


@pytest.mark.parametrize(("body", "told"), [
    ({}, 'P1 = "4h"'), ("4h", "an object"), ({"P5": "4h"}, "promise.P5"), ({"p1": "4h"}, "promise.p1"), ({"P1": 4}, "promise.P1: expected hours"),
    ({"P1": "4"}, "4h, 1.5h or 30min"), ({"P1": "0h"}, "promise.P1"), ({"P1": "0.2min"}, "promise.P1"), ({"P2": "2d"}, "promise.P2"),
    ({"P1": "-4h"}, "promise.P1"), ({"hours": "8 to 18"}, "promise.hours"), ({"hours": ""}, "promise.hours"),
])  # fmt: skip
def test_what_is_no_promise_is_refused(body, told):
    """With its key and what was expected."""
    with pytest.raises(InvalidFacts) as refused:
        Profile.from_toml(changed("promise", body))
    assert told in refused.value.message


@given(st.integers(1, 99_999))
def test_minutes_are_read_as_they_are_written(minutes):
    """Whatever is written."""
    assert read_minutes(duration_of(minutes), "P1") == minutes


def test_a_draft_holds_a_promise_as_a_comment():
    """It says nothing as it stands; without its marks it reads, and says the default targets."""
    rows = table([date(2024, 3, day) for day in (1, 2, 3, 4, 25)], "%d/%m/%Y")
    text = guessed(["Number", "State", "Opened", "Resolved", "Assigned to"], rows, zone="UTC").toml
    assert Profile.from_toml(tomllib.loads(text)).promise is None
    begins = text.index("# [promise]")
    said = text[:begins] + "\n".join(line.removeprefix("# ") for line in text[begins:].splitlines())
    promise = Profile.from_toml(tomllib.loads(said)).promise
    assert promise == PromiseSaid(targets_min=DEFAULT_TARGETS_MIN[ClockKind.RESOLUTION], hours="08:00-18:00")
