"""Running promises of a desk in columns, a row each, with what each has left and weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from watchbill.apps.clocks.promises import Running
from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.work import livelog
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.intervals import instant_of, micros_in, micros_of
from watchbill.engine.base.work import State
from watchbill.engine.sense.danger import weights
from watchbill.flows.sense.history import STATES

HORIZON = timedelta(days=800)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_COMMITMENTS = {"response": "response", "next_update": "update", "stage": "stage", "resolution": "resolution"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Running promises of a desk, a row each, those of one item side by side.

    used: share of the target. left_s: business seconds until the due. safe_us: the latest safe moment, or the due.
    """

    item: Ints
    name: Sequence[str]
    kind: Sequence[str]
    used: Floats
    left_s: Floats
    due_us: Ints
    safe_us: Ints

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """What is known of the item of each row beside its promise: its owner and state, and what it weighs."""

    owner: Ints
    state: Ints
    weight: Floats


def rows_of(desk_id: int, running: Sequence[Running], now: datetime) -> Rows:
    """Put promises in the order of their items, each with the business time that it has left."""
    rules = rulebook(desk_id).at(now)
    hours = rules.compiled() if rules else {}
    parts = [(one, left_s(hours.get(one.calendar), np.array(one.due_us, dtype=np.int64), now)) for one in running]
    item = np.array([key for one, _ in parts for key in one.item_ids], dtype=np.int64)
    order = np.argsort(item, kind="stable")
    left = np.concatenate([left for _, left in parts]) if parts else np.empty(0)
    target = np.array([target for one, _ in parts for target in one.target_s], dtype=np.float64)
    names = [one.name for one, _ in parts for _ in one.item_ids]
    kinds = [one.kind for one, _ in parts for _ in one.item_ids]
    return Rows(
        item=item[order],
        name=[names[at] for at in order],
        kind=[kinds[at] for at in order],
        used=np.clip(1 - left / target, 0.0, 1.0)[order] if len(item) else left,
        left_s=left[order],
        due_us=np.array([due for one, _ in parts for due in one.due_us], dtype=np.int64)[order],
        safe_us=np.array([safe for one, _ in parts for safe in one.safe_us], dtype=np.int64)[order],
    )


def left_s(hours: BusinessHours | None, due_us: Ints, now: datetime) -> Floats:
    """Business seconds until each due, by the calendar as it stands: one walk over its open hours for all of them.

    Without a calendar, and of what lies beyond two years, elapsed seconds count.
    """
    from_us = micros_of(now)
    elapsed = (due_us - from_us) / 1e6
    if hours is None:
        return elapsed
    until_us = min(int(due_us.max(initial=from_us)), from_us + micros_in(HORIZON))
    spans = [
        (micros_of(one.start_at), micros_of(one.end_at)) for one in hours.open_intervals(now, instant_of(until_us))
    ]
    if not spans:
        return np.zeros(len(due_us))
    edges = np.array(spans, dtype=np.float64)
    gone = np.concatenate(([0.0], np.cumsum(edges[:, 1] - edges[:, 0])))
    reached = np.column_stack([gone[:-1], gone[1:]])
    found = np.interp(due_us.astype(np.float64), edges.ravel(), reached.ravel()) / 1e6
    return np.where(due_us > until_us, elapsed, found)


def weighed(rows: Rows, policy: Policy) -> Weighed:
    """Look up the items of the rows: one query."""
    found = livelog.items_weighed(np.unique(rows.item).tolist())
    keys = np.array([row[0] for row in found], dtype=np.int64)
    place = np.searchsorted(keys, rows.item)
    weight = weights(
        np.array([row[1] for row in found], dtype=np.int64), [row[2] for row in found],
        by_priority=policy.priority_weights, by_tier=policy.tier_factors,
    )  # fmt: skip
    kinds = np.array([policy.commitment_weights.get(_COMMITMENTS.get(kind, ""), 1.0) for kind in rows.kind])
    return Weighed(
        owner=np.array([-1 if row[3] is None else row[3] for row in found], dtype=np.int64)[place],
        state=np.array([STATES.index(State(row[4])) for row in found], dtype=np.int64)[place],
        weight=weight[place] * kinds,
    )
