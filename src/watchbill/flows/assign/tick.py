"""The tick: look whether anything changed on a desk; if so gather, decide and apply, one runner at a time."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction

from watchbill.apps.core.services import lock_held, lock_try
from watchbill.apps.decisions import queries, services
from watchbill.apps.decisions.deferrals import deferred_of
from watchbill.apps.decisions.freed import FREED
from watchbill.apps.decisions.queries import Proposal, Seen
from watchbill.apps.people.queries import desk_ids
from watchbill.apps.work import competing
from watchbill.apps.work.competing import EventMark, Waiting
from watchbill.engine.assign.decide import plan
from watchbill.engine.assign.interrupt import does_interrupt
from watchbill.engine.assign.outcome import Decision
from watchbill.engine.assign.rails import PROPOSING, Mode
from watchbill.engine.assign.schedule import PLACE_MOST, Situation, Step, next_step
from watchbill.engine.assign.standing import Beside, place_beside, plan_beside
from watchbill.engine.assign.tables import tables_of
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.flows.apart import set_apart
from watchbill.flows.assign.applying import Applied, apply_decisions
from watchbill.flows.assign.gather import Gathered, changed_people, gather_desk, mode_of, standing_of, with_taken
from watchbill.flows.assign.interrupting import first_due, with_interruptions
from watchbill.flows.assign.shadowing import Decided, shadow_turn
from watchbill.flows.assign.solving import SOLVER_S, flows_within
from watchbill.flows.assign.telling import fallback_tell
from watchbill.flows.assign.words import because_nobody

URGENT_PRIORITY = 2
VIEW_MOST = 300
"""More waiting items than this are not all looked at when single ones are placed."""
WRITE_MOST = 2000
"""Answers that one plan writes at most, in one transaction; the others come with the next run, which follows at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the tick did on one desk; ``step`` is nothing when no facts had changed, ``is_cut``: the next run goes on.

    ``decided``: what a draft that is shadowed is held beside.
    """

    desk_id: int
    step: Step
    applied: Applied
    is_cut: bool = False
    decided: Decided | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """The cheap look at a desk: marks, what waits, and what is proposed."""

    seen: Seen | None
    events: EventMark
    settings: list[int]
    waiting: Sequence[Waiting]
    proposals: Mapping[int, Proposal]

    @cached_property
    def changed(self) -> list[Waiting]:
        """Waiting items without a proposal, or with one that speaks of an older version; the most urgent first."""
        found = [
            item
            for item in self.waiting
            if item.id not in self.proposals or self.proposals[item.id].item_version != item.version
        ]
        return sorted(found, key=lambda item: (item.priority, item.id))

    @property
    def to_place(self) -> list[Waiting]:
        """Those of the changed items that one run places: where there are too many, the urgent ones alone if there are any."""
        changed = self.changed
        urgent = [item for item in changed if item.priority <= URGENT_PRIORITY]
        return (urgent if urgent and len(changed) > PLACE_MOST else changed)[:PLACE_MOST]

    @property
    def gone(self) -> int:
        """Open proposals whose item waits no more; those to move an owned item are looked at by the next plan."""
        waiting = {item.id for item in self.waiting}
        return sum(1 for item_id, p in self.proposals.items() if item_id not in waiting and p.verdict != "move")

    @property
    def fallback(self) -> str:
        """Why the last plan was made without the solver; empty when it was not."""
        return str(self.seen.seen.get("fallback", "")) if self.seen else ""

    @property
    def is_cut(self) -> bool:
        """Whether the last plan was longer than what one run may write."""
        return self.seen is not None and bool(self.seen.seen.get("is_cut"))

    @property
    def is_reset(self) -> bool:
        """Whether policy, modes or people changed since the last run."""
        return self.seen is not None and self.seen.seen.get("settings") != self.settings

    @property
    def pending(self) -> int:
        """Events since the last plan."""
        before = self.seen.seen.get("pending", 0) if self.seen else 0
        return int(before) + self.events.since


def tick(now: datetime) -> list[Run]:
    """Decide on every desk on which facts changed. Safe to call at any time: a second runner returns at once.

    All that is written of a desk is one transaction, under its own lock: killed in the middle, nothing of it has happened. A desk that cannot
    be decided on is left out, and said; the others are decided on all the same.
    """
    runs = []
    for desk_id in desk_ids():
        with set_apart("decisions of desk", desk_id):
            run = tick_desk(desk_id, now)
            if run is not None:
                runs.append(run)
    return runs


def tick_desk(desk_id: int, now: datetime, *, step: Step | None = None) -> Run | None:
    """Run the tick on one desk; *step* overrules the schedule. None: another runner is at it.

    What is shadowed is worked out when all is written and nothing is held any more.
    """
    run = _run(desk_id, now, step)
    if run is not None and run.decided is not None and run.decided.decisions:
        shadow_turn(run.decided)
    return run


def _run(desk_id: int, now: datetime, step: Step | None) -> Run | None:
    name = f"assign:{desk_id}"
    with ExitStack() as kept:
        with lock_try(name) as is_mine:
            if not is_mine:
                return None
            look = _look(desk_id, now)
            chosen = step or next_step(_situation(look, now))
            if chosen is Step.NOTHING:
                return Run(desk_id=desk_id, step=chosen, applied=Applied())
            if chosen is not Step.PLAN:
                return _place(desk_id, look, chosen, now)
            gathered = gather_desk(desk_id, now)
            kept.enter_context(lock_held(name))
        return _plan(look, gathered)


def _place(desk_id: int, look: _Look, step: Step, now: datetime) -> Run:
    """Decide single items, in the caller's transaction."""
    services.settings_hold(desk_id)
    gathered, proposals = _in_view(desk_id, look, now)
    decisions = with_interruptions(_placed(gathered, look, proposals), gathered)
    applied = apply_decisions(decisions, gathered, proposals, now=now)
    _remember(look, gathered, applied, step=step, is_cut=look.is_cut, fallback=look.fallback)
    decided = Decided(gathered=gathered, standing=standing_of(proposals), decisions=decisions)
    return Run(desk_id=desk_id, step=step, applied=applied, is_cut=look.is_cut, decided=decided)


