"""Reads of policies, calendars and clocks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from watchbill.apps.clocks import models
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.core.versions import version_list
from watchbill.engine.base.calendar import BusinessHours, Calendar
from watchbill.engine.base.combined import Definition, definition_of, resolved
from watchbill.engine.base.holidays import NO_HOLIDAYS, Holidays, holidays_of
from watchbill.engine.clocks import ClockPolicy
from watchbill.engine.clocks.lead_time import NOTHING, LeadTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which row of policies or calendars holds from an instant on; the row itself never changes."""

    id: int
    name: str
    number: int
    holds_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Every version of a desk's clock policy and calendars, latest first; and since when calendars are retired, by name.

    A retired calendar still holds for what counts on it. ``lead_times``: what was learned last of how long work takes.
    """

    policies: tuple[Version, ...]
    calendars: tuple[Version, ...]
    retired: Mapping[str, datetime] = field(default_factory=dict)
    lead_times: LeadTimes = NOTHING

    def later(self, instant: datetime, now: datetime) -> list[tuple[datetime, Rules]]:
        """Return what takes over items opened at *instant*, from when on, as far as it holds by *now*; in order."""
        found = [
            version
            for version in reversed(self.policies)
            if instant < version.holds_from <= now and policy_of(version.id).takes_over is not None
        ]
        return [(each.holds_from, rules) for each in found if (rules := self.at(each.holds_from)) is not None]

    def at(self, instant: datetime) -> Rules | None:
        """Return what holds at *instant*, or None when the desk has no policy by then."""
        policy = next((version for version in self.policies if version.holds_from <= instant), None)
        if policy is None:
            return None
        held: dict[str, Version] = {}
        for version in self.calendars:
            if version.holds_from <= instant:
                held.setdefault(version.name, version)
        return Rules(policy=policy, calendars=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy and the calendars, by name, that hold at one instant."""

    policy: Version
    calendars: Mapping[str, Version]

    def clock_policy(self) -> ClockPolicy:
        return policy_of(self.policy.id)

    def compiled(self) -> Mapping[str, BusinessHours]:
        """Return the hours of each calendar; one that is made of others, of what they say at this same instant."""
        return _compiled(tuple((name, version.id) for name, version in self.calendars.items()))


@lru_cache(maxsize=4096)
def policy_of(version_id: int) -> ClockPolicy:
    """Return a version of a policy, compiled once in this process.

    What it cannot ask of an item does not hold: a promise in force keeps nobody from his work (`ClockPolicy.is_strict`).
    """
    body = models.PolicyVersion.objects.values_list("body", flat=True).get(id=version_id)
    return ClockPolicy.from_json(body, is_stored=True)


@lru_cache(maxsize=1024)
def _read(body: str) -> ClockPolicy:
    """Return what was stored as a policy, read once in this process: for who has it in hand already."""
    return ClockPolicy.from_json(json.loads(body), is_stored=True)


@lru_cache(maxsize=512)
def definition(version_id: int) -> Definition:
    """Return what a version of a calendar says: its week, or of which others it is made."""
    return definition_of(models.CalendarVersion.objects.values_list("body", flat=True).get(id=version_id))


@lru_cache(maxsize=512)
def _compiled(versions: tuple[tuple[str, int], ...]) -> Mapping[str, BusinessHours]:
    return MappingProxyType(resolved({name: definition(version_id) for name, version_id in versions}))


@lru_cache(maxsize=64)
def _lead_times(desk_id: int, _number: int) -> LeadTimes:
    row = models.LeadTimes.objects.get(desk_id=desk_id)
    return LeadTimes.from_json(row.body, learned_at=row.learned_at, items=row.items)


def forget_compiled() -> None:
    """Forget compiled versions: for tests, whose databases use the same keys again."""
    policy_of.cache_clear()
    definition.cache_clear()
    _compiled.cache_clear()
    _lead_times.cache_clear()


