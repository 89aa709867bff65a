"""Desks, their queues with modes and guard-rails, and their people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from watchbill.engine.assign.rails import Mode
from watchbill.interfaces.api.schemas.base import (
    Clearances,
    In,
    Line,
    OneToFive,
    OneToFour,
    Seen,
    Short,
    Slug,
    Text,
    Version,
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


class PersonSkill(Schema):
    name: str
    level: int
    is_confirmed: bool
    evidence: dict[str, Any]


class Person(Schema):
    reference: str
    name: str
    email: str
    zone: str
    region: str = Field(description="Where she counts: her own, else that of her teams if they are of one")
    is_region_own: bool
    languages: list[str]
    teams: list[str]
    skills: list[PersonSkill]
    wip_limit: int
    clearances: list[str]
    tiers: list[str] = Field(description="Customer tiers that she may serve; empty: all")
    class_limits: dict[str, int] = Field(description="Open items of a class of work at most")
    deputy: str | None = Field(description="Who stands in while she is absent")
    is_robot: bool
    is_active: bool
    deactivated_at: datetime | None
    version: int


class People(Schema):
    people: list[Person]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class NewPerson(In):
    desk: Slug
    name: Line
    email: Short = ""
    zone: Short = Field("", description="IANA time zone; left out: the desk's")
    languages: Annotated[list[Short], Field(max_length=50, description="Codes such as en or pt-BR")] = []
    wip_limit: Annotated[int, Field(ge=0, le=1000, description="Open items at most; 0: she gets no work")] = 12
    teams: Annotated[list[Short], Field(max_length=100, description="Names; a new one makes a new team")] = []
    skills: Annotated[
        dict[Short, OneToFive], Field(max_length=100, description="Name to level; a new name makes a new skill")
    ] = {}
    week: Annotated[
        list[list[Short]], Field(max_length=7, description='Seven days, Monday first: ["09:00-12:00", "13:00-17:30"]')
    ] = []


class LimitsChange(In):
    """What is left out stays as it was."""

    clearances: Clearances | None = Field(None, description="All that she has")
    tiers: Annotated[list[Short], Field(max_length=50)] | None = Field(
        None, description="standard, plus, premier: those that she may serve; empty: all"
    )
    class_limits: Annotated[dict[Short, Annotated[int, Field(ge=0, le=1000)]], Field(max_length=50)] | None = Field(
        None, description='Open items of a class of work at most: {"kind:change": 2, "category:Network": 4}'
    )
    deputy: Short | None = Field(None, description="Who stands in: her reference or whole name; empty: nobody")
    version: Version | None = Field(None, description="The person's, as you saw it")
    reason: Text = ""


class Deactivate(In):
    reason: Line
    version: Seen | None = Field(None, description="The person's, as you saw it")


class Deactivated(Schema):
    reference: str
    open_items: list[str] = Field(description="References of the work that now needs others, up to 500")
