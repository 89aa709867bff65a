"""Risk at the command line."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import NOW
from watchbill.flows.sense.scoring import desk_score


def test_the_report_says_what_is_lacking(run, office):
    """Of a desk without history: in words, and as JSON."""
    office.item()
    assert "No promise of this desk has been met or missed yet." in run("risk", "report", "--desk", "north")
    told = run("risk", "report", "--desk", "north", "--json")
    assert (told["source"], told["items"], told["items_left_out"]) == (None, 1, 0)


def test_dangers_are_listed_and_told_of_an_item(run, office):
    """By roll-outs of the desk until something is learned; an item without a running promise says so."""
    item = office.item(priority=1)
    assert "Nothing runs that can still be kept." in run("risk", "item", item)
    desk_score(office.desks["north"], NOW + timedelta(minutes=30))
    told = run("risk", "--desk", "north", "--json")
    assert (told["source"], told["model"], told["next"]) == ("rollout", None, None)
    assert [one["reference"] for one in told["items"]] == [item]
    assert "By roll-outs of the desk as it stands: nothing was learned yet." in run("risk", "--desk", "north")
    one = run("risk", "item", item, "--json")["risks"][0]
    assert (one["source"], one["runs"], one["model"]) == ("rollout", 200, None)
    assert "source of their score: rollout " in run("risk", "model", "--desk", "north")
    assert run("risk", "--desk", "north", "--likely", "--json")["items"] == []


def test_a_desk_learns_when_it_is_asked_to(run, office):
    """With too little history it says so, and the words are kept as those of the model in use."""
    office.item()
    assert "Nothing was learned yet" in run("risk", "model", "--desk", "north")
    assert run("risk", "learn", "--desk", "north", "--json")["number"] == 1
    assert "No promise of this desk has been met or missed yet." in run("risk", "model", "--desk", "north")
