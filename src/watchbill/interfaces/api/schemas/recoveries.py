"""Recovery options of a desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Slug
from watchbill.interfaces.api.schemas.runs import Run


class AskRecovery(In):
    desk: Slug
    hours: int = Field(8, ge=2, le=16, description="For how many hours something is decided")


class ApplyPlan(In):
    plan: Line = Field(description="rebalance, hours, partner or defer, as the options offer it")


class Recovery(Run):
    hours: int
    applied_plan: str = Field(description="The code of the plan that was applied; empty when none was")
    applied_at: datetime | None
    applied_by_name: str
    undone_at: datetime | None
    undone_by_name: str
    result: dict[str, Any] | None = Field(description="The options, as docs/reference/recover.md describes them")


class Recoveries(Schema):
    recoveries: list[Recovery]


class Left(Schema):
    what: str
    why: str


class Applied(Schema):
    reference: str
    plan: str
    said: str = Field(description="What was done, in a sentence")
    asked: list[str] = Field(description="Items that the other region was asked for")
    left: list[Left] = Field(description="What could not be taken back, and why")


class Lifted(Schema):
    reference: str
