"""`watchbill recover`: options in words and as JSON, one applied and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
from tests.interfaces.web.kept_options import office_passes
from watchbill.engine.base.errors import Conflict, InvalidFacts


def test_options_at_the_terminal(run, office):
    """A table with doing nothing first, the reasons of what is not offered, and the assumptions; the same as JSON."""
    for back in (1, 200):
        office.item(now=NOW - timedelta(hours=back))
    found = run("recover", "--desk", "north", "--hours", "4", "--json")
    assert (found["state"], found["hours"], found["result"]["options"][0]["code"]) == ("done", 4, "nothing")
    told = run("recover", "show", found["reference"])
    for said in (
        "misses",
        "beside nothing",
        "nothing: Nobody does anything",
        "Not offered, pass to a partner:",
        "Under these assumptions:",
    ):
        assert said in told
    with pytest.raises(Conflict, match="Nothing of"):
        run("recover", "undo", found["reference"])
    with pytest.raises(InvalidFacts, match="nothing to be done"):
        run("recover", "apply", found["reference"], "nothing")


def test_work_is_passed_to_a_partner_and_taken_back(run, office):
    """The price stands beside the plan; applied and undone, the partner is named, and what it has is counted."""
    reference = f"REC-{office_passes(office, now=NOW)[0]}"
    told = run("recover", "show", reference)
    assert "256.50 EUR" in told
    assert "partner (best): 3 items to Fixers Ltd" in told
    assert "Fixers Ltd" in run("recover", "apply", reference, "partner")
    assert run("partners", "list", "--desk", "north", "--json")["partners"][0]["held"] == 3
    assert "partner was applied by" in run("recover", "show", reference)
    assert "no longer with the partner" in run("recover", "undo", reference)
    assert run("partners", "list", "--desk", "north", "--json")["partners"][0]["held"] == 0
