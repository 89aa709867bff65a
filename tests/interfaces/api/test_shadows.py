"""Shadow runs by the API: begun for a draft, shown, listed, stopped, adopted when over; nothing for those who may not look."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import BY, NOW
from watchbill.apps.core.services import clock_move
from watchbill.apps.decisions import shadows
from watchbill.flows.assign.dryrun import dry_run_ask


def test_a_draft_is_shadowed_and_adopted(office, api, monkeypatch):
    """201 with how it stands; 409 with the reason until it is over; then a version with its reason."""
    monkeypatch.setattr(shadows, "LEAST", 0)
    desk = office.desks["north"]
    name = f"watchbill DRY-{dry_run_ask(desk, {'look_ahead': 2.0}, is_waking=False, by=BY, now=NOW)}"
    asked = {"desk": "north", "draft": name}
    assert api("ann").post("/shadows", asked)[0] == 403
    assert api("chief").post("/shadows", asked | {"draft": "fifo"})[0] == 422
    status, found = api("chief").post("/shadows", asked)
    assert (status, found["state"], found["days"], found["compared"], found["adoptable"]) == (
        201,
        "running",
        7,
        0,
        False,
    )
    assert api("chief").post("/shadows", asked)[0] == 409
    where = f"/shadows/{found['reference']}"
    assert api("ann").get(where)[1]["why_not"] == "Its shadow run is under way: 0.0 of 7 days"
    assert api("stranger").get(where)[0] == 404
    status, refused = api("chief").post(f"{where}/adopt", {"reason": "now"})
    assert status == 409
    assert "under way" in str(refused)
    clock_move(desk_at=NOW + timedelta(days=8), rate=0, limit_at=None, by=BY, now=NOW)
    assert api("ann").post(f"{where}/adopt", {"reason": "mine"})[0] == 403
    status, found = api("chief").post(f"{where}/adopt", {"reason": "better"})
    assert (status, found["state"], found["published"]) == (200, "adopted", 1)
    assert [one["state"] for one in api("ann").get("/shadows?desk=north")[1]["shadows"]] == ["adopted"]
    assert api("chief").post(f"{where}/stop", {})[0] == 409
