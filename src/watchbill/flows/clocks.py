"""Clocks of items: computed from events, kept for speed. What they have to tell is told by `firing`."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.clocks.queries import Rulebook, Rules
from watchbill.apps.clocks.services import ClockWrite, CycleWrite
from watchbill.apps.work import services as work_services
from watchbill.apps.work.handling import item_classes
from watchbill.engine.base.intervals import MICROS_PER_S, instant_of
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.clocks import Agreement, ClockEvent, ClockOutcome, ClockStatus, TakeOver, run_clocks
from watchbill.engine.clocks.lead_time import WorkClass, is_touch, latest_safe, ranked_at
from watchbill.flows.clockfacts import clock_events

BATCH = 1000
"""Items handled in one transaction."""

OURS = frozenset({Agreement.SLA, Agreement.OLA})
"""Agreements whose dues order the work; what a vendor owes us is not for us to do."""


@dataclass(slots=True, kw_only=True)
class Computed:
    """Clocks of items as they are to be kept, those to drop, and where each item sorts.

    ``repeating``: items whose policies can end a cycle; what is kept of theirs is replaced by ``cycles``.
    """

    writes: list[ClockWrite] = field(default_factory=list)
    drops: list[tuple[int, str]] = field(default_factory=list)
    cycles: list[CycleWrite] = field(default_factory=list)
    repeating: list[int] = field(default_factory=list)
    due_sort_at: dict[int, datetime] = field(default_factory=dict)
    act_by_at: dict[int, datetime] = field(default_factory=dict)

    def keep(self, *, told_at: datetime | None = None) -> None:
        """Write clocks in the caller's transaction; the items' due instants are the caller's own statement."""
        clock_services.clocks_write(self.writes, told_at=told_at)
        clock_services.clocks_end(self.drops)
        clock_services.cycles_write(self.repeating, self.cycles)

    def of(self, item_ids: set[int]) -> Computed:
        """Return what concerns these items only."""
        return Computed(
            writes=[each for each in self.writes if each.item_id in item_ids],
            drops=[each for each in self.drops if each[0] in item_ids],
            cycles=[each for each in self.cycles if each.item_id in item_ids],
            repeating=[each for each in self.repeating if each in item_ids],
            due_sort_at=self.due_sort_at,
            act_by_at=self.act_by_at,
        )

    def renumbered(self, item_id: int) -> Computed:
        """Return the same for the one item, which has got its number."""
        return Computed(
            writes=[replace(each, item_id=item_id) for each in self.writes],
            cycles=[replace(each, item_id=item_id) for each in self.cycles],
        )

    def __or__(self, other: Computed) -> Computed:
        return Computed(
            writes=self.writes + other.writes,
            drops=self.drops + other.drops,
            cycles=self.cycles + other.cycles,
            repeating=self.repeating + other.repeating,
            due_sort_at=self.due_sort_at | other.due_sort_at,
            act_by_at=self.act_by_at | other.act_by_at,
        )


def compute_one(
    result: Computed,
    book: Rulebook,
    *,
    item_id: int,
    desk_id: int,
    events: Sequence[ClockEvent],
    of: WorkClass,
    now: datetime,
) -> None:
    """Add one item's clocks to *result*: under what was in force when it was opened, and what took it over since.

    *of*: its class, which says how long it is likely to take, and so until when it can safely wait.
    """
    result.due_sort_at[item_id] = result.act_by_at[item_id] = FAR_FUTURE
    held, outcomes = run(book, events, now=now)
    running: list[ClockWrite] = []
    lead, is_touched, since = book.lead_times.find(of), any(map(is_touch, events)), ranked_at(events)
    for outcome in outcomes:
        rules = holder(held, outcome)
        hours = rules.compiled()[outcome.calendar]
        needed = lead.needed(outcome.kind, is_touched=is_touched)
        safe_at = latest_safe(outcome, hours.in_zone(outcome.zone) if outcome.zone else hours, needed, since=since)
        write = _as_write(outcome, rules, item_id=item_id, desk_id=desk_id, safe_at=safe_at)
        if write is None:
            result.drops.append((item_id, outcome.name))
        else:
            result.writes.append(write)
            if outcome.agreement in OURS and (outcome.status is ClockStatus.RUNNING or outcome.resumes_us is not None):
                running.append(write)
        result.cycles += [
            _as_cycle(each, holder(held, each), item_id=item_id, desk_id=desk_id) for each in outcome.cycles
        ]
    if any(rules.clock_policy().has_cycles for rules in held):
        result.repeating.append(item_id)
    result.due_sort_at[item_id] = min((w.due_at for w in running if w.due_at is not None), default=FAR_FUTURE)
    result.act_by_at[item_id] = min(
        (w.safe_at or w.due_at for w in running if w.due_at is not None), default=FAR_FUTURE
    )


