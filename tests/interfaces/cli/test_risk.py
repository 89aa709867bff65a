"""Risk at the command line."""

from __future__ import annotations


def test_the_report_says_what_is_lacking(run, office):
    """Of a desk without history: in words, and as JSON."""
    office.item()
    assert "No promise of this desk has been met or missed yet." in run("risk", "report", "--desk", "north")
    told = run("risk", "report", "--desk", "north", "--json")
    assert (told["source"], told["items"], told["items_left_out"]) == (None, 1, 0)
