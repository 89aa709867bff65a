"""Alerts, their series, notices and what is sent."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Short, Slug, Version


class Alert(Schema):
    reference: str
    key: str = Field(description="What it is about: of a key one alert is open at most")
    kind: str = Field(description="incoming, unassigned, fts, risk, load or fallback")
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
    version: Version | None = None


class Acknowledge(In):
    note: Short = ""
