"""People: what they can do, what they may take, and corrections by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import Clearances, In, Line, OneToFive, Seen, Short, Slug, Text, Version


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
    region: Short = Field("", description="Her own region by name; empty: that of her teams")


class PersonChange(In):
    """What is left out stays as it was."""

    email: Short | None = None
    zone: Short | None = Field(None, description="IANA time zone")
    languages: Annotated[list[Short], Field(max_length=50)] | None = Field(None, description="All that she speaks")
    wip_limit: Annotated[int, Field(ge=0, le=1000)] | None = Field(None, description="Open items at most")
    skills: Annotated[
        dict[Short, Annotated[int, Field(ge=0, le=5)]],
        Field(max_length=100, description="Name to level; 0: she has it not"),
    ] = {}
    join: Annotated[list[Short], Field(max_length=100, description="Names of teams that she is to be in")] = []
    leave: Annotated[list[Short], Field(max_length=100, description="Names of teams that she is not to be in")] = []
    week: Annotated[list[list[Short]], Field(max_length=7)] | None = Field(
        None, description='Usual hours of seven days, Monday first: ["09:00-12:00", "13:00-17:30"]'
    )
    makes_new: bool = Field(
        default=False, description="A skill, or a team to join, that the desk does not have is made"
    )
    version: Version | None = Field(None, description="The person's, as you saw it")
    reason: Text = ""


class SetPresence(In):
    state: Literal["available", "away", "off"]
    until_at: datetime | None = Field(None, description="Left out: until it is said otherwise")


class Presence(Schema):
    reference: str
    state: str
    until_at: datetime | None


class Relieve(In):
    to: Line = Field(description="The new owner: reference or whole name")
    references: Annotated[list[Short], Field(min_length=1, max_length=500)] | None = Field(
        None, description="Which items; left out: all of her open ones"
    )
    version: Seen | None = Field(None, description="The person's, as you saw it")


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
