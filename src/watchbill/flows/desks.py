"""Closing a desk that is no longer wanted, and opening it again: nothing of it is deleted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.versions import require_reason
from watchbill.apps.inbox.queries import held_count
from watchbill.apps.inbox.services import desk_lock
from watchbill.apps.inbox.uploads import uploads_waiting
from watchbill.apps.people import services as people
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.backlog import open_count
from watchbill.engine.base.errors import Conflict


def desk_close(desk_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Close a desk: no new work, no decisions, and it stands in no list but that of those who may open it
    again. Its finished items can still be read by their references.

    Raises Conflict, counting them, while it has open items or a history is still coming in: they are for people to
    finish or move, not for a button to hide.
    """
    require(by, Right.DESK_EDIT, desk_id)
    require_reason(reason)
    with desk_lock(desk_id, tries=1), transaction.atomic():
        people.desk_closed_set(desk_id, is_closed=True, reason=reason, by=by, now=now)  # its row is locked from here on
        if found := open_count(desk_id):
            items = "1 open item" if found == 1 else f"{found:,} open items"
            raise Conflict(f"This desk has {items}. Resolve, close or move them first", open_items=found)
        if held := held_count(desk_id):
            raise Conflict(f"{held:,} events of an imported log still lie ahead of this desk's clock")
        if any(waiting.desk_id == desk_id for waiting in uploads_waiting()):
            raise Conflict("A file waits to be imported into this desk")


def desk_reopen(desk_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Open a closed desk again, as it was. Raises Conflict for one that is open."""
    require(by, Right.DESK_EDIT, desk_id)
    require_reason(reason)
    people.desk_closed_set(desk_id, is_closed=False, reason=reason, by=by, now=now)
