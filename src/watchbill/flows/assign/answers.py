"""What people say to proposals: yes, somebody else, no, and undo; each noted on the item with what was weighed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions import queries, services
from watchbill.apps.decisions.choices import REFUSAL_WORDS, Refusal, Status
from watchbill.apps.decisions.queries import DecisionRow
from watchbill.apps.decisions.services import Answer
from watchbill.apps.notices.services import NewNotice
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import ItemDetail
from watchbill.apps.work.services import Change
from watchbill.apps.work.undoing import settings_since
from watchbill.engine.assign.words import score_words
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.work import EventKind
from watchbill.flows.act.assigning import require_assignable
from watchbill.flows.act.undoing import require_unchanged
from watchbill.flows.act.writing import Act, write_all, write_one
from watchbill.flows.assign.giving import act_of_giving, receipt, receipt_with
from watchbill.flows.assign.interrupting import act_of_giving_back, act_of_laying_aside, is_still_held
from watchbill.flows.assign.words import note_data

UNDO_S = 30
"""Wall seconds for which a page offers to undo with one click."""
ATTEMPTS = 3
"""How often an answer is tried again when only something beside the decision (a breach, a note) was written meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The decision as it stands after an answer, and the item with its new version."""

    decision: DecisionRow
    reference: str
    version: int


def decision_accept(decision_id: int, *, by: Actor, now: datetime) -> Answered:
    """Give the item to the person proposed.

    Raises NotFound, NotAllowed, InvalidFacts when nobody is proposed or she cannot own it any more, and Conflict, naming
    who and what, when somebody answered first or changed the item.
    """

    def accept() -> None:
        row = _open_decision(decision_id, by=by)
        if row.chosen_id is None:
            raise InvalidFacts(
                f"Nobody is proposed for {row.reference}: {row.outcome['reason']} Choose a person instead"
            )
        _give(row, row.chosen_id, status=Status.ACCEPTED, reason="", by=by, now=now)

    return _answered(decision_id, accept, by=by)


def decision_change(decision_id: int, person_id: int, *, reason: str = "", by: Actor, now: datetime) -> Answered:
    """Give the item to another person than the one proposed; *reason* is kept with the decision. Raises as accepting."""

    def change() -> None:
        row = _open_decision(decision_id, by=by)
        if row.chosen_id == person_id:
            raise InvalidFacts(f"{row.chosen} is the one proposed: accept, or choose somebody else", field="person")
        _give(row, person_id, status=Status.CHANGED, reason=reason.strip(), by=by, now=now)

    return _answered(decision_id, change, by=by)


def decision_refuse(decision_id: int, refusal: str, *, text: str = "", by: Actor, now: datetime) -> Answered:
    """Say no, for one of the five reasons; the person proposed is not proposed for this item again.

    “Keep it with its owner” also keeps Watchbill from moving an owned item. Raises InvalidFacts for an unknown reason,
    for “other” without words, and when nobody is proposed; NotFound, NotAllowed and Conflict as accepting does.
    """
    if refusal not in set(Refusal):
        raise InvalidFacts(f"A refusal's reason is one of {', '.join(Refusal)}, got “{refusal}”", field="reason")
    code, said = Refusal(refusal), text.strip()
    if code is Refusal.OTHER and not said:
        raise InvalidFacts("Say in a few words what the other reason is", field="text")

    def refuse() -> None:
        row = _open_decision(decision_id, by=by)
        if row.chosen_id is None:
            raise InvalidFacts(f"Nobody is proposed for {row.reference}, so there is nobody to refuse")
        words = f"{row.chosen} refused: {REFUSAL_WORDS[code]}" + (f". {said}" if said else "")
        _note(row, words, by=by, now=now)
        answer = Answer(decision_id=row.id, status=Status.REFUSED, refusal=code, reason=said)
        services.decision_answer_many([answer], by=by, now=now)

    return _answered(decision_id, refuse, by=by)


def decision_undo(decision_id: int, *, by: Actor, now: datetime) -> Answered:
    """Take an answer back, by whomever it was given, autopilot included: the item is as it was before.

    Possible as long as nobody has changed the item since (notes and warnings of clocks do not matter); after the undoing
    of a gift, autopilot leaves the item to people. A refusal that is undone lets the person be proposed again. Raises
    Conflict, naming who changed what, or who has undone it already.
    """

    def undo() -> None:
        row = queries.decision_get(decision_id, by=by)
        require(by, Right.DECISION_ANSWER, row.desk_id)
        if row.status is Status.REFUSED and row.undone_at is None:
            _note(row, f"Refusal of {row.chosen} undone", by=by, now=now)
        elif row.receipt is not None and row.undone_at is None:
            _take_back(row, row.receipt, by=by, now=now)
        services.decision_undo(row.id, by=by, now=now)

    return _answered(decision_id, undo, by=by)


def _answered(decision_id: int, act: Callable[[], None], *, by: Actor) -> Answered:
    """Do *act* in one transaction; again when the item moved on under it although nobody answered the decision."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                act()
            break
        except Conflict:
            row = queries.decision_get(decision_id, by=by)
            if attempt == ATTEMPTS or not row.is_open:
                raise
    row = queries.decision_get(decision_id, by=by)
    item = work.work_get_by_id(row.item_id, by=by)
    return Answered(decision=row, reference=item.reference, version=item.version)


