"""Clocks by command: of a stored item, and by hand."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "clocks-by-hand.md").read_text(encoding="utf-8")


def test_an_items_clocks_are_explained(run, office):
    """Each clock in segments: a P3 case that waited for its customer for an hour of the two since it was opened."""
    reference = office.item(now=NOW - timedelta(hours=2), priority=3)
    item_state(reference, State.WAITING_CUSTOMER, by=BY, now=NOW - timedelta(hours=1))
    found = run("clocks", "explain", reference, "--json")
    by_kind = {clock["name"]: clock for clock in found["clocks"]}
    resolution = by_kind["resolution"]
    assert (resolution["elapsed_s"], resolution["paused_s"], resolution["status"]) == (3600, 3600, "paused")
    assert [each["phase"] for each in resolution["segments"]] == ["running", "paused"]
    assert resolution["segments"][1]["because"] == "state in (waiting_customer, waiting_vendor)"
    assert by_kind["response"]["is_breached"] is False
    assert [(held["party"], held["running_s"], held["paused_s"], held["share"]) for held in resolution["holders"]] == [
        ("unassigned", 3600, 0, 0.5),
        ("customer", 0, 3600, 0.5),
    ]
    said = run("clocks", "explain", reference)
    assert "paused from" in said
    assert "held by customer (waited for): 0:00:00 running, 1:00:00 paused (50%)" in said


def test_an_item_that_is_not_there(run, office):
    """No such item, or one that the user may not see, is said to be missing."""
    with pytest.raises(NotFound):
        run("clocks", "explain", "CASE-99999")
    with pytest.raises(NotFound):
        run("clocks", "explain", office.item("south"), "--as", "ann")


def test_the_documented_example(run, office, tmp_path):
    """The file of docs/reference/clocks-by-hand.md prints the answer that stands there."""
    file = tmp_path / "clock.json"
    file.write_text(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1), encoding="utf-8")
    assert run("clocks", "try", file).strip() in PAGE
    (clock,) = run("clocks", "try", file, "--json")["clocks"]
    assert clock["remaining_s"] == 19800
    answer = PAGE.split("With `--json`")[1].split("A segment has")[0]
    table = re.findall(r"^\| (`.*?) \|", answer, re.MULTILINE)
    assert set(clock) == {key for cell in table for key in re.findall(r"`(\w+)`", cell)}
    assert [(held["owner"], held["running_s"]) for held in clock["holders"] if held["owner"]] == [("Ann", 7200)]


@pytest.mark.parametrize("text", ["", "[]", "{", "not json", "[" * 100_000, json.dumps({"events": []})])
def test_a_file_that_is_no_clock(run, office, tmp_path, text):
    """Each kind of slip has its own sentence, with the name of the file or of the key."""
    file = tmp_path / "clock.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidFacts, match=r"clock\.json|calendars"):
        run("clocks", "try", file)


def test_a_desk_learns_at_the_console(run, office):
    """Nothing was learned, then three solved cases are: told as a table and as JSON, and read again."""
    assert "Nothing was learned yet" in run("clocks", "lead-times", "--desk", "north")
    for _ in range(3):
        reference = office.item(priority=3)
        for state in (State.IN_PROGRESS, State.RESOLVED):
            item_state(reference, state, by=BY, now=NOW)
    assert "Learned from 3 items" in run("clocks", "learn", "--desk", "north")
    found = run("clocks", "lead-times", "--desk", "north", "--json")
    assert (found["items"], found["classes"][0]["basis"]) == (3, "learned")


def test_lists_are_ordered_at_the_console(run, office):
    """By latest safe moment unless the due is asked for."""
    low, top = office.item(priority=4), office.item(priority=1)
    WorkItem.objects.filter(reference=low).update(act_by_at=NOW - timedelta(minutes=5))

    def listed(*order):
        return [item["reference"] for item in run("items", "list", "--desk", "north", *order, "--json")["items"]]

    assert listed() == listed("--order", "act_by") == [low, top]
    assert listed("--order", "due") == [top, low]
