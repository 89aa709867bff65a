"""Desks, queues, people, policies and the audit trail by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interfaces.office import ALWAYS, CLOCKS, NOW
from watchbill.apps.people.models import Team
from watchbill.apps.shifts.queries import hours_of
from watchbill.flows.act.assigning import item_assign


def test_a_queue_is_switched_with_guard_rails(office, api):
    """Mode and rails are kept with a version; the second of two writers gets a conflict."""
    caller, person = api("chief"), office.people["Ann North"]
    rails = {"per_hour": 5, "priorities": [4], "people": ["Ann North"], "load_percent": 200}
    wish = {"desk": "north", "queue": "Mail", "mode": "autopilot", "guard_rails": rails, "version": 0}
    assert caller.post("/queues/mode", wish) == (200, {"queue": "Mail", "version": 1})
    (queue,) = caller.get("/queues?desk=north")[1]["queues"]
    assert queue["mode"] == {
        "mode": "autopilot",
        "guard_rails": {"per_hour": 5, "priorities": [4], "people": [f"PER-{person}"], "load_percent": 200},
        "version": 1,
    }
    assert queue["version"] == 1
    status, late = caller.post("/queues/mode", wish)
    assert (status, late["details"]["changes"][0]["by"]) == (409, "Chief")
    assert caller.post("/queues/mode", {**wish, "mode": "sometimes", "version": 1})[0] == 422


def test_the_off_switch_takes_every_queue_off_autopilot(office, api):
    """One call switches back to advise, says how many, keeps the rails, and can be sent again."""
    wish = {"desk": "north", "queue": "Mail", "mode": "autopilot", "guard_rails": {"per_hour": 5, "priorities": [4]}}
    api("chief").post("/queues/mode", wish)
    stop = {"desk": "north", "reason": "storm"}
    assert api("ann").post("/queues/stop", stop)[0] == 403
    assert api("stranger").post("/queues/stop", stop)[0] == 404
    assert api("chief").post("/queues/stop", stop) == (200, {"queues": 1})
    (queue,) = api("chief").get("/queues?desk=north")[1]["queues"]
    assert (queue["mode"]["mode"], queue["mode"]["guard_rails"]["per_hour"]) == ("advise", 5)
    assert api("chief").post("/queues/stop", stop) == (200, {"queues": 0})
    (event,) = api("chief").get("/audit?desk=north&action=autopilot_stopped")[1]["events"]
    assert (event["actor"], event["reason"]) == ("Chief", "storm")


def test_a_person_who_leaves_has_her_work_listed(office, api):
    """Deactivation ends access at once and answers with the open work."""
    reference = office.item()
    item_assign(reference, office.people["Ann North"], by=office.actor("admin"), now=NOW)
    person = f"PER-{office.people['Ann North']}"
    assert api("ann").get("/desks")[0] == 200
    old = api("chief").post(f"/people/{person}/deactivate", {"reason": "left", "version": 0})
    assert (old[0], old[1]["details"]["version"]) == (409, 1)
    status, left = api("chief").post(f"/people/{person}/deactivate", {"reason": "left", "version": 1})
    assert (status, left) == (200, {"reference": person, "open_items": [reference]})
    assert api("ann").get("/desks")[0] == 401
    assert api("chief").get(f"/people/{person}")[1]["is_active"] is False


def test_people_are_paged_by_name(api):
    """The next page begins after the last name."""
    caller = api("ann")
    _, first = caller.get("/people?desk=north&limit=1")
    _, second = caller.get(f"/people?desk=north&limit=1&after={first['next']}")
    assert [person["name"] for person in first["people"] + second["people"]] == ["Ann North", "Bo North"]
    assert second["next"] is None


def test_policies_are_published_as_new_versions_with_a_reason(api):
    """Each sort of policy gets a version; what was read before stays; an old edit is a conflict."""
    caller = api("chief")
    wish = {"desk": "north", "reason": "tighter", "seen_number": 1}
    status, told = caller.post("/policies/clocks", {**wish, "policy": CLOCKS})
    assert status == 422
    assert "Nothing has changed" in told["message"]
    other, calendar = {"clocks": CLOCKS["clocks"][:1]}, {**ALWAYS, "closed_on": ["2026-12-25"]}
    assert caller.post("/policies/clocks", {**wish, "policy": other}) == (201, {"number": 2})
    status, told = caller.post("/policies/calendars", {**wish, "name": "always", "calendar": calendar})
    assert (status, told["number"]) == (201, 2)
    assert told["notes"][0].startswith(
        "It counts for “response” of version 2 of the clock policy (in force): for items"
    )
    assert caller.post("/policies/clocks", {**wish, "policy": CLOCKS})[0] == 409
    body = caller.get("/policies?desk=north")[1]["assign_in_force"]
    del body["number"]
    body["continuity_item"] = 20
    assert caller.post("/policies/assign", {"desk": "north", "reason": "mine", "policy": body}) == (
        201, {"number": 1, "notes": [], "changes": [{"key": "continuity_item", "before": 12.0, "after": 20.0}]},
    )  # fmt: skip
    _, found = caller.get("/policies?desk=north")
    assert [version["number"] for version in found["clocks"]] == [2, 1]
    assert found["assign_in_force"]["number"] == 1
    assert found["assign"][0]["by"] == "Chief"
    assert found["matrix"]["1,1"] == 1


def test_calendars_are_made_of_others_and_get_holidays(api):
    """By name; what is worth saying comes with the number; the next holidays are added without naming years."""
    caller = api("chief")
    lost = {**ALWAYS, "zone": "Europe/Dublin", "special_on": {"2026-03-29": ["01:15-01:45"]}}
    wish = {"desk": "north", "reason": "regions"}
    status, told = caller.post("/policies/calendars", {**wish, "name": "EMEA", "calendar": lost})
    assert (status, told["notes"]) == (
        201, ["On 29 Mar 2026 clocks in Europe/Dublin skip 01:15-01:45: these hours are no open time"],
    )  # fmt: skip
    both = {**wish, "name": "both", "calendar": {"intersection": ["always", "EMEA"]}}
    assert caller.post("/policies/calendars", both) == (201, {"number": 1, "notes": []})
    assert caller.post("/policies/calendars", {**both, "calendar": {"union": ["both", "EMEA"]}})[0] == 422
    status, told = caller.post("/policies/calendars/holidays", {**wish, "name": "EMEA", "country": "ie"})
    assert (status, told["number"]) == (201, 2)
    assert {day[:4] for day in told["added"]} == {str(NOW.year + n) for n in range(3)}


def test_a_calendar_is_retired_and_brought_back(api):
    """A conflict with the names of what uses it; afterwards it is listed as retired."""
    caller, wish = api("chief"), {"desk": "north", "name": "always", "reason": "moved"}
    status, told = caller.post("/policies/calendars/retire", wish)
    assert status == 409
    assert "version 1 of the clock policy" in told["message"]
    caller.post("/policies/calendars", {**wish, "name": "spare", "calendar": ALWAYS})
    assert caller.post("/policies/calendars/retire", {**wish, "name": "spare"}) == (
        200,
        {"name": "spare", "is_retired": True},
    )
    assert caller.get("/policies?desk=north")[1]["calendars_retired"] == ["spare"]
    assert caller.post("/policies/calendars/restore", {**wish, "name": "spare"})[0] == 200
    assert caller.get("/policies?desk=north")[1]["calendars_retired"] == []
    assert caller.post("/policies/calendars/retire", {**wish, "name": "moon"})[0] == 404


def test_a_policy_reaches_back_only_before_a_history_comes(office, api):
    """From before now: refused; stated, only as far back as nothing was promised."""
    caller, before = api("chief"), (NOW - timedelta(days=1)).isoformat()
    wish = {"desk": "north", "reason": "as it was", "policy": {"clocks": CLOCKS["clocks"][:1]}, "holds_from": before}
    status, told = caller.post("/policies/clocks", wish)
    assert (status, told["details"]["field"]) == (422, "holds_from")
    assert "cannot hold from before now" in told["message"]
    assert caller.post("/policies/clocks", {**wish, "is_for_history": True})[0] == 201
    reference = office.item(now=NOW - timedelta(hours=1))
    status, told = caller.post("/policies/clocks", {**wish, "is_for_history": True})
    assert status == 422
    assert reference in told["message"]


def test_a_policy_that_makes_no_sense_names_key_and_value(api):
    """A body that does not fit is refused with the key, the value and what was expected."""
    status, body = api("chief").post(
        "/policies/clocks", {"desk": "north", "reason": "x", "policy": {"clocks": [{"kind": "riddle"}]}}
    )
    assert status == 422
    assert "riddle" in body["message"]


def test_a_policy_is_tried_before_it_is_published(office, api):
    """Trying says what both policies choose, and writes nothing."""
    reference, caller = office.item(), api("chief")
    body = caller.get("/policies?desk=north")[1]["assign_in_force"]
    del body["number"]
    status, tried = caller.post("/policies/try", {"item": reference, "policy": body})
    assert status == 200
    assert tried["chosen_on_trial"] == tried["chosen_in_force"] is not None
    assert caller.get("/policies?desk=north")[1]["assign"] == []


def test_the_audit_trail_is_narrowed_and_paged(api):
    """Filters leave what they name; pages follow by id."""
    caller = api("auditor")
    _, first = caller.get("/audit?desk=north&object_kind=person&limit=1")
    _, second = caller.get(f"/audit?desk=north&object_kind=person&limit=1&after={first['next']}")
    found = first["events"] + second["events"]
    assert [event["object_kind"] for event in found] == ["person", "person"]
    assert found[0]["id"] > found[1]["id"]
    assert {event["desk"] for event in found} == {"north"}


def test_a_person_is_added_with_all_that_assignment_asks_of_her(office, api):
    """Teams and skills of new names are made, hours are kept, and a proposal can name her; sent twice she is one."""
    body = {
        "desk": "north", "name": " Zoe Nova ", "email": "zoe@example.org", "zone": "Europe/Lisbon",
        "languages": ["PT", "en"], "teams": ["Field"], "skills": {"network": 4}, "wip_limit": 5,
        "week": [["09:00-12:00", "13:00-17:00"], *[["09:00-17:00"]] * 4, [], []],
    }  # fmt: skip
    status, made = api("chief").post("/people", body, Idempotency_Key="a")
    assert status == 201
    assert (made["name"], made["languages"], made["teams"], made["wip_limit"]) == (
        "Zoe Nova",
        ["pt", "en"],
        ["Field"],
        5,
    )
    assert [(skill["name"], skill["level"], skill["is_confirmed"]) for skill in made["skills"]] == [
        ("network", 4, True)
    ]
    assert api("chief").post("/people", body, Idempotency_Key="a") == (201, made)
    key = int(made["reference"].removeprefix("PER-"))
    assert len(hours_of([key])[key]) == 6
    assert api("ann").get(f"/people/{made['reference']}")[1] == made
    assert api("chief").post("/people", body)[0] == 409


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("name", " " * 3, "name"),
        ("name", "x" * 201, "name"),
        ("zone", "Mars/Olympus", "zone"),
        ("teams", [" "], "teams"),
        ("skills", {"x" * 201: 3}, "skills"),
        ("skills", {"network": 6}, "skills"),
        ("languages", [""], "languages"),
        ("week", [["09:00-17:00"]], "week"),
        ("week", [["9 to 5"], [], [], [], [], [], []], "week"),
        ("week", [["09:00-12:00", "11:00-13:00"], [], [], [], [], [], []], "week"),
    ],
)
def test_a_person_who_does_not_fit_is_refused_whole(office, api, field, value, named):
    """The field is named, and neither she nor a team of hers is there afterwards."""
    body = {"desk": "north", "name": "Zoe", "teams": ["Field"], "skills": {"network": 3}}
    status, answer = api("chief").post("/people", {**body, field: value})
    assert status == 422
    assert named in str(answer)
    assert api("chief").get("/people?desk=north&q=Zoe")[1]["people"] == []
    assert not Team.objects.filter(name="Field").exists()


def test_a_customers_tier_is_set_once_and_the_second_writer_is_told(office, api):
    """Found by a part of the name; the case shows the tier; of two who saw one version, the second gets a conflict."""
    item = office.item(customer="Acme Ltd")
    office.item(customer="Beta")
    (row,) = api("ann").get("/customers?desk=north&q=acme")[1]["customers"]
    assert (row["name"], row["tier"], row["is_sensitive"], row["version"]) == ("Acme Ltd", "standard", False, 1)
    address, change = f"/customers/{row['reference']}", {"tier": "premier", "is_sensitive": True, "version": 1}
    assert api("ann").patch(address, change)[0] == 403
    status, kept = api("chief").patch(address, change)
    assert (status, kept) == (200, {"reference": row["reference"], "version": 2, "changed": ["is_sensitive", "tier"]})
    shown = api("ann").get(f"/items/{item}")[1]
    assert (shown["customer_tier"], shown["is_sensitive"]) == ("premier", True)
    status, late = api("chief").patch(address, {"tier": "plus", "version": 1})
    assert (status, late["details"]["changes"][0]["set"]) == (409, {"tier": "premier", "is_sensitive": True})
    assert api("chief").patch(address, {"tier": "gold"})[0] == 422
    again = api("chief").patch(address, {"tier": "premier"})[1]
    assert (again["version"], again["changed"]) == (2, [])
    listed = api("ann").get("/customers?desk=north&limit=1")[1]
    assert listed["next"] == "Acme Ltd"
    assert [each["name"] for each in api("ann").get("/customers?desk=north&after=Acme%20Ltd")[1]["customers"]] == [
        "Beta"
    ]
