"""The linear programme of the ceiling: which cases a clairvoyant keeps when people's minutes are scarce."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from watchbill.engine.backtest.capacity import Capacity, Group
from watchbill.engine.backtest.windows import Piece
from watchbill.engine.base.errors import Unavailable
from watchbill.engine.base.ids import SkillId


class Programme:
    """Cases by their weights and pieces, the minutes of a piece by slot, and those of a group by slot and skill.

        max sum w z;  sum over slots y(piece, slot) = least(piece) z(case);  sum over pieces of a skill y <= sum over groups x(skill, slot, group)
        sum over skills x <= minutes of the group in the slot;  y <= most of the piece in the slot;  0 <= z <= 1

    since_min: minutes before it cost nothing: they are one column for each piece, as wide as they are covered.
    """

    def __init__(self, capacity: Capacity, *, since_min: int | None = None) -> None:
        self.capacity, self.since_min = capacity, since_min
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        self.most: list[float] = []
        self.limits: list[float] = []
        self.supply: dict[tuple[SkillId, int], int] = {}

    def solve(self, weights: Sequence[float], works: Sequence[Sequence[Piece]]) -> list[float]:
        """The share z of each case. Raises Unavailable when the solver gives up."""
        from scipy.optimize import linprog
        from scipy.sparse import coo_array

        count, row = len(works), 0
        self.most = [1.0] * count
        equal: list[tuple[int, int, float]] = []
        for case, pieces in enumerate(works):
            for piece in pieces:
                equal.append((row, case, -piece.least_min))
                equal += [(row, column, 1.0) for column in self._minutes(piece)]
                row += 1
        self._people()
        cost = np.zeros(len(self.most))
        cost[:count] = [-weight for weight in weights]
        rows, columns, values = (np.array(part) for part in zip(*equal, strict=True))
        answer = linprog(
            cost,
            A_ub=coo_array((self.values, (self.rows, self.columns)), shape=(len(self.limits), len(cost))).tocsr(),
            b_ub=np.array(self.limits),
            A_eq=coo_array((values, (rows, columns)), shape=(row, len(cost))).tocsr(),
            b_eq=np.zeros(row),
            bounds=np.column_stack((np.zeros(len(cost)), self.most)),
            method="highs",
        )
        if answer.status != 0:
            raise Unavailable(f"The programme of the bound was not solved: {answer.message}")
        return [float(share) for share in answer.x[:count]]

    def _minutes(self, piece: Piece) -> list[int]:
        """The columns of a piece's minutes, one for each slot in which it could be worked on."""
        capacity, first, found = self.capacity, piece.opens_min, []
        if self.since_min is not None and first < self.since_min:
            first = self.since_min
            found.append(self._column(capacity.windows.covered(piece, (piece.opens_min, first))))
        for slot in capacity.slots((first, piece.ends_min)):
            if most := capacity.most(piece, slot):
                row = self.supply.get((piece.skill, slot))
                if row is None:
                    row = self.supply[piece.skill, slot] = self._row(0.0)
                found.append(self._column(most))
                self._entry(row, found[-1], 1.0)
        return found

    def _people(self) -> None:
        """Who gives her minutes of a slot to which skill."""
        rows: dict[tuple[Group, int], int] = {}
        capacity = self.capacity
        for (skill, slot), row in self.supply.items():
            rooms = capacity.rooms[capacity.component[skill]][slot]
            for group in capacity.groups[skill]:
                if group in rooms:
                    column = self._column(np.inf)
                    self._entry(row, column, -1.0)
                    if (group, slot) not in rows:
                        rows[group, slot] = self._row(float(rooms[group]))
                    self._entry(rows[group, slot], column, 1.0)

    def _column(self, most: float) -> int:
        self.most.append(most)
        return len(self.most) - 1

    def _row(self, limit: float) -> int:
        self.limits.append(limit)
        return len(self.limits) - 1

    def _entry(self, row: int, column: int, value: float) -> None:
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(value)
