"""What goes out: patterns in the answers, how sure they are, and which change of the policy each would mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from watchbill.engine.base.ids import PersonId, QueueId
from watchbill.engine.report import Proportion


class FindingKind(StrEnum):
    """What sort of pattern was found."""

    WEIGHT = "weight"
    """Another weight would have chosen more often whom people preferred."""
    MARGIN = "margin"
    """A larger margin would have spared moves that people refused."""
    REFUSALS = "refusals"
    """One reason to refuse is more frequent in one queue than elsewhere."""
    PAIR = "pair"
    """In one queue people give one person's proposals to the same other person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One number of the policy: what it is, and what it would be."""

    parameter: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The change, judged on the later answers only: those it was not chosen by.

    agreed: how often the policy as it is chose as people did, of how many. gained, lost: answers on which the change would
    have agreed and the policy did not, and the other way round.
    """

    agreed: Proportion
    gained: int
    lost: int

    @property
    def then(self) -> Proportion:
        """How often it would have agreed after the change."""
        return Proportion(hits=self.agreed.hits + self.gained - self.lost, total=self.agreed.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One pattern that chance does not explain.

    key: stable from day to day, so that a finding can be set aside. own, others: how often it happens here and elsewhere,
    where that is what was compared. p: the chance of as much or more when there is nothing in it. cases: the decisions
    behind it, the latest first. changes: empty when the pattern is no matter of one number.
    """

    kind: FindingKind
    key: str
    p: float
    cases: tuple[int, ...]
    changes: tuple[Change, ...] = ()
    effect: Effect | None = None
    own: Proportion | None = None
    others: Proportion | None = None
    rule: str = ""
    queue: QueueId | None = None
    refusal: str = ""
    person: PersonId | None = None
    instead: PersonId | None = None

    @property
    def evidence(self) -> int:
        """How many answers it rests on: when this has grown by half, a finding that was set aside is shown again."""
        return len(self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """All that the answers of a period say.

    overridden: answers against the proposal, of all. by_refusal: refusals by reason. told: answers that say whom people
    preferred. tested: patterns looked at; findings: those that stand out among them, the surest first.
    """

    overridden: Proportion
    by_refusal: Mapping[str, int]
    told: int
    tested: int
    findings: tuple[Finding, ...]
