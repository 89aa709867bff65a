"""What a person does next, and picking it."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Short


class NextLine(Schema):
    reference: str
    version: int
    title: str
    priority: int
    is_own: bool = Field(description="Hers already; else it waits to be picked")
    points: float = Field(description="The index of the item for her: 100 = a P1 that must be begun now")
    why: str
    before: str = Field(description="Why it stands before the next line; empty for the last")


class NextList(Schema):
    person: str
    name: str
    at: datetime
    next: list[NextLine]
    waiting: int = Field(description="How many items that wait to be picked were looked at")
    left_out: str = Field(description="Why nothing of it is for her now")


class Pick(In):
    item: Short = Field("", description="Reference of the one that is meant, if it is still there")


class Picked(Schema):
    reference: str
    title: str
    version: int
    why: str
    instead_of: str = Field(description="What was meant, when somebody was faster")