def rulebook(desk_id: int) -> Rulebook:
    """Return which versions of policy and calendars a desk has: one query."""
    rows = tuples(
        "select 'p', id, '', number, holds_from from clocks_policyversion where desk_id = %(desk)s union all"
        " select 'c', id, name, number, holds_from from clocks_calendarversion where desk_id = %(desk)s"
        " union all select 'r', 0, name, 0, at from clocks_calendarretired where desk_id = %(desk)s"
        " union all select 'l', 0, '', number, learned_at from clocks_leadtimes where desk_id = %(desk)s"
        " order by 5 desc, 4 desc",
        {"desk": desk_id},
    )
    found: dict[str, list[Version]] = {"p": [], "c": [], "r": [], "l": []}
    for sort, version_id, name, number, holds_from in rows:
        found[sort].append(Version(id=version_id, name=name, number=number, holds_from=holds_from))
    return Rulebook(
        policies=tuple(found["p"]), calendars=tuple(found["c"]),
        retired={version.name: version.holds_from for version in found["r"]},
        lead_times=_lead_times(desk_id, found["l"][0].number) if found["l"] else NOTHING,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """One commitment on one item, with the number of its policy; ``cycle``: one more each time that it began anew."""

    item_id: int
    name: str
    kind: str
    agreement: str
    cycle: int
    status: str
    target_s: int
    elapsed_s: int
    paused_s: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    warn_at: datetime | None
    breach_at: datetime | None
    policy_number: int
    calendar: str
    calendar_number: int

    def is_breached(self, now: datetime) -> bool:
        return self.breach_at is not None and self.breach_at <= now


_ORDER = (
    "array_position(array['sla', 'ola', 'uc'], {0}.agreement),"
    " array_position(array['response', 'next_update', 'resolution', 'stage'], {0}.kind), {0}.name"
)


def clocks_of_items(item_ids: Sequence[int]) -> dict[int, list[ClockRow]]:
    """Return the clocks of items, those of customers first, response before resolution: one query."""
    rows = records(
        "select c.item_id, c.name, c.kind, c.agreement, c.cycle, c.status, c.target_s, c.elapsed_s, c.paused_s, c.started_at, c.due_at, c.stopped_at,"
        " c.warn_at, c.breach_at, p.number as policy_number, k.name as calendar, k.number as calendar_number"
        " from clocks_clock as c join clocks_policyversion as p on p.id = c.policy_id"
        " join clocks_calendarversion as k on k.id = c.calendar_id"
        " where c.item_id = any(%s) and c.status <> 'absent' order by c.item_id,"
        f" {_ORDER.format('c')}",
        [list(item_ids)],
    )
    found: dict[int, list[ClockRow]] = defaultdict(list)
    for row in rows:
        found[row["item_id"]].append(ClockRow(**row))
    return found


def safe_moments(item_id: int) -> dict[str, datetime]:
    """Return the latest safe moment of each running clock of an item that has one, by its name: one query."""
    rows = tuples(
        "select name, safe_at from clocks_clock where item_id = %s and status = 'running' and safe_at is not null",
        [item_id],
    )
    return dict(rows)


Promise = tuple[str, datetime, int]
"""Kind, due instant and target in seconds of a clock that runs."""


def promises_of_items(item_ids: Sequence[int]) -> dict[int, list[Promise]]:
    """Return the running clocks of items, the earliest of each kind: one query, as little as assignment needs.

    What a vendor owes us is nobody's reason to take a case.
    """
    found: dict[int, list[Promise]] = defaultdict(list)
    rows = tuples(
        "select distinct on (item_id, kind) item_id, kind, due_at, target_s from clocks_clock"
        " where item_id = any(%s) and status = 'running' and due_at is not null"
        " and agreement <> 'uc' order by item_id, kind desc, due_at",
        [list(item_ids)],
    )
    for item_id, kind, due_at, target_s in rows:
        found[item_id].append((kind, due_at, target_s))
    return found


Lived = tuple[str, datetime, int, datetime, datetime | None]
"""(kind, due, target in seconds, since when, until when): `promises_lived`."""


def promises_lived(item_ids: Sequence[int]) -> dict[int, list[Lived]]:
    """Return the commitments of items with when each ran, the last cycle of each with the due that it had last: one query."""
    found: dict[int, list[Lived]] = defaultdict(list)
    rows = tuples(
        "select item_id, kind, due_at, target_s, started_at, stopped_at from clocks_clock"
        " where item_id = any(%s) and due_at is not null and agreement <> 'uc'"
        " order by item_id, kind desc, due_at",
        [list(item_ids)],
    )
    for item_id, kind, due_at, target_s, started_at, stopped_at in rows:
        found[item_id].append((kind, due_at, target_s, started_at, stopped_at))
    return found


def policy_versions(desk_id: int) -> list[dict[str, Any]]:
    """Return every version of a desk's clock policy, latest first, in the words of now however it was written.

    So one that was published when conditions were objects is read, compared and edited as sentences; what is kept stays. One query.
    """
    rows = version_list(models.PolicyVersion.objects.filter(desk_id=desk_id))
    return [{**row, "body": _read(json.dumps(row["body"])).as_json()} for row in rows]


def calendar_versions(desk_id: int, name: str | None = None) -> list[dict[str, Any]]:
    """Return every version of every calendar of a desk, or of the one called *name*; by name, latest first."""
    wanted = {"desk_id": desk_id} if name is None else {"desk_id": desk_id, "name": name}
    return version_list(models.CalendarVersion.objects.filter(**wanted), name="name")


def closed_dates(desk_id: int, at: datetime, *, book: Rulebook | None = None) -> Holidays:
    """Return the desk's holidays at *at*, by place: `engine.base.holidays`.

    Retired calendars are not asked, nor those that are made of others, which are asked themselves. *book*: where it has been
    read already.
    """
    book = book or rulebook(desk_id)
    rules = book.at(at)
    if rules is None:
        return NO_HOLIDAYS
    retired = {name for name, since in book.retired.items() if since <= at}
    found = [definition(version.id) for name, version in rules.calendars.items() if name not in retired]
    return holidays_of(one for one in found if isinstance(one, Calendar))
