"""Customers in the API: their terms and sites, items that lie with them, and items that are merged."""

from __future__ import annotations

import pytest

from tests.interfaces.office import NOW


@pytest.fixture
def acme(office, api):
    """A customer of north with one item, by reference."""
    office.item(customer="Acme Ltd")
    (row,) = api("ann").get("/customers?desk=north&q=acme")[1]["customers"]
    return row["reference"]


def test_terms_are_set_and_told(api, acme):
    """What held before stays to be read; an agent may read it and not set it."""
    body = {"tier": "premier", "contract": "Gold 24/7", "zone": "Asia/Kolkata", "version": 1, "reason": "signed"}
    assert api("ann").patch(f"/customers/{acme}", body)[0] == 403
    assert api("chief").patch(f"/customers/{acme}", body) == (
        200,
        {"reference": acme, "version": 2, "changed": ["contract", "tier", "zone"]},
    )
    assert api("chief").patch(f"/customers/{acme}", {**body, "tier": "plus"})[0] == 409
    for wrong in ({"zone": "Mars/Olympus"}, {"contract": "x" * 501}, {"tier": "gold"}):
        assert api("chief").patch(f"/customers/{acme}", wrong)[0] == 422
    status, whole = api("ann").get(f"/customers/{acme}")
    assert (status, whole["name"], whole["contract"], whole["zone"]) == (200, "Acme Ltd", "Gold 24/7", "Asia/Kolkata")
    latest, first = whole["terms"]
    assert (latest["tier"], latest["by"], latest["reason"]) == ("premier", "Chief", "signed")
    assert latest["since"].startswith(NOW.date().isoformat())
    assert (first["since"], first["tier"], first["contract"]) == (None, "standard", "")


def test_sites_are_added_renamed_and_taken_out_of_use(api, acme):
    """Each answers with the site and its customer's version."""
    status, kept = api("chief").post(f"/customers/{acme}/sites", {"name": "Dublin", "zone": "Europe/Dublin"})
    assert (status, kept["reference"], kept["version"]) == (201, acme, 2)
    assert api("chief").post(f"/customers/{acme}/sites", {"name": "Dublin"})[0] == 409
    assert api("ann").post(f"/customers/{acme}/sites", {"name": "Cork"})[0] == 403
    change = {"name": "Dublin 2", "zone": "", "is_active": False, "version": 2, "reason": "moved"}
    assert api("ann").patch(f"/sites/{kept['site']}", change)[0] == 403
    assert api("chief").patch(f"/sites/{kept['site']}", change) == (
        200,
        {**kept, "version": 3, "changed": ["is_active", "name", "zone"]},
    )
    (site,) = api("ann").get(f"/customers/{acme}")[1]["sites"]
    latest, first = site.pop("terms")
    assert site == {"reference": kept["site"], "name": "Dublin 2", "zone": "", "is_active": False}
    assert (latest["name"], latest["zone"], latest["reason"]) == ("Dublin 2", "", "moved")
    assert latest["since"] is not None
    assert (first["since"], first["name"], first["zone"]) == (None, "Dublin", "Europe/Dublin")
    assert api("chief").patch("/sites/SITE-999999", {"name": "x"})[0] == 404


def test_items_lie_with_a_customer_at_a_site(api, acme):
    """On opening, and changed later; a list holds those of one customer."""
    api("chief").post(f"/customers/{acme}/sites", {"name": "Dublin"})
    body = {"desk": "north", "title": "No heat", "customer": "Acme Ltd", "site": "Dublin"}
    item = api("ann").post("/items", body)[1]["reference"]
    shown = api("ann").get(f"/items/{item}")[1]
    assert (shown["customer"], shown["customer_ref"], shown["site"]) == ("Acme Ltd", acme, "Dublin")
    assert api("ann").post("/items", {**body, "site": "Cork"})[0] == 422
    listed = api("ann").get(f"/items?desk=north&customer={acme}")[1]["items"]
    assert (len(listed), listed[-1]["reference"]) == (2, item)
    assert api("ann").patch(f"/items/{item}", {"version": 1, "customer": "Bolt"})[0] == 200
    shown = api("ann").get(f"/items/{item}")[1]
    assert (shown["customer"], shown["site"]) == ("Bolt", None)
    assert api("ann").patch(f"/items/{item}", {"version": 2, "site": "Dublin"})[0] == 422
    assert api("ann").patch(f"/items/{item}", {"version": 2, "customer": "", "site": "Dublin"})[0] == 422


def test_items_are_merged_and_taken_apart(office, api):
    """On the versions that were seen; both say what became of them."""
    one, two = office.item(), office.item()
    body = {"into": two, "version": 1, "into_version": 1, "text": "the same"}
    assert api("auditor").post(f"/items/{one}/merge", body)[0] == 403
    assert api("ann").post(f"/items/{one}/merge", {**body, "into_version": 4})[0] == 409
    assert api("ann").post(f"/items/{one}/merge", body) == (
        200, {"reference": one, "version": 2, "into": {"reference": two, "version": 2}},
    )  # fmt: skip
    gone, kept = (api("ann").get(f"/items/{name}")[1] for name in (one, two))
    assert (gone["state"], gone["merged_into"], gone["merged"]) == ("cancelled", two, [])
    assert (kept["state"], kept["merged_into"], kept["merged"]) == ("new", None, [one])
    event = api("ann").get(f"/items/{two}/events")[1]["events"][0]
    assert (event["kind"], event["data"]["reference"]) == ("merged", one)
    status, refused = api("ann").post(f"/items/{one}/notes", {"text": "Soon", "is_to_customer": True})
    assert (status, refused["message"]) == (422, f"{one} was merged into {two}: reply there")
    assert api("ann").post(f"/items/{two}/undo", {"event": 2}) == (200, {"reference": two, "version": 3})
    gone, kept = (api("ann").get(f"/items/{name}")[1] for name in (one, two))
    assert (gone["state"], gone["merged_into"], kept["merged"]) == ("new", None, [])
