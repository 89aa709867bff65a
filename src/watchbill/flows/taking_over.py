"""A version of the clock policy that says so takes over what is open when it comes into force: its clocks are made anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.clocks.taking_over import TakeOverDue, take_over_end, take_over_reach, take_overs_due
from watchbill.apps.core.services import desk_changed, lock_try
from watchbill.apps.work.queries import open_items_before
from watchbill.flows.apart import set_apart
from watchbill.flows.clocks import BATCH, recompute


def tick(now: datetime) -> int:
    """Take over the open items of every desk whose new version has come into force; return how many items.

    Safe to run twice, and to kill: each batch notes in its own transaction how far it has come. One runner at a time. Items
    that were done by then keep the version they were done under.
    """
    taken = 0
    for due in take_overs_due(now):
        with set_apart("policy that takes over, desk", due.desk_id):
            taken += _take_over(due, now)
    return taken


def _take_over(due: TakeOverDue, now: datetime) -> int:
    taken, after = 0, due.last_item_id
    with lock_try(f"taking over {due.policy_id}") as is_mine:
        while is_mine:
            items = open_items_before(due.desk_id, due.holds_from, after=after, limit=BATCH)
            with transaction.atomic():
                if not items:
                    take_over_end(due.policy_id, now=now)
                    break
                taken += recompute(due.desk_id, items, now=now)
                after = items[-1]
                take_over_reach(due.policy_id, last_item_id=after, items=len(items))
    desk_changed(due.desk_id)
    return taken
