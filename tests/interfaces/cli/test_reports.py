"""Attainment, breaches, exclusions and pauses at the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.engine.base.errors import InvalidFacts, NotAllowed, NotFound

DESK = ("--desk", "north")


@pytest.fixture
def broken(run, office):
    """An item that nobody answered for two days, read."""
    item = office.item(now=NOW - timedelta(days=2))
    assert run("attainment", "read", "--json")["items"] == 1
    return item


@pytest.fixture
def field(office):
    """A team without work."""
    team_ensure_many(office.desks["north"], ["Field"])
    return "Field"


def test_attainment_and_breaches_are_told(run, broken):
    """The same figures as on the page; a breach is confirmed as suggested."""
    told = run("attainment", "show", *DESK, "--json")
    assert {one["label"]: one["broken"] for one in told["slices"]} == {"response": 1, "resolution": 1}
    assert told["all"]["broken"] == 2
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
    codes = {one["code"]: one["is_active"] for one in run("breaches", "codes", *DESK, "--json")["breach"]}
    assert codes["late_parts"] is False


@pytest.mark.parametrize(
    ("words", "address"),
    [
        (("attainment", "show"), "/attainment?"),
        (
            ("attainment", "show", "--by", "owner", "--team", "Field", "--customer", "CUS-1"),
            "/attainment?by=owner&team=Field&customer=CUS-1&",
        ),
        (("attainment", "list", "--result", "broken", "--limit", 1), "/attainment/commitments?result=broken&limit=1&"),
        (("breaches", "list", "--limit", 1), "/breaches?limit=1&"),
        (("breaches", "codes"), "/codes?"),
        (("exclusions", "list"), "/exclusions?"),
        (("pauses",), "/pauses?"),
        (("pauses", "--list", "late"), "/pauses/list?which=late&"),
    ],
)
def test_a_command_says_what_the_api_says(run, api, broken, field, words, address):
    """One name for one thing: the JSON of a command is that of the endpoint beside it."""
    run("exclusions", "ask", broken, "response", "--code", "outage", "--text", "Line down")
    status, told = api("chief").get(f"{address}desk=north")
    assert status == 200, told
    assert run(*words, *DESK, "--json") == told


@pytest.mark.parametrize(
    ("words", "name"),
    [(("attainment", "list", "--result", "broken"), "commitments"), (("breaches", "list"), "breaches")],
)
def test_lists_go_on_where_the_page_before_ended(run, broken, words, name):
    """Page by page by `next`: every row once, and the lines say how to go on."""
    whole = run(*words, *DESK, "--json")[name]
    seen, after = [], ""
    while after is not None:
        page = run(*words, *DESK, "--limit", 1, "--after", after, "--json")
        seen, after = seen + page[name], page["next"]
    assert len(whole) == 2
    assert seen == whole
    assert "More: --after" in run(*words, *DESK, "--limit", 1)


def test_figures_of_one_team_and_one_customer(run, broken, field):
    """The same slices as on the page; a team that the desk does not have is said so."""
    assert run("breaches", "list", *DESK, "--team", field, "--json")["breaches"] == []
    assert (
        run("attainment", "list", *DESK, "--result", "broken", "--customer", "CUS-999", "--json")["commitments"] == []
    )
    with pytest.raises(NotFound, match="no team “Feild”"):
        run("pauses", *DESK, "--team", "Feild")
