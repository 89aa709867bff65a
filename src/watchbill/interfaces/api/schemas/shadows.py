"""Shadow runs of drafts of the assignment policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Slug


class StartShadow(In):
    desk: Slug
    draft: Line = Field(description="A draft of the desk, as GET /backtests/choices names it")
    days: int = Field(7, ge=1, le=90)


class AdoptShadow(In):
    reason: Line = Field(description="Why: it is kept with the version and in the audit trail")


class ShadowLine(Schema):
    reference: str
    draft: str
    state: str = Field(description="running, stopped, over or adopted")
    days: int
    days_done: float
    asked_at: datetime
    ends_at: datetime
    by: str
    message: str
    published: int | None


class Shadows(Schema):
    shadows: list[ShadowLine]
    next: str | None = Field(description="Send it as `after` for the next page")


class Differs(Schema):
    item: str
    priority: int
    at: datetime
    done: str | None = Field(description="Whom live chose")
    draft: str | None = Field(description="Whom the draft chooses")
    difference: float | None = Field(description="Expected misses more with the draft")
    reason: str


class Shadow(ShadowLine):
    says: str
    backtest: str | None
    ended_at: datetime | None
    against: int = Field(description="The version of the policy beside which it is held")
    stop_rule: dict[str, Any]
    turns: int
    seconds: float = Field(description="What it has cost the ticker in all")
    adoptable: bool
    why_not: str
    compared: int
    agree: int
    nobody: int
    scored: int = Field(description="Of those compared, those whose difference is known")
    expected_misses: float = Field(description="More with the draft than with what was done; low and high: 95 %")
    low: float
    high: float
    urgent_scored: int
    urgent_expected_misses: float
    urgent_low: float
    urgent_high: float
    differs: list[Differs]
    limits: list[str]
