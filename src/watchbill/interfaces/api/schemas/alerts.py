"""Alerts, their series, notices and what is sent."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Line, Seen, Slug, Text


class Alert(Schema):
    reference: str
    key: str = Field(description="What it is about: of a key one alert is open at most")
    kind: str = Field(description="incoming, unassigned, fts, risk, load, fallback or nobody")
    region: str | None
    title: str
    text: str
    value: float = Field(description="The latest number")
    limit: float | None
    expected: float | None = Field(description="What is usual, where it was learned")
    is_urgent: bool
    opened_at: datetime
    recipients: int = Field(description="Managers who were told")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_note: str | None
    closed_at: datetime | None
    closed_note: str | None


class Alerts(Schema):
    alerts: list[Alert]
    next: str | None = Field(description="Send it as `after` for the next page")


class Hour(Schema):
    at: datetime
    value: float | None
    low: float | None
    high: float | None


class OneSeries(Schema):
    key: str
    title: str
    weeks: int = Field(description="Of history; 0 while there is too little")
    false_alarms_per_week: float
    hours: list[Hour]


class Series(Schema):
    series: list[OneSeries]


class Settings(Schema):
    per_week: float = Field(description="False alarms that all learned series together may give a week")
    risk_items: int
    load_percent: int
    off: list[str] = Field(description="Kinds that are not watched")
    version: int


class SettingsIn(In):
    desk: Slug
    per_week: float
    risk_items: int
    load_percent: int
    off: list[str] = []
    version: Seen | None = None


class Acknowledge(In):
    note: Text = ""


class Message(Schema):
    key: str = Field(description="Goes along with every attempt: Idempotency-Key of webhooks, Watchbill-Key of mails")
    kind: str
    channel: str = Field(description="mail or webhook")
    address: str
    subject: str
    subject_ref: str
    at: datetime
    state: str = Field(
        description="waiting, sent, dead (given up), merged (in a digest) or dropped (over, or nobody there to get it)"
    )
    due_at: datetime = Field(description="Of the next attempt, by the wall")
    attempts: int
    ended_at: datetime | None
    digest: str | None = Field(description="The key of the message that it went with")
    receipt: str
    error: str
    is_urgent: bool


class Messages(Schema):
    messages: list[Message]
    next: int | None = Field(description="Send it as `after` for the next page")


class Attempt(Schema):
    began_at: datetime
    ended_at: datetime | None = Field(description="None: it was killed on the way, and may have arrived")
    is_ok: bool | None
    said: str


class Attempts(Schema):
    key: str
    attempts: list[Attempt]


class Again(Schema):
    key: str
    state: str


class Endpoint(Schema):
    name: str
    url: str
    kinds: list[str] = Field(description="Empty: every kind")
    is_active: bool
    version: int


class Endpoints(Schema):
    endpoints: list[Endpoint]


class EndpointIn(In):
    desk: Slug
    name: Line
    url: Text
    kinds: list[str] = []
    is_active: bool = True
    is_new_secret: bool = False


class EndpointSaved(Schema):
    name: str
    secret: str | None = Field(description="Of a new endpoint, or one that was asked to change: told this once")


class Notice(Schema):
    id: int
    kind: str
    text: str
    subject_ref: str
    at: datetime
    is_urgent: bool
    read_at: datetime | None
    closed_at: datetime | None
    closed_note: str


class Notices(Schema):
    notices: list[Notice]
    next: int | None = Field(description="Send it as `after` for the next page")
