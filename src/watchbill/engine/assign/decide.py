"""Who takes what: `plan` for the whole queue, `place` for one changed item, `explain` for every person and one item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchbill.engine.assign.facts import ItemFacts, Snapshot
from watchbill.engine.assign.outcome import Consideration, Decision, Explanation
from watchbill.engine.assign.rules import failed_musts
from watchbill.engine.assign.words import cannot_take
from watchbill.engine.base.errors import NotFound, Unavailable
from watchbill.engine.base.ids import ItemId, PersonId

if TYPE_CHECKING:
    from watchbill.engine.assign.network import Run
    from watchbill.engine.assign.reasons import Book


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """The whole queue decided.

    choices: the person for every item that competes, None when nobody takes it. scores: of the chosen, in points.
    points: the objective without the cost of leaving items (sum of pair points minus the cost of all slots taken).
    fallback: why the index rule decided instead of the solver; empty when the solver did.
    Reasons are written on demand by `decision` and `decisions`, from tables that the plan holds; this makes a plan of
    100,000 items affordable when a page shows fifty.
    """

    snapshot: Snapshot
    choices: Mapping[ItemId, PersonId | None]
    scores: Mapping[ItemId, float]
    points: float
    book: Book
    fallback: str = ""

    @property
    def left(self) -> int:
        """How many items nobody takes."""
        return sum(person is None for person in self.choices.values())

    def decision(self, item: ItemId) -> Decision:
        """Everything about one item of the plan. Raises NotFound for an item that does not compete."""
        if item not in self.choices:
            raise NotFound(f"Item {item} is not part of this plan.")
        return self.book.decision(self.book.tables.index[item])

    def decisions(self) -> Iterator[Decision]:
        """Every item of the plan, oldest first."""
        return self.book.decisions()


def plan(snapshot: Snapshot, *, run: Run | None = None) -> Plan:
    """Decide the whole queue at once: an exact min-cost flow over unit slots on the class network.

    Parameters
    ----------
    snapshot: open actionable items with and without owner, and the people; order does not matter.
    run: what computes the flow, for whoever limits its time; it raises Unavailable when it cannot. Then the index rule
        decides, and the plan says so.

    Returns
    -------
    Plan
        A choice and a score for every item that competes: those without an owner, and, when the policy moves owned items,
        owned ones that are not pinned and have rested. No must is broken, nobody gets more than her free slots.

    Limits by class of work are held by a repair of the flow, all else is part of it. Exact for unit slots on bucketed urgency; effort enters through the class. What is exact and what is not:
    docs/algorithms/assign.md, "Exactness". Cost O(items + people) to fold and decompose, plus the flow over
    classes x eligible kinds + groups + people x free slots arcs. Same snapshot and seed, same plan.
    """
    from watchbill.engine.assign.greedy import index_rule, repaired
    from watchbill.engine.assign.network import flows_here, solve
    from watchbill.engine.assign.reasons import Book
    from watchbill.engine.assign.scores import plan_scores
    from watchbill.engine.assign.tables import tables_of

    tables, fallback = tables_of(snapshot), ""
    try:
        chosen = repaired(tables, solve(tables, run or flows_here).chosen)
    except Unavailable as error:
        chosen, fallback = index_rule(tables), error.message
    scored = plan_scores(tables, chosen)
    people = [person.id for person in tables.kinds.people]
    idle = {at: item.owner for at, item in enumerate(tables.classes.items) if tables.is_idle[at]}
    choices = {
        item.id: people[place] if place >= 0 else idle.get(at)
        for at, (item, place) in enumerate(zip(tables.classes.items, chosen.tolist(), strict=True))
    }
    return Plan(
        snapshot=snapshot,
        choices=choices,
        scores=dict(zip(choices, scored.of_item, strict=True)),
        points=scored.total / 100,
        book=Book(tables, chosen, scored.taken, fallback),
        fallback=fallback,
    )


def place(snapshot: Snapshot, item: ItemId, *, current: Mapping[ItemId, PersonId | None] | None = None) -> Decision:
    """Decide one new or changed item by the costs of `plan`, leaving every other choice of the current plan as it is.

    Parameters
    ----------
    snapshot: the same kind of facts as for `plan`: urgency, scarcity and slots are relative to the whole queue.
    item: its id; must be in the snapshot.
    current: choices of the current plan that are not yet carried out; each takes one slot. The item's own entry, and
        entries of items no longer in the snapshot, are ignored.

    Returns
    -------
    Decision
        The same answer as `plan` for a queue of one. An owned item that does not compete stays.

    Raises NotFound when the item is not in the snapshot. O(items + people).
    """
    from watchbill.engine.assign.one import place_one
    from watchbill.engine.assign.tables import tables_of

    _require_item(snapshot, item)
    return place_one(tables_of(snapshot, also=item), item, current or {})


def explain(
    snapshot: Snapshot, item: ItemId, *, current: Mapping[ItemId, PersonId | None] | None = None
) -> Explanation:
    """Every person for one item: those who may take it with their score, the others with every must they fail.

    Arguments and NotFound as for `place`; scores are at each person's next slot beside *current*. O(items + people).
    """
    from watchbill.engine.assign.one import book_beside
    from watchbill.engine.assign.reasons import score_of
    from watchbill.engine.assign.tables import tables_of

    facts = _require_item(snapshot, item)
    book = book_beside(tables_of(snapshot, also=item), item, current or {})
    considered = []
    for at, person in enumerate(book.tables.kinds.people):
        failed = failed_musts(facts, person, snapshot.policy)
        parts = () if failed else book.contributions(facts, at, slot=book.slot_of(at, is_chosen=False))
        considered.append(
            Consideration(
                person=person.id,
                failed=failed,
                words=cannot_take(facts, person, failed) if failed else "may take it",
                score=None if failed else score_of(parts),
                contributions=parts,
            )
        )
    considered.sort(key=lambda c: (len(c.failed), -(c.score or 0.0), c.person))
    return Explanation(item=item, considered=tuple(considered))


def _require_item(snapshot: Snapshot, item: ItemId) -> ItemFacts:
    found = next((facts for facts in snapshot.items if facts.id == item), None)
    if found is None:
        raise NotFound(f"Item {item} is not in the snapshot.")
    return found