def run(
    book: Rulebook, events: Sequence[ClockEvent], *, now: datetime, explain: bool = False
) -> tuple[list[Rules], tuple[ClockOutcome, ...]]:
    """Return what holds for an item by *now*, the first and what took over, and its clocks; nothing without a policy."""
    first = book.at(events[0].at)
    if first is None:
        return [], ()
    later = book.later(events[0].at, now)
    taking = [TakeOver(at=at, policy=rules.clock_policy(), calendars=rules.compiled()) for at, rules in later]
    outcomes = run_clocks(first.clock_policy(), first.compiled(), events, later=taking, explain=explain)
    return [first, *(rules for _, rules in later)], outcomes


def holder(held: Sequence[Rules], outcome: ClockOutcome) -> Rules:
    """Return under which of the versions a clock stands: that which has its definition."""
    if len(held) == 1:
        return held[0]
    for is_it in (operator.is_, operator.eq):  # the same object, but for one that was compiled anew meanwhile
        for rules in reversed(held):
            if any(is_it(definition, outcome.definition) for definition in rules.clock_policy().clocks):
                return rules
    raise AssertionError("a clock stands under a version that holds")


def _as_write(
    outcome: ClockOutcome, rules: Rules, *, item_id: int, desk_id: int, safe_at: datetime | None
) -> ClockWrite | None:
    if outcome.status is ClockStatus.ABSENT or outcome.target_us is None or outcome.started_us is None:
        return None
    warn_ats = outcome.warn_ats
    return ClockWrite(
        item_id=item_id,
        desk_id=desk_id,
        name=outcome.name,
        kind=outcome.kind.value,
        agreement=outcome.agreement.value,
        cycle=outcome.cycle,
        status=outcome.status.value,
        policy_id=rules.policy.id,
        calendar_id=rules.calendars[outcome.calendar].id,
        target_s=outcome.target_us // MICROS_PER_S,
        elapsed_s=outcome.elapsed_us // MICROS_PER_S,
        paused_s=outcome.paused_us // MICROS_PER_S,
        started_at=instant_of(outcome.started_us),
        due_at=outcome.due_at,
        stopped_at=outcome.stopped_at,
        resumes_at=outcome.resumes_at,
        warn_at=warn_ats[0] if warn_ats else None,
        warn_ats=warn_ats if len(warn_ats) > 1 else None,
        safe_at=safe_at,
        breach_at=outcome.breach_at,
    )


def _as_cycle(outcome: ClockOutcome, rules: Rules, *, item_id: int, desk_id: int) -> CycleWrite:
    return CycleWrite(
        item_id=item_id,
        desk_id=desk_id,
        name=outcome.name,
        kind=outcome.kind.value,
        agreement=outcome.agreement.value,
        cycle=outcome.cycle,
        status=outcome.status.value,
        policy_id=rules.policy.id,
        calendar_id=rules.calendars[outcome.calendar].id,
        target_s=(outcome.target_us or 0) // MICROS_PER_S,
        elapsed_s=outcome.elapsed_us // MICROS_PER_S,
        paused_s=outcome.paused_us // MICROS_PER_S,
        started_at=instant_of(outcome.started_us or 0),
        due_at=outcome.due_at,
        stopped_at=instant_of(outcome.stopped_us or outcome.as_of_us),
        breach_at=outcome.breach_at,
    )


def compute_after(
    desk_id: int,
    book: Rulebook,
    events_by_item: Mapping[int, Sequence[ClockEvent]],
    *,
    classes: Mapping[int, WorkClass],
    now: datetime,
) -> Computed:
    """Return the clocks of items of one desk as they stand after the events given; *classes*: theirs after these."""
    result = Computed()
    for item_id, events in events_by_item.items():
        if events:
            compute_one(result, book, item_id=item_id, desk_id=desk_id, events=events, of=classes[item_id], now=now)
    return result


def classes_of(item_ids: Sequence[int]) -> dict[int, WorkClass]:
    """Return the classes of items as they stand: one query."""
    return {item_id: WorkClass(*parts) for item_id, parts in item_classes(item_ids).items()}


def recompute(desk_id: int, item_ids: Sequence[int], *, now: datetime, told_at: datetime | None = None) -> int:
    """Make the clocks of items of one desk anew from their stored events; return how many items."""
    for start in range(0, len(item_ids), BATCH):
        batch = item_ids[start : start + BATCH]
        with transaction.atomic():
            work_services.items_lock(batch)
            book = clocks.rulebook(desk_id)
            events = clock_events(desk_id, book, batch, now=now)
            computed = compute_after(desk_id, book, events, classes=classes_of(batch), now=now)
            computed.keep(told_at=told_at)
            work_services.due_set_many(computed.due_sort_at, computed.act_by_at)
    return len(item_ids)
