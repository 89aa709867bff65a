"""Tunings of the assignment policy by simulation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug


class AskTuning(In):
    desk: Slug
    weeks: int = Field(8, ge=2, le=26, description="How many weeks back")


class Tuning(Schema):
    reference: str
    state: str = Field(description="waiting, running, done or stopped")
    by: str
    weeks: int
    items: int = Field(description="Simulations to run")
    items_done: int
    message: str
    asked_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None
    against: int = Field(description="The newest version when it was asked for")
    digest: str
    published: int | None = Field(description="Always empty: what is suggested is run dry, and published from there")
    result: dict[str, Any] | None = Field(
        description="Suggestion, trials, weeks and limits: docs/algorithms/reference-model.md, “Tuning for a desk”"
    )


class Tunings(Schema):
    tunings: list[Tuning]
