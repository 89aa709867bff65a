"""From the engine's answers to the store: propose, apply within the guard-rails, leave what stands untouched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions import queries, services
from watchbill.apps.decisions.choices import Status
from watchbill.apps.decisions.queries import HOUR, Acts, Answers, Proposal
from watchbill.apps.decisions.services import Answer, NewDecision, Refreshed
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.competing import Competing
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Change, Written
from watchbill.engine.assign.facts import facts_digest
from watchbill.engine.assign.outcome import Decision, Verdict
from watchbill.engine.assign.rails import Mode, held_back
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import EventKind, Priority
from watchbill.flows.act.writing import write_all
from watchbill.flows.assign import words
from watchbill.flows.assign.gather import Gathered, standing_of
from watchbill.flows.assign.giving import act_of_giving, receipt, receipt_with
from watchbill.flows.assign.interrupting import act_of_laying_aside, first_due, is_still_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What one run wrote: counts, and when a guard-rail that held something back frees."""

    proposed: int = 0
    applied: int = 0
    superseded: int = 0
    refreshed: int = 0
    rails_free_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One answer of the engine on its way: its item, the open proposal it meets, and whether a person must answer.

    ``written`` and ``receipt`` come with the item's own event; without it nothing is kept of the decision.
    """

    decision: Decision
    item: Competing
    old: Proposal | None
    mode: Mode
    held: str | None = None
    written: Written | None = None
    receipt: dict[str, Any] | None = None

    @property
    def is_same(self) -> bool:
        """Whether the open proposal says the same: the person, and how; or still nobody, for whichever reason.

        Why nobody can take an item changes with every shift; the card says the present reason, and the work notes
        speak again when somebody can.
        """
        if self.old is None or self.old.chosen_id != self.decision.person:
            return False
        if ("interrupts" in self.old.because) != (self.decision.interrupts is not None):
            return False
        return self.decision.person is None or self.old.verdict == self.decision.verdict

    @property
    def taker(self) -> PersonId | None:
        """Who is given the item by autopilot; None: it is left to people."""
        return self.decision.person if self.mode is Mode.AUTOPILOT and self.held is None else None


@dataclass(kw_only=True)
class _Writer:
    """What all entries of one run share."""

    gathered: Gathered
    standing: Mapping[ItemId, PersonId | None]
    now: datetime
    outcomes: dict[int, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        return facts_digest(self.gathered.snapshot, self.standing)

    def outcome(self, entry: _Entry) -> dict[str, Any]:
        """Return what is kept of the decision, made once."""
        if entry.item.id not in self.outcomes:
            self.outcomes[entry.item.id] = words.outcome_of(entry.decision, self.gathered, held=entry.held)
        return self.outcomes[entry.item.id]

    def note(self, entry: _Entry) -> dict[str, Any]:
        """Return what the item's event keeps beside its words."""
        return words.note_data(
            self.outcome(entry),
            chosen=entry.decision.person,
            score=entry.decision.score,
            policy_number=self.gathered.policy_number,
            digest=self.digest,
        )

    def new(self, entry: _Entry, version: int) -> NewDecision:
        """Return the decision as it is to be kept, of the item's *version*."""
        return NewDecision(
            desk_id=self.gathered.desk_id,
            item_id=entry.item.id,
            item_version=version,
            queue_id=entry.item.queue_id,
            mode=entry.mode,
            chosen_id=entry.decision.person,
            score=entry.decision.score if entry.decision.person is not None else None,
            outcome=self.outcome(entry),
            policy_number=self.gathered.policy_number,
            facts_digest=self.digest,
            receipt=entry.receipt,
        )


