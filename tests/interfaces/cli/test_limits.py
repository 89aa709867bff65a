"""What people may take and what customers and items ask for, by API and at the command line."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY
from watchbill.apps.work.queries import work_get
from watchbill.engine.base.errors import Conflict, InvalidFacts


def test_the_api_says_the_same_of_people(api, ann):
    """What is left out stays; null and empty are told apart; the second of two writers is told."""
    boss, path = api("chief"), f"/people/PER-{ann}/limits"
    body = {"clearances": ["bank"], "tiers": ["plus"], "class_limits": {"kind:change": 2}, "deputy": "Bo North"}
    assert api("ann").patch(path, body)[0] == 403
    assert api("stranger").patch(path, body)[0] == 404
    status, told = boss.patch(path, {**body, "version": 1})
    assert (status, told["clearances"], told["tiers"], told["class_limits"]) == (
        200, ["bank"], ["plus"], {"kind:change": 2}
    )  # fmt: skip
    assert told["deputy"].startswith("PER-")
    assert boss.patch(path, {"tiers": [], "version": 1})[0] == 409
    status, told = boss.patch(path, {"tiers": [], "deputy": ""})
    assert (status, told["clearances"], told["tiers"], told["deputy"]) == (200, ["bank"], [], None)
    for wrong in (
        {"class_limits": {"kind:problem": 1}},
        {"tiers": ["gold"]},
        {"clearances": [""]},
        {"deputy": "Ann North"},
    ):
        status, said = boss.patch(path, wrong)
        assert (status, said["details"]["field"]) == (422, next(iter(wrong)))
    assert boss.get(f"/people/PER-{ann}")[1]["clearances"] == ["bank"]


def test_the_api_says_the_same_of_customers_and_items(api, office, acme):
    """A customer's as one act; an item's when it is opened, and as one of its fields."""
    boss, path = api("chief"), f"/customers/CUS-{acme}"
    assert api("ann").post(f"{path}/clearances", {"clearances": ["bank"]})[0] == 403
    assert boss.post(f"{path}/clearances", {"clearances": ["bank"], "version": 1})[1]["changed"] == ["clearances"]
    assert boss.get(path)[1]["clearances"] == ["bank"]
    assert boss.post(f"{path}/clearances", {"clearances": ["x"], "version": 1})[0] == 409
    body = {"desk": "north", "title": "Export papers", "clearances": ["export"]}
    status, made = boss.post("/items", body)
    assert (status, work_get(made["reference"], by=BY).clearances) == (201, ("export",))
    assert boss.post("/items", {**body, "clearances": ["x" * 201]})[0] == 422
    assert boss.patch(f"/items/{made['reference']}", {"clearances": ["bank"], "version": 1})[0] == 200
    assert boss.get(f"/items/{made['reference']}")[1]["attributes"] == {"clearance": ["bank"]}
    assert boss.patch(f"/items/{made['reference']}", {"clearances": ["bank"]})[0] == 422


def test_the_command_line_says_the_same(run, office, ann, acme):
    """Bad input in the same words."""
    who = f"PER-{ann}"
    told = run("people", "limits", who, "--set", "--most", "kind:change=2", "--clearance", "bank", "--json")
    assert (told["class_limits"], told["clearances"]) == ({"kind:change": 2}, ["bank"])
    with pytest.raises(InvalidFacts, match="is no class of work"):
        run("people", "limits", who, "--set", "--most", "kind:problem=2")
    with pytest.raises(InvalidFacts, match="is not a class and a number"):
        run("people", "limits", who, "--set", "--most", "changes")
    assert "is kept" in run("customers", "clearances", f"CUS-{acme}", "export")
    assert "Clearances asked for: export" in run("customers", "show", f"CUS-{acme}")
    made = run("items", "create", "Papers", "--desk", "north", "--clearance", "export", "--json")["reference"]
    assert "asks for bank" in run("items", "clearances", made, "bank", "--version", "1")
    assert work_get(made, by=BY).clearances == ("bank",)
    with pytest.raises(Conflict):
        run("items", "clearances", made, "--version", "1")
