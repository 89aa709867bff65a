"""Questions about a decision: every person for one item, and what another policy would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.drafts import draft_changes, draft_read
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemDetail
from watchbill.engine.assign.changes import Change
from watchbill.engine.assign.decide import explain as explain_item
from watchbill.engine.assign.decide import place
from watchbill.engine.assign.facts import facts_digest
from watchbill.engine.assign.outcome import Consideration
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId
from watchbill.engine.base.work import DONE, State
from watchbill.flows.assign import words
from watchbill.flows.assign.gather import gather_desk, standing_of
from watchbill.flows.assign.routes import policy_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One person as seen from one item, with her name."""

    name: str
    consideration: Consideration


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everybody for one item: those who may take it first, best first. The digest is of the facts at *at*."""

    reference: str
    policy_number: int
    facts_digest: str
    at: datetime
    considered: tuple[Considered, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        return {
            "reference": self.reference,
            "policy_number": self.policy_number,
            "facts_digest": self.facts_digest,
            "at": self.at,
            "considered": [_considered(one) for one in self.considered],
        }


def _considered(one: Considered) -> dict[str, Any]:
    it = one.consideration
    return {
        "person": shown(PERSON, it.person),
        "name": one.name,
        "may_take": not it.failed,
        "failed": it.failed,
        "words": it.words,
        "score": it.score,
        "contributions": [
            {"rule": each.rule, "level": str(each.level.value), "points": each.points, "words": each.words}
            for each in it.contributions
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the policy in force and the one on trial say about one item, as `words.outcome_of` writes it.

    notes: what is accepted of the one on trial and yet worth saying; changes: everything in which it differs.
    """

    reference: str
    policy_number: int
    chosen_in_force: str | None
    chosen_on_trial: str | None
    in_force: Mapping[str, Any]
    on_trial: Mapping[str, Any]
    notes: Sequence[str] = ()
    changes: Sequence[Change] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        names = ("reference", "policy_number", "chosen_in_force", "chosen_on_trial")
        return {
            **{name: getattr(self, name) for name in names},
            "in_force": words.people_named(self.in_force),
            "on_trial": words.people_named(self.on_trial),
            "notes": list(self.notes),
            "changes": [change._asdict() for change in self.changes],
        }


def explain(reference: str, *, by: Actor, now: datetime) -> Explained:
    """Say of every person why she may take an item, or which musts she fails. Raises NotFound, or InvalidFacts when done.

    On demand: facts are gathered anew, so the answer may differ from a proposal made earlier.
    """
    item = _open_item(reference, by=by)
    gathered = gather_desk(item.desk_id, now, also=[item.id])
    current = standing_of(queries.proposals_open(gathered.desk_id))
    found = explain_item(gathered.snapshot, ItemId(item.id), current=current)
    return Explained(
        reference=item.reference,
        policy_number=gathered.policy_number,
        facts_digest=facts_digest(gathered.snapshot, current),
        at=now,
        considered=tuple(Considered(name=gathered.names[one.person], consideration=one) for one in found.considered),
    )


def policy_try(body: Mapping[str, Any], reference: str, *, by: Actor, now: datetime) -> Trial:
    """Say what an unpublished policy would decide about an item, beside what the one in force decides; writes nothing.

    What the body does not name is as in force. Raises InvalidFacts, naming key, value and expectation, for one that does not fit.
    """
    item = _open_item(reference, by=by)
    require(by, Right.POLICY_VIEW, item.desk_id)
    policy = draft_read(item.desk_id, body, now=now)
    in_force = gather_desk(item.desk_id, now, also=[item.id])
    on_trial = gather_desk(item.desk_id, now, also=[item.id], policy=policy)
    names, outcomes = [], []
    for gathered in (in_force, on_trial):
        decision = place(
            gathered.snapshot, ItemId(item.id), current=standing_of(queries.proposals_open(gathered.desk_id))
        )
        names.append(None if decision.person is None else gathered.names[decision.person])
        outcomes.append(words.outcome_of(decision, gathered))
    return Trial(
        reference=item.reference,
        policy_number=in_force.policy_number,
        chosen_in_force=names[0],
        chosen_on_trial=names[1],
        in_force=outcomes[0],
        on_trial=outcomes[1],
        notes=policy_notes(item.desk_id, policy),
        changes=draft_changes(item.desk_id, policy, now=now),
    )


def _open_item(reference: str, *, by: Actor) -> ItemDetail:
    item = work.work_get(reference, by=by)
    require(by, Right.WORK_VIEW, item.desk_id)
    if State(item.state) in DONE:
        raise InvalidFacts(f"{item.reference} is {item.state}, so nobody is considered for it")
    return item