def _open_decision(decision_id: int, *, by: Actor) -> DecisionRow:
    """Return a decision that waits for an answer and that *by* may answer."""
    row = queries.decision_get(decision_id, by=by)
    require(by, Right.DECISION_ANSWER, row.desk_id)
    if not row.is_open:
        raise services.answered_before(row.id)
    return row


def _give(row: DecisionRow, person_id: int, *, status: Status, reason: str, by: Actor, now: datetime) -> None:
    """Write the item first, the decision second: whoever is second at either finds a conflict, and nothing happened."""
    item = work.work_get_by_id(row.item_id, by=by)
    name = _require_assignable(row, item, person_id, by=by)
    act = act_of_giving(
        item, person_id=person_id, person_name=name, version=item.version, text=_given_text(row, name, status, reason),
        note=_note_of(row), by=by,
    )  # fmt: skip
    kept = _write(item, act, row, person_id, by=by, now=now)
    services.decision_answer_many(
        [Answer(decision_id=row.id, status=status, given_to_id=person_id, reason=reason, receipt=kept)],
        by=by,
        now=now,
    )


def _write(item: ItemDetail, act: Act, row: DecisionRow, person_id: int, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Write the gift, and what the proposal lays aside for it if that person takes it and still holds it; return the receipt."""
    interrupts: Mapping[str, Any] = (person_id == row.chosen_id and row.outcome.get("interrupts")) or {}
    victim = work.work_get_by_id(interrupts["item"], by=by) if interrupts else None
    if victim is None or not is_still_held(victim, interrupts):
        return receipt(item, act, write_one(act, by=by, now=now))
    aside = act_of_laying_aside(victim, item, interrupts, note=_note_of(row), by=by)
    written = {one.item_id: one for one in write_all([act, aside], by=by, now=now)}
    for one in (act, aside):
        if one.item.id not in written:
            raise work_services.conflict(one.item.id, one.change.version)
    return receipt_with(receipt(item, act, written[item.id]), victim, aside, written[victim.id])


def _require_assignable(row: DecisionRow, item: ItemDetail, person_id: int, *, by: Actor) -> str:
    """Return the person's name. Who finds the item given away by another answer hears of that answer."""
    try:
        return require_assignable(item, person_id)
    except InvalidFacts:
        if queries.decision_get(row.id, by=by).is_open:
            raise
        raise services.answered_before(row.id) from None


def _given_text(row: DecisionRow, name: str, status: Status, reason: str) -> str:
    if status is Status.ACCEPTED:
        lead = f"Proposal accepted: given to {name} ({score_words(row.score or 0)} points)"
    else:
        proposed = f"{row.chosen} ({score_words(row.score or 0)} points)" if row.chosen else "nobody"
        lead = f"Proposal changed: given to {name} instead of {proposed}"
    return _with_weighed(row, lead + (f", because {reason.rstrip('.')}" if reason else ""))


def _with_weighed(row: DecisionRow, lead: str) -> str:
    others = ", ".join(f"{other['name']} {score_words(other['score'])}" for other in row.outcome["alternatives"])
    weighed = f" Next best were: {others}." if others else ""
    return f"{lead}.{weighed} Policy {row.policy_number}, facts {row.facts_digest[:12]}."


def _note_of(row: DecisionRow) -> dict[str, Any]:
    note = note_data(
        row.outcome, chosen=row.chosen_id, score=row.score, policy_number=row.policy_number, digest=row.facts_digest
    )
    return {"id": row.id, **note}


def _note(row: DecisionRow, lead: str, *, by: Actor, now: datetime) -> None:
    """Write what was said into the item's notes, whatever its version: nothing of the item changes."""
    data = {"text": _with_weighed(row, lead.rstrip(".")), "decision": _note_of(row)}
    work_services.work_change(Change(item_id=row.item_id, kind=EventKind.DECIDED, data=data), by=by, now=now)


def _take_back(row: DecisionRow, kept: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Bring the item back to what the receipt says it was."""
    item = work.work_get_by_id(row.item_id, by=by)
    since = settings_since({item.id: kept["version"]}).get(item.id, ())
    require_unchanged(item, since, what="this was decided")
    lead = f"Undone: {row.given_to} no longer has this by decision of {row.answered_by_name}"
    aside = kept.get("interrupted")
    back = act_of_giving_back(aside, row.reference, by=by) if aside else None
    if aside:
        lead += f". {aside['reference']} " + (
            f"goes back to {row.given_to}" if back else "stays where it is, because it has been changed since"
        )
    change = Change(
        item_id=item.id,
        kind=EventKind.DECIDED,
        version=item.version,
        patch=kept["before"],
        data={"text": _with_weighed(row, lead), "decision": _note_of(row), "undoes": kept["version"]},
    )
    act = Act(item=item, change=change, notices=_undone_notices(row, item, by=by), ends_proposal=True)
    written = write_all([act, back] if back else [act], by=by, now=now)
    if item.id not in {one.item_id for one in written}:
        raise work_services.conflict(item.id, item.version)


def _undone_notices(row: DecisionRow, item: ItemDetail, *, by: Actor) -> list[NewNotice]:
    if row.given_to_id is None or row.given_to_id == by.person_id:
        return []
    text = f"{by.name} undid the decision that gave you {item.reference}: {item.title}"
    return [
        NewNotice(
            desk_id=item.desk_id, person_id=row.given_to_id, kind="unassigned", text=text, subject_ref=item.reference
        )
    ]
