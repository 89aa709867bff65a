"""Regions of a desk, and who is in them."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Short, Slug, Text, Version

Zone = Annotated[Line, Field(description="IANA time zone")]
Where = Annotated[Short, Field(description="A region's name; empty: none")]


class Region(Schema):
    name: str
    zone: str
    is_active: bool = Field(
        description="A retired region has no teams and nobody at work; what happened in it keeps its name"
    )
    teams: list[str]
    people: int = Field(description="Active people who count there, by themselves or through their teams")
    version: int


class Regions(Schema):
    regions: list[Region]


class NewRegion(In):
    desk: Slug
    name: Line
    zone: Zone


class ChangeRegion(In):
    """What is left out stays as it was."""

    desk: Slug
    region: Line = Field(description="The name that it has")
    name: Line | None = Field(None, description="Its new name")
    zone: Zone | None = None
    version: Version | None = None


class RetireRegion(In):
    desk: Slug
    region: Line
    is_active: bool = Field(False, description="True: use it again")
    reason: Line
    version: Version | None = None


class TeamRegion(In):
    desk: Slug
    team: Line = Field(description="The team's name")
    region: Where
    reason: Text = ""


class PersonRegion(In):
    region: Annotated[Short, Field(description="A region's name; empty: that of her teams")]
    version: Version | None = Field(None, description="The person's, as you saw it")
    reason: Text = ""
