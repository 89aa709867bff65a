"""Work that is laid aside for a P1: asked of the engine, written with the act that gives the P1 away, and given back by undoing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Change
from watchbill.apps.work.undoing import settings_since
from watchbill.engine.assign.facts import ItemFacts
from watchbill.engine.assign.interrupt import does_interrupt, interrupt_all, takers
from watchbill.engine.assign.outcome import Decision
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import ACTIONABLE, EventKind, State
from watchbill.flows.act.assigning import assignment
from watchbill.flows.act.writing import Act
from watchbill.flows.assign.gather import Gathered, gather_held


def with_interruptions(decisions: Iterable[Decision], gathered: Gathered) -> list[Decision]:
    """Return the answers, and for a P1 that nobody is free for the one that interrupts somebody, if the policy lets it.

    What is laid aside is not decided on in the same run. Reads more only when there is such an item.
    """
    answers = list(decisions)
    policy = gathered.snapshot.policy
    stuck = [d for d in answers if d.person is None and does_interrupt(gathered.facts[d.item], policy)]
    if not stuck:
        return answers
    stuck.sort(key=lambda d: (gathered.facts[d.item].priority, first_due(gathered.facts[d.item]), d.item))
    people = {person for d in stuck for person in takers(gathered.facts[d.item], gathered.snapshot)}
    held = gather_held(gathered, people)
    found = {d.item: d for d in interrupt_all(stuck, gathered.snapshot, held)}
    aside = {d.interrupts.item for d in found.values() if d.interrupts is not None}
    return [found.get(d.item, d) for d in answers if d.item not in aside]


def first_due(item: ItemFacts) -> datetime:
    """When the first promise of an item is due."""
    return min((promise.due_at for promise in item.commitments), default=FAR_FUTURE)


def act_of_laying_aside(
    victim: ItemRow, item: ItemRow, interrupts: Mapping[str, Any], *, note: Mapping[str, Any], by: Actor
) -> Act:
    """Return the act that brings *victim* back to its queue, because its owner takes *item*."""
    text = (
        f"Laid aside: {interrupts['name']} takes {item.reference} (P{item.priority}), for which nobody was free."
        f" {interrupts['words']}. Undoing that decision gives it back"
    )
    return assignment(
        victim, None, "", version=victim.version, text=text, data={"decision": dict(note), "for": item.reference},
        kind=EventKind.DECIDED, by=by,
    )  # fmt: skip


def is_still_held(victim: ItemRow, interrupts: Mapping[str, Any]) -> bool:
    """Whether the item is still in the hands of the one who is to lay it aside, and to be worked on."""
    return victim.owner_id == interrupts["person"] and State(victim.state) in ACTIONABLE


def act_of_giving_back(kept: Mapping[str, Any], reference: str, *, by: Actor) -> Act | None:
    """Return the act that undoes the laying aside, or None when somebody has done something with the item since."""
    victim = work.work_get_by_id(kept["item_id"], by=by)
    if settings_since({victim.id: kept["version"]}).get(victim.id):
        return None
    change = Change(
        item_id=victim.id,
        kind=EventKind.DECIDED,
        version=victim.version,
        patch=kept["before"],
        data={"text": f"Given back: the decision about {reference} was undone", "undoes": kept["version"]},
    )
    return Act(item=victim, change=change, ends_proposal=True)
