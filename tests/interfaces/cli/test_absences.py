"""Absences at the command line, by API and on the person's page."""

from __future__ import annotations

import pytest

from watchbill.engine.base.errors import Conflict, InvalidFacts

DESK = ("--desk", "north")
SPAN = ("2026-03-02T08:00+00:00", "2026-03-03T08:00+00:00")


def test_an_absence_is_said_listed_and_ended(run):
    """By name, with a deputy; twice is a conflict; ended now it is over."""
    added = run("absences", "add", "Ann North", *SPAN, *DESK, "--deputy", "Bo North", "--note", "Sea", "--json")
    assert (added["deputy"], added["kind"]) == ("Bo North", "leave")
    assert "Bo North" in run("absences", "list", *DESK)
    with pytest.raises(Conflict, match="away already"):
        run("absences", "add", "Ann North", *SPAN, *DESK)
    with pytest.raises(InvalidFacts, match="instant such as"):
        run("absences", "add", "Ann North", "tomorrow", SPAN[1], *DESK)
    assert "ends now" in run("absences", "cancel", added["reference"])
    assert run("absences", "list", *DESK, "--person", "Ann North", "--json")["absences"] == []


def test_who_stands_in_and_is_away_too_is_said(run):
    """Two who stand in for each other: the second absence warns, and so does the first from then on; apart in time nothing is said."""
    first = run("absences", "add", "Ann North", *SPAN, *DESK, "--deputy", "Bo North", "--json")
    assert first["warning"] == ""
    second = ("2026-03-02T20:00+00:00", "2026-03-05T08:00+00:00")
    said = run("absences", "add", "Bo North", *second, *DESK, "--deputy", "Ann North")
    assert "Ann North, who stands in, is away in a part of this time too" in said
    rows = run("absences", "list", *DESK, "--json")["absences"]
    assert [bool(row["warning"]) for row in rows] == [True, True]


def test_the_api_says_the_same(api):
    """Oneself may, others may not; bad values name their field."""
    body = {"desk": "north", "person": "Ann North", "from_at": SPAN[0], "until_at": SPAN[1]}
    assert api("agent").call("POST", "/absences", body)[0] == 403
    status, made = api("ann").call("POST", "/absences", body)
    assert (status, made["person"]) == (201, "Ann North")
    status, wrong = api("ann").call("POST", "/absences", {**body, "until_at": SPAN[0]})
    assert (status, wrong["details"]["field"]) == (422, "until")
    assert api("ann").get("/absences?desk=north")[1]["absences"][0]["reference"] == made["reference"]
    assert api("stranger").call("POST", f"/absences/{made['reference']}/cancel", {})[0] == 404
    assert api("ann").call("POST", f"/absences/{made['reference']}/cancel", {})[0] == 200
