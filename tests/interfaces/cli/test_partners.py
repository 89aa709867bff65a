"""Partners at the command line."""

from __future__ import annotations

import pytest

from watchbill.apps.people.partners import partner_list
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound

ADD = ("partners", "add", "Nightferry", "--desk", "north", "--at-once", "2", "--most", "8", "--lead-min", "30")


def test_partners_are_named_changed_and_retired(run, office):
    """By name or by reference; what is left out stays, "" forgets; lines for people, JSON for programs."""
    made = run(*ADD, "--price", "310", "--currency", "eur", "--category", "Disk", "--category", "Router", "--json")
    assert (made["price"], made["currency"], made["categories"]) == ("310.00", "EUR", ["Disk", "Router"])
    reference = made["reference"]
    shown = run("partners", "list", "--desk", "north")
    assert "P2 to P4" in shown
    assert "Disk, Router" in shown
    assert "310.00 EUR" in shown
    said = run(
        "partners", "change", reference, "--most", "9", "--price", "", "--category", "", "--least-priority", "P4"
    )
    assert said == f"{reference} Nightferry is changed (version 2)\n"
    assert "nothing was different (version 2)" in run("partners", "change", reference, "--most", "9")
    office.item(category="Disks")
    said = run("partners", "change", reference, "--category", "disks")
    assert said.splitlines()[1] == "No item of this desk has the category “disks”; did you mean “Disks”?"
    assert "Nightferry: No item of this desk has" in run("partners", "list", "--desk", "north")
    run("partners", "change", reference, "--category", "")
    (row,) = partner_list(office.desks["north"])
    assert (row.most, row.at_once, row.price, row.currency, row.categories, row.least_priority) == (
        9, 2, None, "", (), 4
    )  # fmt: skip
    assert "is retired" in run("partners", "retire", "Nightferry", "--desk", "north", "--reason", "ended")
    assert run("partners", "list", "--desk", "north", "--json") == {"partners": []}
    (gone,) = run("partners", "list", "--desk", "north", "--retired", "--json")["partners"]
    assert gone["is_active"] is False
    assert "is in use again" in run("partners", "restore", "Nightferry", "--desk", "north", "--reason", "back")
    line = run("partners", "list", "--desk", "north").splitlines()[1]
    assert line.split()[:3] == [reference, "Nightferry", "P4"]
    assert "all" in line
    assert "not known" in line


def test_what_cannot_be_is_refused(run):
    """A price that is none, a partner that there is not, who came second, and who may not."""
    with pytest.raises(InvalidFacts, match="such as 85 or 85.50"):
        run(*ADD, "--price", "cheap", "--currency", "EUR")
    run(*ADD)
    with pytest.raises(Conflict, match="called Nightferry already"):
        run(*ADD)
    with pytest.raises(NotFound, match="no partner “Halden”; there are Nightferry"):
        run("partners", "change", "Halden", "--desk", "north", "--most", "9")
    with pytest.raises(NotFound):
        run("partners", "retire", "PTN-999999", "--reason", "x")
    run("partners", "change", "Nightferry", "--desk", "north", "--most", "9", "--version", "1")
    with pytest.raises(Conflict, match="changed the partner Nightferry"):
        run("partners", "change", "Nightferry", "--desk", "north", "--most", "7", "--version", "1")
    with pytest.raises(NotAllowed):
        run("partners", "change", "Nightferry", "--desk", "north", "--most", "7", "--as", "ann")
    assert "Nightferry" in run("partners", "list", "--desk", "north", "--as", "ann")
