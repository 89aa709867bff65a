"""Impact x urgency gives priority, by a matrix that each desk may edit."""

from __future__ import annotations

from collections.abc import Mapping

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Level, Priority

Matrix = Mapping[str, int]
"""Maps "impact,urgency" (1 high, 2 medium, 3 low) to a priority 1 to 4."""

DEFAULT_MATRIX: Matrix = {
    "1,1": 1, "1,2": 2, "1,3": 3,
    "2,1": 2, "2,2": 3, "2,3": 4,
    "3,1": 3, "3,2": 4, "3,3": 4,
}  # fmt: skip
"""The 3 x 3 matrix of ITIL practice, which is also ServiceNow's default with its last two ranks as one."""


def priority_of(matrix: Matrix, *, impact: Level, urgency: Level) -> Priority:
    """Return the priority that *matrix* gives. Raises InvalidFacts when it has no such cell."""
    cell = f"{int(impact)},{int(urgency)}"
    try:
        return Priority(matrix[cell])
    except KeyError:
        raise InvalidFacts(f"The matrix has no cell for impact {impact}, urgency {urgency}") from None


def require_matrix(matrix: Mapping[str, object]) -> dict[str, int]:
    """Return *matrix* checked: all nine cells, each 1 to 4, never lower for more impact or urgency.

    Raises InvalidFacts naming the cell, its value and what was expected.
    """
    checked: dict[str, int] = {}
    for impact in Level:
        for urgency in Level:
            cell = f"{int(impact)},{int(urgency)}"
            value = matrix.get(cell)
            if not isinstance(value, int) or isinstance(value, bool) or value not in (1, 2, 3, 4):
                raise InvalidFacts(f"cell {cell} (impact, urgency) must be 1 to 4, got {value!r}", field=cell)
            checked[cell] = value
    for impact in Level:
        for urgency in Level:
            here = checked[f"{int(impact)},{int(urgency)}"]
            for lower in (f"{impact + 1},{int(urgency)}", f"{int(impact)},{urgency + 1}"):
                if checked.get(lower, 4) < here:
                    raise InvalidFacts(
                        f"cell {lower} ranks above cell {impact},{urgency}, which has more impact or urgency",
                        field=lower,
                    )
    unknown = sorted(set(matrix) - set(checked))
    if unknown:
        raise InvalidFacts(f"the matrix has no cell “{unknown[0]}”; cells are impact,urgency from 1,1 to 3,3")
    return checked
