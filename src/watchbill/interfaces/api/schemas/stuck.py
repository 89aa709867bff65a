"""Stuck work, and traffic control at changes of region."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In


class StuckItem(Schema):
    reference: str
    title: str
    priority: int
    state: str
    owner: str | None
    queue: str | None
    due_at: datetime | None
    reasons: list[str] = Field(description="The most pressing first")
    words: list[str]


class Stuck(Schema):
    items: list[StuckItem]
    counts: dict[str, int] = Field(description="How many items of the desk are stuck for each reason")
    total: int
    next: str | None


class RejectedChoice(Schema):
    choice: str
    words: str


class TrafficItem(Schema):
    reference: str
    title: str
    priority: int
    owner: str
    region: str
    to_region: str | None
    leaves_at: datetime
    choice: str = Field(description="keep, pass or park")
    reason: str
    rejected: list[RejectedChoice]
    is_pinned: bool
    pinned_by: str | None


class RegionChange(Schema):
    region: str
    leaves_at: datetime
    keep: int
    pass_: int = Field(alias="pass")
    park: int


class Traffic(Schema):
    changes: list[RegionChange]
    items: list[TrafficItem]
    next: str | None


class Pin(In):
    is_pinned: bool = True


class Pinned(Schema):
    item: str
    version: int
    is_pinned: bool
