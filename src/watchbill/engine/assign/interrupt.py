"""Interrupting work for a P1: when nobody is free, whose item can best wait, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import weight_of
from watchbill.engine.assign.one import beside
from watchbill.engine.assign.outcome import Decision, Interruption, Verdict
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.reasons import score_of
from watchbill.engine.assign.rules import failed_musts, has_room
from watchbill.engine.assign.tables import tables_of
from watchbill.engine.assign.words import name_of, span
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.time import minutes
from watchbill.engine.base.work import Priority

NO_CLOCK_MIN = 30 * 24 * 60
"""How long an item can wait of which no clock runs, for comparing it with others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One item that *owner* works on or has not begun, with the reference that people know it by."""

    facts: ItemFacts
    owner: PersonId
    reference: str


def does_interrupt(item: ItemFacts, policy: Policy) -> bool:
    """Whether the policy lets the item take the place of another."""
    return (item.priority == Priority.P1 and policy.preempts_p1) or (
        item.priority == Priority.P2 and policy.preempts_p2
    )


def takers(item: ItemFacts, snapshot: Snapshot) -> frozenset[PersonId]:
    """Who fulfils every must for the item but has no slot, or whose slots other work takes: their work may be interrupted."""
    return frozenset(
        person.id
        for person in snapshot.people
        if set(failed_musts(item, person, snapshot.policy)) <= {"has_free_slot"} and person.wip_limit > 0
    )


def interrupt(
    decision: Decision, snapshot: Snapshot, held: Iterable[Held], *, spared: frozenset[PersonId] = frozenset()
) -> Decision:
    """Answer for an item that nobody is free for: the person who lays something aside for it, or *decision* as it was.

    Parameters
    ----------
    decision: the answer that names nobody. snapshot: the facts it was made of.
    held: what people own and could work on. spared: people who were interrupted in this run already.

    Returns
    -------
    Decision
        For the owner of the item with the most slack for its weight, among items of lower priority whose slack is longer
        than their own effort and the new one's together, so that no promise is lost by it. Pinned items are left alone.

    Docs: docs/algorithms/assign.md, "Interrupting". O(items + people + held).
    """
    item = next(facts for facts in snapshot.items if facts.id == decision.item)
    best = laid_aside(item, snapshot, held, spared=spared)
    return decision if best is None else _given(decision, item, best, snapshot)


def laid_aside(
    item: ItemFacts, snapshot: Snapshot, held: Iterable[Held], *, spared: frozenset[PersonId] = frozenset()
) -> Held | None:
    """What `interrupt` lets somebody lay aside for an item; None when nothing can wait for it. O(people + held)."""
    able = takers(item, snapshot) - spared
    people = {person.id: person for person in snapshot.people}
    found = [
        one
        for one in held
        if one.owner in able
        and one.facts.priority > item.priority
        and not one.facts.is_pinned
        and _can_wait(one.facts, item, snapshot)
        and _makes_room(one.facts, item, people[one.owner], snapshot.policy)
    ]
    return max(
        found,
        key=lambda one: (_slack_min(one.facts, snapshot) / weight_of(one.facts, snapshot.policy), -one.facts.id),
        default=None,
    )


def _slack_min(held: ItemFacts, snapshot: Snapshot) -> int:
    """Minutes that the item can wait before work on it must go on for its first promise."""
    due = min((promise.due_at for promise in held.commitments), default=None)
    return NO_CLOCK_MIN if due is None else minutes(due - snapshot.now) - held.touch_min


def _can_wait(held: ItemFacts, item: ItemFacts, snapshot: Snapshot) -> bool:
    return _slack_min(held, snapshot) > held.effort_min + item.effort_min


def _makes_room(held: ItemFacts, item: ItemFacts, person: PersonFacts, policy: Policy) -> bool:
    """Whether one item less is enough: nobody who is far above her limit is given more."""
    is_enough = person.open_count - 1 < person.wip_limit
    return is_enough and all(has_room(person, name, policy) for name in item.classes if name not in held.classes)


def _given(decision: Decision, item: ItemFacts, best: Held, snapshot: Snapshot) -> Decision:
    book, _ = beside(tables_of(snapshot, also=item.id), item.id, {})
    tables = book.tables
    place = tables.kinds.position[best.owner]
    parts = book.contributions(item, place, slot=book.slot_of(place, is_chosen=False))
    name, slack = name_of(tables.kinds.people[place]), _slack_min(best.facts, snapshot)
    clock = "no clock of it runs" if not best.facts.commitments else f"it can wait {span(slack)}"
    words = (
        f"{best.reference} (P{int(best.facts.priority)}, {span(best.facts.effort_min)} of work) goes back to its queue:"
        f" {clock}, the longest for its weight"
    )
    return replace(
        decision,
        verdict=Verdict.ASSIGN,
        person=tables.kinds.people[place].id,
        score=score_of(parts),
        contributions=parts,
        alternatives=(),
        reason=f"Nobody is free for this P{int(item.priority)}, so {name} lays {best.reference} aside: {clock}.",
        ways_out=(),
        interrupts=Interruption(
            item=best.facts.id,
            reference=best.reference,
            person=best.owner,
            slack_min=slack if best.facts.commitments else None,
            words=words,
        ),
    )


def interrupt_all(decisions: Iterable[Decision], snapshot: Snapshot, held: Sequence[Held]) -> list[Decision]:
    """Interrupt for each of several items in order, nobody twice, and so nothing twice."""
    answered: list[Decision] = []
    spared: frozenset[PersonId] = frozenset()
    for decision in decisions:
        answer = interrupt(decision, snapshot, held, spared=spared)
        if answer.interrupts is not None:
            spared |= {answer.interrupts.person}
        answered.append(answer)
    return answered
