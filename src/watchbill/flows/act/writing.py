"""How every act is written: event, item, clocks and notices in one transaction, or none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions.services import decision_supersede_for
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Change, Written
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent
from watchbill.engine.clocks.lead_time import WorkClass
from watchbill.flows.clockfacts import Ahead, clock_events
from watchbill.flows.clocks import Computed, compute_after

CLOCK_KINDS = frozenset(
    {
        EventKind.STATE,
        EventKind.ASSIGNED,
        EventKind.PRIORITY,
        EventKind.QUEUE,
        EventKind.FIELDS,
        EventKind.REPLY,
        EventKind.DECIDED,
        EventKind.MERGED,
    }
)
"""Events that can start, pause or stop a clock; others need no look at the clocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One change of one item, with the messages that it causes. ``ends_proposal``: what was proposed is settled."""

    item: ItemRow
    change: Change
    notices: Sequence[NewNotice] = ()
    ends_proposal: bool = False


def event_after(item: ItemRow, change: Change, *, by: Actor, now: datetime) -> ClockEvent:
    """Return the event of *change* as clocks will see it once it is written."""
    patch: Mapping[str, Any] = change.patch
    owner = patch.get("owner_id", item.owner_id)
    return ClockEvent(
        at=change.at or now,
        kind=change.kind,
        state=State(patch.get("state", item.state)),
        priority=Priority(patch.get("priority", item.priority)),
        owner=None if owner is None else PersonId(owner),
        actor=by.kind,
        merged_at=datetime.fromisoformat(change.data["opened_at"]) if change.kind is EventKind.MERGED else None,
    )


def class_after(item: ItemRow, change: Change) -> WorkClass:
    """Return the class of the item as it is once *change* is written."""
    patch: Mapping[str, Any] = change.patch
    return WorkClass(
        item.kind,
        int(patch.get("priority", item.priority)),
        patch.get("category", item.category),
        patch.get("queue_id", item.queue_id),
    )


def _moving(acts: Sequence[Act]) -> list[Act]:
    return [act for act in acts if act.change.kind in CLOCK_KINDS]


def clocks_of(acts: Sequence[Act], *, by: Actor, now: datetime) -> Computed:
    """Return the clocks of the items as they will stand: one query for their events and one for the rules a desk."""
    moving = _moving(acts)
    result = Computed()
    for desk_id in dict.fromkeys(act.item.desk_id for act in moving):
        here = [act for act in moving if act.item.desk_id == desk_id]
        undoing = {act.item.id: act.change.data["undoes"] for act in here if "undoes" in act.change.data}
        ahead = {
            act.item.id: Ahead(event=event_after(act.item, act.change, by=by, now=now), patch=act.change.patch)
            for act in here
            if act.item.id not in undoing
        }
        book = rulebook(desk_id)
        items = [act.item.id for act in here]
        until = max((act.change.at or now for act in here), default=now)
        events = clock_events(desk_id, book, items, now=until, undoing=undoing, ahead=ahead)
        classes = {act.item.id: class_after(act.item, act.change) for act in here}
        result |= compute_after(desk_id, book, events, classes=classes, now=until)
    return result


def _in_order(act: Act, *, now: datetime) -> Act:
    """Return the act with its instant: not before the item's last event, for machines disagree and clocks are set back."""
    at = max(act.change.at or now, act.item.updated_at)
    return replace(act, change=replace(act.change, at=at))


def write_all(acts: Sequence[Act], *, by: Actor, now: datetime) -> list[Written]:
    """Write acts on different items together; those whose item somebody changed meanwhile are left out.

    A handful of statements, whatever the number of acts. Each act must carry the version it was decided on. Clocks are
    computed under the lock of their items: whoever computes them anew meanwhile (`flows.clocks.recompute`) comes before or
    after, never in between.
    """
    acts = [_in_order(act, now=now) for act in acts]
    with transaction.atomic():
        if moving := _moving(acts):
            work_services.items_lock([act.item.id for act in moving])
        computed = clocks_of(acts, by=by, now=now)
        written = work_services.work_change_many(
            [
                replace(
                    act.change,
                    due_sort_at=computed.due_sort_at.get(act.item.id),
                    act_by_at=computed.act_by_at.get(act.item.id),
                )
                for act in acts
            ],
            by=by,
            now=now,
        )
        done = {row.item_id for row in written}
        computed.of(done).keep()
        settled = [act.item.id for act in acts if act.ends_proposal and act.item.id in done]
        if settled:
            decision_supersede_for(settled, now=now)
        notice_add_many([notice for act in acts if act.item.id in done for notice in act.notices], now=now)
    return written


def write_one(act: Act, *, by: Actor, now: datetime) -> Written:
    """Write one act. Raises Conflict naming who changed what when the item is no longer as it was seen."""
    written = write_all([act], by=by, now=now)
    if written:
        return written[0]
    raise work_services.conflict(act.item.id, act.change.version)
