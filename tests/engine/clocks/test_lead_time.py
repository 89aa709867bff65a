"""How long work takes is learned from history alone, and until when it can wait follows from it."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.clocks.days import OFFICE, events, hours, instant, resolution
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import micros_in, micros_of
from watchbill.engine.clocks.facts import ClockKind
from watchbill.engine.clocks.lead_time import (
    LEAST,
    NOTHING,
    PRIOR,
    Handled,
    LeadTimes,
    WorkClass,
    assumed,
    handled,
    latest_safe,
    learn,
)

MONDAY = "2016-03-07"
ANY, CASE = WorkClass(), WorkClass("case", 3, "printer", 7)
LATER = instant("2017-01-01", "00:00")


def took(*lines, until=LATER):
    return handled(CASE, events(MONDAY, *lines), OFFICE, until=until)[1:]


def test_pick_up_ends_with_the_first_touch_and_effort_with_the_solution():
    """Given away at ten but not begun, taken up at eleven, solved on Tuesday at ten: two hours and seven of business."""
    lines = (
        "09:00 opened new P3",
        "10:00 assigned new P3 @7",
        "11:00 state in_progress P3 @7",
        "+1 10:00 state resolved P3 @7",
    )
    assert took(*lines) == (2 * 3600, 7 * 3600)


def test_waiting_for_others_is_nobodys_time():
    """Two hours of waiting for the customer are in neither figure."""
    lines = (
        "09:00 opened new P3", "10:00 state in_progress P3 @7", "11:00 state waiting_customer P3 @7",
        "13:00 state in_progress P3 @7", "14:00 state resolved P3 @7",
    )  # fmt: skip
    assert took(*lines) == (3600, 2 * 3600)


def test_what_comes_later_is_not_looked_at():
    """At noon nobody knew that the case would be solved at two, nor at half past nine that it would be touched at ten."""
    lines = ("09:00 opened new P3", "10:00 state in_progress P3 @7", "14:00 state resolved P3 @7")
    assert took(*lines, until=instant(MONDAY, "12:00")) == (3600, None)
    assert took(*lines, until=instant(MONDAY, "09:30")) == (None, None)


def test_open_again_says_nothing_about_effort_until_it_is_solved_again():
    """What was solved and came back took both stretches together."""
    lines = [
        "09:00 opened new P3",
        "10:00 state in_progress P3 @7",
        "11:00 state resolved P3 @7",
        "13:00 state in_progress P3 @7",
    ]
    assert took(*lines) == (3600, None)
    assert took(*lines, "14:00 state resolved P3 @7") == (3600, 2 * 3600)


def test_case_that_is_only_known_as_solved_says_nothing_about_effort():
    """Solved at eleven, and nobody said when it was begun: two hours until the first touch, and no guess beyond it."""
    assert took("09:00 opened new P3", "11:00 state resolved P3 @7") == (2 * 3600, None)


def test_cancelled_case_says_nothing():
    """Nobody touched it, and nobody solved it."""
    assert took("09:00 opened new P3", "10:00 state cancelled P3") == (None, None)


def items(count, pick_up_s, effort_s, of=CASE):
    return [Handled(of, pick_up_s, effort_s)] * count


def test_class_weighs_as_many_items_as_it_has():
    """20 items of ten minutes against an assumed half hour: half way, so twenty minutes; and so at every step down."""
    found = LeadTimes(learned_at=LATER, by_class=learn(items(PRIOR, 600, 3600)))
    widest = found.find(ANY).pick_up
    assert (widest.middle_s, widest.items) == (1200, PRIOR)
    assert found.find(WorkClass("case")).pick_up.middle_s == 900
    assert found.find(WorkClass("case", 3)).pick_up.middle_s == 750
    assert found.find(CASE).effort.middle_s == 3600


def test_unknown_class_is_its_wider_one():
    """Another queue, another category, another kind: what is known of the next wider class."""
    found = LeadTimes(learned_at=LATER, by_class=learn(items(PRIOR, 600, 60)))
    assert found.find(WorkClass("case", 3, "printer", 8)) == found.find(WorkClass("case", 3, "printer"))
    assert found.find(WorkClass("case", 3, "plotter", 7)) == found.find(WorkClass("case", 3))
    assert found.find(WorkClass("task", 3)) == found.find(ANY)


def test_few_items_say_nothing_of_their_own():
    """Fewer than three: the class is not told, and what is expected is assumed and says so."""
    assert learn(items(LEAST - 1, 600, 60)) == {}
    assert NOTHING.find(CASE) == assumed(3)
    assert assumed(3).basis == "assumed"
    assert learn(items(LEAST, 600, 60))[ANY].basis == "learned"


def test_median_is_not_moved_by_one_case_that_lay_for_weeks():
    """Ninety-nine cases of an hour and one of a thousand hours: an hour is expected, and 80 % need no more."""
    effort = learn([*items(99, 0, 3600), *items(1, 0, 3_600_000)])[ANY].effort
    assert (effort.middle_s, effort.p80_s) == (3600, 3600)


@pytest.mark.parametrize("seed", range(5))
def test_order_of_history_does_not_matter(seed):
    """The same items in any order teach the same."""
    history = [Handled(WorkClass("case", n % 4 + 1, f"c{n % 3}", n % 5), n * 60, n * 600) for n in range(40)]
    shuffled = random.Random(seed).sample(history, len(history))
    assert learn(shuffled) == learn(history)


def test_latest_safe_moment_is_the_due_less_what_is_needed():
    """P2 from Monday 09:00 is due at 17:00; with three hours of business needed, 14:00 is the last moment to begin."""
    outcome = resolution(MONDAY, "09:00 opened new P2")
    assert latest_safe(outcome, OFFICE, hours(3)) == instant(MONDAY, "14:00")


def test_latest_safe_moment_on_a_closing_is_the_next_opening():
    """Due Tuesday 17:00 and eight hours needed: Monday's closing or Tuesday's opening, of which Tuesday's is the later."""
    assert latest_safe(resolution(MONDAY, "17:00 opened new P2"), OFFICE, hours(8)) == instant(MONDAY, "09:00", days=1)
    assert latest_safe(resolution(MONDAY, "16:00 opened new P2"), OFFICE, hours(7)) == instant(MONDAY, "09:00", days=1)


