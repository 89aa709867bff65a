"""What is usual on a desk is learned from its own history, weekly: items by hour, what waited, what was passed between regions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.services import lock_try
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.alerts import Watch
from watchbill.apps.inbox.queries import is_importing
from watchbill.apps.people.queries import desk_by_id, desk_list
from watchbill.apps.people.regions import region_names
from watchbill.apps.work import flowing
from watchbill.engine.sense.alarms import (
    BIN,
    HOUR,
    LEARNED,
    AlertKind,
    by_local_time,
    hour_of_week,
    hour_start,
    hours_between,
    limits_as_json,
    share,
    usual_as_json,
)
from watchbill.engine.sense.surges import BINS, limits, thresholds_held, usual
from watchbill.flows.apart import set_apart

HISTORY = timedelta(weeks=12)
"""What was usual before is forgotten."""
AGAIN = timedelta(days=7)
RETRY = timedelta(hours=1)
"""A desk with too little history is looked at again an hour later: an import may have brought it."""

Learned = tuple[int | None, Mapping[str, Any] | None, Mapping[datetime, float]]


def limits_learn(now: datetime) -> int:
    """Let every desk learn whose week is over; return how many did. For a worker: about two seconds of reckoning a desk."""
    done = 0
    alerts.samples_forget(now - HISTORY - AGAIN)
    for desk in desk_list(by=WATCHBILL):
        if desk.closed_at is None:
            with set_apart("limits of desk", desk.id):
                done += desk_learn(desk.id, now=now)
    return done


def desk_learn(desk_id: int, *, is_due: bool = True, now: datetime) -> bool:
    """Learn the limits of one desk, unless it has lately (*is_due*: only then); False when another is at it or it is early.

    Not while an import runs: of half a history, what is usual is nothing, and the next 15 minutes an alarm.
    """
    grid = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    alerts.watch_ensure(desk_id, watched_until=grid, next_at=grid + BIN)
    watch = alerts.watch_get(desk_id)
    if watch is None or (is_due and not _is_due(desk_id, watch, now)) or is_importing(desk_id):
        return False
    with lock_try(f"limits {desk_id}") as is_mine:
        if is_mine:
            found = gather(desk_id, watch, now=now)
            alerts.series_learned(desk_id, found, per_week=watch.settings.per_week, now=now)
        return is_mine


def _is_due(desk_id: int, watch: Watch, now: datetime) -> bool:
    if watch.learned_at is None:
        return True
    knows = any(one.body is not None for one in alerts.series_of(desk_id).values())
    return watch.learned_at <= now - (AGAIN if knows else RETRY) or watch.learned_at > now


def gather(desk_id: int, watch: Watch, *, now: datetime) -> dict[str, Learned]:
    """Return what a desk's history says of each series: its region, its limits (None: too little history), its numbers.

    All series together share the false alarms that the desk allows.
    """
    zone = desk_by_id(desk_id).zone
    until = hour_start(now, zone)
    first = flowing.first_at(desk_id)
    since = max(hour_start(until - HISTORY, zone), _next_hour(first, zone) if first is not None else until)
    regions = region_names(desk_id, is_in_use=True)
    regions = regions if len(regions) > 1 else {}
    wanted = [kind for kind in LEARNED if kind.value not in watch.settings.off]
    count = sum(len(regions) if kind is AlertKind.FTS else 1 for kind in wanted)
    each = share(watch.settings.per_week, count)
    found: dict[str, Learned] = {}
    if AlertKind.INCOMING in wanted:
        found[AlertKind.INCOMING.value] = (None, *_incoming(desk_id, zone, since, until, each))
    if AlertKind.UNASSIGNED in wanted:
        waited = _levels(desk_id, zone, since=since, until=until)
        limit = _limits(waited, zone, since, until, each, is_level=True)
        found[AlertKind.UNASSIGNED.value] = (None, limit, waited)
    if AlertKind.FTS in wanted and regions:
        passed = flowing.passed_by_hour(desk_id, since=since, until=until, zone=zone)
        for region_id in regions:
            values = _whole({at: float(n) for (at, to), n in passed.items() if to == region_id}, zone, since, until)
            drawn = _limits(values, zone, since, until, each) if any(values.values()) else None
            found[f"{AlertKind.FTS.value}:{region_id}"] = (region_id, drawn, values)
    return found


def _incoming(
    desk_id: int, zone: str, since: datetime, until: datetime, per_week: float
) -> tuple[Mapping[str, Any] | None, Mapping[datetime, float]]:
    came = _floats(flowing.opened_by_bin(desk_id, since=since, until=until, after=0))
    bins = by_local_time(came, zone, since=since, until=until, step=BIN)
    hours = [sum(bins[at : at + BINS]) for at in range(0, len(bins), BINS)]
    of, first = usual(hours, first_hour=hour_of_week(since, zone)), hour_of_week(since, zone) * BINS
    limit = None if of is None else thresholds_held(of, bins, first_bin=first, per_week=per_week)
    by_hour: dict[datetime, float] = defaultdict(float)
    for at, count in came.items():
        by_hour[hour_start(at, zone)] += count
    body = None if of is None or limit is None else usual_as_json(of, limit)
    return body, _whole(by_hour, zone, since, until)


def _limits(
    values: Mapping[datetime, float],
    zone: str,
    since: datetime,
    until: datetime,
    per_week: float,
    *,
    is_level: bool = False,
) -> Mapping[str, Any] | None:
    hours = by_local_time(values, zone, since=since, until=until, is_level=is_level)
    of = limits(hours, first_hour=hour_of_week(since, zone), per_week=per_week)
    return None if of is None else limits_as_json(of)


def _levels(desk_id: int, zone: str, *, since: datetime, until: datetime) -> dict[datetime, float]:
    """What waited without an owner at the end of each local hour: from what waits now, back over the changes."""
    changes = flowing.unassigned_changes(desk_id, since=since, until=until + HOUR, zone=zone)
    level, levels = float(flowing.unassigned_count(desk_id)) - changes.get(until, 0), {}
    for at in reversed([*hours_between(since, until, zone)]):
        levels[at] = max(0.0, level)
        level -= changes.get(at, 0)
    return levels


def _whole(values: Mapping[datetime, float], zone: str, since: datetime, until: datetime) -> dict[datetime, float]:
    """Numbers for every local hour of [since, until): those that nothing came in are 0."""
    return {at: values.get(at, 0.0) for at in hours_between(since, until, zone)}


def _floats(values: Mapping[datetime, int]) -> dict[datetime, float]:
    return {at: float(value) for at, value in values.items()}


def _next_hour(at: datetime, zone: str) -> datetime:
    """The first whole local hour from an instant on: what came in a part of an hour says nothing of it."""
    hour = hour_start(at, zone)
    return hour if hour == at else hour_start(hour + HOUR, zone)
