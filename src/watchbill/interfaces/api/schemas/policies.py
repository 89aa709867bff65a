"""Policies and calendars with their versions, publishing, and a trial."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Short, Slug


class PolicyVersion(Schema):
    number: int
    holds_from: datetime
    body: dict[str, Any]
    by: str
    reason: str
    recorded_at: datetime


class CalendarVersion(PolicyVersion):
    name: str


class Policies(Schema):
    assign: list[PolicyVersion]
    assign_in_force: dict[str, Any] = Field(description="The policy that holds now; number 0 is the built-in one")
    clocks: list[PolicyVersion]
    calendars: list[CalendarVersion]
    calendars_retired: list[str] = Field(description="Names of calendars that new policies may not use")
    matrix: dict[str, int] = Field(description='"impact,urgency" to priority')


class Publish(In):
    desk: Slug
    body: dict[str, Any]
    reason: Line
    holds_from: datetime | None = Field(None, description="Left out: now. Not before now")
    is_for_history: bool = Field(
        False, description="Let it hold from before now, before a history is imported: no item may be opened since then"
    )
    seen_number: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = Field(
        None, description="The version you edited; another since then makes it a conflict"
    )


class PublishCalendar(Publish):
    name: Line


class CalendarAct(In):
    desk: Slug
    name: Line
    reason: Line


class CalendarOffered(Schema):
    name: str
    is_retired: bool


class Published(Schema):
    number: int


class Try(In):
    item: Short = Field(description="Reference of an open item")
    body: dict[str, Any]


class Tried(Schema):
    reference: str
    policy_number: int
    chosen_in_force: str | None
    chosen_on_trial: str | None
    in_force: dict[str, Any]
    on_trial: dict[str, Any]