def test_too_late_from_the_start_is_said_at_the_start():
    """Ten hours are needed of eight: the moment to begin was the opening."""
    assert latest_safe(resolution(MONDAY, "10:00 opened new P2"), OFFICE, hours(10)) == instant(MONDAY, "10:00")


@pytest.mark.parametrize(
    "lines",
    [["09:00 opened new P2", "10:00 state waiting_customer P2"], ["09:00 opened new P2", "10:00 state resolved P2"]],
)
def test_clock_that_does_not_run_has_no_such_moment(lines):
    """Paused or met: nothing runs out."""
    assert latest_safe(resolution(MONDAY, *lines), OFFICE, hours(1)) is None


def test_what_is_not_ours_has_no_such_moment():
    """Without an expectation there is no moment; with a negative one there is no sense."""
    outcome = resolution(MONDAY, "09:00 opened new P2")
    assert latest_safe(outcome, OFFICE, None) is None
    with pytest.raises(InvalidFacts):
        latest_safe(outcome, OFFICE, hours(-1))


@given(opened=st.integers(0, 14 * 24 * 60), needed=st.integers(0, 1000))
def test_between_the_moment_and_the_due_lies_just_what_is_needed(opened, needed):
    """Whatever the hour of opening: what is needed fits, a microsecond later it does not, unless it never fitted."""
    at = instant(MONDAY, "00:00") + timedelta(minutes=opened)
    outcome = resolution(str(at.date()), f"{at:%H:%M} opened new P2")
    safe_at = latest_safe(outcome, OFFICE, hours(needed / 60))
    lead, position = micros_in(timedelta(minutes=needed)), OFFICE.table.position
    left = position(micros_of(outcome.due_at)) - position(micros_of(safe_at))
    assert outcome.started_at <= safe_at <= outcome.due_at
    if safe_at > outcome.started_at:
        assert left == lead or safe_at == outcome.due_at
        assert position(micros_of(safe_at) + 1) > position(micros_of(safe_at)) or safe_at == outcome.due_at
    else:
        assert left <= lead


def test_touched_work_is_not_picked_up_again():
    """A response needs the pick-up; a solution needs both, and once somebody is at it only the effort."""
    lead = assumed(1)
    assert lead.needed(ClockKind.RESPONSE, is_touched=False) == timedelta(minutes=5)
    assert lead.needed(ClockKind.RESOLUTION, is_touched=False) == timedelta(minutes=65)
    assert lead.needed(ClockKind.RESOLUTION, is_touched=True) == timedelta(minutes=60)


def test_worked_number_of_the_docs():
    """The page says when the P2 should be begun; learned, begun and assumed are computed again."""
    page = (Path(__file__).parents[3] / "docs" / "algorithms" / "clocks.md").read_text(encoding="utf-8")
    of = WorkClass("case", 2, "printer", None)
    lead = LeadTimes(by_class=learn(items(20, 600, 7200, of))).find(of)
    assert lead.effort.middle_s == 116.25 * 60
    assert "112.5\nand 116.25 minutes" in page
    outcome = resolution(MONDAY, "09:00 opened new P2")

    def begin(lead, *, is_touched=False):
        return latest_safe(outcome, OFFICE, lead.needed(ClockKind.RESOLUTION, is_touched=is_touched))

    assert f"by {begin(lead):%A %H:%M}; once begun it can wait until {begin(lead, is_touched=True):%H:%M}." in page
    assert f"With nothing learned it would be {begin(assumed(2)):%H:%M}." in page
