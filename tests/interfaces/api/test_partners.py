"""Partners by the API: named, changed and retired, with the fields that are wrong; nothing for those who may not."""

from __future__ import annotations

import pytest

NEW = {"desk": "north", "name": "Nightferry", "at_once": 2, "most": 8, "lead_min": 30}


@pytest.fixture
def ferry(api):
    status, said = api("chief").post("/partners", {**NEW, "price": "310.50", "currency": "eur", "categories": ["Disk"]})
    assert status == 201
    return said


def test_a_partner_is_named(api, ferry):
    """The answer is what is kept: defaults, the currency in capitals, and a price that loses nothing."""
    number = ferry.pop("reference")
    assert number.startswith("PTN-")
    assert ferry == {
        "name": "Nightferry", "email": "", "categories": ["Disk"], "least_priority": 2, "at_once": 2, "most": 8,
        "lead_min": 30, "price": "310.50", "currency": "EUR", "note": "", "is_active": True, "version": 1,
        "held": 0, "notes": ["No item of this desk has the category “Disk”"],
    }  # fmt: skip
    assert api("ann").get("/partners?desk=north") == (200, {"partners": [{"reference": number, **ferry}]})
    assert api("ann").get(f"/partners/{number}") == (200, {"reference": number, **ferry})
    assert api("chief").post("/partners", NEW)[0] == 409
    status, said = api("chief").post("/partners", {**NEW, "name": "Halden", "price": 85})
    assert (status, said["details"]["field"]) == (422, "currency")
    status, said = api("chief").post("/partners", {**NEW, "name": "Halden", "least_priority": "P3", "price": None})
    assert (status, said["least_priority"], said["price"]) == (201, 3, None)


@pytest.mark.parametrize(
    "wrong",
    [{"at_once": 0}, {"most": 10_001}, {"lead_min": -1}, {"least_priority": 5}, {"price": "1.005"}, {"cost": 1}],
)
def test_what_makes_no_sense_is_refused(api, wrong):
    """So is a key that nobody knows; nothing is kept."""
    status, said = api("chief").post("/partners", {**NEW, "currency": "EUR", "price": 1, **wrong})
    assert (status, next(iter(wrong)) in str(said)) == (422, True)
    assert api("chief").get("/partners?desk=north")[1] == {"partners": []}


def test_a_partner_is_changed(api, ferry):
    """What is left out stays; null forgets the price and its currency, and nothing else; of two the second is told."""
    boss, where = api("chief"), f"/partners/{ferry['reference']}"
    status, said = boss.patch(where, {"most": 9, "version": 1, "reason": "new year"})
    assert (status, said) == (200, {**ferry, "most": 9, "version": 2})
    status, said = boss.patch(where, {"most": 10, "version": 1})
    assert (status, said["details"]["changes"][0]["set"]) == (409, {"most": 9})
    status, said = boss.patch(where, {"price": None, "email": None})
    assert (status, said) == (200, {**ferry, "most": 9, "price": None, "currency": "", "version": 3})
    status, said = boss.patch(where, {"categories": []})
    assert (status, said["categories"], said["notes"]) == (200, [], [])
    assert api("ann").patch(where, {"most": 1})[0] == 403
    assert api("stranger").patch(where, {"most": 1})[0] == 404


def test_a_partner_is_retired_and_used_again(api, ferry):
    """A reason is asked for; the list keeps it, last."""
    boss, where = api("chief"), f"/partners/{ferry['reference']}/retire"
    assert boss.post(where, {})[0] == 422
    assert boss.post(where, {"reason": "ended", "version": 1})[1]["is_active"] is False
    boss.post("/partners", {**NEW, "name": "Zebra"})
    listed = boss.get("/partners?desk=north")[1]["partners"]
    assert [(one["name"], one["is_active"]) for one in listed] == [("Zebra", True), ("Nightferry", False)]
    assert boss.post(where, {"reason": "back", "is_active": True})[1] == {**ferry, "version": 3}


def test_the_same_key_names_a_partner_once(api):
    """A program that sends again gets the first answer."""
    first = api("chief").post("/partners", NEW, Idempotency_Key="once")
    assert api("chief").post("/partners", NEW, Idempotency_Key="once") == first
    assert len(api("chief").get("/partners?desk=north")[1]["partners"]) == 1
