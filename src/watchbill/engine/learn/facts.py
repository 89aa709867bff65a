"""What comes in: proposals that people have answered, with the points that spoke for each person weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import PersonId, QueueId
from watchbill.engine.base.time import require_instant


class Said(StrEnum):
    """What a person said to a proposal."""

    TAKEN = "taken"
    """She accepted it."""
    CHANGED = "changed"
    """She gave the item to somebody else."""
    REFUSED = "refused"
    """She said no, with a reason."""
    UNDONE = "undone"
    """She took back what had been accepted, or what autopilot had done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of the policy in force, and the most that it may be."""

    value: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One person as she was weighed for an item: her points by rule, which add up to her score."""

    person: PersonId
    points: Mapping[str, float]

    @property
    def score(self) -> float:
        return sum(self.points.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One proposal that a person answered.

    others: the next best who had a slot, as the decision kept them (three at most). given_to: who got it instead, when the
    proposal was changed. gain: for the move of an owned item, points won over staying; else None. refusal: the reason's
    code when it was refused.
    """

    decision: int
    at: datetime
    said: Said
    chosen: Option
    queue: QueueId | None = None
    others: Sequence[Option] = ()
    given_to: PersonId | None = None
    gain: float | None = None
    refusal: str = ""

    def __post_init__(self) -> None:
        require_instant(self.at, "Answer.at")
        if (self.given_to is not None) != (self.said is Said.CHANGED):
            raise InvalidFacts("Answer.given_to is there when, and only when, the proposal was changed")

    @property
    def is_override(self) -> bool:
        """Whether the person decided otherwise."""
        return self.said is not Said.TAKEN

    @property
    def preferred(self) -> PersonId | None:
        """Whom the person preferred among those weighed; None when that cannot be told."""
        if self.said is Said.TAKEN:
            return self.chosen.person
        if self.said is Said.CHANGED and any(other.person == self.given_to for other in self.others):
            return self.given_to
        return None
