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
    clocks = [(clock["calendar"], sorted(clock["targets_min"])) for clock in found["clocks"][0]["body"]["clocks"]]
    assert clocks == [("always", ["P1", "P2"]), ("office", ["P3", "P4"])] * 2
    assert api("stranger").post("/desks", wish | {"slug": "mine"})[0] == 403
    assert api("manager").post("/desks", wish | {"slug": "mine"})[0] == 403
