"""Recovery options by the API: asked for, worked out, applied once, taken back; nothing for those who may not."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import NOW
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
