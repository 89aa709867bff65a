"""What a desk of the demo promises: its calendars and its clock policy, in force from before its history on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from watchbill.apps.clocks import services as clocks
from watchbill.apps.core.actor import WATCHBILL
from watchbill.engine.base.calendar import Calendar


def promises_publish(
    desk_id: int,
    calendars: Mapping[str, Calendar],
    policy: Mapping[str, object],
    *,
    since: datetime,
    reason: str,
    now: datetime,
) -> None:
    """Publish calendars by name and the clock policy that counts on them, for what came from *since* on."""
    for name, calendar in calendars.items():
        clocks.calendar_publish(
            desk_id,
            name,
            calendar.as_json(),
            holds_from=since,
            is_for_history=True,
            reason=reason,
            by=WATCHBILL,
            now=now,
        )
    clocks.policy_publish(desk_id, policy, holds_from=since, is_for_history=True, reason=reason, by=WATCHBILL, now=now)
