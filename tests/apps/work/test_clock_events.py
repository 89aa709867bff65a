"""What clocks are told of an item's events."""

from __future__ import annotations

import re

from tests.architecture.sources import PACKAGE
from watchbill.apps.work.timeline import IS_SEEN
from watchbill.engine.clocks.facts import UNSEEN


def test_every_statement_leaves_out_what_the_engine_calls_unseen():
    """The kinds that no condition can hear of are the same wherever events are read for clocks: nobody lists them anew."""
    assert frozenset(re.findall(r"'(\w+)'", IS_SEEN)) == UNSEEN
    sources = {str(path): path.read_text() for path in PACKAGE.rglob("*.py")}
    assert len([name for name, text in sources.items() if "{IS_SEEN}" in text]) == 5
    assert [name for name, text in sources.items() if re.search(r"kind not in \([^)]*'note'", text)] == []
