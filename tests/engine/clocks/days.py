"""One line per event: `events("2016-03-07", "09:00 opened new P3", "+1 10:30 reply in_progress P3 @7 customer")`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from watchbill.engine.base.calendar import BusinessTime, Calendar
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks import ClockDefinition, ClockEvent, ClockKind, ClockOutcome, default_policy, run_clock

OFFICE = Calendar.working_week("UTC", "09:00-17:00")
RESPONSE, RESOLUTION = default_policy(calendar="office").clocks
_LINE = re.compile(r"(?:\+(\d+) )?(\d\d:\d\d(?::\d\d)?) (\w+) (\w+) P(\d)(?: @(\d+))?(?: (\w+))?")


def instant(day: str, time: str, days: int = 0) -> datetime:
    """An instant in UTC, *days* days after *day*."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC) + timedelta(days=days)


def events(day: str, *lines: str) -> list[ClockEvent]:
    """Events from lines: (+days) time kind state priority (@owner) (actor)."""
    made = []
    for line in lines:
        match = _LINE.fullmatch(line)
        assert match, line
        days, time, kind, state, priority, owner, actor = match.groups()
        made.append(
            ClockEvent(
                at=instant(day, time, int(days or 0)),
                kind=EventKind(kind),
                state=State(state),
                priority=Priority(int(priority)),
                owner=PersonId(int(owner)) if owner else None,
                actor=ActorKind(actor or "person"),
            )
        )
    return made


def response(day: str, *lines: str, definition: ClockDefinition = RESPONSE) -> ClockOutcome:
    return run_clock(definition, OFFICE, events(day, *lines))


def resolution(day: str, *lines: str, definition: ClockDefinition = RESOLUTION) -> ClockOutcome:
    return run_clock(definition, OFFICE, events(day, *lines))


def hours(number: float) -> BusinessTime:
    return BusinessTime(timedelta(hours=number))


__all__ = ["OFFICE", "RESOLUTION", "RESPONSE", "ClockKind", "events", "hours", "instant", "resolution", "response"]
