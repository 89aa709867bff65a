"""Items by the API."""

from __future__ import annotations

from datetime import timedelta

from tests.interfaces.office import BY, NOW
from watchbill.apps.notices.queries import notices_unread
from watchbill.apps.work.models import WorkItem
from watchbill.apps.work.queries import work_get
from watchbill.flows.act.items import item_note, item_state


def test_an_item_is_opened_with_clocks_and_read_back(api):
    """What is sent comes back, with the reference, the priority that follows, and running clocks."""
    caller = api("ann")
    status, made = caller.post(
        "/items", {"desk": "north", "title": "No mail", "queue": "Mail", "impact": 1, "urgency": 1, "customer": "Acme"}
    )
    assert status == 201
    status, item = caller.get(f"/items/{made['reference']}")
    assert status == 200
    assert (item["title"], item["queue"], item["customer"], item["priority"]) == ("No mail", "Mail", "Acme", 1)
    assert [clock["kind"] for clock in item["clocks"]] == ["response", "resolution"]
    assert [(c["name"], c["agreement"], c["cycle"]) for c in item["clocks"]] == [
        ("response", "sla", 1),
        ("resolution", "sla", 1),
    ]
    assert item["due_at"] == item["clocks"][0]["due_at"]


def test_an_item_opened_for_somebody_is_hers_with_a_note_and_a_notice(office, api):
    """Opened for a person it waits for her to take it up, the note stands in the first event, and she is told."""
    wish = {"desk": "north", "title": "No mail", "person": "Ann North", "text": "She asked for it"}
    assert api("ann").post("/items", {**wish, "person": "Bo North"})[0] == 403
    status, made = api("chief").post("/items", wish)
    assert status == 201
    _, item = api("ann").get(f"/items/{made['reference']}")
    assert (item["owner"], item["state"]) == ("Ann North", "new")
    assert item["clocks"][0]["status"] == "running"  # being given work is no response to the customer
    _, page = api("ann").get(f"/items/{made['reference']}/events")
    assert [event["data"]["text"] for event in page["events"]] == ["She asked for it"]
    (told,) = notices_unread(by=office.actor("ann"))
    assert made["reference"] in told["text"]


def test_an_item_opened_for_oneself_is_taken_up(api):
    """Who opens an item and keeps it has responded."""
    _, made = api("ann").post("/items", {"desk": "north", "title": "No mail", "person": "Ann North"})
    _, item = api("ann").get(f"/items/{made['reference']}")
    assert (item["state"], item["clocks"][0]["status"]) == ("in_progress", "met")


def test_people_of_another_desk_are_not_named(office, api):
    """Giving an item to somebody of another desk fails without telling her name."""
    reference = office.item()
    status, body = api("chief").post(f"/items/{reference}/assign", {"person": f"PER-{office.people['Ann South']}"})
    assert status == 404
    assert "Ann" not in body["message"]


