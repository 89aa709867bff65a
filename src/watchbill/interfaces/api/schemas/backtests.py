"""Backtests of a desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Slug
from watchbill.interfaces.api.schemas.runs import Run


class AskBacktest(In):
    desk: Slug
    policies: list[Line] = Field(max_length=50, description="Names, as GET /backtests/choices gives them")
    depth: str = Field("quick", pattern="^(quick|full)$", description="quick, or full with other assumptions")
    demand: bool = Field(False, description="Also as more or less comes in; the full one always does")
    what_if: list[Line] = Field([], max_length=12, description="Changes under which all compete, such as arrivals=1.2")


class Backtest(Run):
    doing: str = Field(description="What is being done while it runs")
    depth: str
    policies: list[str]
    drafts: list[str] = Field(description="Those of the policies that are the desk's own")
    what_if: list[str] = Field(description="What changes, in words")
    result: dict[str, Any] | None = Field(description="The answer, as docs/reference/backtest.md describes it")


class BacktestLine(Schema):
    """One of a list: with the grade and the sentence of its answer."""

    reference: str
    state: str = Field(description="waiting, running, done or stopped")
    by: str
    items: int
    items_done: int
    doing: str
    message: str
    asked_at: datetime
    recorded_at: datetime
    depth: str
    policies: list[str]
    drafts: list[str]
    what_if: list[str]
    grade: str | None
    sentence: str | None
    best: str | None


class Backtests(Schema):
    backtests: list[BacktestLine]
    next: str | None = Field(description="Send it as `after` for the next page")


class Choice(Schema):
    name: str
    says: str
    is_draft: bool = Field(description="The desk's own: in force, a draft that was run dry, or what a tuning suggests")


class Choices(Schema):
    choices: list[Choice]
