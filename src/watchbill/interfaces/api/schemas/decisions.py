"""Proposals with their reasons, and the answers to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.apps.decisions.choices import Refusal
from watchbill.interfaces.api.schemas.base import In, Line, Text


class Reason(Schema):
    rule: str
    level: str
    points: float
    words: str


class Alternative(Schema):
    person: str = Field(description="Reference")
    name: str
    score: float
    has_slot: bool
    lost_by: str
    contributions: list[Reason]


class LeftOut(Schema):
    rule: str
    people: int
    words: str


class WayOut(Schema):
    rule: str
    person: str = Field(description="Reference")
    name: str
    words: str
    at: datetime | None


class Decision(Schema):
    """A proposal or what became of it: docs/reference/decisions.md."""

    reference: str
    item: str
    title: str
    status: str
    mode: str
    verdict: str
    chosen: str | None
    chosen_ref: str | None
    score: float | None
    reason: str
    contributions: list[Reason]
    alternatives: list[Alternative]
    rejected: list[LeftOut]
    eligible: int
    ways_out: list[WayOut]
    held: str = Field(description="Why a person has to answer although the queue is on autopilot")
    expected: dict[str, Any]
    policy_number: int
    facts_digest: str
    proposed_at: datetime
    as_of: datetime = Field(description="The instant that reasons, points and load speak of")
    answered_at: datetime | None
    answered_by: str
    given_to: str | None
    given_to_ref: str | None
    refusal: str
    answer_reason: str
    undone_at: datetime | None
    undone_by: str
    can_be_undone: bool


class Decisions(Schema):
    decisions: list[Decision]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class Answered(Schema):
    decision: Decision
    item: str
    version: int


class Accept(In):
    """Nothing to say: accepting needs no reason."""


class Change(In):
    person: Line = Field(description="Reference (PER-12) or whole name")
    reason: Text = ""


class Refuse(In):
    reason: Refusal
    text: Text = ""


class Undo(In):
    """Nothing to say: undoing needs no reason."""


class Considered(Schema):
    person: str
    name: str
    may_take: bool
    failed: list[str]
    words: str
    score: float | None
    contributions: list[Reason]


class Explained(Schema):
    reference: str
    policy_number: int
    facts_digest: str
    at: datetime
    considered: list[Considered]
