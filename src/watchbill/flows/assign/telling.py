"""Telling people that a desk is decided on without the solver."""

from __future__ import annotations

from datetime import datetime

from watchbill.flows.alerts import words
from watchbill.flows.alerts.telling import alert_tell


def fallback_tell(desk_id: int, why: str, *, now: datetime) -> None:
    """Raise the alert that the desk is decided on by the index rule from now on: once, when it begins."""
    alert_tell(desk_id, words.fallback(why), now=now)
