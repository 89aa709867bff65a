"""Many items in one call of the API."""

from __future__ import annotations

import pytest

from tests.interfaces.office import BY, NOW
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.timeline import work_events
from watchbill.flows.act.items import item_state


def test_each_item_is_done_or_refused_with_its_reason(office, api):
    """What can be done is done; the answer names every reference once, in the order asked."""
    good, finished, far = office.item(), office.item(), office.item("south")
    item_state(finished, "resolved", by=BY, now=NOW)
    wish = {"desk": "north", "references": [far, good.lower(), finished, good], "person": "Ann North", "text": "night"}
    status, told = api("chief").post("/bulk/assign", wish)
    assert (status, told["done"], told["refused"]) == (200, 1, 2)
    assert [(one["reference"], one["is_done"], one["version"]) for one in told["items"]] == [
        (far, False, None), (good, True, work_get(good, by=BY).version), (finished, False, None),
    ]  # fmt: skip
    assert told["items"][0]["reason"] == "This desk has no such item"
    assert "resolved" in told["items"][2]["reason"]
    assert work_get(good, by=BY).owner == "Ann North"
    assert work_get(far, by=BY).owner is None


def test_state_and_priority_of_many(office, api):
    """One state, or one priority with its reason; null gives items back to their queues."""
    references = [office.item(), office.item()]
    caller, wish = api("chief"), {"desk": "north", "references": references}
    assert caller.post("/bulk/priority", {**wish, "priority": 1, "text": "outage"})[1]["done"] == 2
    again = caller.post("/bulk/priority", {**wish, "priority": 1, "text": "outage"})[1]
    assert [one["reason"] for one in again["items"]] == [f"{name} is P1 already" for name in references]
    assert caller.post("/bulk/assign", {**wish, "person": "Bo North"})[1]["done"] == 2
    assert caller.post("/bulk/assign", {**wish, "person": None})[1]["done"] == 2
    assert caller.post("/bulk/state", {**wish, "state": "waiting_vendor"})[1]["done"] == 2
    item = work_get(references[1], by=BY)
    assert (item.priority, item.owner, item.state) == (1, None, "waiting_vendor")


def test_the_same_key_does_it_once(office, api):
    """Sent again with its key, the answer comes again and nothing is done twice."""
    reference = office.item()
    wish = {"desk": "north", "references": [reference], "state": "in_progress"}
    caller = api("chief")
    first = caller.post("/bulk/state", wish, Idempotency_Key="shift-1")
    events = len(work_events(work_get(reference, by=BY).id))
    assert caller.post("/bulk/state", wish, Idempotency_Key="shift-1") == first
    assert caller.last["Idempotency-Replayed"] == "true"
    assert len(work_events(work_get(reference, by=BY).id)) == events


def test_an_item_that_moved_on_since_it_was_seen_is_left_alone(office, api):
    """A reference may carry the version seen; the answer names who was faster."""
    moved, same = office.item(), office.item()
    item_state(moved, "in_progress", by=BY, now=NOW)
    wish = {"desk": "north", "references": [f"{moved}:1", f"{same}:1"], "state": "waiting_vendor"}
    told = api("chief").post("/bulk/state", wish)[1]
    assert [(one["reference"], one["is_done"]) for one in told["items"]] == [(moved, False), (same, True)]
    assert BY.name in told["items"][0]["reason"]


@pytest.mark.parametrize(
    ("count", "said"), [(0, "Choose at least one item"), (501, "references")], ids=["none", "too many"]
)
def test_the_limits_are_said(api, count, said):
    """None and more than 500 are refused as a whole."""
    wish = {"desk": "north", "references": [f"CASE-{n}" for n in range(count)], "state": "in_progress"}
    status, told = api("chief").post("/bulk/state", wish)
    assert status == 422
    assert said in told["message"]


def test_bulk_needs_its_own_right(office, api):
    """Who may change one item may not change many; nor may somebody of another desk."""
    wish = {"desk": "north", "references": [office.item()], "state": "in_progress"}
    assert api("ann").post("/bulk/state", wish)[0] == 403
    assert api("stranger").post("/bulk/state", wish)[0] == 404


def test_an_act_is_undone_by_the_reference_that_it_answered(office, api):
    """What changed since is left and named; the same key says the same, another call is a conflict."""
    kept, moved = office.item(), office.item()
    caller = api("chief")
    wish = {"desk": "north", "references": [kept, moved], "person": "Bo North"}
    act = caller.post("/bulk/assign", wish)[1]["act"]
    assert api("ann").post(f"/items/{moved}/state", {"state": "waiting_vendor"})[0] == 200
    undone = caller.post(f"/acts/{act}/undo", {}, Idempotency_Key="slip-1")
    assert undone[1]["act"] == act
    assert [(one["reference"], one["is_done"], one["reason"]) for one in undone[1]["items"]] == [
        (kept, True, ""), (moved, False, "Ann changed it since: state"),
    ]  # fmt: skip
    assert caller.post(f"/acts/{act}/undo", {}, Idempotency_Key="slip-1") == undone
    status, told = caller.post(f"/acts/{act}/undo", {})
    assert (status, told["code"], told["message"]) == (409, "conflict", "Chief has undone this already")
    assert [work_get(one, by=BY).owner for one in (kept, moved)] == [None, "Bo North"]


def test_acts_are_listed_page_by_page(office, api):
    """The latest first, with what was done, by whom, and who has undone it."""
    caller = api("chief")
    acts = [
        caller.post("/bulk/state", {"desk": "north", "references": [office.item()], "state": "closed"})[1]["act"]
        for _ in range(3)
    ]
    caller.post(f"/acts/{acts[2]}/undo", {})
    first = caller.get("/acts?desk=north&limit=2")[1]
    assert [(one["reference"], one["kind"], one["what"], one["items"], one["by"]) for one in first["acts"]] == [
        (act, "state", "closed", 1, "Chief") for act in (acts[2], acts[1])
    ]
    assert [one["undone_by"] for one in first["acts"]] == ["Chief", ""]
    second = caller.get(f"/acts?desk=north&limit=2&after={first['next']}")[1]
    assert ([one["reference"] for one in second["acts"]], second["next"]) == ([acts[0]], None)


def test_one_act_on_one_item_is_undone_by_its_number(office, api):
    """The version that it answered; somebody else's needs the right for many."""
    reference = office.item()
    done = api("coordinator").post(f"/items/{reference}/state", {"state": "waiting_vendor"})[1]
    assert api("ann").post(f"/items/{reference}/undo", {"event": done["version"]})[0] == 403
    undone = api("coordinator").post(f"/items/{reference}/undo", {"event": done["version"]})
    assert undone == (200, {"reference": reference, "version": done["version"] + 1})
    assert work_get(reference, by=BY).state == "new"
    assert api("chief").post(f"/items/{reference}/undo", {"event": 99})[0] == 404


def test_an_act_with_nothing_done_has_no_reference(office, api):
    """There is nothing to undo."""
    wish = {"desk": "north", "references": ["CASE-1"], "state": "closed"}
    assert api("chief").post("/bulk/state", wish)[1]["act"] is None
