"""How long work takes is learned daily from a desk's own history, and moves the latest safe moments of what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from watchbill.apps.clocks import learning
from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.clocks.renewals import renewal_add
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import lock_try
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import handling
from watchbill.apps.work.handling import Step
from watchbill.apps.work.queues import queue_names
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent
from watchbill.engine.clocks.lead_time import Handled, LeadTimes, WorkClass, handled, learn
from watchbill.flows import renewing
from watchbill.flows.apart import set_apart
from watchbill.flows.clocks import BATCH

LATEST = 10_000
"""So many of a desk's latest items teach it; what was usual long ago is forgotten."""


def tick(now: datetime) -> int:
    """Let every desk learn whose day has come; return how many did. Safe to run twice; one runner at a time."""
    done = 0
    for desk_id in learning.desks_to_learn(now):
        with set_apart("lead times of desk", desk_id):
            done += _learn(desk_id, now) is not None
    return done


def lead_times_learn(desk_id: int, *, by: Actor, now: datetime) -> LeadTimes | None:
    """Let a desk learn at once, and begin to reckon its latest safe moments anew; None when it is doing so already."""
    require(by, Right.POLICY_EDIT, desk_id)
    found = _learn(desk_id, now)
    renewing.tick(now)
    return found


def lead_times_told(desk_id: int, *, by: Actor) -> dict[str, Any]:
    """Return what a desk has learned, the widest classes first: business seconds, and from how many items."""
    require(by, Right.POLICY_VIEW, desk_id)
    known, queues = rulebook(desk_id).lead_times, queue_names(desk_id, by=by)
    return {"learned_at": known.learned_at, "items": known.items, "classes": [
        {
            "kind": of.kind, "priority": of.priority, "category": of.category or None,
            "queue": None if of.queue is None else queues.get(of.queue), "basis": lead.basis,
            "pick_up_s": lead.pick_up.middle_s, "pick_up_p80_s": lead.pick_up.p80_s, "pick_up_items": lead.pick_up.items,
            "effort_s": lead.effort.middle_s, "effort_p80_s": lead.effort.p80_s, "effort_items": lead.effort.items,
        }
        for of, lead in known.by_class.items()
    ]}  # fmt: skip


def _learn(desk_id: int, now: datetime) -> LeadTimes | None:
    """Learn, keep it, and let the latest safe moments of all open items be reckoned anew (`renewing`).

    It is read without a lock or a transaction of its own, which is short therefore; who learned later stays.
    """
    items = list(gather(desk_id, until=now))
    found = LeadTimes(learned_at=now, items=len(items), by_class=learn(items))
    with lock_try(f"lead times {desk_id}") as is_mine:
        if not is_mine:
            return None
        learning.lead_times_keep(desk_id, found)
        renewal_add(desk_id, is_learned=True)
    return found


def gather(desk_id: int, *, until: datetime) -> Iterator[Handled]:
    """Give how long each of the desk's latest items took, as far as was known at *until*; those without a clock are left out."""
    classes = handling.items_latest(desk_id, until=until, limit=LATEST)
    item_ids, book = sorted(classes), rulebook(desk_id)
    for start in range(0, len(item_ids), BATCH):
        batch = item_ids[start : start + BATCH]
        steps, calendars = handling.handling_steps(batch), learning.calendars_of_items(batch)
        for item_id in batch:
            events = _events(steps.get(item_id, ()))
            rules = book.at(events[0].at) if events and item_id in calendars else None
            if rules is not None:
                hours = rules.compiled()[calendars[item_id]]
                yield handled(WorkClass(*classes[item_id]), events, hours, until=until)


def _events(steps: Sequence[Step]) -> list[ClockEvent]:
    return [
        ClockEvent(
            at=at,
            kind=EventKind(kind),
            state=State(state),
            priority=Priority.P4,  # learning does not ask
            owner=None if owner_id is None else PersonId(owner_id),
            actor=ActorKind(actor_kind),
        )
        for at, kind, state, owner_id, actor_kind in steps
    ]
