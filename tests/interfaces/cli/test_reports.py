"""Attainment, breaches, exclusions and pauses at the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
from watchbill.engine.base.errors import InvalidFacts, NotAllowed

DESK = ("--desk", "north")


@pytest.fixture
def broken(run, office):
    """An item that nobody answered for two days, read."""
    item = office.item(now=NOW - timedelta(days=2))
    assert run("attainment", "read", "--json")["items"] == 1
    return item


def test_attainment_and_breaches_are_told(run, broken):
    """The same figures as on the page; a breach is confirmed as suggested."""
    told = run("attainment", "show", *DESK, "--json")
    assert {one["label"]: one["broken"] for one in told["slices"]} == {"response": 1, "resolution": 1, "All": 2}
    assert "none yet" in run("attainment", "show", *DESK, "--by", "owner")
    assert broken in run("attainment", "list", *DESK, "--result", "broken", "--agreement", "sla")
    assert broken not in run("attainment", "list", *DESK, "--result", "broken", "--agreement", "ola")
    listed = run("breaches", "list", *DESK, "--to-confirm", "--json")
    references = [one["reference"] for one in listed["breaches"]]
    assert "2 confirmed" in run("breaches", "confirm", *references, *DESK)
    assert run("breaches", "list", *DESK, "--to-confirm", "--json")["breaches"] == []
    assert run("attainment", "read", "--anew", "--json")["items"] == 1
    with pytest.raises(InvalidFacts, match="instant such as"):
        run("attainment", "show", *DESK, "--since", "yesterday")


def test_the_console_asks_and_another_approves(run, broken):
    """The console is one person; a user is another."""
    asked = run("exclusions", "ask", broken, "response", "--code", "outage", "--text", "Line down", "--json")
    with pytest.raises(NotAllowed, match="second person"):
        run("exclusions", "approve", asked["reference"])
    assert "is approved" in run("exclusions", "approve", asked["reference"], "--as", "chief")
    assert "is withdrawn" in run("exclusions", "withdraw", asked["reference"])
    again = run("exclusions", "ask", broken, "response", "--code", "test", "--text", "A drill", "--json")
    run("exclusions", "refuse", again["reference"], "--text", "It was none", "--as", "chief")
    assert {one["status"] for one in run("exclusions", "list", *DESK, "--json")["exclusions"]} == {
        "withdrawn",
        "refused",
    }


def test_pauses_and_codes(run, broken):
    """By team; a code of the desk's own, put out of use again."""
    assert run("pauses", *DESK, "--by", "team", "--json")["rows"] == []
    run("breaches", "code", "breach", "late_parts", "Parts came late", *DESK)
    run("breaches", "code", "breach", "late_parts", "Parts came late", "--out-of-use", *DESK)
    codes = {one["code"]: one["is_active"] for one in run("breaches", "codes", *DESK, "--json")["codes"]}
    assert codes["late_parts"] is False
