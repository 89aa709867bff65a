"""Dry runs of drafts of the assignment policy."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug
from watchbill.interfaces.api.schemas.runs import Run


class AskDryRun(In):
    desk: Slug
    policy: dict[str, Any] = Field(description="The draft; what it does not name is as in force")
    days: int = Field(14, ge=1, le=90, description="How many days back")


class DryRun(Run):
    days: int
    result: dict[str, Any] | None = Field(description="Sums, examples and limits: docs/algorithms/assign.md, “Dry run”")


class DryRuns(Schema):
    dry_runs: list[DryRun]
