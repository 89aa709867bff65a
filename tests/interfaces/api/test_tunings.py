"""Tunings by the API: asked for, on their way, their result, and nothing for those who may not see them."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import NOW
from watchbill.flows.assign.tuning import tunings_run

ASKED = {"desk": "north", "weeks": 2}


def test_a_policy_is_tuned(office, api):
    """202 with a reference, waiting until the worker has done it; then its table, and a line of the list."""
    for back in (2, 9):
        office.item(now=NOW - timedelta(days=back))
    status, found = api("chief").post("/policies/assign/tunings", ASKED)
    assert (status, found["state"], found["weeks"], found["result"]) == (202, "waiting", 2, None)
    assert tunings_run() == 1
    status, found = api("ann").get(f"/policies/assign/tunings/{found['reference']}")
    assert (status, found["state"], found["result"]["is_change"]) == (200, "done", False)
    assert found["items_done"] == found["items"] == 2 * len(found["result"]["trials"])
    assert api("ann").get("/policies/assign/tunings?desk=north")[1]["tunings"] == [found]
    assert api("chief").post("/policies/assign/tunings", {"desk": "north", "weeks": 1})[0] == 422


def test_others_learn_nothing_of_a_tuning(api):
    """Who may not read the desk gets the answer for what is not there; who may only read asks for none."""
    assert api("ann").post("/policies/assign/tunings", ASKED)[0] == 403
    reference = api("chief").post("/policies/assign/tunings", ASKED)[1]["reference"]
    assert api("stranger").get(f"/policies/assign/tunings/{reference}")[0] == 404
    assert api("chief").get("/policies/assign/tunings/TUN-999999")[0] == 404
