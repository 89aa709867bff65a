"""A version of the clock policy that says so takes over what is open when it comes into force: its clocks are made anew."""

from __future__ import annotations

from datetime import datetime

from watchbill.apps.clocks.taking_over import take_over_end, take_over_reach, take_overs_due
from watchbill.apps.core.services import desk_changed, lock_try
from watchbill.apps.reports.reading import recomputed_add
from watchbill.apps.work.queries import open_items_before
from watchbill.flows.apart import set_apart
from watchbill.flows.clocks import BATCH, recompute


def tick(now: datetime) -> int:
    """Take over the open items of every desk whose new version has come into force; return how many items.

    Safe to run twice, and to kill: each batch is a transaction of its own, under a lock of its own, and notes how far it
    has come. Items that were done by then keep the version they were done under.
    """
    taken = 0
    for due in take_overs_due(now):
        with set_apart("policy that takes over, desk", due.desk_id):
            items = 1
            while items:
                items = _take_batch(due.policy_id, now)
                taken += items
            desk_changed(due.desk_id)
    return taken


def _take_batch(policy_id: int, now: datetime) -> int:
    """Take over the next items; return how many, 0 when all is done or somebody else is at it."""
    with lock_try(f"taking over {policy_id}") as is_mine:
        due = next((each for each in take_overs_due(now) if each.policy_id == policy_id), None) if is_mine else None
        if due is None:
            return 0
        items = open_items_before(due.desk_id, due.holds_from, after=due.last_item_id, limit=BATCH)
        if not items:
            take_over_end(policy_id, now=now)
            return 0
        take_over_reach(policy_id, last_item_id=items[-1], items=len(items))
        recomputed_add(due.desk_id, items)
        return recompute(due.desk_id, items, now=now)