def apply_decisions(
    decisions: Iterable[Decision], gathered: Gathered, proposals: Mapping[int, Proposal], *, now: datetime
) -> Applied:
    """Bring the open proposals of a desk in line with *decisions*, in the caller's transaction and set by set.

    New or changed choices are proposed, each with a work note; in queues on autopilot those inside the guard-rails are
    applied at once through the same act that accepts a proposal. Proposals whose item waits no more are superseded.
    Equal ones are left alone, but for the item's version that they speak of and a new reason why nobody can. An item
    that somebody changes at the same moment is left for the next run. Items are written first, decisions second: the
    order in which people's acts lock them too.
    """
    writer = _Writer(gathered=gathered, standing=standing_of(proposals), now=now)
    entries, gone = _entries(decisions, gathered, proposals)
    rails_free_at = _hold_back(entries, gathered, now=now)
    aside = [entry.decision.interrupts.item for entry in entries if entry.decision.interrupts is not None]
    work_services.items_lock([*(entry.item.id for entry in entries), *aside])
    given = [entry for entry in entries if entry.taker is not None]
    fresh = [entry for entry in entries if entry.taker is None and not entry.is_same]
    _give(writer, given)
    _suggest(writer, fresh)
    superseded = _keep(writer, [*given, *fresh], gone)
    return Applied(
        proposed=sum(1 for entry in fresh if entry.written is not None),
        applied=sum(1 for entry in given if entry.written is not None),
        superseded=superseded,
        refreshed=_refresh(writer, [entry for entry in entries if entry.taker is None and entry.is_same]),
        rails_free_at=rails_free_at,
    )


def _entries(
    decisions: Iterable[Decision], gathered: Gathered, proposals: Mapping[int, Proposal]
) -> tuple[list[_Entry], list[int]]:
    """Return the answers that are about giving an item away, and the items whose open proposal holds no more."""
    entries = []
    gone = [item_id for item_id in proposals if item_id not in gathered.items]
    for decision in decisions:
        item = gathered.items[decision.item]
        if decision.verdict is Verdict.STAY:
            gone += [item.id] if item.id in proposals else []
            continue
        mode = gathered.mode_of(item).mode
        entries.append(_Entry(decision=decision, item=item, old=proposals.get(item.id), mode=mode))
    return entries, gone


def _hold_back(entries: Sequence[_Entry], gathered: Gathered, *, now: datetime) -> datetime | None:
    """Say of each answer on autopilot whether a person has to give it; return when the first used-up hour frees again."""
    flying = [entry for entry in entries if entry.taker is not None]
    if not flying:
        return None
    acts = queries.acts_in_hour(gathered.desk_id, now)
    counts = {queue_id: act.count for queue_id, act in acts.items()}
    frees: list[datetime] = []
    nothing = Answers()
    given_min: Counter[PersonId] = Counter()
    for entry in sorted(flying, key=lambda entry: _urgency(entry, gathered)):
        person, queue_id = entry.decision.person, entry.item.queue_id
        if person is None or queue_id is None:
            continue
        rails = gathered.mode_of(entry.item).rails
        entry.held = held_back(
            rails,
            priority=Priority(entry.item.priority),
            person=person,
            load_ratio=words.load_ratio(gathered.people[person], more_min=given_min[person]),
            acts_in_hour=counts.get(queue_id, 0),
            was_undone=gathered.answers.get(entry.item.id, nothing).was_undone,
        )
        if entry.held is None:
            counts[queue_id] = counts.get(queue_id, 0) + 1
            given_min[person] += gathered.facts[entry.item.id].effort_min
        elif counts.get(queue_id, 0) >= rails.per_hour:
            frees.append(_first_act(acts.get(queue_id), now) + HOUR)
    return min(frees, default=None)


def _first_act(acts: Acts | None, now: datetime) -> datetime:
    return now if acts is None else acts.first_at


def _urgency(entry: _Entry, gathered: Gathered) -> tuple[int, datetime, int]:
    """The order in which a rate limit is used up: priority, then the first promise, then the older item."""
    facts = gathered.facts[entry.item.id]
    return entry.item.priority, first_due(facts), entry.item.id


