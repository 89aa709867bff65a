"""Clocks by the API: of an item, and by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

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
