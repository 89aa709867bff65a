"""A desk as a backtest reads it: its events as columns, and what it promises now; the same engine takes a file and a desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from zoneinfo import ZoneInfo

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.work.columns import history_names, history_people, history_span, history_told
from watchbill.engine.backtest.answer import Source
from watchbill.engine.backtest.twin.changes import Names
from watchbill.engine.backtest.twin.history import History, history_of
from watchbill.engine.backtest.twin.promise import Origin, Promise
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import DONE, Priority, State
from watchbill.engine.clocks import ClockDefinition, ClockPolicy
from watchbill.engine.clocks.expressions import ALWAYS, NEVER
from watchbill.engine.clocks.facts import Agreement, ClockKind, Since, ZoneOf


def history_of_desk(desk_id: int, now: datetime) -> History:
    """Return what happened on a desk up to *now*, as if what was undone had never been. Raises InvalidFacts for an empty desk."""
    zone = ZoneInfo(desk_by_id(desk_id).zone)
    try:
        return history_of(history_told(desk_id, until=now), zone=zone)
    except InvalidFacts:
        raise InvalidFacts("This desk has no history yet. Import some: watchbill import FILE --profile NAME") from None


def names_of_desk(desk_id: int, now: datetime) -> Names:
    """Return the names that a what-if of a desk may speak of, and when its history begins and ends: two queries.

    How many have worked for a team is asked for when a change names it: a query a team, each once.
    """
    teams, people = history_names(desk_id, until=now)
    first, last = history_span(desk_id, until=now) or (now, now)
    return Names(
        zone=ZoneInfo(desk_by_id(desk_id).zone), teams=teams, people=people, begins_at=first, ends_at=last,
        count=partial(history_people, desk_id, until=now),
    )  # fmt: skip


def source_of_desk(desk_id: int, history: History) -> Source:
    """What was read of a desk. sha256: of its events as numbers."""
    digest = sha256()
    for column in (history.opened_us, history.item, history.at_us, history.state, history.team, history.owner):
        digest.update(column.tobytes())
    return Source(
        name=desk_by_id(desk_id).label, profile="events of the desk", sha256=digest.hexdigest(), rows=int(history.item.size),
        rejected=0, items=history.size, events=int(history.item.size), people=len(history.people), teams=len(history.teams),
        begins_at=history.begins_at.isoformat(timespec="minutes"), ends_at=history.ends_at.isoformat(timespec="minutes"),
        zone=history.zone.key,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promised:
    """What a desk promises, as simply as a backtest counts it; warnings: what its policy says beyond that."""

    promise: Promise
    warnings: tuple[str, ...] = ()


def promise_of_desk(desk_id: int, now: datetime) -> Promised:
    """Return the promise to resolve that a desk makes at *now*: of each priority the definition that asks nothing else.

    Raises InvalidFacts when the desk has no clock policy, or one that promises no resolution.
    """
    rules = rulebook(desk_id).at(now)
    if rules is None:
        raise InvalidFacts("This desk has no clock policy, so nothing is promised that could be kept or missed")
    return promise_of(rules.clock_policy(), rules.compiled())


def promise_of(policy: ClockPolicy, calendars: Mapping[str, BusinessHours]) -> Promised:
    """Return what a policy promises to resolve: a target, hours and pauses a priority. Raises InvalidFacts where it promises none."""
    told = [clock for clock in policy.clocks if clock.kind is ClockKind.RESOLUTION and clock.agreement is Agreement.SLA]
    name = next((clock.name for clock in told if clock.targets), "")
    if not name:
        raise InvalidFacts(
            "The clock policy of this desk promises customers no resolution; a backtest compares how it is kept"
        )
    said = _Said()
    others = {clock.name for clock in told} - {name}
    if others:
        said(f"Only the promise “{name}” is counted, not {', '.join(sorted(others))}")
    held = _by_priority([clock for clock in told if clock.name == name], said)
    for clock in dict.fromkeys(held.values()):
        _look(clock, said)
    pauses = {priority: _paused(clock, said) for priority, clock in held.items()}
    paused = next(iter(pauses.values()))
    if any(each != paused for each in pauses.values()):
        said(f"Priorities pause in different states; for all, time stands still in: {_words(paused)}")
    return Promised(
        Promise(
            targets_min={priority: _target(clock, priority) for priority, clock in held.items()},
            hours={priority: calendars[clock.calendar] for priority, clock in held.items()},
            paused=paused,
            told={priority: clock.calendar for priority, clock in held.items()},
            targets_from=Origin.DESK,
            hours_from=Origin.DESK,
        ),
        tuple(said.warnings),
    )  # fmt: skip


@dataclass(slots=True)
class _Said:
    warnings: list[str] = field(default_factory=list)

    def __call__(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def _by_priority(clocks: Sequence[ClockDefinition], said: _Said) -> dict[Priority, ClockDefinition]:
    """The definition of each priority: the first that asks nothing of an item, else the last."""
    found: dict[Priority, ClockDefinition] = {}
    several: dict[str, list[str]] = {}
    for priority in Priority:
        able = [clock for clock in clocks if any(target.priority == priority for target in clock.targets)]
        if not able:
            continue
        found[priority] = next((clock for clock in able if clock.when == ALWAYS), able[-1])
        if len(able) > 1 or found[priority].when != ALWAYS:
            when = found[priority].when
            held = "the general one" if when == ALWAYS else f"the one that holds when {when}"
            several.setdefault(held, []).append(priority.name)
    for held, names in several.items():
        said(
            f"Some items of {', '.join(names)} have another promise, as of a customer; here all of them are held to {held}"
        )
    return found


def _target(clock: ClockDefinition, priority: Priority) -> int:
    return next(target.target_min for target in clock.targets if target.priority == priority)


def _look(clock: ClockDefinition, said: _Said) -> None:
    """Say what of a definition is not followed."""
    if clock.zone_of is not ZoneOf.FIXED:
        said(
            f"The hours of the calendar “{clock.calendar}” are taken in its own time zone here, not in that of each item’s {clock.zone_of.value}"
        )
    if clock.reset != NEVER or clock.repeats:
        said("A promise that begins anew is counted once, from opening")
    if clock.since not in (Since.EVENT, Since.OPENED):
        said("The promise is counted from opening")
    if clock.pause_limit_min is not None or clock.resume != NEVER:
        said("A pause lasts as long as its state; limits, and what else ends it, are not counted")


def _paused(clock: ClockDefinition, said: _Said) -> frozenset[State]:
    """The states in which the promise stands still, whatever else the item is."""
    told = {state: clock.pause.may_hold({"state": state.value}) for state in State if state not in DONE}
    if None in told.values():
        said(f"Time stands still when {clock.pause}; of that only states are looked at")
    return frozenset(state for state, holds in told.items() if holds)


def _words(states: frozenset[State]) -> str:
    return ", ".join(state.value.replace("_", " ") for state in sorted(states)) or "no state"
