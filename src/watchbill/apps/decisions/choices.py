"""The words of decisions: what may become of a proposal, and why a person refuses one."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What became of a proposal."""

    PROPOSED = "proposed"
    """It waits for an answer."""
    ACCEPTED = "accepted"
    """A person gave the item to the person proposed."""
    CHANGED = "changed"
    """A person gave the item to somebody else."""
    REFUSED = "refused"
    """A person said no; the one proposed is not proposed for this item again."""
    APPLIED = "applied"
    """Autopilot gave the item to the person proposed."""
    SUPERSEDED = "superseded"
    """Another proposal took its place, or the item needs none any more."""


class Refusal(StrEnum):
    """The five reasons to refuse."""

    WRONG_SKILL = "wrong_skill"
    WRONG_TIME = "wrong_time"
    KEEP_WITH_OWNER = "keep_with_owner"
    CUSTOMER_ASKS = "customer_asks"
    OTHER = "other"


REFUSAL_WORDS: dict[Refusal, str] = {
    Refusal.WRONG_SKILL: "not the right skill",
    Refusal.WRONG_TIME: "not the right time",
    Refusal.KEEP_WITH_OWNER: "keep it with its owner",
    Refusal.CUSTOMER_ASKS: "the customer asks for somebody else",
    Refusal.OTHER: "another reason",
}


class MoveStatus(StrEnum):
    """What became of a move between two people that somebody wanted."""

    ASKED = "asked"
    """One side agrees; the other is to answer."""
    MADE = "made"
    """The item has gone over."""
    REFUSED = "refused"
    """The other side said no."""
    EXPIRED = "expired"
    """The other side did not answer in time."""
    GONE = "gone"
    """Item or people changed, so that there was nothing left to answer."""
    WITHDRAWN = "withdrawn"
    """The side that had asked took it back before there was an answer."""
