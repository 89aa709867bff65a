"""Stuck work and changes of region at the command line, by the API and on their pages: the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BOSS
from tests.interfaces.office import NOW
from watchbill.apps.decisions.models import Traffic
from watchbill.apps.people.models import Person, Region
from watchbill.apps.work.models import WorkItem
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.act.assigning import item_assign

DESK = ("--desk", "north")


@pytest.fixture
def left(office):
    """A case of somebody who has left since."""
    item = office.item(title="Printer of the lobby")
    item_assign(item, office.people["Ann North"], by=BOSS, now=NOW)
    Person.objects.filter(id=office.people["Ann North"]).update(is_active=False)
    return item


@pytest.fixture
def going(office):
    """A case of somebody of a region that goes home in an hour, to be passed to the next."""
    reference = office.item(title="Link down")
    item_assign(reference, office.people["Ann North"], by=BOSS, now=NOW)
    item = WorkItem.objects.get(reference=reference)
    here, there = (Region.objects.create(desk_id=item.desk_id, name=name) for name in ("EMEA", "APJ"))
    Person.objects.filter(id=office.people["Ann North"]).update(region=here)
    Traffic.objects.create(
        item_id=item.id, desk_id=item.desk_id, owner_id=item.owner_id, region_id=here.id, to_region_id=there.id,
        leaves_at=NOW + timedelta(hours=1), choice="pass", decided_at=NOW,
        body={"reason": "a promise would be lost", "rejected": [{"choice": "park", "words": "by waiting"}]},
    )  # fmt: skip
    return reference


def test_stuck_work_is_told_alike(run, api, left):
    """With its reasons and counts; a reason narrows it."""
    told = run("stuck", *DESK, "--json")
    status, shown = api("admin").get("/stuck?desk=north")
    assert status == 200
    assert [one["reference"] for one in told["items"]] == [one["reference"] for one in shown["items"]]
    assert "left" in next(one["reasons"] for one in shown["items"] if one["reference"] == left)
    assert shown["counts"]["left"] == told["counts"]["left"] == 1
    assert [one["reference"] for one in api("admin").get("/stuck?desk=north&reason=left")[1]["items"]] == [left]
    assert "owner has left" in run("stuck", *DESK, "--reason", "left")
    assert run("stuck", *DESK, "--reason", "bouncing", "--json")["items"] == []
    assert api("admin").get("/stuck?desk=north&reason=nonsense")[0] == 422


def test_changes_of_region_are_told_alike_and_pinned(run, api, going):
    """By the change, by the choice; a pin is kept and taken off."""
    told = run("traffic", "list", *DESK, "--json")
    status, shown = api("admin").get("/traffic?desk=north")
    assert status == 200
    assert shown["changes"][0] | {"leaves_at": None} == {
        "region": "EMEA", "leaves_at": None, "keep": 0, "pass": 1, "park": 0,
    }  # fmt: skip
    assert (shown["items"][0]["reference"], shown["items"][0]["to_region"]) == (going, "APJ")
    assert told["items"][0]["rejected"] == shown["items"][0]["rejected"]
    assert "EMEA goes home at" in run("traffic", "list", *DESK)
    assert api("admin").get("/traffic?desk=north&choice=park")[1]["items"] == []
    with pytest.raises(InvalidFacts, match="There is no region"):
        run("traffic", "list", *DESK, "--region", "Atlantis")
    assert "stays with its owner" in run("traffic", "pin", going)
    assert api("admin").get("/traffic?desk=north")[1]["items"][0]["is_pinned"] is True
    assert api("admin").post(f"/items/{going}/pin", {"is_pinned": False})[1]["is_pinned"] is False
    assert api("auditor").post(f"/items/{going}/pin", {})[0] == 403