def _plan(look: _Look, gathered: Gathered) -> Run:
    """Plan while nothing is held, as the solver may take long; then write what is still as it was seen, in one transaction.

    What has changed meanwhile is left for the next run: items (their versions are checked as they are written), proposals
    that were answered, people who are not what they were, queues that are off. Under another policy all is planned anew.
    """
    desk_id, now = gathered.desk_id, gathered.now
    found = plan(gathered.snapshot, run=flows_within(SOLVER_S))
    beside = plan_beside(found, standing_of(look.proposals))
    news = _news(beside, gathered, look)
    decisions = [beside.decision(item_id) for item_id in news[:WRITE_MOST]]
    with transaction.atomic():
        services.settings_hold(desk_id)
        if queries.policy_in_force(desk_id, now).number != gathered.policy_number:
            return Run(desk_id=desk_id, step=Step.PLAN, applied=Applied(), is_cut=True)
        gathered = replace(gathered, modes=queries.modes_of_desk(desk_id))
        decisions, proposals = _as_seen(decisions, look, gathered)
        applied = apply_decisions(with_interruptions(decisions, gathered), gathered, proposals, now=now)
        is_cut = len(news) > WRITE_MOST and applied.proposed + applied.applied > 0
        if found.fallback and not look.fallback:
            fallback_tell(desk_id, found.fallback, now=now)
        _remember(look, gathered, applied, step=Step.PLAN, is_cut=is_cut, fallback=found.fallback)
        decided = Decided(gathered=gathered, standing=standing_of(proposals), decisions=decisions)
        return Run(desk_id=desk_id, step=Step.PLAN, applied=applied, is_cut=is_cut, decided=decided)


