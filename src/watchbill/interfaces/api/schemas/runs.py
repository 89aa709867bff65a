"""Replays, dry runs and tunings of drafts, in what they share."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class Run(Schema):
    """How far one is; what it comes to stands beside."""

    reference: str
    state: str = Field(description="waiting, running, done, refused (the draft fails on an item) or stopped")
    by: str
    items: int = Field(description="What there is to look at: items, choices or simulations")
    items_done: int
    message: str
    asked_at: datetime = Field(description="Desk time at which it was asked for, and of which it speaks")
    recorded_at: datetime
    begun_recorded_at: datetime | None = Field(
        description="When somebody began with it, the last time: one whose worker was stopped or killed is begun anew"
    )
    finished_recorded_at: datetime | None
    against: int = Field(description="The newest version of the policy when it was asked for")
    digest: str
    published: int | None = Field(description="The version that was published on the strength of it")
