"""The ceiling: what somebody who knew all that is to come could keep at most, so that no rule may hope for more."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from watchbill.engine.backtest.facts import Agent, Case, Model, Span
from watchbill.engine.base.errors import Unavailable

SLOT_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Percent of weight. by_window: of the cases that fit between opening and due at all; attainment: of the programme as well."""

    attainment: float
    by_window: float


@dataclass(frozen=True, slots=True)
class _Need:
    """One case that fits its window. least_min: the least time anybody needs for it."""

    case: Case
    opens_min: int
    least_min: float
    able: tuple[Agent, ...]


def window_bound(model: Model, *, effort_factor: float = 1.0) -> float:
    """Percent of the weight of the cases whose work fits between opening and due in the hands of the fastest who is there.

    The companion of `clairvoyant_bound` that costs next to nothing, and is never below it. O(cases x agents x shifts).
    """
    total = sum(case.weight for case in model.cases)
    kept = sum(need.case.weight for need in _needs(model, effort_factor))
    return 100 * kept / total if total else 100.0


def clairvoyant_bound(model: Model, *, slot_min: int = SLOT_MIN, effort_factor: float = 1.0) -> Bound:
    """The most weight that any policy can keep, as a linear programme; valid because every step only relaxes.

    Relaxed are: perfect knowledge, interruption and handover at no cost, one switch per case, everybody as fast as the fastest
    who may take the case in its window, a share of a case counts as that share of its weight, slots reach outward, and nobody
    waits for a step. effort_factor: multiplies every effort, to see how the bound hangs on the estimates.

        max sum w z;  sum y(i, slot, group) = p(i) z(i);  sum over i <= minutes of the group in the slot;
        sum over groups <= overlap of slot and window;  0 <= z <= 1

    Raises Unavailable when the solver gives up. Some 100,000 variables for ten days of the reference model.

    References
    ----------
    Huangfu, Hall (2018), Parallelizing the dual revised simplex method, Mathematical Programming Computation 10 (HiGHS).
    """
    needs = list(_needs(model, effort_factor))
    total = sum(case.weight for case in model.cases)
    if not needs:
        return Bound(attainment=0.0 if total else 100.0, by_window=0.0 if total else 100.0)
    kept = _Programme(model, needs, slot_min).solve()
    by_window = sum(need.case.weight for need in needs)
    return Bound(attainment=100 * min(kept, by_window) / total, by_window=100 * by_window / total)


def _needs(model: Model, effort_factor: float) -> Iterator[_Need]:
    step = model.step_min
    for case in model.cases:
        opens = step * math.ceil(case.opened_min / step)
        window = (opens, case.due_min)
        able = tuple(a for a in model.agents if a.may(case) and any(_overlap(window, shift) for shift in a.shifts))
        if not able:
            continue
        least = model.switch_min + effort_factor * case.effort_min / max(agent.speed(case) for agent in able)
        if least <= _covered(window, able):
            yield _Need(case, opens, least, able)


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _covered(window: Span, agents: tuple[Agent, ...]) -> int:
    """Minutes of *window* in which at least one of *agents* is on shift."""
    covered, reached = 0, window[0]
    for start, end in sorted({shift for agent in agents for shift in agent.shifts}):
        start_in, end_in = max(start, reached), min(end, window[1])
        if end_in > start_in:
            covered, reached = covered + end_in - start_in, end_in
    return covered


class _Programme:
    """Rows: cases, then case x slot where a window is cut, then slot x group. Columns: z by case, then y."""

    def __init__(self, model: Model, needs: list[_Need], slot_min: int) -> None:
        self.needs, self.slot_min = needs, slot_min
        self.room: dict[tuple[int, tuple[int, ...]], int] = defaultdict(int)
        for agent in model.agents:
            group = tuple(sorted(agent.skills))
            for start, end in agent.shifts:
                for slot in range(start // slot_min, -(-end // slot_min)):
                    self.room[slot, group] += _overlap((start, end), self._span(slot))

    def _span(self, slot: int) -> Span:
        return slot * self.slot_min, (slot + 1) * self.slot_min

    def solve(self) -> float:
        from scipy.optimize import linprog
        from scipy.sparse import coo_array

        count = len(self.needs)
        rooms = {key: row for row, key in enumerate(self.room)}
        equal: list[tuple[int, int, float]] = [(at, at, -need.least_min) for at, need in enumerate(self.needs)]
        above: list[tuple[int, int]] = []
        limits = [float(self.room[key]) for key in rooms]
        columns = count
        for at, need in enumerate(self.needs):
            groups = sorted({tuple(sorted(agent.skills)) for agent in need.able})
            window = (need.opens_min, need.case.due_min)
            for slot in range(window[0] // self.slot_min, -(-window[1] // self.slot_min)):
                row = len(limits)
                limits.append(float(_overlap(window, self._span(slot))))
                for group in groups:
                    if (slot, group) in rooms:
                        equal.append((at, columns, 1.0))
                        above += [(rooms[slot, group], columns), (row, columns)]
                        columns += 1
        rows, cols, values = (np.array(part) for part in zip(*equal, strict=True))
        upper_rows, upper_cols = (np.array(part) for part in zip(*above, strict=True))
        cost = np.zeros(columns)
        cost[:count] = [-need.case.weight for need in self.needs]
        ceiling = np.full(columns, np.inf)
        ceiling[:count] = 1.0
        answer = linprog(
            cost,
            A_ub=coo_array((np.ones(len(upper_rows)), (upper_rows, upper_cols)), shape=(len(limits), columns)).tocsr(),
            b_ub=np.array(limits),
            A_eq=coo_array((values, (rows, cols)), shape=(count, columns)).tocsr(),
            b_eq=np.zeros(count),
            bounds=np.column_stack((np.zeros(columns), ceiling)),
            method="highs",
        )
        if answer.status != 0:
            raise Unavailable(f"The programme of the bound was not solved: {answer.message}")
        return -float(answer.fun)
