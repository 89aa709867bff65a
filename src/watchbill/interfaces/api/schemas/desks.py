"""Desks, and their queues with modes and guard-rails."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from watchbill.engine.assign.rails import Mode
from watchbill.interfaces.api.schemas.base import (
    In,
    Line,
    OneToFour,
    Seen,
    Short,
    Slug,
    Text,
)


class Desk(Schema):
    slug: str
    name: str
    zone: str
    note: str
    is_generated: bool
    is_closed: bool = Field(description="It takes no new work; only who may open it again sees it")


class Desks(Schema):
    desks: list[Desk]


class MakeDesk(In):
    slug: Slug
    name: Short = ""
    zone: Annotated[Short, Field(description="IANA time zone")]
    hours: Annotated[Short, Field(description="When it is open; several parted by commas")] = "08:00-18:00"
    days: Annotated[int, Field(ge=1, le=7, description="On how many days from Monday")] = 5


class RenameDesk(In):
    name: Line


class CloseDesk(In):
    reason: Line


class GuardRails(In):
    per_hour: Annotated[int, Field(ge=1, le=10_000)] = 20
    priorities: Annotated[list[OneToFour], Field(min_length=1, max_length=4)] = [3, 4]
    people: Annotated[list[Short], Field(max_length=1000, description="References; empty means everybody")] = []
    load_percent: Annotated[
        int, Field(ge=10, le=10_000, description="Nobody who carries more of her staffed time is given more")
    ] = 150


class QueueMode(Schema):
    mode: str
    guard_rails: dict[str, Any]
    version: int


class Queue(Schema):
    name: str
    is_active: bool
    team: str | None
    skill: str | None
    skill_level: int
    version: int
    open: int
    unassigned: int
    mode: QueueMode


class Queues(Schema):
    queues: list[Queue]


class SetMode(In):
    desk: Slug
    queue: Line = Field(description="The queue's name")
    mode: Mode
    guard_rails: GuardRails | None = Field(None, description="Left out: as they were")
    version: Seen | None = None
    reason: Text = ""


class ModeSet(Schema):
    queue: str
    version: int


class StopAutopilot(In):
    desk: Slug
    reason: Text = ""


class AutopilotStopped(Schema):
    queues: int = Field(description="How many queues were on autopilot; they are on advise now")
