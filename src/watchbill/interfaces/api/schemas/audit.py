"""Events of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class AuditEvent(Schema):
    id: int
    at: datetime
    recorded_at: datetime
    desk: str | None
    actor_kind: str
    actor: str
    action: str
    object_kind: str
    object_ref: str
    before: Any
    after: Any
    reason: str


class AuditEvents(Schema):
    events: list[AuditEvent]
    next: int | None = Field(description="Send it as `after` for older ones; null when there are none")
