"""The policies of docs/howto/ready-promises.md can be published, and give what the page says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.clocks.days import OFFICE, events
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.clocks import ClockPolicy, run_clocks

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "ready-promises.md").read_text(encoding="utf-8")
SECTIONS = dict(section.split("\n", 1) for section in PAGE.split("\n## ")[1:])
POLICIES = {title: json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]) for title, text in SECTIONS.items()}
CALENDARS = {"office": OFFICE, "always": Calendar.always()}
FRIDAY, MONDAY = "2016-03-04", "2016-03-07"

CRISIS = "A crisis never sleeps, the rest is for the morning"
TIERS = "By customer tier"
LINES = "Between first and second line"
VENDOR = "What a vendor owes us"
HOURLY = "A word to the customer every hour"
ANSWER = "An answer to every message"


def told(log, *facts):
    """Each event with what is known after it; the last facts stay."""
    known = [*facts, *[facts[-1]] * (len(log) - len(facts))] if facts else [{}] * len(log)
    return [replace(event, facts=after) for event, after in zip(log, known, strict=True)]


def said(clock) -> str:
    """What a clock shows, in the words of the page."""
    if clock.stopped_at:
        return f"{clock.name} {clock.status} with {clock.elapsed.total_seconds() / 3600:g} h"
    return f"{clock.name} due {clock.due_at:%a %H:%M}" + (f", cycle {clock.cycle}" if clock.cycle > 1 else "")


DESK, NETWORK = {"queue": "Desk"}, {"queue": "Network"}
TWO_LINES = ("09:00 opened new P2", "10:30 queue new P2", "14:00 queue new P2")
MESSAGES = (
    "09:00 opened new P3",
    "10:00 reply new P3 customer",
    "11:00 reply new P3 customer",
    "11:30 reply new P3",
    "16:00 reply new P3 customer",
)
VENDOR_LOG = ("09:00 opened new P2", "16:00 state waiting_vendor P2")
ROWS = [
    (CRISIS, "P1 opened Fri 4 Mar 18:00", "resolution", told(events(FRIDAY, "18:00 opened new P1"))),
    (CRISIS, "P3 opened Fri 4 Mar 18:00", "resolution", told(events(FRIDAY, "18:00 opened new P3"))),
    (
        CRISIS,
        "P3 opened Fri 4 Mar 16:00, raised to P1 Fri 18:00",
        "resolution",
        told(events(FRIDAY, "16:00 opened new P3", "18:00 priority new P1")),
    ),
    *(
        (
            TIERS,
            f"P2 opened Mon 7 Mar 15:00, tier {words}",
            "resolution",
            told(events(MONDAY, "15:00 opened new P2"), facts),
        )
        for words, facts in [
            ("premier", {"tier": "premier", "customer_zone": "America/New_York"}),
            ("plus, customer in America/New_York", {"tier": "plus", "customer_zone": "America/New_York"}),
            ("standard", {"tier": "standard"}),
        ]
    ),
    (
        LINES,
        "P2 opened Mon 7 Mar 09:00 in Desk, to Network Mon 10:30",
        "first line",
        told(events(MONDAY, *TWO_LINES[:2]), DESK, NETWORK),
    ),
    (LINES, "the same", "second line", told(events(MONDAY, *TWO_LINES[:2]), DESK, NETWORK)),
    (
        LINES,
        "the same, back to Desk Mon 14:00",
        "first line",
        told(events(MONDAY, *TWO_LINES), DESK, NETWORK, DESK),
    ),
    (
        VENDOR,
        "P2 opened Mon 7 Mar 09:00, vendor Acme, waiting for the vendor Mon 16:00",
        "vendor repair",
        told(events(MONDAY, *VENDOR_LOG), {"attributes.vendor": "Acme"}),
    ),
    (VENDOR, "the same with another vendor", "vendor repair", told(events(MONDAY, *VENDOR_LOG))),
    (
        HOURLY,
        "P1 opened Mon 7 Mar 09:00, a person replies Mon 09:40",
        "next_update",
        told(events(MONDAY, "09:00 opened new P1", "09:40 reply in_progress P1")),
    ),
    (
        ANSWER,
        "P3 opened Mon 7 Mar 09:00, the customer writes Mon 10:00, and again Mon 11:00",
        "answer",
        told(events(MONDAY, *MESSAGES[:3])),
    ),
    (
        ANSWER,
        "the same, a person replies Mon 11:30, the customer writes Mon 16:00",
        "answer",
        told(events(MONDAY, *MESSAGES)),
    ),
]


@pytest.mark.parametrize("title", POLICIES)
def test_each_ready_policy_can_be_published(title):
    """It reads, and reads again as it is written."""
    policy = ClockPolicy.from_json(POLICIES[title])
    assert ClockPolicy.from_json(policy.as_json()) == policy


@pytest.mark.parametrize(("title", "what", "name", "log"), ROWS)
def test_each_ready_policy_gives_what_the_page_says(title, what, name, log):
    """Every row of its tables is the engine's own answer."""
    clocks = run_clocks(ClockPolicy.from_json(POLICIES[title]), CALENDARS, log)
    (clock,) = (each for each in clocks if each.name == name)
    assert f"| {what} | {said(clock)} |" in SECTIONS[title]


def test_every_row_of_the_page_is_computed():
    """Nobody adds a row without its test."""
    assert len(re.findall(r"^\| (?!what happens)", PAGE, re.MULTILINE)) == len(ROWS)
