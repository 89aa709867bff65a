"""Clocks of many open items are made anew a few batches at a time, so that what comes due meanwhile is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watchbill.apps.clocks.renewals import items_outdated, renewal_add, renewal_find, renewal_reach, renewals_waiting
from watchbill.apps.clocks.telling import safe_moments_pass
from watchbill.apps.core.services import desk_changed, lock_try
from watchbill.apps.reports.reading import recomputed_add
from watchbill.apps.work.handling import items_open
from watchbill.apps.work.queries import open_items_of
from watchbill.flows.apart import set_apart
from watchbill.flows.clocks import BATCH, recompute

AT_ONCE = 100
"""So many items are made anew in the act itself: somebody waits for it."""

BATCHES = 2
"""So many in one step of the watch."""


def renew(desk_id: int, *, customer_id: int, site_id: int | None = None, now: datetime) -> None:
    """Make the clocks of a customer's open items anew, or of one of its sites': the first few at once, in the caller's
    transaction, and the others as the watch comes to them, or to what they have to tell.
    """
    items = open_items_of(customer_id, site_id=site_id, limit=AT_ONCE)
    recompute(desk_id, items, now=now)
    recomputed_add(desk_id, items)
    if len(items) == AT_ONCE:
        renewal_add(desk_id, customer_id=customer_id, site_id=site_id, after=items[-1])


def renew_outdated(item_ids: Sequence[int], now: datetime) -> None:
    """Make those of the items anew at once whose terms have changed since and whose turn has not come, in the caller's
    transaction: of these clocks nothing is told as it stood. The caller has locked the items.
    """
    for desk_id, items in items_outdated(item_ids, now).items():
        recompute(desk_id, items, now=now)
        recomputed_add(desk_id, items)


def tick(now: datetime) -> bool:
    """Make some of what waits anew; return whether more waits. Safe to run twice, and to kill: each batch notes in its own
    transaction how far it has come. One runner at a time.
    """
    left = BATCHES
    for renewal_id in renewals_waiting():
        with set_apart("clocks to be made anew, part", renewal_id):
            goes_on = True
            while goes_on:
                if not left:
                    return True
                goes_on = _batch(renewal_id, now)
                left -= 1
    return False


def _batch(renewal_id: int, now: datetime) -> bool:
    """Do one batch; return whether there may be more."""
    with lock_try("renewing") as is_mine:
        renewal = renewal_find(renewal_id) if is_mine else None
        if renewal is None:
            return False
        after = renewal.last_item_id
        if renewal.customer_id is None:
            items = items_open(renewal.desk_id, after=after, limit=BATCH)
        else:
            items = open_items_of(renewal.customer_id, site_id=renewal.site_id, after=after, limit=BATCH)
        recompute(renewal.desk_id, items, now=now)
        recomputed_add(renewal.desk_id, items)
        if renewal.is_learned:  # nobody could know of a moment that comes to lie in the past
            safe_moments_pass(items, now)
        goes_on = len(items) == BATCH
        renewal_reach(renewal_id, last_item_id=items[-1] if goes_on else None)
        desk_changed(renewal.desk_id)
    return goes_on
