"""Attainment, breaches, exclusions and pauses by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import NOW
from watchbill.flows.report.reading import read_timelines


@pytest.fixture
def broken(office):
    """An item of the desk north that nobody answered for two days, read."""
    item = office.item(now=NOW - timedelta(days=2))
    read_timelines(NOW)
    return item


def test_attainment_and_what_is_behind_it(api, broken):
    """Open and broken stands apart, and its list has as many rows."""
    status, told = api("coordinator").get("/attainment?desk=north&by=commitment")
    assert status == 200
    response = next(one for one in told["slices"] if one["key"] == "response")
    assert (response["attainment"]["share"], response["broken"]) == (None, 1)
    _, listed = api("coordinator").get("/attainment/commitments?desk=north&result=broken&commitment=response")
    assert [one["item"] for one in listed["commitments"]] == [broken]
    assert listed["commitments"][0]["reason"] == "unassigned"
    _, other = api("coordinator").get("/attainment/commitments?desk=north&result=broken&agreement=uc")
    assert other["commitments"] == []


def test_a_slice_names_things_of_the_desk(api, broken):
    """A queue, team or person that the desk does not have is 404."""
    for query in ("queue=Nowhere", "team=Nobodies", "owner=Ann+South"):
        assert api("coordinator").get(f"/attainment?desk=north&{query}")[0] == 404
    assert api("coordinator").get("/attainment?desk=north&queue=Mail")[0] == 200
    assert api("coordinator").get("/attainment?desk=north&since=2026-03-01T00:00")[0] == 422


def test_a_reason_is_confirmed_and_its_history_told(api, broken):
    """As suggested, then otherwise."""
    _, page = api("coordinator").get("/breaches?desk=north&is_confirmed=false&limit=1")
    (breach,) = page["breaches"]
    assert page["next"] is not None
    body = {"desk": "north", "breaches": [breach["reference"]]}
    assert api("coordinator").post("/breaches/confirm", body)[1]["done"] == [breach["reference"]]
    api("manager").post("/breaches/confirm", {**body, "code": "vendor"})
    _, told = api("auditor").get(f"/breaches/{breach['reference']}")
    assert (told["confirmed"], [one["code"] for one in told["answers"]]) == ("vendor", ["vendor", "unassigned"])


def test_an_exclusion_by_two_people(api, broken):
    """Asked, refused to who asked, approved by another, withdrawn."""
    body = {"item": broken, "commitment": "response", "code": "outage", "text": "Line down"}
    status, asked = api("manager").post("/exclusions", body)
    assert (status, asked["status"]) == (200, "asked")
    address = f"/exclusions/{asked['reference']}"
    assert api("manager").post(f"{address}/approve", {})[0] == 403
    assert api("chief").post(f"{address}/approve", {})[1]["status"] == "approved"
    assert api("chief").post(f"{address}/refuse", {"text": "No"})[0] == 409
    assert api("manager").post(f"{address}/withdraw", {})[1]["status"] == "withdrawn"
    assert [one["status"] for one in api("auditor").get("/exclusions?desk=north")[1]["exclusions"]] == ["withdrawn"]


def test_pauses_and_codes(api, broken):
    """Nothing is called silent where no message is known; a code is added and shown."""
    assert api("auditor").get("/pauses?desk=north")[1]["silent"] is None
    assert api("auditor").get("/pauses/list?desk=north")[1] == {"pauses": [], "next": None}
    body = {"desk": "north", "sort": "breach", "code": "late_parts", "label": "Parts came late"}
    _, told = api("manager").call("PUT", "/codes", body)
    assert {"code": "late_parts", "label": "Parts came late", "is_active": True, "is_standard": False} in told["breach"]
