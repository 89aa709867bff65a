"""Dry runs by the API: asked for, on their way, their result, and nothing for those who may not see them."""

from __future__ import annotations

from tests.interfaces.office import BY, NOW
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.dryrun import dry_runs_run

ASKED = {"desk": "north", "policy": {"rules": ['when always then never "Ann North"']}, "days": 3}


def test_a_draft_is_run_dry(office, api):
    """202 with a reference, waiting until the worker has done it; then its sums, and a line of the list."""
    item_assign(office.item(), office.people["Ann North"], by=BY, now=NOW)
    status, found = api("chief").post("/policies/assign/dry-runs", ASKED)
    assert (status, found["state"], found["days"], found["result"]) == (202, "waiting", 3, None)
    assert dry_runs_run() == 1
    status, found = api("ann").get(f"/policies/assign/dry-runs/{found['reference']}")
    assert (status, found["state"], found["items_done"], found["result"]["looked_at"]) == (200, "done", 1, 1)
    assert api("ann").get("/policies/assign/dry-runs?desk=north")[1]["dry_runs"] == [found]
    status, problem = api("chief").post("/policies/assign/dry-runs", {**ASKED, "policy": {"rules": ["when"]}})
    assert (status, problem["details"]["key"]) == (422, "rules[0]")


def test_others_learn_nothing_of_a_dry_run(api):
    """Who may not read the desk gets the answer for what is not there; who may only read asks for none."""
    assert api("ann").post("/policies/assign/dry-runs", ASKED)[0] == 403
    reference = api("chief").post("/policies/assign/dry-runs", ASKED)[1]["reference"]
    assert api("stranger").get(f"/policies/assign/dry-runs/{reference}")[0] == 404
    assert api("chief").get("/policies/assign/dry-runs/DRY-999999")[0] == 404
