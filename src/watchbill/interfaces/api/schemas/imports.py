"""Imports and the rows that were not taken."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Slug


class Import(Schema):
    reference: str
    profile: str
    file_name: str
    file_size: int
    sha256: str
    status: str
    is_interrupted: bool = Field(
        description="It was begun and has not ended, and nobody is at it; `message` says how it goes on"
    )
    message: str
    shift_weeks: int
    read_share: float = Field(description="Share of the file's bytes that has been read, 0 to 1")
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    items: int
    items_added: int
    events: int
    events_added: int
    events_held: int
    people: int
    first_at: datetime | None
    last_at: datetime | None
    seconds: float
    peak_rss_mb: float
    by: str
    started_at: datetime
    recorded_at: datetime
    finished_recorded_at: datetime | None


class Imports(Schema):
    imports: list[Import]


class Infer(In):
    desk: Slug


class Inferred(Schema):
    memberships: int
    skills: int
    hours: int = Field(description="Intervals of usual hours")
    people_own_hours: int
    people_team_hours: int
    likenesses: int


class RejectedRow(Schema):
    line: int
    column: str
    value: str
    expected: str


class RejectedRows(Schema):
    rejects: list[RejectedRow]
    next: int | None = Field(description="Send it as `after` for the next page; null on the last one")
