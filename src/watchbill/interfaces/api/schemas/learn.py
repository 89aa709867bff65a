"""What people's answers to proposals teach."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Slug, Text


class ParameterChange(Schema):
    parameter: str
    before: float
    after: float


class LaterAnswers(Schema):
    answers: int = Field(description="Later answers, by which the change was not chosen")
    agreed: int = Field(description="Of them, as the policy in force proposed")
    gained: int = Field(description="On which only the changed policy would have agreed")
    lost: int = Field(description="On which only the policy in force agreed")


class LearnedCase(Schema):
    decision: str
    item: str


class Finding(Schema):
    key: str
    kind: str = Field(description="weight, margin, refusals or pair")
    title: str
    sentence: str
    p: float = Field(description="The chance of as much or more when there is nothing in it")
    changes: list[ParameterChange]
    effect: LaterAnswers | None
    evidence: int = Field(description="Answers that it rests on")
    cases: list[LearnedCase] = Field(description="The latest twelve")
    set_aside_by: str | None
    set_aside_at: datetime | None
    set_aside_reason: str | None


class Lessons(Schema):
    since: datetime
    until: datetime
    policy_number: int
    answers: int
    overridden: int
    by_refusal: dict[str, int]
    by_queue: dict[str, int] = Field(description="Answers by queue: from 20 on a queue is tested, beside 20 in others")
    answers_with_preference: int = Field(description="Answers that say whom people preferred among those weighed")
    tested: int = Field(description="Patterns looked at")
    findings: list[Finding]
    set_aside: list[Finding]


class Aside(In):
    desk: Slug
    key: Line
    reason: Text
    days: int = Field(90, ge=1, le=3650, description="The answers that it was found in")


class Back(In):
    desk: Slug
    key: Line


class Kept(Schema):
    key: str
    is_set_aside: bool
