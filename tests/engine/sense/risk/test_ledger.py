"""Counts and sums per group up to any instant."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchbill.engine.sense.risk.ledger import Ledger

entries = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 20), st.integers(-5, 5)), max_size=30)


@given(entries, st.integers(-1, 5), st.integers(-1, 22), st.integers(-1, 22))
def test_a_ledger_counts_as_one_would_by_hand(rows, group, at, since):
    """Entries of the group after *since* and up to *at*, both as told; unknown groups have none."""
    groups, instants, amounts = (np.array([row[part] for row in rows], dtype=np.int64) for part in range(3))
    ledger = Ledger(groups, instants, amount=amounts)
    one, until, begin = (np.array([value]) for value in (group, at, min(since, at)))
    mine = [row for row in rows if row[0] == group >= 0 and row[1] <= at]
    late = [row for row in mine if row[1] > begin[0]]
    assert ledger.count(one, until)[0] == len(mine)
    assert ledger.count(one, until, begin)[0] == len(late)
    assert ledger.total("amount", one, until)[0] == sum(row[2] for row in mine)
    assert ledger.total("amount", one, until, begin)[0] == sum(row[2] for row in late)
    last = sorted(mine, key=lambda row: row[1])
    assert ledger.latest("amount", one, until, 99)[0] == (last[-1][2] if last else 99)
