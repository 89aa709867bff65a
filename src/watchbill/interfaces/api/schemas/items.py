"""Items, what is done to them, and their events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from watchbill.engine.base.work import EventKind, Kind, State
from watchbill.interfaces.api.schemas.base import (
    Clearances,
    In,
    Line,
    OneToFive,
    OneToFour,
    OneToThree,
    Short,
    Slug,
    Text,
    Version,
)


class Written(Schema):
    """What a write left behind."""

    reference: str
    version: int


class Given(Written):
    """What giving an item left behind."""

    against: str = Field("", description="The musts of the policy that the new owner fails; empty when she fails none")


class Item(Schema):
    reference: str
    desk: str
    external_ref: str
    kind: Kind
    title: str
    category: str
    state: State
    state_since: datetime
    priority: int
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None = Field(description="When the earliest running clock runs out")
    act_by_at: datetime | None = Field(description="The latest safe moment: begun later, a promise is likely to break")
    queue: str | None
    owner: str | None
    owner_ref: str | None
    customer: str | None
    customer_tier: str | None
    is_sensitive: bool
    next_step: str
    next_step_due_at: datetime | None
    is_taken_over: bool
    version: int


class Items(Schema):
    items: list[Item]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class Clock(Schema):
    name: str = Field(description="The commitment's name in the policy")
    kind: str
    agreement: str
    cycle: int = Field(description="One more each time that it began anew")
    status: str
    target_s: int
    elapsed_s: int
    paused_s: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    policy_number: int
    calendar: str
    calendar_number: int


class ItemWhole(Item):
    description: str
    language: str
    impact: int | None
    urgency: int | None
    team: str | None
    skill: str | None
    skill_level: int
    owner_since: datetime | None
    next_step_owner: str | None
    next_step_owner_ref: str | None
    resolved_at: datetime | None
    closed_at: datetime | None
    external_source: str
    attributes: dict[str, Any]
    customer_ref: str | None
    site: str | None
    merged_into: str | None = Field(description="The item that lives on in its place")
    merged: list[str] = Field(description="The items that were merged into it")
    clocks: list[Clock]


class NewItem(In):
    desk: Slug
    title: Line
    kind: Kind = Kind.CASE
    description: Text = ""
    category: Short = ""
    language: Short = ""
    customer: Short = Field("", description="By name; made if it is new")
    site: Short = Field("", description="One that the customer has, by name")
    queue: Short | None = Field(None, description="The queue's name")
    impact: OneToThree | None = None
    urgency: OneToThree | None = None
    priority: OneToFour | None = Field(None, description="Follows from impact and urgency unless given")
    external_source: Short = ""
    external_ref: Short = ""
    person: Short | None = Field(None, description="Reference (PER-12) or whole name: given to her at once")
    text: Text = Field("", description="A first work note")
    clearances: Clearances = Field([], description="What whoever works on it must have")


class ItemChange(In):
    version: Version | None = None
    title: Line | None = None
    description: Text | None = None
    category: Short | None = None
    language: Short | None = None
    skill_level: OneToFive | None = None
    customer: Short | None = Field(None, description="By name, made if it is new; empty for none")
    site: Short | None = Field(None, description="One that the customer has, by name; empty for none")
    clearances: Clearances | None = Field(None, description="What whoever works on it must have; empty for none")
    queue: Short | None = Field(None, description="The queue's name")
    impact: OneToThree | None = None
    urgency: OneToThree | None = None
    priority: OneToFour | None = Field(None, description="Needs a reason in `text`")
    text: Text = ""


class Assign(In):
    person: Short | None = Field(description="Reference (PER-12) or whole name; null gives the item back to its queue")
    version: Version | None = None
    text: Text = ""


class Take(In):
    version: Version | None = None


class StateChange(In):
    state: State
    version: Version | None = None
    text: Text = ""


class Merge(In):
    into: Short = Field(description="Reference of the item that lives on")
    version: Version | None = None
    into_version: Version | None = None
    text: Text = ""


class Merged(Written):
    """What was written of the item that is gone, and of the one that lives on."""

    into: Written


class ItemUndo(In):
    event: Version = Field(description="The number (`seq`) of the event that set it: the version that the act answered")


class Note(In):
    text: Text
    is_to_customer: bool = False


class NextStep(In):
    what: Short = Field(description="Empty takes the next step away")
    who: Short | None = Field(None, description="Reference (PER-12) or whole name")
    due_at: datetime | None = None
    version: Version | None = None


class Event(Schema):
    seq: int
    kind: EventKind
    at: datetime
    recorded_at: datetime
    actor_kind: str
    actor: str
    state: State
    priority: int
    data: dict[str, Any]


class Events(Schema):
    events: list[Event]
    next: int | None = Field(description="Send it as `before` for older ones; null when there are none")
