"""What clocks are told of an item's events."""

from __future__ import annotations

import re

from tests.architecture.sources import PACKAGE
from watchbill.engine.clocks.facts import UNSEEN


def test_every_statement_leaves_out_what_the_engine_calls_unseen():
    """The kinds that no condition can hear of are the same wherever events are read for clocks."""
    told = [
        (path.name, frozenset(re.findall(r"'(\w+)'", kinds)))
        for path in PACKAGE.rglob("*.py")
        for kinds in re.findall(r"kind not in \(([^)]*'note'[^)]*)\)", path.read_text())
    ]
    assert len(told) >= 4
    assert [name for name, kinds in told if kinds != UNSEEN] == []