def test_the_list_is_paged_by_key(office, api):
    """Every item comes once, the one due first first, whatever the size of a page."""
    wanted = [office.item(priority=p) for p in (3, 1, 2)]
    caller, seen, after = api("ann"), [], ""
    for _ in range(4):
        _, page = caller.get(f"/items?desk=north&limit=2&after={after.replace('+', '%2B')}")
        seen += [item["reference"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [wanted[1], wanted[2], wanted[0]]


def test_the_list_is_ordered_by_latest_safe_moment_or_by_due(office, api):
    """Both instants are in the answer, and the place in the list is that of its order."""
    low, top = office.item(priority=4, title="Low"), office.item(priority=1, title="Top")
    WorkItem.objects.filter(reference=low).update(act_by_at=NOW - timedelta(minutes=5))

    def listed(order=""):
        found, after = [], ""
        while after is not None:
            _, page = api("ann").get(f"/items?desk=north&limit=1&after={after.replace('+', '%2B')}{order}")
            found += [item["reference"] for item in page["items"]]
            after = page["next"]
        return found

    assert listed() == listed("&order=act_by") == [low, top]
    assert listed("&order=due") == [top, low]


def test_the_list_is_narrowed_by_view_queue_owner_priority_and_words(office, api):
    """Each filter leaves the items that it names."""
    mine = office.item(title="Printer on fire", priority=1)
    office.item(title="Something else", priority=3)
    caller = api("chief")
    caller.post(f"/items/{mine}/assign", {"person": "Ann North"})
    caller.post(f"/items/{mine}/state", {"state": "in_progress", "version": 2})
    for asked in (
        "priority=1",
        "q=printer",
        "owner=Ann North",
        "queue=Mail&priority=1&priority=2",
        "state=in_progress",
    ):
        _, page = caller.get(f"/items?desk=north&{asked}")
        assert [item["reference"] for item in page["items"]] == [mine], asked
    _, page = caller.get("/items?desk=north&view=unassigned")
    assert mine not in [item["reference"] for item in page["items"]]


def test_a_conflict_names_who_changed_what(office, api):
    """The second of two writers who saw the same version learns who was faster, and what that one changed."""
    reference = office.item()
    version = work_get(reference, by=BY).version
    assert api("chief").patch(f"/items/{reference}", {"version": version, "title": "Clearer"})[0] == 200
    status, body = api("ann").patch(f"/items/{reference}", {"version": version, "category": "mail"})
    assert status == 409
    assert body["code"] == "conflict"
    assert "Chief" in body["message"]
    (change,) = body["details"]["changes"]
    assert (change["by"], change["set"]) == ("Chief", {"title": "Clearer"})


def test_a_version_that_is_left_out_is_the_present_one(office, api):
    """As for every other write on an item; several changes of one call follow one another."""
    reference = office.item()
    api("chief").patch(f"/items/{reference}", {"title": "Clearer"})
    status, body = api("chief").patch(
        f"/items/{reference}", {"title": "New", "priority": "P1", "text": "The boss called"}
    )
    assert status == 200
    assert api("chief").get(f"/items/{reference}")[1]["version"] == body["version"]


def test_a_priority_is_a_number_or_a_word(office, api):
    """2 and P2 alike, in bodies and in addresses; answers have the number."""
    listed = []
    for word in (2, "P2", "p2"):
        body = {"desk": "north", "title": "No mail", "priority": word}
        listed.append(api("chief").post("/items", body)[1]["reference"])
    for asked in ("2", "P2"):
        items = api("chief").get(f"/items?desk=north&priority={asked}")[1]["items"]
        assert {(item["reference"], item["priority"]) for item in items} == {(one, 2) for one in listed}
    for wrong in (0, 5, "P5", "high"):
        assert api("chief").post("/items", {"desk": "north", "title": "x", "priority": wrong})[0] == 422


def test_a_patch_is_done_whole_or_not_at_all(office, api):
    """When one part of a change is refused, the other parts are not written either."""
    reference = office.item()
    version = work_get(reference, by=BY).version
    status, body = api("chief").patch(f"/items/{reference}", {"version": version, "title": "New", "priority": 1})
    assert (status, body["details"]) == (422, {"field": "text"})
    assert work_get(reference, by=BY).title == "It does not work"
    status, body = api("chief").patch(
        f"/items/{reference}", {"version": version, "title": "New", "priority": 1, "text": "The boss called"}
    )
    assert (status, body["version"]) == (200, version + 2)
    assert work_get(reference, by=BY).priority == 1


def test_assign_state_note_and_next_step_are_events(office, api):
    """Each act is in the timeline with its actor, and the item stands as they left it."""
    reference, caller = office.item(), api("chief")
    person = office.people["Ann North"]
    assert caller.post(f"/items/{reference}/assign", {"person": f"PER-{person}", "text": "Knows mail"})[0] == 200
    assert caller.post(f"/items/{reference}/notes", {"text": "<b>Looked</b> =1+1"})[0] == 201
    due = (NOW + timedelta(days=3650)).isoformat()
    assert caller.post(f"/items/{reference}/next-step", {"what": "Call", "who": "Ann North", "due_at": due})[0] == 200
    assert caller.post(f"/items/{reference}/state", {"state": "waiting_customer"})[0] == 200
    _, item = caller.get(f"/items/{reference}")
    assert (item["owner"], item["owner_ref"], item["state"]) == ("Ann North", f"PER-{person}", "waiting_customer")
    assert (item["next_step"], item["next_step_owner"]) == ("Call", "Ann North")
    _, page = caller.get(f"/items/{reference}/events")
    assert [event["kind"] for event in page["events"]] == ["state", "next_step", "note", "assigned", "opened"]
    assert page["events"][2]["data"]["text"] == "<b>Looked</b> =1+1"
    assert page["events"][0]["actor"] == "Chief"


def test_events_are_paged_from_the_latest(office, api):
    """Older events follow with `before`."""
    reference, caller = office.item(), api("ann")
    for number in range(3):
        item_note(reference, f"note {number}", by=BY, now=NOW)
    _, first = caller.get(f"/items/{reference}/events?limit=3")
    _, second = caller.get(f"/items/{reference}/events?limit=3&before={first['next']}")
    assert [event["seq"] for event in first["events"] + second["events"]] == [4, 3, 2, 1]
    assert second["next"] is None


def test_an_agent_takes_an_item_and_gives_none_to_others(office, api):
    """Taking needs less of a right than giving away."""
    reference, caller = office.item(), api("ann")
    status, body = caller.post(f"/items/{reference}/assign", {"person": "Bo North"})
    assert (status, body["code"]) == (403, "not_allowed")
    assert caller.post(f"/items/{reference}/take", {})[0] == 200
    assert work_get(reference, by=BY).owner == "Ann North"


def test_items_of_another_desk_are_not_there(office, api):
    """Whoever may not see a desk is told that its items do not exist, on reading and on writing."""
    reference, caller = office.item("south"), api("chief")
    for status, body in (
        caller.get(f"/items/{reference}"),
        caller.get(f"/items/{reference}/events"),
        caller.get("/items?desk=south"),
        caller.post("/items", {"desk": "south", "title": "x"}),
        caller.post(f"/items/{reference}/notes", {"text": "x"}),
        caller.patch(f"/items/{reference}", {"version": 1, "title": "x"}),
    ):
        assert (status, body["code"]) == (404, "not_found")


def test_a_done_item_is_listed_with_the_done(office, api):
    """Finished work leaves the open list."""
    reference = office.item()
    item_state(reference, "resolved", by=BY, now=NOW)
    _, page = api("ann").get("/items?desk=north&view=done")
    assert [item["reference"] for item in page["items"]] == [reference]
    _, page = api("ann").get("/items?desk=north")
    assert page["items"] == []


def test_the_same_external_reference_twice_is_a_conflict(api):
    """What another system sends twice without a key is opened once; with a key the first answer comes back."""
    caller = api("ann")
    wish = {"desk": "north", "title": "No mail", "external_source": "mail", "external_ref": "INC-1"}
    first = caller.post("/items", wish, Idempotency_Key="INC-1")
    assert first[0] == 201
    assert caller.post("/items", wish, Idempotency_Key="INC-1") == first
    status, body = caller.post("/items", wish)
    assert (status, body["code"]) == (409, "conflict")
    status, body = caller.post("/items", wish, Idempotency_Key="INC-1b")
    assert (status, body["code"]) == (409, "conflict")


def test_what_speaks_against_a_new_owner_is_in_the_answer_and_in_the_timeline(office, api):
    """Who fails musts gets it all the same; the answer names them, and so does the event."""
    reference, caller = office.item(), api("chief")
    assert caller.patch(f"/items/{reference}", {"language": "de"})[0] == 200
    status, body = caller.post(f"/items/{reference}/assign", {"person": "Ann North"})
    assert (status, body["against"]) == (200, "does not speak the language")
    _, page = caller.get(f"/items/{reference}/events")
    assert body["against"] in page["events"][0]["data"]["text"]
    assert caller.post(f"/items/{reference}/assign", {"person": None})[1]["against"] == ""
