"""From the engine's answers to the store: propose, apply within the guard-rails, leave what stands untouched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from watchbill.apps.core.actor import WATCHBILL, Actor
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
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import EventKind, Priority
from watchbill.flows.act.items import assignment
from watchbill.flows.act.writing import Act, write_all
from watchbill.flows.assign import words
from watchbill.flows.assign.gather import Gathered


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
    """One answer of the engine on its way: its item, the open proposal it meets, and whether a person must answer."""

    decision: Decision
    item: Competing
    old: Proposal | None
    is_autopilot: bool
    held: str | None = None

    @property
    def is_same(self) -> bool:
        """Whether the open proposal says the same: the verdict and the person."""
        return (
            self.old is not None
            and self.old.verdict == self.decision.verdict
            and self.old.chosen_id == self.decision.person
        )

    @property
    def is_applied(self) -> bool:
        return self.is_autopilot and self.held is None and self.decision.person is not None


@dataclass(kw_only=True)
class _Writer:
    """One run's writes, items before decisions, in the caller's transaction."""

    gathered: Gathered
    now: datetime
    entries: list[_Entry] = field(default_factory=list)

    @cached_property
    def digest(self) -> str:
        return facts_digest(self.gathered.snapshot)

    def outcome(self, entry: _Entry) -> dict[str, Any]:
        return words.outcome_of(entry.decision, self.gathered, held=entry.held)

    def note(self, entry: _Entry, outcome: Mapping[str, Any]) -> dict[str, Any]:
        return words.note_data(
            outcome,
            chosen=entry.decision.person,
            score=entry.decision.score,
            policy_number=self.gathered.policy_number,
            digest=self.digest,
        )

    def new(self, entry: _Entry, outcome: Mapping[str, Any], written: Written, mode: Mode) -> NewDecision:
        return NewDecision(
            desk_id=self.gathered.desk_id,
            item_id=entry.item.id,
            item_version=written.version,
            queue_id=entry.item.queue_id,
            mode=mode,
            chosen_id=entry.decision.person,
            score=entry.decision.score if entry.decision.person is not None else None,
            outcome=outcome,
            policy_number=self.gathered.policy_number,
            facts_digest=self.digest,
        )


def apply_decisions(
    decisions: Iterable[Decision], gathered: Gathered, proposals: Mapping[int, Proposal], *, now: datetime
) -> Applied:
    """Bring the open proposals of a desk in line with *decisions*, in the caller's transaction and set by set.

    New or changed choices are proposed, each with a work note; in queues on autopilot those inside the guard-rails are
    applied at once through the same act that accepts a proposal. Proposals whose item waits no more are superseded.
    Equal ones are left alone, but for the item's version that they speak of and a new reason why nobody can. An item
    that somebody changes at the same moment is left for the next run.
    """
    writer = _Writer(gathered=gathered, now=now)
    gone = [item_id for item_id in proposals if item_id not in gathered.items]
    for decision in decisions:
        item = gathered.items[decision.item]
        if decision.verdict is Verdict.STAY:
            gone += [item.id] if item.id in proposals else []
            continue
        mode = gathered.mode_of(item).mode
        writer.entries.append(
            _Entry(decision=decision, item=item, old=proposals.get(item.id), is_autopilot=mode is Mode.AUTOPILOT)
        )
    rails_free_at = _hold_back(writer, now=now)
    superseded = _supersede(gone, now=now)
    applied = _apply(writer, [entry for entry in writer.entries if entry.is_applied])
    proposed, replaced = _propose(writer, [e for e in writer.entries if not e.is_applied and not e.is_same])
    refreshed = _refresh(writer, [e for e in writer.entries if not e.is_applied and e.is_same])
    return Applied(
        proposed=proposed,
        applied=applied,
        superseded=superseded + replaced,
        refreshed=refreshed,
        rails_free_at=rails_free_at,
    )


def _supersede(item_ids: Sequence[int], *, now: datetime) -> int:
    return services.decision_supersede_for(item_ids, now=now) if item_ids else 0


def _hold_back(writer: _Writer, *, now: datetime) -> datetime | None:
    """Say of each answer whether a person has to give it; return when the first used-up hour frees again."""
    gathered = writer.gathered
    flying = [e for e in writer.entries if e.is_autopilot and e.decision.person is not None]
    if not flying:
        return None
    acts = queries.acts_in_hour(gathered.desk_id, now)
    counts = {queue_id: act.count for queue_id, act in acts.items()}
    frees: list[datetime] = []
    nothing = Answers()
    for entry in sorted(flying, key=lambda entry: _urgency(entry, gathered)):
        person, queue_id = entry.decision.person, entry.item.queue_id
        if person is None or queue_id is None:
            continue
        rails = gathered.mode_of(entry.item).rails
        entry.held = held_back(
            rails,
            priority=Priority(entry.item.priority),
            person=person,
            acts_in_hour=counts.get(queue_id, 0),
            was_undone=gathered.answers.get(entry.item.id, nothing).was_undone,
        )
        if entry.held is None:
            counts[queue_id] = counts.get(queue_id, 0) + 1
        elif counts.get(queue_id, 0) >= rails.per_hour:
            frees.append(_first_act(acts.get(queue_id), now) + HOUR)
    return min(frees, default=None)


def _first_act(acts: Acts | None, now: datetime) -> datetime:
    return now if acts is None else acts.first_at


def _urgency(entry: _Entry, gathered: Gathered) -> tuple[int, datetime, int]:
    """The order in which a rate limit is used up: priority, then the first promise, then the older item."""
    facts = gathered.facts[entry.item.id]
    return entry.item.priority, min((c.due_at for c in facts.commitments), default=FAR_FUTURE), entry.item.id


def _apply(writer: _Writer, entries: Sequence[_Entry]) -> int:
    """Give the items away as Watchbill, each with the act that accepting would be."""
    if not entries:
        return 0
    gathered, now = writer.gathered, writer.now
    rows = {
        row.id: row
        for row in work.work_rows(gathered.desk_id, [entry.item.reference for entry in entries], by=WATCHBILL)
    }
    outcomes = {entry.item.id: writer.outcome(entry) for entry in entries}
    acts = [
        act_of_giving(
            rows[entry.item.id],
            person_id=int(entry.decision.person or 0),
            person_name=gathered.names[int(entry.decision.person or 0)],
            version=entry.item.version,
            text=words.applied_text(entry.decision, outcomes[entry.item.id], gathered, digest=writer.digest),
            note=writer.note(entry, outcomes[entry.item.id]),
            by=WATCHBILL,
        )
        for entry in entries
    ]
    written = {row.item_id: row for row in write_all(acts, by=WATCHBILL, now=now)}
    patches = {act.item.id: act.change.patch for act in acts}
    done = [entry for entry in entries if entry.item.id in written]
    receipts = {e.item.id: receipt(rows[e.item.id], patches[e.item.id], written[e.item.id]) for e in done}
    standing = [entry for entry in done if entry.is_same and entry.old is not None]
    fresh = [entry for entry in done if not entry.is_same]
    services.decision_answer_many(
        [
            Answer(
                decision_id=entry.old.id,
                status=Status.APPLIED,
                mode=Mode.AUTOPILOT,
                given_to_id=entry.decision.person,
                receipt=receipts[entry.item.id],
            )
            for entry in standing
            if entry.old is not None
        ],
        by=WATCHBILL,
        now=now,
    )
    _supersede([entry.item.id for entry in fresh if entry.old is not None], now=now)
    services.decision_add_many(
        [
            replace(
                writer.new(entry, outcomes[entry.item.id], written[entry.item.id], Mode.AUTOPILOT),
                receipt=receipts[entry.item.id],
            )
            for entry in fresh
        ],
        by=WATCHBILL,
        now=now,
    )
    return len(done)


def act_of_giving(
    item: ItemRow, *, person_id: int, person_name: str, version: int, text: str, note: Mapping[str, Any],
    by: Actor,
) -> Act:  # fmt: skip
    """Return the act of giving an item away by a decision: the same for autopilot and for a person's yes.

    The proposal itself is answered by the caller, not superseded by the act.
    """
    act = assignment(
        item, person_id, person_name, version=version, text=text, data={"decision": dict(note)},
        kind=EventKind.DECIDED, by=by,
    )  # fmt: skip
    return replace(act, ends_proposal=False)


def receipt(item: ItemRow, patch: Mapping[str, Any], written: Written) -> dict[str, Any]:
    """Return what undo needs: the fields as they were before *patch*, and the item's version after it."""
    before = {name: getattr(item, name) for name in patch}
    return {"version": written.version, "event_id": written.event_id, "before": before}


