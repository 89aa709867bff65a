"""`watchbill shadow`: begun, listed, shown, stopped and adopted at the terminal."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.services import clock_move
from watchbill.apps.decisions import shadows
from watchbill.flows.assign.dryrun import dry_run_ask


def test_a_draft_is_shadowed_at_the_terminal(run, office, monkeypatch):
    """In words and as JSON; adopted when it is over, with a reason."""
    monkeypatch.setattr(shadows, "LEAST", 0)
    name = f"watchbill DRY-{dry_run_ask(office.desks['north'], {'look_ahead': 2.0}, is_waking=False, by=BY, now=NOW)}"
    found = run("shadow", "start", name, "--desk", "north", "--days", "3", "--json")
    assert (found["state"], found["days"]) == ("running", 3)
    assert "stopped" in run("shadow", "stop", found["reference"])
    reference = run("shadow", "start", name, "--desk", "north", "--json")["reference"]
    assert "under way: 0.0 of 7 days" in run("shadow", "show", reference)
    assert [one["state"] for one in run("shadow", "list", "--desk", "north", "--json")["shadows"]] == [
        "running",
        "stopped",
    ]
    clock_move(desk_at=NOW + timedelta(days=8), rate=0, limit_at=None, by=BY, now=NOW)
    assert "adopted" in run("shadow", "adopt", reference, "--reason", "better")
