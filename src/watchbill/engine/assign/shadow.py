"""A draft beside what is really decided: choices held side by side, what they are expected to come to, and when to leave off.

docs/algorithms/assign.md, "Shadow run".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId
from watchbill.engine.base.work import Priority

URGENT = Priority.P2
"""The stop rule looks at this priority and those above."""
WIDE = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """One choice. done: what live decided; in_force, draft: whom each policy chooses for this item alone, in the same situation.

    p_done, p_draft: chance that a promise of it is missed with these people; None where it is not known, or nobody was chosen.
    """

    item: ItemId
    priority: Priority
    done: PersonId | None
    in_force: PersonId | None
    draft: PersonId | None
    p_done: float | None = None
    p_draft: float | None = None

    @property
    def agrees(self) -> bool:
        """Whether the draft makes no difference, or would have done what was done."""
        return self.draft in (self.in_force, self.done)

    @property
    def difference(self) -> float | None:
        """Expected misses more with the draft: none where it agrees; one where it leaves to nobody what was given away.

        None where it cannot be said: also where nobody was given the item and the draft gives it, so that a draft is never
        credited with work that it might only have begun sooner.
        """
        if self.agrees:
            return 0.0
        if self.done is None or self.p_done is None:
            return None
        if self.draft is None:
            return 1.0 - self.p_done
        return None if self.p_draft is None else self.p_draft - self.p_done


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Of differences: how many, their sum, and the sum of their squares."""

    count: int
    total: float
    squares: float

    def deviation(self) -> float:
        """Standard deviation of the sum; 0 of fewer than two."""
        if self.count < 2:
            return 0.0
        variance = max(0.0, (self.squares - self.total**2 / self.count) / (self.count - 1))
        return math.sqrt(variance * self.count)

    def interval(self, wide: float = WIDE) -> tuple[float, float]:
        """Between what the sum lies, choices being taken as independent."""
        half = wide * self.deviation()
        return self.total - half, self.total + half


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """When a shadow run leaves off: after *least* choices on P1 and P2, when the draft's expected misses of them are above those of
    what was done by more than *margin*, *deviations* standard deviations being taken off. It is looked at after every choice, so
    deviations are more than for a single look.
    """

    least: int = 20
    deviations: float = 3.0
    margin: float = 0.5

    def __post_init__(self) -> None:
        if self.least < 2 or self.deviations <= 0 or self.margin < 0:
            raise InvalidFacts(
                "A stop rule needs at least two choices, deviations above 0 and a margin that is not below 0"
            )

    def broken_by(self, urgent: Sums) -> str:
        """Return why a run leaves off, in a sentence; empty while it goes on."""
        if urgent.count < self.least:
            return ""
        low, _ = urgent.interval(self.deviations)
        if low <= self.margin:
            return ""
        return (
            f"Stop rule: of {urgent.count:,} choices on P1 and P2 the draft is expected to miss {urgent.total:.1f} more than what was"
            f" done, at least {low:.1f} beyond chance"
        )
