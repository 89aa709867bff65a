"""The scores of a finished plan, all items at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Bools, Ints
from watchbill.engine.assign.tables import Tables, pair_points


@dataclass(frozen=True, slots=True)
class PlanScores:
    """of_item: points per item, 0.0 where nobody was chosen. taken: slots per person. total: objective in hundredths."""

    of_item: list[float]
    taken: Ints
    total: int


def plan_scores(tables: Tables, chosen: Ints) -> PlanScores:
    """Score every choice: pair points, continuity, price of a move, and the last slot of the person. O(items).

    The array twin of reasons.Book.candidate for chosen people; a test compares the two.
    """
    taken = np.bincount(chosen[chosen >= 0], minlength=len(tables.kinds.people))
    of_item = np.zeros(len(chosen), dtype=np.int64)
    placed = np.nonzero(chosen >= 0)[0]
    people = chosen[placed]
    worked, extra = _relations(tables, placed, people)
    pair = extra + pair_points(
        tables.classes,
        tables.kinds,
        tables.context.scarcity,
        tables.context.policy,
        of=tables.classes.of_item[placed],
        kind=tables.kinds.of_person[people],
        has_worked=worked,
    )
    of_item[placed] = pair - tables.slot_costs[people, np.maximum(0, taken[people] - 1)]
    slots = np.arange(tables.slot_costs.shape[1])[None, :] < taken[:, None]
    total = int(pair.sum() - tables.slot_costs[slots].sum())
    return PlanScores((of_item / 100).tolist(), taken, total)


_OF_PAIR = (rules.continuity, rules.stands_in, rules.stays_with_owner)


def _relations(tables: Tables, placed: Ints, people: Ints) -> tuple[Bools, Ints]:
    """Per choice: whether the person has worked on the item, and what her bonds win minus the price of a move."""
    worked = np.zeros(len(placed), dtype=np.bool_)
    extra = np.zeros(len(placed), dtype=np.int64)
    context = tables.context
    for row, (at, place) in enumerate(zip(placed.tolist(), people.tolist(), strict=True)):
        item = tables.classes.items[at]
        if item.owner is not None or item.worked_before or item.knows_customer:
            person = tables.kinds.people[place]
            worked[row] = rules.has_worked_on(item, person.id)
            extra[row] = sum(rule(item, person, context) for rule in _OF_PAIR)
    return worked, extra
