"""Tunings of the assignment policy by simulation."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug
from watchbill.interfaces.api.schemas.runs import Run


class AskTuning(In):
    desk: Slug
    weeks: int = Field(8, ge=2, le=26, description="How many weeks back")


class Tuning(Run):
    weeks: int
    result: dict[str, Any] | None = Field(
        description="Suggestion, trials, weeks and limits: docs/algorithms/reference-model.md, “Tuning for a desk”"
    )


class Tunings(Schema):
    tunings: list[Tuning]
