"""Everybody looked at against every item that may move: who could take it, and with how many points, in one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.classes import Bools, Classes, Ints, classes_of
from watchbill.engine.assign.facts import PersonFacts, Snapshot
from watchbill.engine.assign.kinds import Kinds, kinds_of, rare_of
from watchbill.engine.assign.tables import context_of, pair_points
from watchbill.engine.base.ids import ItemId, PersonId


@dataclass(frozen=True, slots=True)
class Takers:
    """I items that compete against S people.

    row, column: places by id, columns in order of the ids. points: I x S, all rules but urgency and load, hundredths of a
    point; for an item that nobody has touched its owner counts as anybody. able: I x S, every must holds for somebody who
    does not own the item.
    """

    context: rules.Context
    row: Mapping[ItemId, int]
    column: Mapping[PersonId, int]
    points: Ints
    able: Bools


def takers_of(snapshot: Snapshot, looked_at: Collection[PersonId]) -> Takers:
    """Weigh the items of *snapshot* that compete against the people *looked_at*: the array twin of the rules for moves.

    O(needs x kinds + items x people looked at).
    """
    classes, rare = classes_of(snapshot), rare_of(snapshot)
    seen = sorted((person for person in snapshot.people if person.id in looked_at), key=lambda person: person.id)
    kinds = kinds_of(replace(snapshot, people=seen), classes.needs, rare)
    context = context_of(snapshot, classes, rare)
    column = {person.id: at for at, person in enumerate(seen)}
    kind_of = kinds.of_person[[kinds.position[person.id] for person in seen]]
    return Takers(
        context=context,
        row={item.id: at for at, item in enumerate(classes.items)},
        column=column,
        points=_points(classes, kinds, context, kind_of, column),
        able=_able(classes, kinds, seen, kind_of, column),
    )


def _able(
    classes: Classes, kinds: Kinds, people: Sequence[PersonFacts], kind_of: Ints, column: Mapping[PersonId, int]
) -> Bools:
    has_slot = np.array([person.open_count < person.wip_limit for person in people], dtype=np.bool_)
    able: Bools = kinds.eligible[classes.need_of][:, kind_of] & has_slot
    for row, item in enumerate(classes.items):
        able[row, _columns(item.declined_by, column)] = False
    return able


def _points(
    classes: Classes, kinds: Kinds, context: rules.Context, kind_of: Ints, column: Mapping[PersonId, int]
) -> Ints:
    policy = context.policy
    size, width = len(classes.base), len(kinds.levels)
    of, kind = np.repeat(np.arange(size), width), np.tile(np.arange(width), size)
    grid = pair_points(classes, kinds, context.scarcity, policy, of=of, kind=kind).reshape(size, width)
    points: Ints = grid[classes.of_item][:, kind_of]
    by_item, by_customer = round(100 * policy.continuity_item), round(100 * policy.continuity_customer)
    met: list[tuple[int, int]] = []
    for row, item in enumerate(classes.items):
        owner = item.owner if item.is_touched else None
        worked = _columns((*item.worked_before, *(() if owner is None else (owner,))), column)
        met += [(row, at) for at in worked]
        points[row, [at for at in _columns(item.knows_customer, column) if at not in worked]] += by_customer
        deputy = None if owner is None else context.stand_ins.get(owner)
        if deputy is not None and deputy in column:
            points[row, column[deputy]] += round(100 * policy.deputy_weight)
    if met:
        rows, columns = (np.array(each, dtype=np.int64) for each in zip(*met, strict=True))
        of, kind = classes.of_item[rows], kind_of[columns]
        known = pair_points(
            classes, kinds, context.scarcity, policy, of=of, kind=kind, has_worked=np.ones(len(of), bool)
        )
        points[rows, columns] += known - grid[of, kind] + max(by_item, by_customer)
    points -= np.rint(100 * classes.base).astype(np.int64)[classes.of_item][:, None]
    for row, item in enumerate(classes.items):
        if item.owner in context.owners:
            price = rules.churn(item, policy)
            points[row] -= price
            points[row, _columns((item.owner,), column)] += price
    return points


def _columns(people: Collection[PersonId], column: Mapping[PersonId, int]) -> list[int]:
    """Their places, each once."""
    return sorted({column[person] for person in people if person in column})
