"""Desks made through the API."""

from __future__ import annotations


def test_a_desk_is_made_and_renamed(api):
    """By an admin of every desk; with P1 and P2 round the clock; its slug stays."""
    caller = api("admin")
    wish = {"slug": "it", "zone": "Europe/Vienna"}
    status, desk = caller.post("/desks", wish)
    assert (status, desk["name"]) == (201, "it")
    assert caller.post("/desks", wish)[0] == 409
    assert caller.call("PATCH", "/desks/it", {"name": "IT support"})[1]["name"] == "IT support"
    _, found = caller.get("/policies?desk=it")
    clocks = [(clock["calendar"], sorted(clock["targets_min"])) for clock in found["clocks"][0]["policy"]["clocks"]]
    assert clocks == [("always", ["P1", "P2"]), ("office", ["P3", "P4"])] * 2
    assert api("stranger").post("/desks", wish | {"slug": "mine"})[0] == 403
    assert api("manager").post("/desks", wish | {"slug": "mine"})[0] == 403


def test_a_desk_is_closed_and_opened_again(office, api):
    """A conflict while it has open work; then it is gone for those who may not open it again."""
    office.item("south")
    assert api("admin").post("/desks/south/close", {"reason": "merged"})[0] == 409
    status, found = api("admin").post("/desks/north/close", {"reason": "merged"})
    assert (status, found["is_closed"]) == (200, True)
    assert api("agent").get("/items?desk=north")[0] == 404
    status, told = api("admin").post("/items", {"desk": "north", "title": "New"})
    assert (status, told["message"]) == (409, "This desk is closed; it takes no new work")
    assert api("admin").post("/desks/north/reopen", {"reason": "needed"})[1]["is_closed"] is False
