"""Clocks by the API: of an item, and by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.interfaces.office import BY, NOW
from watchbill.engine.base.work import State
from watchbill.flows.act.items import item_state

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "clocks-by-hand.md").read_text(encoding="utf-8")
EXAMPLE = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1))


def test_an_items_clocks(office, api):
    """Who may see the item sees the life of its clocks; who may not gets the answer for what is not there."""
    reference = office.item()
    status, found = api("ann").get(f"/items/{reference}/clocks")
    assert (status, [clock["kind"] for clock in found["clocks"]]) == (200, ["response", "resolution"])
    assert [each["cause"] for each in found["clocks"][0]["segments"]] == ["started"]
    assert api("stranger").get(f"/items/{reference}/clocks")[0] == 404


def test_clocks_by_hand(api):
    """The documented example gives the documented numbers; a slip is named with its key."""
    status, found = api("chief").post("/clocks/try", EXAMPLE)
    assert (status, found["clocks"][0]["remaining_s"]) == (200, 19800)
    status, problem = api("chief").post("/clocks/try", {**EXAMPLE, "now": "soon"})
    assert (status, problem["details"]["key"]) == (422, "now")


def test_a_desk_learns_and_tells_what_it_has_learned(office, api):
    """Nothing before, three solved cases after: the widest class says so, and who may not edit policies is refused."""
    boss = api("chief")
    assert boss.get("/clocks/lead-times?desk=north")[1] == {"learned_at": None, "items": 0, "classes": []}
    for _ in range(3):
        reference = office.item(priority=3)
        for state in (State.IN_PROGRESS, State.RESOLVED):
            item_state(reference, state, by=BY, now=NOW)
    status, told = boss.post("/clocks/lead-times", {"desk": "north"})
    assert status == 200
    assert told["items"] == 3
    assert told["classes"][0]["kind"] is None
    assert boss.get("/clocks/lead-times?desk=north")[1] == told
    assert api("ann").post("/clocks/lead-times", {"desk": "north"})[0] == 403
