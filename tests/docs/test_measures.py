"""Every measure and every list has its line in the docs, and every word of the code's own lists its own in the glossary."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from watchbill.apps.work.queries import Tiles, View
from watchbill.engine.base.work import State

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def test_every_measure_and_list_is_documented():
    """A tile without a definition is not to be trusted."""
    text = (DOCS / "measures.md").read_text()
    assert [f.name for f in dataclasses.fields(Tiles) if f"`{f.name}`" not in text] == []
    assert [view.value for view in View if f"`?view={view.value}`" not in text] == []


def test_every_state_is_in_the_glossary():
    """The states that items know are said in words."""
    text = (DOCS / "glossary.md").read_text()
    words = {State.WAITING_CUSTOMER: "waiting for customer", State.WAITING_VENDOR: "waiting for vendor",
             State.WAITING_OTHER: "waiting for other"}  # fmt: skip
    assert [state for state in State if words.get(state, state.value.replace("_", " ")) not in text] == []
