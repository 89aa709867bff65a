"""Policies and calendars with their versions, publishing, and a trial."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Seen, Short, Slug


class Version(Schema):
    number: int
    holds_from: datetime
    by: str
    reason: str
    recorded_at: datetime


class PolicyVersion(Version):
    policy: dict[str, Any]


class CalendarVersion(Version):
    name: str
    calendar: dict[str, Any]


class Policies(Schema):
    assign: list[PolicyVersion]
    assign_in_force: dict[str, Any] = Field(description="The policy that holds now; number 0 is the built-in one")
    clocks: list[PolicyVersion]
    calendars: list[CalendarVersion]
    calendars_retired: list[str] = Field(description="Names of calendars that new policies may not use")
    matrix: dict[str, int] = Field(description='"impact,urgency" to priority')


class PublishVersion(In):
    desk: Slug
    reason: Line
    holds_from: datetime | None = Field(None, description="Left out: now. Not before now")
    is_for_history: bool = Field(
        False, description="Let it hold from before now, before a history is imported: no item may be opened since then"
    )
    seen_number: Seen | None = Field(None, description="The version you edited; another since then makes it a conflict")


class Publish(PublishVersion):
    policy: dict[str, Any] = Field(description="The draft; what it does not name stays as in force")


class TakeBack(In):
    desk: Slug
    number: Seen = Field(description="The version to publish again; 0 is what is delivered")
    reason: Line
    seen_number: Seen | None = Field(None, description="The newest version you saw; another since makes it a conflict")


class PublishCalendar(PublishVersion):
    name: Line
    calendar: dict[str, Any] = Field(
        description='A week of hours with zone and dates, or made of others: {"union": [names]} or {"intersection": [names]}'
    )


class CalendarAct(In):
    desk: Slug
    name: Line
    reason: Line


class CalendarOffered(Schema):
    name: str
    is_retired: bool


class Published(Schema):
    number: int


class PolicyChange(Schema):
    key: str = Field(description="Of a table, with the name after a point: priority_weights.1")
    before: Any = Field(description="Null where a table did not have it")
    after: Any


class PublishedAssign(Published):
    changes: list[PolicyChange] = Field(description="Everything in which it differs from what held until then")
    notes: list[str] = Field(description="What is accepted and yet worth saying, such as a rule that leaves nobody")


class PublishedCalendar(Published):
    notes: list[str] = Field(description="What is accepted and yet worth saying, such as hours that clocks skip")


class AddHolidays(In):
    desk: Slug
    name: Line = Field(description="Which calendar")
    country: Line = Field(description="ISO 3166 code, such as BR")
    subdivision: Line | None = Field(None, description="State or province, such as SP")
    years: Annotated[list[int], Field(max_length=50)] = Field(
        [], description="Left out: this year and two more, as far as they are known"
    )
    reason: Line
    holds_from: datetime | None = Field(None, description="Left out: now. Not before now")
    seen_number: Seen | None = Field(None, description="The version you edited; another since then makes it a conflict")


class AddedHolidays(PublishedCalendar):
    added: dict[str, str] = Field(description="Date to the name of the holiday")


class Try(In):
    item: Short = Field(description="Reference of an open item")
    policy: dict[str, Any] = Field(description="The draft; what it does not name is as in force")


class Tried(Schema):
    reference: str
    policy_number: int
    chosen_in_force: str | None
    chosen_on_trial: str | None
    in_force: dict[str, Any]
    on_trial: dict[str, Any]
    notes: list[str] = Field(description="What is accepted of the policy on trial and yet worth saying")
    changes: list[PolicyChange] = Field(description="Everything in which it differs from the one in force")