def _as_seen(
    decisions: Sequence[Decision], look: _Look, gathered: Gathered
) -> tuple[list[Decision], Mapping[int, Proposal]]:
    """The decisions, and the open proposals, that nothing has overtaken."""
    still_open, changed = queries.proposals_open(gathered.desk_id), changed_people(gathered)
    proposals = {item_id: one for item_id, one in look.proposals.items() if still_open.get(item_id) == one}
    return [
        one
        for one in decisions
        if still_open.get(one.item) == look.proposals.get(one.item)
        and (one.person is None or one.person not in changed)
        and gathered.mode_of(gathered.items[one.item]).mode in PROPOSING
    ], proposals


def _look(desk_id: int, now: datetime) -> _Look:
    """Read marks first, facts after: what changes in between is seen again, never missed."""
    seen = queries.tick_seen(desk_id)
    before: Any = seen.seen["events"] if seen else (0, 0)
    modes, deferred = queries.modes_of_desk(desk_id), deferred_of(desk_id, now)
    return _Look(
        seen=seen,
        events=competing.event_mark(desk_id, before=(before[0], before[1])),
        settings=[*queries.settings_mark(desk_id), queries.policy_in_force(desk_id, now).number],
        waiting=[
            item
            for item in competing.items_waiting(desk_id, also=FREED, now=now)
            if item.id not in deferred and mode_of(modes, item.queue_id).mode in PROPOSING
        ],
        proposals=queries.proposals_open(desk_id),
    )


def _situation(look: _Look, now: datetime) -> Situation:
    """What the schedule asks. The rest of a plan that was cut waits while one run can place all that is urgent."""
    seen, changed = look.seen, look.changed
    is_first = 0 < sum(1 for item in changed if item.priority <= URGENT_PRIORITY) <= PLACE_MOST
    return Situation(
        now=now,
        ran_at=seen.ran_at if seen else None,
        planned_at=seen.planned_at if seen else None,
        waiting=len(look.waiting),
        changed=len(changed),
        gone=look.gone,
        is_urgent=_is_urgent(changed),
        events=look.pending,
        is_reset=look.is_reset or (look.is_cut and not is_first),
        next_change_at=seen.next_change_at if seen else None,
    )


def _is_urgent(changed: Sequence[Waiting]) -> bool:
    """Whether one of the changed items is P1 or P2, or has just been answered about: its next proposal is awaited."""
    if any(item.priority <= URGENT_PRIORITY for item in changed):
        return True
    return bool(changed) and bool(queries.answers_before([item.id for item in changed]))


def _news(beside: Beside, gathered: Gathered, look: _Look) -> list[ItemId]:
    """The items of a plan about which something is to be said, the most urgent first: reasons are only written for them.

    Of too many to be written at once, those that only might be told better come last.
    """
    found = {
        item_id: person for item_id, person in beside.choices() if not _stands(beside, gathered, look, item_id, person)
    }
    if len(found) <= WRITE_MOST:
        return list(found)

    def urgency(item_id: ItemId) -> tuple[bool, int, datetime, int]:
        proposal, facts = look.proposals.get(item_id), gathered.facts[item_id]
        is_told = proposal is not None and proposal.chosen_id == found[item_id]
        return is_told, facts.priority, first_due(facts), item_id

    return sorted(found, key=urgency)


def _in_view(desk_id: int, look: _Look, now: datetime) -> tuple[Gathered, Mapping[int, Proposal]]:
    """What a placement looks at: of a long queue only the changed items and the most urgent of the others.

    So a P1 in the middle of a flood is placed as fast as in a quiet hour. What is proposed beyond the view takes its slots.
    """
    if len(look.waiting) <= VIEW_MOST:
        return gather_desk(desk_id, now), look.proposals
    urgent = heapq.nsmallest(VIEW_MOST, look.waiting, key=lambda item: (item.priority, item.id))
    only = {item.id for item in (*look.to_place, *urgent)}
    beyond = {item.id for item in look.waiting} - only
    taken = Counter(
        p.chosen_id for item_id, p in look.proposals.items() if item_id in beyond and p.chosen_id is not None
    )
    gathered = with_taken(gather_desk(desk_id, now, only=sorted(only)), taken)
    return gathered, {item_id: p for item_id, p in look.proposals.items() if item_id not in beyond}


