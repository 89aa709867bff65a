"""The large figures of a case: the same business time that `clocks explain` says, with its calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.interfaces.web.made_up_clocks import ITEM
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, ClockPolicy, run_clocks
from watchbill.engine.clocks.told import sentences, told
from watchbill.flows.clocklife import Lives
from watchbill.interfaces.web.caseclocks import big_clocks

OFFICE = Calendar.from_json(
    {"zone": "UTC", "weekly": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}}
)
FRIDAY = datetime.fromisoformat("2026-03-06T15:00+00:00")


def figure(now, *, state=None):
    """The figure and the words, at *now*, of a P3 of four hours, opened on Friday 15:00 in office hours."""
    policy = ClockPolicy.from_json(
        {"clocks": [{"kind": "resolution", "calendar": "office", "targets_min": {"P3": 240}}]}
    )
    opened = ClockEvent(
        at=FRIDAY, kind=EventKind.OPENED, state=State.NEW, priority=Priority.P3, owner=None, actor=ActorKind.PERSON
    )
    events = [opened]
    if state:
        events.append(
            ClockEvent(
                at=FRIDAY + timedelta(hours=1), kind=EventKind.STATE, state=state, priority=Priority.P3, owner=None,
                actor=ActorKind.PERSON,
            )
        )  # fmt: skip
    calendars = {"office": OFFICE}
    outcomes = run_clocks(policy, calendars, events, explain=True)
    one, _ = big_clocks(ITEM, Lives(outcomes=outcomes, events=events, calendars=calendars), now=now)
    return one, told(outcomes[0], events, calendars, now, names={})


@pytest.mark.parametrize(
    ("days", "hours", "value", "state", "said"),
    [
        (0, 1, "3 h", "ok", "3:00:00 left"),
        (1, 0, "2 h", "ok", "2:00:00 left"),
        (3, -5, "1 h", "ok", "1:00:00 left"),
        (3, -4, "0:00", "breached", "0:00:00 over"),
        (3, 2, "−6 h", "breached", "6:00:00 over"),
        (10, -6, "−38 h", "breached", "38:00:00 over"),
    ],
)
def test_figures_and_words_say_the_same_business_time(days, hours, value, state, said):
    """Nights and weekends are not counted, neither before the due nor after it; the calendar is named."""
    now = FRIDAY + timedelta(days=days, hours=hours)
    one, clock = figure(now)
    assert (one.value, one.pill.state) == (value, state)
    assert f"{said} (business time of the calendar office, UTC)" in sentences(clock)[0]
    assert one.measure == "business time of “office”, UTC"
    assert (one.ends_at - one.from_at).total_seconds() == clock["remaining_s"]


def test_a_figure_ticks_only_while_its_calendar_is_open():
    """On Saturday it stands still until Monday 09:00, and runs until 17:00."""
    one, _ = figure(FRIDAY + timedelta(days=1))
    monday = FRIDAY + timedelta(days=3)
    assert (one.from_at, one.until_at, one.ends_at) == (
        monday.replace(hour=9), monday.replace(hour=17), monday.replace(hour=11)
    )  # fmt: skip


def test_a_clock_that_stands_still_says_what_is_left_of_its_calendar():
    """Paused after one of four hours; it does not tick."""
    one, clock = figure(FRIDAY + timedelta(days=20), state=State.WAITING_CUSTOMER)
    assert (one.value, one.note, one.measure, one.ends_at) == (
        "Paused",
        "3 h left",
        "business time of “office”, UTC",
        None,
    )
    assert "3:00:00 left" in sentences(clock)[0]
