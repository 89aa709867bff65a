"""Absences."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Short, Slug, Text


class Absence(Schema):
    reference: str
    person: str
    person_ref: str
    from_at: datetime
    until_at: datetime
    kind: str = Field(description="leave, sick, training or other")
    note: str
    deputy: str | None
    deputy_ref: str | None
    by: str
    cancelled_at: datetime | None
    warning: str = Field(description="Who stands in is away too in a part of it; mostly empty")


class Absences(Schema):
    absences: list[Absence]
    next: str | None


class NewAbsence(In):
    desk: Slug
    person: Short = Field(description="Her reference or whole name")
    from_at: datetime
    until_at: datetime
    kind: Literal["leave", "sick", "training", "other"] = "leave"
    note: Text = ""
    deputy: Short | None = Field(None, description="Who stands in meanwhile: reference or whole name")


class CancelAbsence(In):
    """Nothing to say: taking back needs no reason."""
