"""Clocks by hand: a policy, its calendars, the events of one item and an instant as JSON, and what comes out as JSON.

The form is documented in docs/reference/clocks-by-hand.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.combined import definition_entered, resolved
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.jsonform import read_choice, read_list, read_object, read_text, read_whole, refuse
from watchbill.engine.base.time import require_instant, seconds
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.decide import remaining_at, run_clocks
from watchbill.engine.clocks.facts import ClockEvent
from watchbill.engine.clocks.outcome import ClockOutcome, Phase
from watchbill.engine.clocks.policy import ClockPolicy

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a clock is computed from, and the instant at which it is looked at."""

    policy: ClockPolicy
    calendars: Mapping[str, BusinessHours]
    events: tuple[ClockEvent, ...]
    now: datetime

    @classmethod
    def from_json(cls, body: object) -> Trial:
        """Read ``{"policy": ..., "calendars": {name: ...}, "events": [...], "now": ...}``.

        Raises InvalidFacts naming the key, its value, and what was expected; also for events out of order, and for a
        *now* before the last of them.
        """
        parts = read_object(body, "", keys=("policy", "calendars", "events", "now"))
        named = parts.get("calendars")
        if not isinstance(named, Mapping) or not named:
            raise refuse("calendars", named, "an object of calendars by name")
        written = {str(name): definition_entered(value, f"calendars.{name}") for name, value in named.items()}
        calendars = resolved(written)
        policy = ClockPolicy.from_json(parts.get("policy"))
        events = _read_events(parts.get("events"))
        now = _read_instant(parts.get("now"), "now")
        if now < events[-1].at:
            raise refuse("now", now.isoformat(), f"no instant before the last event ({events[-1].at.isoformat()})")
        return cls(policy=policy, calendars=calendars, events=events, now=now)

    def run(self) -> list[dict[str, Any]]:
        """Return each clock of the policy at `now` with its life in segments (`told`)."""
        outcomes = run_clocks(self.policy, self.calendars, self.events, explain=True)
        return [told(outcome, self.calendars[outcome.calendar], self.now) for outcome in outcomes]


def told(outcome: ClockOutcome, calendar: BusinessHours, now: datetime) -> dict[str, Any]:
    """Return a clock as plain JSON, as it stands at *now* if nothing has happened since its last event.

    Durations are whole seconds of business time; ``remaining_s`` is negative by how much it is over. The running
    segments add up to ``elapsed_s``, the paused ones to ``paused_s``.
    """
    since = calendar.business_between(outcome.as_of, now) if outcome.is_live else NOTHING
    is_running = bool(outcome.segments) and outcome.segments[-1].phase is Phase.RUNNING
    remaining = remaining_at(outcome, calendar, now)
    segments = [
        {
            "phase": each.phase.value,
            "from_at": _written(each.from_at),
            "to_at": _written(each.to_at),
            "business_s": seconds(each.business + (since if each.to_at is None else NOTHING)),
            "target_s": None if each.target is None else seconds(each.target),
            "cause": each.cause.value,
            "event": each.event,
            "because": each.because,
        }
        for each in outcome.segments
    ]
    return {
        "name": outcome.name,
        "kind": outcome.kind.value,
        "agreement": outcome.agreement.value,
        "calendar": outcome.calendar,
        "zone": calendar.zone,
        "status": outcome.status.value,
        "is_breached": outcome.is_breached(now),
        "target_s": None if outcome.target is None else seconds(outcome.target),
        "elapsed_s": seconds(outcome.elapsed + (since if is_running else NOTHING)),
        "remaining_s": None if remaining is None else seconds(remaining),
        "paused_s": seconds(outcome.paused + (NOTHING if is_running else since)),
        "started_at": _written(outcome.started_at),
        "stopped_at": _written(outcome.stopped_at),
        "warn_at": _written(outcome.warn_at),
        "due_at": _written(outcome.due_at),
        "breached_at": _written(outcome.breach_at) if outcome.is_breached(now) else None,
        "segments": segments,
    }


_EVENT_KEYS = ("at", "kind", "state", "priority", "owner", "actor")


def _read_events(body: object) -> tuple[ClockEvent, ...]:
    """Read events; state, priority and owner that one leaves out are those of the event before."""
    rows = read_list(body, "events", lambda row, key: (read_object(row, key, keys=_EVENT_KEYS), key))
    if not rows:
        raise refuse("events", body, "at least one event")
    owners: dict[str, PersonId] = {}
    events: list[ClockEvent] = []
    for parts, key in rows:
        before = events[-1] if events else None
        at = _read_instant(parts.get("at"), f"{key}.at")
        if before is not None and at < before.at:
            raise refuse(f"{key}.at", parts.get("at"), f"no instant before that of the event before ({before.at})")
        events.append(
            ClockEvent(
                at=at,
                kind=read_choice(parts.get("kind", None if before else "opened"), f"{key}.kind", EventKind),
                state=read_choice(parts.get("state", before.state if before else State.NEW), f"{key}.state", State),
                priority=_read_priority(parts.get("priority", before.priority if before else None), f"{key}.priority"),
                owner=_read_owner(parts, key, before, owners),
                actor=read_choice(parts.get("actor", ActorKind.PERSON), f"{key}.actor", ActorKind),
            )
        )
    return tuple(events)


def _read_priority(body: object, key: str) -> Priority:
    return Priority(read_whole(body, key, low=1, high=len(Priority)))


def _read_owner(
    parts: Mapping[str, object], key: str, before: ClockEvent | None, owners: dict[str, PersonId]
) -> PersonId | None:
    """Read who owns the item after the event: a name, or null for nobody."""
    if "owner" not in parts:
        return before.owner if before else None
    if parts["owner"] is None:
        return None
    return owners.setdefault(read_text(parts["owner"], f"{key}.owner"), PersonId(len(owners) + 1))


def _read_instant(body: object, key: str) -> datetime:
    try:
        at = datetime.fromisoformat(read_text(body, key))
    except ValueError:
        raise refuse(key, body, "an instant with its offset, such as 2026-03-02T17:00+01:00") from None
    return require_instant(at, key)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def sentences(clock: Mapping[str, Any]) -> Sequence[str]:
    """Return a clock of `told` in words: one line for how it stands, and one for each segment."""
    lines = [
        f"{clock['kind']}: {clock['status']}" + (", breached" if clock["is_breached"] else "")
        + (f", due {clock['due_at']}" if clock["due_at"] else "")
        + f"; {_hours(clock['elapsed_s'])} on the clock"
        + (f" of {_hours(clock['target_s'])}" if clock["target_s"] is not None else "")
        + (f", {_hours(clock['paused_s'])} paused" if clock["paused_s"] else "")
        + f" (calendar {clock['calendar']}, {clock['zone']})"
    ]  # fmt: skip
    for each in clock["segments"]:
        until = f"to {each['to_at']}" if each["to_at"] else "on"
        lines.append(
            f"  {each['phase']} from {each['from_at']} {until}: {_hours(each['business_s'])}; "
            f"{each['cause']}, because {each['because']}"
        )
    return lines


def _hours(whole: int) -> str:
    sign, left = ("-", -whole) if whole < 0 else ("", whole)
    hours, rest = divmod(left, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{secs:02}"
