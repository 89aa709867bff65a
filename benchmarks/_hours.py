"""An integer programme in which effort counts in hours, solved by CP-SAT: what unit slots are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.assign.classes import Ints
from watchbill.engine.assign.tables import Tables

PLACED = 10_000
"""What placing an item is worth beside its points: 100 points, in hundredths."""
UNIT_MIN = 15
"""Load is counted in quarters of an hour, of which every effort of the benchmark's desk is a multiple."""
MOST_LOAD = 1.5
"""Nobody is given more than this times her staffed time of the next 16 hours."""


@dataclass(frozen=True, slots=True)
class HoursValue:
    """points: of the placed items, each with its bonus, minus the convex cost of load in true hours."""

    points: float
    placed: int
    is_proved: bool = False


def value_in_hours(tables: Tables, chosen: Ints) -> HoursValue:
    """What a plan is worth when hours count: beyond a person's hours, her least valuable items go back to the queue."""
    total, placed = 0, 0
    points, effort = _points(tables), _effort(tables)
    for place in range(len(tables.kinds.people)):
        units, room = 0, _room(tables, place)
        given = sorted(np.nonzero(chosen == place)[0].tolist(), key=lambda at: -points[at, place] / effort[at])
        for at in given:
            if units + effort[at] <= room:
                units += int(effort[at])
                total += int(points[at, place]) + PLACED
                placed += 1
        total -= int(_load_costs(tables, place)[units])
    return HoursValue(total / 100, placed)


def hours_programme(tables: Tables, *, seconds: float) -> HoursValue:
    """Best value in *seconds*: each item to one eligible person, within slots and hours, load cost exact."""
    from ortools.sat.python import cp_model

    points, effort = _points(tables), _effort(tables)
    model = cp_model.CpModel()
    people = range(len(tables.kinds.people))
    takes = {
        (at, place): model.new_bool_var(f"{at} {place}")
        for at in range(len(tables.classes.items))
        for place in people
        if tables.is_eligible(at, place)
    }
    for at in range(len(tables.classes.items)):
        model.add_at_most_one(takes[at, place] for place in people if (at, place) in takes)
    costs = []
    for place in people:
        mine = {at: takes[at, place] for at in range(len(tables.classes.items)) if (at, place) in takes}
        table = _load_costs(tables, place).tolist()
        units = model.new_int_var(0, _room(tables, place), f"units {place}")
        cost = model.new_int_var(min(table), max(table), f"cost {place}")
        model.add(units == sum(int(effort[at]) * take for at, take in mine.items()))
        model.add(sum(mine.values()) <= int(tables.free[place]))
        model.add_element(units, table, cost)
        costs.append(cost)
    model.maximize(sum((int(points[at, place]) + PLACED) * take for (at, place), take in takes.items()) - sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    placed = sum(solver.value(take) for take in takes.values())
    return HoursValue(solver.objective_value / 100, int(placed), status == cp_model.OPTIMAL)


def _points(tables: Tables) -> NDArray[np.int64]:
    """I x P: points of each pair in hundredths, 0 where no pair is eligible."""
    points = np.zeros((len(tables.classes.items), len(tables.kinds.people)), dtype=np.int64)
    for at, of in enumerate(tables.classes.of_item.tolist()):
        arcs = slice(int(tables.arc_start[of]), int(tables.arc_start[of + 1]))
        for kind, value in zip(tables.arc_kind[arcs], tables.arc_points[arcs], strict=True):
            points[at, tables.kinds.of_person == kind] = value
    return points


def _effort(tables: Tables) -> NDArray[np.int64]:
    return np.array([-(-item.effort_min // UNIT_MIN) for item in tables.classes.items], dtype=np.int64)


def _room(tables: Tables, place: int) -> int:
    person = tables.kinds.people[place]
    return max(0, int(MOST_LOAD * person.staffed_week_min - person.load_min) // UNIT_MIN)


def _load_costs(tables: Tables, place: int) -> NDArray[np.int64]:
    """Cost in hundredths of giving a person 0, 1, 2 ... units, from her load now."""
    policy, person = tables.context.policy, tables.kinds.people[place]
    units = np.arange(_room(tables, place) + 1)
    load = (person.load_min + UNIT_MIN * units) / max(60, person.staffed_week_min)
    above = np.maximum(0.0, load - policy.load_knee)
    cost = policy.load_weight * above**2 + policy.spread_weight * load**2
    return np.rint(100 * (cost - cost[0])).astype(np.int64)
