"""What goes out: who takes which item, the score by reason, who was left out and why, and the cheapest way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watchbill.engine.assign.rules import RuleLevel
from watchbill.engine.base.ids import ItemId, PersonId


class Verdict(StrEnum):
    """What the engine says about one item."""

    ASSIGN = "assign"
    """Nobody owns it; give it to `person`."""
    MOVE = "move"
    """It has an owner; the plan gains by giving it to `person`."""
    STAY = "stay"
    """It has an owner and stays there."""
    WAIT = "wait"
    """People could take it, but all their free slots go to other work first."""
    NO_ONE = "no_one"
    """No person fulfils every must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One reason, in signed points. 100 points = a standard P1 promise of mean effort at the moment it must be started."""

    rule: str
    level: RuleLevel
    points: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One person who fulfils every must, with her score for the item.

    score = sum of contributions. has_slot is False when the plan gives her last free slot to other work.
    lost_by: why she was not chosen, in words; empty for the chosen one.
    """

    person: PersonId
    score: float
    contributions: tuple[Contribution, ...]
    has_slot: bool = True
    lost_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """How many people were left out by one must. A person is counted once, at the first must she fails."""

    rule: str
    people: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """One must which, relaxed alone, lets one named person take the item; `at` when that happens by itself."""

    rule: str
    person: PersonId
    words: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """The one item that a person lays aside for a more urgent one, and why just that.

    slack_min: how long it can wait before its first promise can no longer be met by her; None when no clock runs.
    """

    item: ItemId
    reference: str
    person: PersonId
    slack_min: int | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer for one item.

    person: who should own it (for STAY the present owner), or None (WAIT, NO_ONE).
    score, contributions: of that person; the contributions sum to the score. gain: for MOVE, points won over staying.
    rejected: counts by must, summing with `eligible` to the number of people. alternatives: the next best, at most three.
    fallback: why the index rule decided instead of the solver. interrupts: the item that makes room, if one has to.
    reason: one sentence. ways_out: for WAIT and NO_ONE, cheapest first; empty when nobody is one must away.
    """

    item: ItemId
    verdict: Verdict
    person: PersonId | None
    owner: PersonId | None
    score: float
    contributions: tuple[Contribution, ...]
    eligible: int
    rejected: tuple[Rejection, ...]
    alternatives: tuple[Candidate, ...]
    reason: str
    ways_out: tuple[WayOut, ...] = ()
    gain: float | None = None
    fallback: str = ""
    interrupts: Interruption | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consideration:
    """One person as seen from one item: every must she fails, and her score when she fails none."""

    person: PersonId
    failed: tuple[str, ...]
    words: str
    score: float | None
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Every person for one item: those who may take it first, best first, then the others by musts failed and id."""

    item: ItemId
    considered: tuple[Consideration, ...]
