"""Clocks by hand: the documented form, the documented answer, and every way to get it wrong."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import ClockPolicy, default_policy
from watchbill.engine.clocks.told import sentences
from watchbill.engine.clocks.trial import Trial

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "clocks-by-hand.md").read_text(encoding="utf-8")
EXAMPLE = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1))
MANY = [f"{minute // 60:02}:{minute % 60:02}-{minute // 60:02}:{minute % 60 + 1:02}" for minute in range(0, 1000, 40)]
ANSWER = re.search(r"```\n(resolution.*?)```", PAGE, re.DOTALL).group(1).splitlines()


def edited(*path, value):
    """The example with one value changed, or taken out when it is ``...``."""
    body = deepcopy(EXAMPLE)
    *before, last = path
    place = body
    for key in before:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return body


BUSY = {"zone": "UTC", "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), MANY[:24])}
REPORTED = edited("policy", "clocks", 0, "since", value="attributes.reported_at")
REPORTED["events"][0]["facts"] = {"attributes.reported_at": "1990-03-28T10:00+00:00"}


def taking(at, choice="keep", calendar="office"):
    """A version that takes over, with six hours."""
    clock = {"kind": "resolution", "calendar": calendar, "targets_min": {"P2": 360}}
    return {"at": at, "policy": {"version": 2, "clocks": [clock], "takes_over": choice}}


@pytest.mark.parametrize(
    ("choice", "elapsed_h", "due"),
    [("keep", 2.5, "2026-03-30T14:30:00+00:00"), ("restart", 1, "2026-03-30T16:00:00+00:00")],
)
def test_a_later_version_takes_over(choice, elapsed_h, due):
    """On Monday at 11:00 in Dublin six hours are promised instead of eight; the segment names the instant as an event."""
    body = edited("later", value=[taking("2026-03-30T11:00+01:00", choice)])
    (clock,) = Trial.from_json(body).run()
    assert (clock["elapsed_s"], clock["due_at"]) == (elapsed_h * 3600, due)
    last = clock["segments"][-1]
    assert (last["event"], last["from_at"], last["target_s"]) == (3, "2026-03-30T10:00:00+00:00", 6 * 3600)


def test_the_page_shows_what_the_example_gives():
    """The answer under the example is the answer to the example, word for word."""
    (clock,) = Trial.from_json(EXAMPLE).run()
    assert list(sentences(clock)) == ANSWER


def test_the_example_in_numbers():
    """2 h 30 min on the clock, 5 h 30 min left, 1 h 30 min paused: the hour that Sunday lost is not missed."""
    (clock,) = Trial.from_json(EXAMPLE).run()
    assert (clock["elapsed_s"], clock["remaining_s"], clock["paused_s"]) == (9000, 19800, 5400)
    assert (clock["status"], clock["is_breached"], clock["breached_at"]) == ("running", False, None)
    assert [each["event"] for each in clock["segments"]] == [0, 1, 2]


def test_a_priority_is_a_number_or_a_word():
    """2 and "P2" alike."""
    assert Trial.from_json(edited("events", 0, "priority", value="P2")).run() == Trial.from_json(EXAMPLE).run()
    with pytest.raises(InvalidFacts, match=r"events\[0\].priority"):
        Trial.from_json(edited("events", 0, "priority", value="P9"))


def test_it_is_looked_at_when_asked():
    """The due does not depend on the instant of asking; what is left does, and the breach shows once it has come."""
    later = Trial.from_json(edited("now", value="2026-03-31T12:00+01:00")).run()[0]
    assert (later["due_at"], later["remaining_s"]) == ("2026-03-31T08:30:00+00:00", -9000)
    assert (later["is_breached"], later["breached_at"]) == (True, "2026-03-31T08:30:00+00:00")
    assert later["segments"][-1]["business_s"] == 8 * 3600 + 3 * 3600 - 3600
    paused = Trial.from_json(edited("events", value=EXAMPLE["events"][:2])).run()[0]
    assert (paused["status"], paused["due_at"], paused["paused_s"]) == ("paused", None, 30 * 60 + 3 * 3600)


@given(st.lists(st.sampled_from(["waiting_customer", "in_progress", "resolved", "cancelled", "new"]), max_size=8),
       st.integers(0, 10**6))  # fmt: skip
def test_segments_add_up(states, later_s):
    """Running segments add up to elapsed time and paused ones to paused time, whenever one looks."""
    start = Trial.from_json(EXAMPLE).events[0].at
    events = [{"at": start.isoformat(), "priority": 2}]
    for hour, state in enumerate(states, 1):
        events.append({"at": (start + timedelta(hours=7 * hour)).isoformat(), "kind": "state", "state": state})
    now = start + timedelta(hours=7 * len(states), seconds=later_s)
    body = {
        **EXAMPLE, "events": events, "now": now.isoformat(), "policy": default_policy(calendar="office").as_json(),
    }  # fmt: skip
    for clock in Trial.from_json(body).run():
        added = {
            phase: sum(s["business_s"] for s in clock["segments"] if s["phase"] == phase)
            for phase in ("running", "paused")
        }
        assert added == {"running": clock["elapsed_s"], "paused": clock["paused_s"]}
        if clock["status"] in {"running", "paused"}:
            assert clock["remaining_s"] == clock["target_s"] - clock["elapsed_s"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "calendars"),
        ([], "an object"),
        (edited("policy", value=...), "policy"),
        (edited("calendars", value={}), "calendars"),
        (edited("calendars", "office", "zone", value="Mars/Crater"), "calendars.office.zone"),
        (edited("policy", "clocks", 0, "calendar", value="night"), "night"),
        (edited("policy", "clocks", 0, "targets_min", "P2", value=-5), "policy.clocks[0].targets_min.P2"),
        (edited("events", value=[]), "events"),
        (edited("events", 0, "priority", value=...), "events[0].priority"),
        (edited("events", 0, "priority", value=9), "events[0].priority"),
        (edited("events", 1, "kind", value=...), "events[1].kind"),
        (edited("events", 1, "state", value="asleep"), "events[1].state"),
        (edited("events", 1, "owner", value=7), "events[1].owner"),
        (edited("events", 1, "actr", value="person"), "events[1].actr"),
        (edited("events", 1, "at", value="2026-03-27 16:30"), "events[1].at"),
        (edited("events", 1, "at", value="yesterday"), "events[1].at"),
        (edited("events", 1, "at", value="2026-03-27T15:30+00:00"), "events[1].at"),
        (edited("now", value="2026-03-30T09:00+01:00"), "now"),
        (edited("now", value=...), "now"),
        (
            edited("now", value="2056-03-28T10:00+00:00"),
            "now: expected an instant within 30 years of the first that is told",
        ),
        (edited("events", 1, "merged_at", value="1990-03-28T10:00+00:00"), "now: expected an instant within 30 years"),
        (REPORTED, "now: expected an instant within 30 years of the first that is told (1990"),
        (
            edited(
                "calendars",
                value={"office": EXAMPLE["calendars"]["office"], **dict.fromkeys(map(str, range(50)), BUSY)},
            ),
            "calendars: expected at most 5,000 spans of hours a week",
        ),
        (edited("calendars", "office", "weekly", "mon", value=MANY), "calendars.office.weekly.mon"),
        (edited("nov", value=1), "nov"),
        (edited("events", 1, "kind", value="policy"), "events[1].kind"),
        (edited("events", 1, "facts", value={"tiers": "plus"}), "tiers"),
        (
            edited("later", value=[{"at": "2026-03-28T10:00+00:00", "policy": EXAMPLE["policy"]}]),
            "later[0].policy.takes_over",
        ),
        (edited("later", value=[taking("2026-03-27T16:00+00:00")]), "later[0].at"),
        (edited("later", value=[taking("2026-03-28T10:00+00:00")] * 2), "later[1].at"),
        (edited("later", value=[taking("2026-03-31T10:00+00:00")]), "now"),
        (edited("later", value=[taking("2026-03-28T10:00+00:00", calendar="night")]), "night"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(body, named):
    """The error names the key that is wrong, or the word that it holds."""
    with pytest.raises(InvalidFacts) as error:
        Trial.from_json(body).run()
    assert named in error.value.message


def test_owners_are_told_apart_by_name():
    """A response clock stops when somebody owns the case and has begun; null means that nobody does."""
    policy = {"clocks": [{"kind": "response", "calendar": "office", "targets_min": {"P2": 60}}]}
    body = edited("policy", value=policy)
    assert Trial.from_json(body).run()[0]["stopped_at"] == "2026-03-27T16:30:00+00:00"
    for event in body["events"]:
        event["owner"] = None
    assert Trial.from_json(body).run()[0]["stopped_at"] is None


def test_a_calendar_of_the_file_is_the_engines():
    """The calendar in the example reads back as itself."""
    office = EXAMPLE["calendars"]["office"]
    assert Calendar.from_json(office) == Calendar.working_week("Europe/Dublin", "09:00-17:00")


def test_calendars_of_a_file_may_be_made_of_others():
    """Two hours in the common hours of Dublin and Kolkata, from 11:30 UTC on a Friday: one that day, one on Monday."""
    dublin, kolkata = (
        Calendar.working_week(zone, "09:00-18:00").as_json() for zone in ("Europe/Dublin", "Asia/Kolkata")
    )
    body = {
        "policy": {"clocks": [{"kind": "resolution", "calendar": "both", "targets_min": {"P2": 120}}]},
        "calendars": {"both": {"intersection": ["dublin", "kolkata"]}, "dublin": dublin, "kolkata": kolkata},
        "events": [{"at": "2026-03-06T11:30+00:00", "kind": "opened", "priority": 2}],
        "now": "2026-03-06T12:00+00:00",
    }
    (clock,) = Trial.from_json(body).run()
    assert (clock["due_at"], clock["zone"]) == ("2026-03-09T10:00:00+00:00", "UTC")
    with pytest.raises(InvalidFacts, match="made of “kolkata”, which is not among the calendars: dublin"):
        Trial.from_json({**body, "calendars": {"both": body["calendars"]["both"], "dublin": dublin}})


def test_a_calendar_without_open_time_is_refused():
    """As publishing does: no clock on it would ever run. So is an intersection of calendars that have no hour in common."""
    never = {"zone": "UTC", "weekly": {}}
    with pytest.raises(InvalidFacts, match="calendars.office: expected open time within a year"):
        Trial.from_json(edited("calendars", "office", value=never))
    day, night = ({"zone": "UTC", "weekly": {"mon": [hours]}} for hours in ("09:00-17:00", "18:00-22:00"))
    calendars = {"office": {"intersection": ["day", "night"]}, "day": day, "night": night}
    with pytest.raises(InvalidFacts, match="calendars.office: expected open time within a year"):
        Trial.from_json(edited("calendars", value=calendars))


def keys_under(title):
    """The keys in the first column of the tables of a section."""
    section = PAGE.split(f"## {title}")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_every_key_is_on_the_page():
    """Nothing can be written that the page does not explain, and it explains nothing that cannot be written."""
    policy = ClockPolicy.from_json(EXAMPLE["policy"]).as_json()
    assert keys_under("Keys of the policy") == {*policy, "takes_over", *policy["clocks"][0]}
    office = {*Calendar.from_json(EXAMPLE["calendars"]["office"]).as_json(), "holidays"}
    assert keys_under("Keys of a calendar") == office
    with pytest.raises(InvalidFacts) as error:
        Trial.from_json(edited("events", 1, "actr", value="person"))
    assert f"one of the keys {', '.join(sorted(keys_under('Keys of an event')))}" in error.value.message