def _propose(writer: _Writer, entries: Sequence[_Entry]) -> tuple[int, int]:
    """Write a note and an open proposal for each; return how many, and how many older ones they replaced."""
    if not entries:
        return 0, 0
    outcomes = {entry.item.id: writer.outcome(entry) for entry in entries}
    changes = []
    for entry in entries:
        outcome = outcomes[entry.item.id]
        text = words.suggestion_text(entry.decision, outcome, writer.gathered, digest=writer.digest)
        changes.append(
            Change(
                item_id=entry.item.id,
                kind=EventKind.SUGGESTED,
                version=entry.item.version,
                data={"text": text, "decision": writer.note(entry, outcome)},
            )
        )
    written = {row.item_id: row for row in work_services.work_change_many(changes, by=WATCHBILL, now=writer.now)}
    done = [entry for entry in entries if entry.item.id in written]
    replaced = _supersede([entry.item.id for entry in done if entry.old is not None], now=writer.now)
    services.decision_add_many(
        [
            writer.new(
                entry,
                outcomes[entry.item.id],
                written[entry.item.id],
                Mode.AUTOPILOT if entry.is_autopilot else Mode.ADVISE,
            )
            for entry in done
        ],
        by=WATCHBILL,
        now=writer.now,
    )
    return len(done), replaced


def _refresh(writer: _Writer, entries: Sequence[_Entry]) -> int:
    """Let standing proposals speak of the item as it is now, and say anew why nobody can when that changed."""
    refreshed = []
    for entry in entries:
        if entry.old is None:
            continue
        is_told_anew = entry.decision.person is None or entry.old.because != words.because_of(
            entry.decision, held=entry.held
        )
        if is_told_anew or entry.old.item_version != entry.item.version:
            refreshed.append(
                Refreshed(
                    id=entry.old.id,
                    item_version=entry.item.version,
                    outcome=writer.outcome(entry) if is_told_anew else None,
                    facts_digest=writer.digest if is_told_anew else None,
                )
            )
    services.decision_refresh_many(refreshed)
    return len(refreshed)
