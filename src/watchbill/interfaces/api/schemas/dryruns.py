"""Dry runs of drafts of the assignment policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug


class AskDryRun(In):
    desk: Slug
    policy: dict[str, Any] = Field(description="The draft; what it does not name is as in force")
    days: int = Field(14, ge=1, le=90, description="How many days back")


class DryRun(Schema):
    reference: str
    state: str = Field(description="waiting, running, done or stopped")
    by: str
    days: int
    items: int = Field(description="Choices to look at")
    items_done: int
    message: str
    asked_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None
    against: int = Field(description="The newest version when it was asked for")
    digest: str
    published: int | None = Field(description="The version that was published on the strength of it")
    result: dict[str, Any] | None = Field(description="Sums, examples and limits: docs/algorithms/assign.md, “Dry run”")


class DryRuns(Schema):
    dry_runs: list[DryRun]
