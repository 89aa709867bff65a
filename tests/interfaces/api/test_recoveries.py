"""Recovery options by the API: asked for, worked out, applied once, taken back; nothing for those who may not."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import NOW
from tests.interfaces.web.kept_options import office_passes
from watchbill.flows.recover.asking import recoveries_run

ASKED = {"desk": "north", "hours": 4}


def test_options_are_worked_out_and_refused_in_words(office, api):
    """202 with a reference, waiting until the worker has done it; then plans, of which going on as now is the first."""
    for back in (1, 200):
        office.item(now=NOW - timedelta(hours=back))
    status, found = api("chief").post("/recoveries", ASKED)
    assert (status, found["state"], found["hours"], found["result"]) == (202, "waiting", 4, None)
    assert recoveries_run() == 1
    status, found = api("ann").get(f"/recoveries/{found['reference']}")
    assert (status, found["state"], found["message"]) == (200, "done", "")
    assert found["result"]["options"][0]["code"] == "nothing"
    assert {one["code"] for one in found["result"]["dropped"]} >= {"partner"}
    assert api("ann").get("/recoveries?desk=north")[1]["recoveries"] == [found]
    assert api("chief").post(f"/recoveries/{found['reference']}/apply", {"plan": "nothing"})[0] == 422
    assert api("chief").post(f"/recoveries/{found['reference']}/apply", {"plan": "pray"})[0] == 404
    assert api("chief").post(f"/recoveries/{found['reference']}/undo", {})[0] == 409
    assert api("chief").post("/recoveries", {"desk": "north", "hours": 99})[0] == 422


def test_others_learn_nothing_and_do_nothing(office, api):
    """Who may not change many items asks for none; who may not see the desk finds none; what is not put off is not lifted."""
    assert api("ann").post("/recoveries", ASKED)[0] == 403
    reference = api("chief").post("/recoveries", ASKED)[1]["reference"]
    assert api("stranger").get(f"/recoveries/{reference}")[0] == 404
    assert api("ann").post(f"/recoveries/{reference}/apply", {"plan": "hours"})[0] == 403
    assert api("ann").post(f"/recoveries/{reference}/undo", {})[0] == 403
    item = office.item(now=NOW)
    assert api("ann").post(f"/items/{item}/lift", {})[0] == 409


def test_work_is_passed_to_a_partner_and_taken_back(office, api):
    """The plan tells partner, items and price; applied once, its cases wait for the partner until it is undone."""
    run, items = office_passes(office, now=NOW)
    path, chief = f"/recoveries/REC-{run}", api("chief")
    option = chief.get(path)[1]["result"]["options"][1]
    assert [(one["partner"], one["items"], one["price"], one["money"]) for one in option["partners"]] == [
        ("Fixers Ltd", 3, "85.50", {"amount": "256.50", "currency": "EUR"})
    ]
    assert api("ann").post(f"{path}/apply", {"plan": "partner"})[0] == 403
    status, done = chief.post(f"{path}/apply", {"plan": "partner"})
    assert (status, done["plan"], done["left"]) == (200, "partner", [])
    assert "Fixers Ltd" in done["said"]
    assert chief.post(f"{path}/apply", {"plan": "partner"})[0] == 409
    held = [one["held"] for one in chief.get("/partners?desk=north")[1]["partners"]]
    assert (held, chief.get(f"/items/{items[0]}")[1]["state"]) == ([3], "waiting_vendor")
    status, undone = chief.post(f"{path}/undo", {})
    assert (status, undone["left"]) == (200, [])
    held = [one["held"] for one in chief.get("/partners?desk=north")[1]["partners"]]
    assert (held, chief.get(f"/items/{items[0]}")[1]["state"]) == ([0], "new")
