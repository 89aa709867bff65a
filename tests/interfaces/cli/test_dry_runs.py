"""`watchbill assign dry-run`: a draft is run dry at the terminal, and the latest are listed."""

from __future__ import annotations

import json

from tests.interfaces.office import BY, NOW
from watchbill.flows.act.assigning import item_assign

COMMAND = ("assign", "dry-run", "--desk", "north")


def test_a_draft_is_run_dry_at_the_terminal(run, office):
    """Its sums in words and as JSON; nothing is published; without a draft the latest are listed."""
    item_assign(office.item(), office.people["Ann North"], by=BY, now=NOW)
    draft = json.dumps({"rules": ['when always then never "Ann North"']})
    found = run(*COMMAND, "--policy", "-", "--json", text=draft)
    assert (found["state"], found["days"], found["result"]["looked_at"]) == ("done", 14, 1)
    told = run(*COMMAND, "--policy", "-", "--days", "3", text=draft)
    assert "1 of 1 choices looked at" in told
    assert "Mind: Each choice is asked in the situation as it was" in told
    assert [row["days"] for row in run(*COMMAND, "--json")["dry_runs"]] == [3, 14]
    assert found["reference"] in run(*COMMAND)
