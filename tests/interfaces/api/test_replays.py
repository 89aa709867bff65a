"""Replays by the API: asked for, on their way, their result and their items, and publishing."""

from __future__ import annotations

import copy

from tests.interfaces.office import BY, CLOCKS, NOW
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state
from watchbill.flows.replay.run import replays_run


def test_a_draft_is_replayed_and_published(office, api):
    """202 with a reference, waiting until the worker has run it; then its sums, its items, and a version."""
    reference = office.item(customer="Acme")
    item_state(reference, State.RESOLVED, by=BY, now=NOW)
    body = copy.deepcopy(CLOCKS)
    for clock in body["clocks"]:
        clock["targets_min"] = dict.fromkeys(("P1", "P2", "P3", "P4"), 7)
    publish = {"desk": "north", "policy": body, "reason": "tighter"}
    status, problem = api("chief").post("/policies/clocks", publish)
    assert (status, problem["details"]["field"]) == (422, "replay")
    status, found = api("chief").post("/policies/clocks/replays", {"desk": "north", "policy": body})
    assert (status, found["state"], found["result"]) == (202, "waiting", None)
    replays_run()
    status, found = api("ann").get(f"/policies/clocks/replays/{found['reference']}")
    assert (status, found["state"], found["items_done"]) == (200, "done", 1)
    assert found["result"]["by_customer"][0]["name"] == "Acme"
    customer = found["result"]["by_customer"][0]["key"]
    status, listed = api("ann").get(f"/policies/clocks/replays/{found['reference']}/items?customer={customer}&limit=1")
    assert (status, listed["items"][0]["item"], listed["next"]) == (200, reference, None)
    assert listed["items"][0]["changes"][0]["after"]["target_s"] == 420
    leaves = [each["key"] for each in found["result"]["findings"]]
    assert api("chief").post("/policies/clocks", {**publish, "leaves": leaves}) == (201, {"number": 2})
    assert api("ann").get("/policies/clocks/replays?desk=north")[1]["replays"][0]["published"] == 2


def test_others_learn_nothing_of_a_replay(office, api):
    """Who may not read the desk gets the answer for what is not there; who may only read asks for none."""
    office.item()
    asked = {"desk": "north", "policy": {**CLOCKS, "clocks": CLOCKS["clocks"][:1]}}
    assert api("ann").post("/policies/clocks/replays", asked)[0] == 403
    reference = api("chief").post("/policies/clocks/replays", asked)[1]["reference"]
    assert api("stranger").get(f"/policies/clocks/replays/{reference}")[0] == 404
    assert api("stranger").get(f"/policies/clocks/replays/{reference}/items")[0] == 404
    assert api("chief").get("/policies/clocks/replays/RPL-999999")[0] == 404


def test_all_slips_of_a_draft_are_listed(office, api):
    """Each with its key and its sentence, for programs; the message has a line for each."""
    clocks = [{**CLOCKS["clocks"][0], "when": "tier is premium", "targets_min": {"P1": "4 hrs"}}]
    status, problem = api("chief").post("/policies/clocks/replays", {"desk": "north", "policy": {"clocks": clocks}})
    keys = [f"policy.clocks[0].{name}" for name in ("when", "targets_min.P1")]
    assert (status, [slip["key"] for slip in problem["details"]["slips"]]) == (422, keys)
    assert [line.split(": ")[0] for line in problem["message"].splitlines()] == keys
