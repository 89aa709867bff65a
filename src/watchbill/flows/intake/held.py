"""Events of the log that were held back, applied when their time comes: in order, beside what our own people do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.services import lock_try
from watchbill.apps.customers.bulk import customers_hold
from watchbill.apps.inbox import queries, staging
from watchbill.apps.work.bulk import work_load
from watchbill.engine.base.work import Kind
from watchbill.flows.clocks import recompute

AT_ONCE = 500
"""Events released in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """How far a release came. ``next_at`` is the instant of the earliest event still held; None: the log has ended."""

    events: int
    next_at: datetime | None

    def is_behind(self, until: datetime) -> bool:
        """Whether events up to *until* are still held: call again."""
        return self.next_at is not None and self.next_at <= until


def release(until: datetime, *, now: datetime, at_most: int = AT_ONCE) -> Released:
    """Apply the held events up to the instant *until*, never past *now*, the earliest first, at most *at_most* of them.

    One transaction: killed in the middle, the events are held as before; called twice, the second finds nothing. One
    runner at a time. An item that was taken over keeps owner, team and queue; its states go on as the log tells them.
    """
    with lock_try("intake.release") as is_mine:
        taken = staging.held_take(min(until, now), limit=at_most) if is_mine else []
        if taken:
            desk_id, source, kind = taken[0]
            customers_hold(staging.STEP)
            loaded = work_load(staging.STEP, desk_id=desk_id, kind=Kind(kind), source=source, is_live=True)
            recompute(desk_id, [*loaded.made, *loaded.changed], now=now)
    return Released(events=len(taken), next_at=queries.held_next_at())
