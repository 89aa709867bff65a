"""Replays of drafts of the clock policy: what they come to, and the items that stand otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Slug
from watchbill.interfaces.api.schemas.policies import Publish
from watchbill.interfaces.api.schemas.runs import Run


class PublishClocks(Publish):
    policy: dict[str, Any] = Field(description="The whole clock policy")
    leaves: list[Line] = Field(
        [], description="What the replay shows that the draft leaves undone and that is meant so: `key` of its findings"
    )


class Replay(In):
    desk: Slug
    policy: dict[str, Any] = Field(description="The draft of a clock policy, as it is published")
    calendars: dict[str, dict[str, Any]] = Field({}, description="Drafts of calendars that it counts on, by name")
    holds_from: datetime | None = Field(None, description="From when on it is to hold; left out: now")


class Sums(Schema):
    breaches_before: int
    breaches_after: int
    added: int = Field(description="Breaches that only the draft brings")
    removed: int = Field(description="Breaches that the draft takes away")
    dues_moved: int = Field(description="Clocks that are due at another instant")
    changed: int = Field(description="Clocks that stand otherwise in any way")


class Flow(Schema):
    before: str = Field(description="none, running, paused, late, met, missed or cancelled")
    after: str
    clocks: int


class CommitmentSums(Sums):
    name: str
    flows: list[Flow]


class PrioritySums(Sums):
    priority: int
    items: int


class NamedSums(Sums):
    key: int | None
    name: str | None


class ReplayFinding(Schema):
    key: str = Field(description="What publishing takes in `leaves`")
    items: int
    sentence: str


class ReplayResult(Schema):
    now: datetime
    items: int
    items_changed: int
    total: Sums
    commitments: list[CommitmentSums]
    by_priority: list[PrioritySums]
    by_queue: list[NamedSums]
    by_customer: list[NamedSums] = Field(description="At most 200, those with most changes first")
    customers: int
    findings: list[ReplayFinding] = Field(description="What the draft leaves undone")
    seconds: float
    processes: int


class Replayed(Run):
    leaves: list[str]
    result: ReplayResult | None


class Replays(Schema):
    replays: list[Replayed]


class ReplaySide(Schema):
    state: str
    breaches: int
    due_at: datetime | None
    breach_at: datetime | None
    target_s: int | None


class ReplayChange(Schema):
    name: str
    effect: str
    before: ReplaySide
    after: ReplaySide


class ReplayItem(Schema):
    item: str
    title: str
    state: str
    priority: int
    queue: str | None
    customer: str | None
    effects: list[str] = Field(description="added, removed, moved, other")
    changes: list[ReplayChange]


class ReplayItems(Schema):
    items: list[ReplayItem]
    next: int | None
