"""`watchbill assign tune`: the last weeks are simulated at the terminal, and the latest tunings are listed."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import NOW

COMMAND = ("assign", "tune", "--desk", "north")


def test_a_policy_is_tuned_at_the_terminal(run, office):
    """Its table in words and as JSON; nothing is published; with --list the latest are listed."""
    for back in (2, 9):
        office.item(now=NOW - timedelta(days=back))
    found = run(*COMMAND, "--weeks", "2", "--json")
    assert (found["state"], found["weeks"], found["result"]["is_change"]) == ("done", 2, False)
    told = run(*COMMAND, "--weeks", "3")
    assert "2 weeks with 3 items simulated" in told  # the first of them still waits when the second week begins
    assert "No other setting was certainly better on 2 simulated courses of the desk; nothing to change." in told
    assert "Mind: How long work takes is an assumption" in told
    assert [row["weeks"] for row in run(*COMMAND, "--list", "--json")["tunings"]] == [3, 2]
    assert found["reference"] in run(*COMMAND, "--list")
