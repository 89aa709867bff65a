"""What overrides teach at the command line and by the API: the same numbers."""

from __future__ import annotations

import pytest

from tests.answered import answered
from tests.interfaces.office import NOW
from watchbill.engine.base.errors import NotFound

DESK = ("--desk", "north")


@pytest.fixture
def taught(office):
    item = office.item()
    answered(item, chosen=office.people["Ann North"], other=office.people["Bo North"], now=NOW)
    return item


def test_command_and_api_say_the_same(run, api, taught):
    """Findings, cases and counts; in lines for people, too."""
    told = run("learn", "show", *DESK, "--json")
    status, shown = api("admin").get("/learned?desk=north")
    assert status == 200
    assert told["findings"][0]["changes"] == shown["findings"][0]["changes"]
    assert told["findings"][0]["cases"][0]["item"] == taught
    assert (told["answers"], shown["answers"]) == (66, 66)
    assert "Raise “Worked on it before” from 12 to 18" in run("learn", "show", *DESK)


def test_a_finding_is_set_aside_and_brought_back(run, api, taught):
    """By command, by API; twice is not found."""
    assert "set aside" in run("learn", "aside", "weight:continuity", *DESK, "--reason", "A pilot")
    assert "Nothing stands out." in run("learn", "show", *DESK)
    assert api("admin").call("POST", "/learned/back", {"desk": "north", "key": "weight:continuity"})[0] == 200
    with pytest.raises(NotFound, match="Nothing of this name"):
        run("learn", "back", "weight:continuity", *DESK)
    body = {"desk": "north", "key": "weight:continuity", "reason": "Again"}
    assert api("admin").call("POST", "/learned/aside", body)[1]["is_set_aside"] is True
    assert api("agent").call("POST", "/learned/aside", body)[0] == 403
