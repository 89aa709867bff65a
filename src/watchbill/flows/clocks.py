"""Clocks of items: computed from events, kept for speed. What they have to tell is told by `firing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.clocks.queries import Rulebook, Rules
from watchbill.apps.clocks.services import ClockWrite
from watchbill.apps.work import services as work_services
from watchbill.apps.work import timeline
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.time import FAR_FUTURE, seconds
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockEvent, ClockOutcome, ClockStatus, run_clocks, trial

BATCH = 1000
"""Items handled in one transaction."""


@dataclass(slots=True, kw_only=True)
class Computed:
    """Clocks of items as they are to be kept, those to drop, and where each item sorts."""

    writes: list[ClockWrite] = field(default_factory=list)
    drops: list[tuple[int, str]] = field(default_factory=list)
    due_sort_at: dict[int, datetime] = field(default_factory=dict)
    act_by_at: dict[int, datetime] = field(default_factory=dict)

    def keep(self, *, told_at: datetime | None = None) -> None:
        """Write clocks in the caller's transaction; the items' due instants are the caller's own statement."""
        clock_services.clocks_write(self.writes, told_at=told_at)
        clock_services.clocks_end(self.drops)


def clock_event(row: Sequence[Any]) -> ClockEvent:
    """Read one row of `work.timeline.clock_events`."""
    at, kind, state, priority, owner_id, actor_kind = row
    return ClockEvent(
        at=at,
        kind=EventKind(kind),
        state=State(state),
        priority=Priority(priority),
        owner=None if owner_id is None else PersonId(owner_id),
        actor=ActorKind(actor_kind),
    )


def compute_one(result: Computed, book: Rulebook, *, item_id: int, desk_id: int, events: Sequence[ClockEvent]) -> None:
    """Add one item's clocks to *result*: under the policy and calendars in force when it was opened."""
    rules = book.at(events[0].at)
    result.due_sort_at[item_id] = result.act_by_at[item_id] = FAR_FUTURE
    if rules is None:
        return
    running: list[ClockWrite] = []
    for outcome in run_clocks(rules.clock_policy(), rules.compiled(), events):
        write = _as_write(outcome, rules, item_id=item_id, desk_id=desk_id)
        if write is None:
            result.drops.append((item_id, outcome.kind.value))
            continue
        result.writes.append(write)
        if outcome.status is ClockStatus.RUNNING:
            running.append(write)
    result.due_sort_at[item_id] = min((w.due_at for w in running if w.due_at is not None), default=FAR_FUTURE)
    result.act_by_at[item_id] = min(
        (w.safe_at or w.due_at for w in running if w.due_at is not None), default=FAR_FUTURE
    )


def _as_write(outcome: ClockOutcome, rules: Rules, *, item_id: int, desk_id: int) -> ClockWrite | None:
    if outcome.status is ClockStatus.ABSENT or outcome.target is None or outcome.started_at is None:
        return None
    return ClockWrite(
        item_id=item_id,
        desk_id=desk_id,
        name=outcome.kind.value,
        kind=outcome.kind.value,
        status=outcome.status.value,
        policy_id=rules.policy.id,
        calendar_id=rules.calendars[outcome.calendar].id,
        target_s=seconds(outcome.target),
        elapsed_s=seconds(outcome.elapsed),
        paused_s=seconds(outcome.paused),
        started_at=outcome.started_at,
        due_at=outcome.due_at,
        stopped_at=outcome.stopped_at,
        warn_at=outcome.warn_at,
        breach_at=outcome.breach_at,
    )


def compute_after(desk_id: int, events_by_item: Mapping[int, Iterable[ClockEvent]]) -> Computed:
    """Return the clocks of items of one desk as they stand after the events given: one query, for the versions."""
    book = clocks.rulebook(desk_id)
    result = Computed()
    for item_id, events in events_by_item.items():
        listed = list(events)
        if listed:
            compute_one(result, book, item_id=item_id, desk_id=desk_id, events=listed)
    return result


def explain(desk_id: int, item_id: int) -> tuple[ClockOutcome, ...]:
    """Return the clocks of an item with their whole life in segments, from its stored events; () without a policy.

    The caller has made sure that the item may be seen. Two queries, and what is kept compiled.
    """
    return _explained(desk_id, item_id)[0]


def explain_at(desk_id: int, item_id: int, now: datetime) -> list[dict[str, Any]]:
    """Return the same as plain JSON, as the clocks stand at *now* (`engine.clocks.trial.told`)."""
    outcomes, calendars = _explained(desk_id, item_id)
    return [trial.told(outcome, calendars[outcome.calendar], max(now, outcome.as_of)) for outcome in outcomes]


def _explained(desk_id: int, item_id: int) -> tuple[tuple[ClockOutcome, ...], Mapping[str, BusinessHours]]:
    events = [clock_event(row) for row in timeline.clock_events([item_id])[item_id]]
    rules = clocks.rulebook(desk_id).at(events[0].at) if events else None
    if rules is None:
        return (), {}
    calendars = rules.compiled()
    return run_clocks(rules.clock_policy(), calendars, events, explain=True), calendars


def recompute(desk_id: int, item_ids: Sequence[int], *, told_at: datetime | None = None) -> int:
    """Make the clocks of items of one desk anew from their stored events; return how many items."""
    for start in range(0, len(item_ids), BATCH):
        batch = item_ids[start : start + BATCH]
        with transaction.atomic():
            work_services.items_lock(batch)
            events = timeline.clock_events(batch)
            computed = compute_after(desk_id, {i: [clock_event(row) for row in rows] for i, rows in events.items()})
            computed.keep(told_at=told_at)
            work_services.due_set_many(computed.due_sort_at, computed.act_by_at)
    return len(item_ids)
