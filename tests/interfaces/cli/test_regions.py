"""Regions by API and at the command line."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.people.models import Membership, Team
from watchbill.apps.people.queries import person_get
from watchbill.apps.people.regions import region_list, region_save


@pytest.fixture
def mail(office, ann):
    team = Team.objects.create(desk_id=office.desks["north"], name="Mail")
    Membership.objects.create(team=team, person_id=ann)
    return team


def test_the_api_makes_changes_and_retires_regions(api, office):
    """What is left out stays; a name, a zone and a version are checked; whose it is is asked first."""
    boss, made = api("chief"), {"desk": "north", "name": "EMEA", "zone": "Europe/Vienna"}
    assert api("ann").post("/regions", made)[0] == 403
    assert boss.post("/regions", made) == (
        201,
        {"name": "EMEA", "zone": "Europe/Vienna", "is_active": True, "teams": [], "people": 0, "version": 1},
    )
    assert boss.post("/regions", made)[0] == 409
    status, said = boss.post("/regions", {**made, "name": "APJ", "zone": "Asia/Tokio"})
    assert (status, "such as Asia/Tokyo" in said["message"]) == (422, True)
    changed = {"desk": "north", "region": "EMEA", "name": "Europe", "version": 1}
    status, said = boss.patch("/regions", changed)
    assert (status, said["name"], said["zone"]) == (200, "Europe", "Europe/Vienna")
    assert boss.patch("/regions", {**changed, "region": "Europe", "name": "EU"})[0] == 409
    status, said = boss.patch("/regions", changed)
    assert (status, said["details"]["field"]) == (422, "region")
    gone = {"desk": "north", "region": "Europe", "reason": "closed"}
    assert boss.post("/regions/retire", gone)[1]["is_active"] is False
    assert boss.post("/regions/retire", {**gone, "is_active": True})[1]["is_active"] is True
    assert [row["name"] for row in boss.get("/regions?desk=north")[1]["regions"]] == ["Europe"]


def test_the_api_puts_teams_and_people_into_regions(api, office, ann, mail):
    """A person's own comes before her teams'; while somebody is in it a region is not retired."""
    boss = api("chief")
    for name in ("EMEA", "APJ"):
        region_save(office.desks["north"], name=name, zone="UTC", by=BY, now=NOW)
    status, said = boss.post("/regions/team", {"desk": "north", "team": "Mail", "region": "EMEA"})
    assert (status, [(row["name"], row["teams"], row["people"]) for row in said["regions"]]) == (
        200, [("APJ", [], 0), ("EMEA", ["Mail"], 1)]
    )  # fmt: skip
    assert boss.post("/regions/team", {"desk": "north", "team": "Fax", "region": "EMEA"})[0] == 404
    status, told = boss.get(f"/people/PER-{ann}")
    assert (told["region"], told["is_region_own"]) == ("EMEA", False)
    status, told = boss.patch(f"/people/PER-{ann}/region", {"region": "APJ", "version": 1})
    assert (status, told["region"], told["is_region_own"]) == (200, "APJ", True)
    assert boss.patch(f"/people/PER-{ann}/region", {"region": "", "version": 1})[0] == 409
    assert api("ann").patch(f"/people/PER-{ann}/region", {"region": ""})[0] == 403
    status, said = boss.post("/regions/retire", {"desk": "north", "region": "APJ", "reason": "closed"})
    assert (status, "Ann North" in said["message"]) == (409, True)


def test_at_the_command_line(run, office, ann, mail):
    """Made, changed, filled, listed, emptied and retired."""
    desk_id = office.desks["north"]
    run("people", "regions", "add", "EMEA", "--zone", "Europe/Vienna", "--desk", "north")
    run("people", "regions", "set", "EMEA", "--name", "Europe", "--desk", "north")
    run("people", "regions", "put", "Europe", "--team", "Mail", "--person", "Bo North", "--desk", "north")
    (row,) = region_list(desk_id, by=BY)
    assert (row.name, row.zone, list(row.teams), row.people) == ("Europe", "Europe/Vienna", ["Mail"], 2)
    told = run("people", "regions", "list", "--desk", "north", "--json")
    assert told["regions"][0]["teams"] == ["Mail"]
    run("people", "regions", "put", "", "--team", "Mail", "--person", "Bo North", "--desk", "north")
    assert person_get(ann, by=BY).region == ""
    run("people", "regions", "retire", "Europe", "--reason", "closed", "--desk", "north")
    assert not region_list(desk_id, by=BY)[0].is_active