def _stands(beside: Beside, gathered: Gathered, look: _Look, item_id: ItemId, person: PersonId | None) -> bool:
    """Whether the plan says what is proposed already, of the item as it is, and a person will answer anyway."""
    item, proposal = gathered.items[item_id], look.proposals.get(item_id)
    if proposal is None or proposal.item_version != item.version or proposal.chosen_id != person:
        return False
    if proposal.mode != (mode := gathered.mode_of(item).mode):
        return False
    if person is None and does_interrupt(gathered.facts[item_id], gathered.snapshot.policy):
        return False
    if person is not None:
        return (item.owner_id is None or item_id in gathered.freed) and mode is Mode.ADVISE and not proposal.because
    verdict, rules = beside.why_nobody(item_id)
    is_as_told = proposal.verdict == verdict and proposal.because == because_nobody(rules)
    has_help_come = proposal.helps_at is not None and proposal.helps_at <= gathered.now
    return is_as_told and not has_help_come and not look.is_reset


def _placed(gathered: Gathered, look: _Look, proposals: Mapping[int, Proposal]) -> Iterator[Decision]:
    """Put the changed items one by one, the most urgent first, each beside the choices made before it."""
    current, tables = standing_of(proposals), tables_of(gathered.snapshot)
    for item in look.to_place:
        if item.id in gathered.items:
            decision = place_beside(gathered.snapshot, ItemId(item.id), current=current, tables=tables)
            if decision.person is None and does_interrupt(gathered.facts[ItemId(item.id)], gathered.snapshot.policy):
                decision = place_beside(
                    gathered.snapshot, ItemId(item.id), current=_as_urgent(current, gathered, item), tables=tables
                )
            current[ItemId(item.id)] = decision.person
            yield decision


def _as_urgent(
    current: Mapping[ItemId, PersonId | None], gathered: Gathered, item: Waiting
) -> dict[ItemId, PersonId | None]:
    """The current plan without what is less urgent: a slot that is only proposed to such work is no reason to interrupt."""
    return {
        ItemId(other): person if gathered.facts[other].priority <= item.priority else None
        for other, person in current.items()
        if other in gathered.facts
    }


def _remember(look: _Look, gathered: Gathered, applied: Applied, *, step: Step, is_cut: bool, fallback: str) -> None:
    """Keep how far this run has seen. A plan of which not all was written is made again by the next run, at once."""
    now, changes = gathered.now, [at for at in (gathered.next_change_at, applied.rails_free_at) if at is not None]
    has_planned = step is Step.PLAN or look.seen is None
    services.tick_seen_set(
        gathered.desk_id,
        planned_at=now if has_planned or look.seen is None else look.seen.planned_at,
        seen={
            "events": [look.events.last_id, look.events.near],
            "settings": look.settings,
            **({"is_cut": True} if is_cut else {}),
            "pending": 0 if has_planned else look.pending,
            **({"fallback": fallback} if fallback else {}),
        },
        next_change_at=_kept_change(look, changes, has_planned=has_planned),
        now=now,
    )


def _kept_change(look: _Look, changes: Sequence[datetime], *, has_planned: bool) -> datetime | None:
    """Nothing has to be watched while nothing waits; after a placement, a change that is overdue stays due."""
    if not look.waiting:
        return None
    if not has_planned and look.seen is not None and look.seen.next_change_at is not None:
        changes = [*changes, look.seen.next_change_at]
    return min(changes, default=None)
