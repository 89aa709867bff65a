"""Past days of a desk in hindsight."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Slug
from watchbill.interfaces.api.schemas.runs import Run


class AskRegret(In):
    desk: Slug
    day: Line = Field(description="A local day of the desk that is over, such as 2026-03-02, or yesterday")


class Regret(Run):
    day: date
    doing: str = Field(description="What is being done while it runs")
    result: dict[str, Any] | None = Field(description="The day, as docs/reference/regret.md describes it")


class RegretLine(Schema):
    """One of a list: promises that ran out on the day, and points between what was kept and the best possible."""

    day: date
    due: int
    kept: int
    savable: int = Field(description="Missed, and could have been kept")
    lost: int = Field(description="Missed, and nobody could have kept it")
    regret: float | None


class Regrets(Schema):
    regrets: list[RegretLine]
    next: date | None = Field(description="Give it as before for the days behind these")
