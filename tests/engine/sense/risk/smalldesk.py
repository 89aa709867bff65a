"""A small desk whose misses have causes: slow owners, full queues, and promises of which little is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchbill.engine.sense.risk import NEVER, RATIOS, Log, Past, Promises
from watchbill.engine.sense.risk.facts import DAY_US, HOUR_US

NEW, BUSY, WAITING, OVER = range(4)
TARGET_H = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallDesk:
    log: Log
    promises: Promises

    @property
    def past(self) -> Past:
        return Past(self.log, self.promises)


def small_desk(items: int, *, seed: int = 7, days: int = 60, is_random: bool = False) -> SmallDesk:
    """Items over *days*; owner 0 is quick and owner 3 slow. Random: nothing that happens says what will come."""
    drawn = np.random.default_rng(seed)
    opened = np.sort(drawn.integers(0, days * DAY_US, items)).astype(np.int64)
    owner, queue, category = (drawn.integers(0, size, items) for size in (4, 3, 5))
    pace_h = np.full(items, 12.0) if is_random else 4.0 + 6.0 * owner + 2.0 * (category == 4)
    took = (drawn.exponential(pace_h) * HOUR_US).astype(np.int64) + 1
    taken = (took * drawn.uniform(0.05, 0.6, items)).astype(np.int64)
    if is_random:
        taken = np.ones(items, dtype=np.int64)
    rows = []
    for row in range(items):
        at = int(opened[row])
        rows.append((row, at, NEW, -1, -1))
        rows.append((row, at + int(taken[row]), BUSY, int(owner[row]), int(owner[row])))
        if row % 3 == 0 and not is_random:
            between = int(taken[row] + (took[row] - taken[row]) // 2)
            rows.append((row, at + between, WAITING, int(owner[row]), int(owner[row])))
        rows.append((row, at + int(took[row]), OVER, int(owner[row]), int(owner[row])))
    item, at_us, state, holder, actor = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    log = Log(
        opened_us=opened, traits={"category": category.astype(np.int64)}, item=item, at_us=at_us, state=state,
        priority=np.full(len(item), 3, dtype=np.int64), queue=queue[item].astype(np.int64), owner=holder, actor=actor,
        new=NEW, done=frozenset({OVER}), zone_us=2 * HOUR_US,
    )  # fmt: skip
    due = opened + TARGET_H * HOUR_US
    at = np.column_stack([opened + int(ratio * TARGET_H * HOUR_US) for ratio in RATIOS])
    promises = Promises(
        item=np.arange(items), name=np.zeros(items, dtype=np.int64),
        at_us=np.where(at < (opened + took)[:, None], at, NEVER), due_us=np.repeat(due[:, None], len(RATIOS), axis=1),
        left_s=np.repeat([[TARGET_H * 3600 * (1 - ratio) for ratio in RATIOS]], items, axis=0),
        missed=(took > TARGET_H * HOUR_US).astype(np.int64), known_us=due,
    )  # fmt: skip
    return SmallDesk(log=log, promises=promises)