def _give(writer: _Writer, entries: Sequence[_Entry]) -> None:
    """Give items away as Watchbill, each with the act that accepting would be: event, item, clocks, notice."""
    if not entries:
        return
    gathered = writer.gathered
    references = [entry.item.reference for entry in entries]
    references += [entry.decision.interrupts.reference for entry in entries if entry.decision.interrupts is not None]
    rows = {row.id: row for row in work.work_rows(gathered.desk_id, references, by=WATCHBILL)}
    entries = [entry for entry in entries if _is_as_decided(writer.outcome(entry), rows)]
    asides = {
        entry.item.id: act_of_laying_aside(
            rows[interrupts["item"]], rows[entry.item.id], interrupts, note=writer.note(entry), by=WATCHBILL
        )
        for entry in entries
        if (interrupts := writer.outcome(entry)["interrupts"])
    }
    acts = {
        entry.item.id: act_of_giving(
            rows[entry.item.id],
            person_id=entry.taker,
            person_name=gathered.names[entry.taker],
            version=entry.item.version,
            text=words.applied_text(entry.decision, writer.outcome(entry), gathered, digest=writer.digest),
            note=writer.note(entry),
            by=WATCHBILL,
        )
        for entry in entries
        if entry.taker is not None
    }
    written = {row.item_id: row for row in write_all([*acts.values(), *asides.values()], by=WATCHBILL, now=writer.now)}
    for entry in entries:
        entry.written = written.get(entry.item.id)
        if entry.written is not None:
            entry.receipt = receipt(rows[entry.item.id], acts[entry.item.id], entry.written)
        if entry.receipt is not None and entry.item.id in asides:
            aside = asides[entry.item.id]
            entry.receipt = receipt_with(entry.receipt, rows[aside.item.id], aside, written[aside.item.id])


def _is_as_decided(outcome: Mapping[str, Any], rows: Mapping[int, ItemRow]) -> bool:
    """Whether the item that is to be laid aside is as it was seen; if not, the next run decides anew."""
    interrupts = outcome["interrupts"]
    return not interrupts or is_still_held(rows[interrupts["item"]], interrupts)


def _suggest(writer: _Writer, entries: Sequence[_Entry]) -> None:
    """Write a work note for each new proposal: one statement."""
    changes = [
        Change(
            item_id=entry.item.id,
            kind=EventKind.SUGGESTED,
            version=entry.item.version,
            data={
                "text": words.suggestion_text(
                    entry.decision, writer.outcome(entry), writer.gathered, digest=writer.digest
                ),
                "decision": writer.note(entry),
            },
        )
        for entry in entries
    ]
    written = {row.item_id: row for row in work_services.work_change_many(changes, by=WATCHBILL, now=writer.now)}
    for entry in entries:
        entry.written = written.get(entry.item.id)


def _keep(writer: _Writer, entries: Sequence[_Entry], gone: Sequence[int]) -> int:
    """Keep the decisions whose item was written; answer or replace the proposals they meet. Return how many ended."""
    now = writer.now
    done = [entry for entry in entries if entry.written is not None]
    applied = [
        Answer(
            decision_id=entry.old.id,
            status=Status.APPLIED,
            mode=Mode.AUTOPILOT,
            queue_id=entry.item.queue_id,
            given_to_id=entry.decision.person,
            receipt=entry.receipt,
        )
        for entry in done
        if entry.is_same and entry.old is not None
    ]
    new = [entry for entry in done if not entry.is_same]
    ended = [*gone, *(entry.item.id for entry in new if entry.old is not None)]
    superseded = services.decision_supersede_for(ended, now=now) if ended else 0
    services.decision_answer_many(applied, by=WATCHBILL, now=now)
    services.decision_add_many(
        [writer.new(entry, entry.written.version) for entry in new if entry.written is not None], by=WATCHBILL, now=now
    )
    return superseded


def _refresh(writer: _Writer, entries: Sequence[_Entry]) -> int:
    """Let standing proposals speak of the item as it is now, and say anew what else about them has changed."""
    refreshed = []
    for entry in entries:
        old, decision = entry.old, entry.decision
        if old is None:
            continue
        has_news = decision.person is None or old.because != words.because_of(decision, held=entry.held)
        if has_news or old.item_version != entry.item.version or old.mode != entry.mode:
            refreshed.append(
                Refreshed(
                    id=old.id,
                    item_version=entry.item.version,
                    queue_id=entry.item.queue_id,
                    mode=entry.mode,
                    outcome=writer.outcome(entry) if has_news else None,
                    score=decision.score if decision.person is not None else None,
                    facts_digest=writer.digest if has_news else None,
                )
            )
    services.decision_refresh_many(refreshed)
    return len(refreshed)
