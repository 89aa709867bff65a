"""`watchbill recover`: options in words and as JSON, one applied and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
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
