"""Clocks by hand: a policy, its calendars, the events of one item and an instant as JSON, and what comes out as JSON.

The form is documented in docs/reference/clocks-by-hand.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.engine.base.calendar import BusinessHours, Calendar, zone_of
from watchbill.engine.base.combined import Definition, definition_entered, resolved
from watchbill.engine.base.ids import PersonId
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.base.jsonform import read_choice, read_list, read_object, read_text, read_whole, refuse
from watchbill.engine.base.time import require_instant
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.decide import TakeOver, run_clocks, with_policies
from watchbill.engine.clocks.facts import Choice, ClockEvent, ZoneOf
from watchbill.engine.clocks.fields import ATTRIBUTE, TEXTS, Value
from watchbill.engine.clocks.policy import ClockPolicy
from watchbill.engine.clocks.told import told
from watchbill.engine.clocks.walk import instant_held

LONGEST = timedelta(days=10_957)
"""From the first instant that an event tells of to `now`: thirty years are ample for one item."""
MAX_SPANS = 5_000
"""Spans of hours a week times years, of all calendars in all zones: what takes seconds to compute is refused."""

AHEAD = timedelta(days=366)
"""How far from the first event on a calendar must open for the first time; publishing asks the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a clock is computed from, and the instant at which it is looked at."""

    policy: ClockPolicy
    calendars: Mapping[str, BusinessHours]
    events: tuple[ClockEvent, ...]
    owners: Mapping[PersonId, str]
    now: datetime
    later: tuple[TakeOver, ...] = ()

    @classmethod
    def from_json(cls, body: object) -> Trial:
        """Read ``{"policy": ..., "calendars": {name: ...}, "events": [...], "now": ..., "later": [...]}``.

        Raises InvalidFacts naming the key, its value, and what was expected; also for events out of order, and for a
        *now* before the last of them, and for a calendar without open time, on which no clock would ever run.
        """
        parts = read_object(body, "", keys=("policy", "calendars", "events", "now", "later"))
        named = parts.get("calendars")
        if not isinstance(named, Mapping) or not named:
            raise refuse("calendars", named, "an object of calendars by name")
        written = {str(name): definition_entered(value, f"calendars.{name}") for name, value in named.items()}
        calendars = resolved(written)
        policy = ClockPolicy.from_json(parts.get("policy"))
        events, owners = _read_events(parts.get("events"))
        now = _read_instant(parts.get("now"), "now")
        later = _read_later(parts.get("later", ()), calendars, since=events[0].at)
        policies = [policy, *(one.policy for one in later)]
        for missing in sorted({clock.calendar for each in policies for clock in each.clocks} - calendars.keys()):
            raise refuse(
                "calendars", sorted(calendars), f"the calendar {missing!r}, which the policy names, among them"
            )
        _require_short(written.values(), policies, events, now)
        for name, hours in sorted(calendars.items()):
            if hours.next_opening(events[0].at, horizon=AHEAD) is None:
                expected = "open time within a year of the first event; without it, no clock on this calendar would run"
                raise refuse(f"calendars.{name}", named[name], expected)
        if now < events[-1].at:
            raise refuse("now", now.isoformat(), f"no instant before the last event ({events[-1].at.isoformat()})")
        if later and now < later[-1].at:
            raise refuse("now", now.isoformat(), f"no instant before the last of later ({later[-1].at.isoformat()})")
        return cls(policy=policy, calendars=calendars, events=events, owners=owners, now=now, later=later)

    def run(self) -> list[dict[str, Any]]:
        """Return each clock of the policy at `now` with its life in segments and who held it (`told.told`)."""
        outcomes = run_clocks(self.policy, self.calendars, self.events, later=self.later, explain=True)
        events = with_policies(self.events, [one.at for one in self.later])
        return [told(outcome, events, self.calendars, self.now, names=self.owners) for outcome in outcomes]


def _require_short(
    written: Iterable[Definition], policies: Sequence[ClockPolicy], events: Sequence[ClockEvent], now: datetime
) -> None:
    """Refuse what would take long: anybody who may read policies may ask."""
    since = {clock.since for each in policies for clock in each.clocks}
    told = [event.at for event in events] + [event.merged_at for event in events if event.merged_at]
    values = [(name, value) for event in events for name, value in (event.facts or {}).items()]
    told += [
        instant_of(micros) for name, value in values if name in since and (micros := instant_held(value)) is not None
    ]
    first = min(told)
    if now - first > LONGEST:
        raise refuse(
            "now", now.isoformat(), f"an instant within 30 years of the first that is told ({first.isoformat()})"
        )
    zones = 1 + len({value for name, value in values if name.endswith("_zone")})
    spans = sum(len(hours) for each in written if isinstance(each, Calendar) for hours in each.weekly)
    if spans * zones * ((now - first).days // 365 + 1) > MAX_SPANS:
        raise refuse("calendars", spans, f"at most {MAX_SPANS:,} spans of hours a week, times zones and years")


_EVENT_KEYS = ("at", "kind", "state", "priority", "owner", "actor", "facts", "merged_at")
_FACTS = frozenset({*TEXTS, "kind", "sensitive", *(f"{each}_zone" for each in ZoneOf if each is not ZoneOf.FIXED)})
"""What an event may tell beyond state, priority, owner and actor, besides ``attributes.…``."""


def _read_events(body: object) -> tuple[tuple[ClockEvent, ...], dict[PersonId, str]]:
    """Read events, and the names of owners; what one leaves out of state, priority, owner and facts is as before it."""
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
                kind=_read_kind(parts.get("kind", None if before else "opened"), f"{key}.kind"),
                state=read_choice(parts.get("state", before.state if before else State.NEW), f"{key}.state", State),
                priority=_read_priority(parts.get("priority", before.priority if before else None), f"{key}.priority"),
                owner=_read_owner(parts, key, before, owners),
                actor=read_choice(parts.get("actor", ActorKind.PERSON), f"{key}.actor", ActorKind),
                facts=_read_facts(parts.get("facts", {}), f"{key}.facts", (before.facts if before else None) or {}),
                merged_at=_read_instant(parts["merged_at"], f"{key}.merged_at") if "merged_at" in parts else None,
            )
        )
    return tuple(events), {person: name for name, person in owners.items()}


def _read_kind(body: object, key: str) -> EventKind:
    kind = read_choice(body, key, EventKind)
    if kind is EventKind.POLICY:
        raise refuse(key, body, "another kind; a version that takes over comes under later")
    return kind


def _read_later(body: object, calendars: Mapping[str, BusinessHours], *, since: datetime) -> tuple[TakeOver, ...]:
    """Read the versions that take over, each after the one before it."""
    found: list[TakeOver] = []
    for parts, key in read_list(body, "later", lambda row, key: (read_object(row, key, keys=("at", "policy")), key)):
        at = _read_instant(parts.get("at"), f"{key}.at")
        if at <= (found[-1].at if found else since):
            raise refuse(f"{key}.at", parts.get("at"), "an instant after the first event, and after the version before")
        policy = ClockPolicy.from_json(parts.get("policy"), f"{key}.policy")
        if policy.takes_over is None:
            raise refuse(f"{key}.policy.takes_over", None, f"one of {', '.join(Choice)}")
        found.append(TakeOver(at=at, policy=policy, calendars=calendars))
    return tuple(found)


def _read_priority(body: object, key: str) -> Priority:
    """Read a priority: 2, or "P2"."""
    if isinstance(body, str) and body.upper() in Priority.__members__:
        return Priority[body.upper()]
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


def _read_facts(body: object, key: str, before: Mapping[str, Value]) -> Mapping[str, Value]:
    """Read what else is known after the event: texts, numbers, true or false, null for nothing."""
    if not isinstance(body, Mapping):
        raise refuse(key, body, "an object of fields")
    for name, value in body.items():
        if not (isinstance(name, str) and (name in _FACTS or name.startswith(ATTRIBUTE))):
            raise refuse(key, name, f"one of {', '.join(sorted(_FACTS))}, or {ATTRIBUTE}…")
        if value is not None and not isinstance(value, str | int | float | bool):
            raise refuse(f"{key}.{name}", value, "a text, a number, true, false or null")
        if name.endswith("_zone") and value is not None:
            zone_of(str(value), f"{key}.{name}")
    return {**before, **body}


def _read_instant(body: object, key: str) -> datetime:
    try:
        at = datetime.fromisoformat(read_text(body, key))
    except ValueError:
        raise refuse(key, body, "an instant with its offset, such as 2026-03-02T17:00+01:00") from None
    return require_instant(at, key)
