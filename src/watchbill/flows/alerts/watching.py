"""The watch over each desk: what came, waits, was passed on and is held, against what is usual; every 15 minutes of desk time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.services import lock_try
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.alerts import AlertRow, NewAlert, Series, Watch
from watchbill.apps.decisions.queries import running_of
from watchbill.apps.decisions.risks import danger_count, scored_at
from watchbill.apps.inbox.queries import is_importing
from watchbill.apps.people.managers import limits_of as people_limits
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.people.regions import region_names
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.apps.work import flowing
from watchbill.apps.work.queries import WorkFilter, owner_load
from watchbill.apps.work.queues import queue_names
from watchbill.engine.sense import alarms
from watchbill.engine.sense.alarms import (
    BIN,
    EASED,
    HOUR,
    AlertKind,
    Verdict,
    bin_number,
    hour_of_week,
    hour_start,
    verdict,
)
from watchbill.engine.sense.surges import NOTHING_YET, QUIET, Surge, Watched, is_calm, watch
from watchbill.flows.alerts import words
from watchbill.flows.alerts.cover import back_at, gaps, is_at_work, is_known
from watchbill.flows.alerts.telling import alert_end, alert_tell
from watchbill.flows.apart import set_apart

LONGEST_GAP = timedelta(days=2)
"""After a longer rest the watch begins anew: what came meanwhile is no news."""
BALANCE_HOLDS = timedelta(hours=4)
MOST_GAPS = 10
"""So many queues that nobody is there for are told in one look; the next look tells the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a desk: what it wants to be told of, what is open, and where time has got since the last look."""

    desk_id: int
    zone: str
    watch: Watch
    series: Mapping[str, Series]
    open: Mapping[str, AlertRow]
    since: datetime
    until: datetime
    now: datetime

    @property
    def hour_at(self) -> datetime:
        """The local hour that the last 15 minutes are in."""
        return hour_start(self.until - BIN, self.zone)

    def wants(self, kind: AlertKind) -> bool:
        return kind.value not in self.watch.settings.off


def tick(now: datetime) -> int:
    """Look at every desk whose time has come; return how many were looked at. Safe to run twice, and to kill.

    Each desk is one transaction: what was seen and what was told of it are kept together or not at all.
    """
    done = 0
    grid = _grid(now)
    alerts.watches_begin(watched_until=grid, next_at=grid + BIN)
    for desk_id in alerts.watches_due(now):
        with set_apart("alerts of desk", desk_id), lock_try(f"alerts {desk_id}") as is_mine:
            done += is_mine and desk_watch(desk_id, now)
    return done


def desk_watch(desk_id: int, now: datetime) -> bool:
    """Look at one desk: raise what is out of the usual, and end what is over; False when its time has not come, or an import runs.

    Limits that an import has outdated judge nothing until they are learned anew.
    """
    kept = alerts.watch_get(desk_id)
    until = _grid(now)
    if kept is None or until <= kept.watched_until or is_importing(desk_id):
        return False
    is_fresh = until - kept.watched_until > LONGEST_GAP or not kept.marks
    look = Look(
        desk_id=desk_id, zone=desk_by_id(desk_id).zone, watch=kept, series=_series(kept, desk_id),
        open=alerts.alerts_open(desk_id), since=until if is_fresh else kept.watched_until, until=until, now=now,
    )  # fmt: skip
    with transaction.atomic():
        item, event = flowing.marks(desk_id)
        for kind, does in _LOOKS.items():
            if look.wants(kind):
                does(look)
        _end_unwanted(look)
        before = {"item": item, "event": event} if is_fresh else {name: kept.marks[f"next_{name}"] for name in _MARKS}
        marks = {**before, "next_item": item, "next_event": event}
        alerts.watch_keep(desk_id, marks=marks, watched_until=until, next_at=until + BIN)
    return True


def _series(kept: Watch, desk_id: int) -> dict[str, Series]:
    series = alerts.series_of(desk_id)
    return series if kept.learned_at else {key: replace(one, body=None) for key, one in series.items()}


def _grid(now: datetime) -> datetime:
    """The last quarter of an hour that is over."""
    here = now.astimezone(UTC)
    return here.replace(minute=here.minute // 15 * 15, second=0, microsecond=0)


_MARKS = ("item", "event")


def _end_unwanted(look: Look) -> None:
    """End alerts of kinds that are no longer watched, and of regions that are gone."""
    for key, alert in look.open.items():
        is_series = AlertKind(alert.kind) in alarms.LEARNED
        if not look.wants(AlertKind(alert.kind)) or (is_series and key not in look.series):
            alert_end(alert, note="It is no longer watched", now=look.now)


# What comes


def _incoming(look: Look) -> None:
    """Count what came in each 15 minutes since the last look."""
    series = look.series.get(AlertKind.INCOMING.value)
    if series is None or look.since == look.until:
        return
    after = int(look.watch.marks.get("item", 0))
    came = flowing.opened_by_bin(look.desk_id, since=look.since, until=look.until, after=after)
    hours: dict[datetime, float] = defaultdict(float)
    for at, count in came.items():
        hours[hour_start(at, look.zone)] += count
    alerts.samples_add(series.id, {look.hour_at: 0.0, **hours})
    if series.body is None:
        return
    of, seen, at = alarms.usual_of(series.body), _seen(series), look.since
    surge: Surge | None = None
    surge_end = at
    while at < look.until:
        seen, found = watch(of, series.body["thresholds"], seen, bin=bin_number(at, look.zone), came=came.get(at, 0))
        at += BIN
        if found is not None:
            surge, surge_end = found, at
    alerts.series_seen(series.id, [asdict(one) for one in seen])
    alert = look.open.get(AlertKind.INCOMING.value)
    if surge is not None and alert is None:
        _raise(look, words.incoming(surge, until=surge_end, zone=look.zone))
    elif alert is not None and surge is None:
        _end_incoming(look, series, alert)


def _end_incoming(look: Look, series: Series, alert: AlertRow) -> None:
    """End an alert when a whole hour since it was raised was as usual."""
    hour_at = hour_start(hour_start(look.until, look.zone) - HOUR, look.zone)
    if hour_at < alert.opened_at or series.body is None:
        return
    count, hour = (
        int(alerts.samples_of(series.id, since=hour_at, until=hour_at + HOUR).get(hour_at, 0)),
        hour_of_week(hour_at, look.zone),
    )
    of = alarms.usual_of(series.body)
    if is_calm(of, hour, count):
        note = f"{count} came in the last whole hour; {of.means[hour]:.1f} are usual"
        alert_end(alert, note=note, now=look.now)


def _seen(series: Series) -> tuple[Watched, ...]:
    if not series.seen or len(series.seen) != len(NOTHING_YET):
        return NOTHING_YET
    return tuple(Watched(**one) if one["score"] else QUIET for one in series.seen)


# What waits, and what was passed on


def _unassigned(look: Look) -> None:
    series = look.series.get(AlertKind.UNASSIGNED.value)
    if series is None:
        return
    waits = flowing.unassigned_count(look.desk_id)
    alerts.samples_keep(series.id, {look.hour_at: float(waits)})
    if series.body is not None:
        of, hour = alarms.limits_of(series.body), hour_of_week(look.hour_at, look.zone)
        new = words.unassigned(waits, of.middles[hour], alarms.limit_at(of, hour))
        _judge(look, new, ease=alarms.eases_at(of, hour), note=f"{waits} wait without an owner")


def _fts(look: Look) -> None:
    """What each region took over from others in this hour so far."""
    of_region = {one.region_id: one for one in look.series.values() if one.key.startswith(f"{AlertKind.FTS.value}:")}
    if not of_region:
        return
    hour_at, names = look.hour_at, region_names(look.desk_id)
    since = min(hour_at, hour_start(look.since, look.zone))
    passed = flowing.passed_by_hour(look.desk_id, since=since, until=look.until, zone=look.zone)
    for region_id, series in of_region.items():
        mine = {at: float(count) for (at, to), count in passed.items() if to == region_id}
        alerts.samples_keep(series.id, {hour_at: 0.0, **mine})
        if series.body is None or region_id is None:
            continue
        of, hour, count = alarms.limits_of(series.body), hour_of_week(hour_at, look.zone), int(mine.get(hour_at, 0))
        new = words.handed_over(count, of.middles[hour], alarms.limit_at(of, hour), region_id, names[region_id])
        if (
            look.until == hour_start(look.until, look.zone) or series.key not in look.open
        ):  # it is over when a whole hour was as usual
            _judge(look, new, ease=alarms.eases_at(of, hour), note=f"{count} came from other regions in the last hour")


# What is in danger, and what people hold


def _risk(look: Look) -> None:
    """Items whose worst promise is more likely to be missed than not; where none is scored, those past their latest safe moment."""
    limit, is_scored = look.watch.settings.risk_items, scored_at(look.desk_id) is not None
    if is_scored:
        wanted = WorkFilter(desk_id=look.desk_id)
        count = danger_count(wanted, is_likely=True, by=WATCHBILL, now=look.now)
    else:
        count = flowing.endangered_count(look.desk_id, now=look.now)
    _judge(
        look,
        words.endangered(count, limit, is_scored=is_scored),
        ease=EASED * limit,
        note=f"{count} items are in danger now",
    )


def _load(look: Look) -> None:
    """What people on shift hold, of what their limits allow: each region, and the desk where it has none."""
    held = owner_load(look.desk_id, by=WATCHBILL)
    hours = staffed(look.desk_id, look.now, closed_on=closed_dates(look.desk_id, look.now))
    names = region_names(look.desk_id)
    by_region: dict[int | None, list[tuple[str, int, int]]] = defaultdict(list)
    for one in people_limits(look.desk_id):
        at, load = hours.get(one.person_id), held.get(one.person_id, {"open": 0, "waiting": 0})
        if at is not None and at.is_on_shift and one.wip_limit:
            by_region[one.region_id].append((one.name, load["open"] - load["waiting"], one.wip_limit))
    limit = look.watch.settings.load_percent
    for region_id in {*by_region, *(a.region_id for a in look.open.values() if a.kind == AlertKind.LOAD.value)}:
        people = by_region.get(region_id, [])
        percent = 100 * sum(load for _, load, _ in people) / (sum(most for *_, most in people) or 1)
        new = words.loaded(people, percent, limit, region_id, names.get(region_id or 0, ""))
        _judge(look, new, ease=EASED * limit, note=f"{percent:.0f} % of what limits allow is held")


def _nobody(look: Look) -> None:
    """Promises fall due before anybody is back: of the desk while nobody at all is at work, else of a queue whose people are not.

    The first is over when somebody is there, the others when nothing such is left. A desk that knows nobody's hours is not
    watched.
    """
    hours = staffed(look.desk_id, look.now, closed_on=closed_dates(look.desk_id, look.now))
    alert = look.open.get(AlertKind.NOBODY.value)
    if any(is_at_work(one) for one in hours.values()):
        if alert is not None:
            alert_end(alert, note="Somebody is there again", now=look.now)
        _uncovered(look, hours)
        return
    if alert is not None or not any(is_known(one) for one in hours.values()):
        return
    until = min((at for at in map(back_at, hours.values()) if at is not None), default=None)
    count = flowing.due_ahead_count(look.desk_id, now=look.now, until=until)
    if count:
        _raise(look, words.nobody(count, until, zone=look.zone))


def _uncovered(look: Look, hours: Mapping[int, Staffed]) -> None:
    """Each queue of each region by itself; `MOST_GAPS` new ones a look, those with most items first."""
    found = sorted(gaps(look.desk_id, hours, look.now), key=lambda gap: (-gap.count, gap.queue_id or 0))
    queues, regions = queue_names(look.desk_id, by=WATCHBILL), region_names(look.desk_id)
    named = [
        words.uncovered(
            gap, queue=queues.get(gap.queue_id or 0, ""), region=regions.get(gap.region_id or 0, ""), zone=look.zone
        )
        for gap in found
    ]
    for new in [one for one in named if one.key not in look.open][:MOST_GAPS]:
        _raise(look, new)
    left = {one.key: one.value for one in named}
    for key, alert in look.open.items():
        if key in left:
            alerts.alert_value(alert.id, left[key])
        elif key.startswith(f"{AlertKind.NOBODY.value}:"):
            alert_end(
                alert, note="Nothing there falls due any more before somebody who may take it is at work", now=look.now
            )


def _fallback(look: Look) -> None:
    """The alert is raised when it happens (`flows.assign`); here it ends."""
    alert = look.open.get(AlertKind.FALLBACK.value)
    if alert is not None and not running_of(look.desk_id).fallback:
        alert_end(alert, note="The solver decides again", now=look.now)


def _balance(look: Look) -> None:
    """What a manager told the others is over after a while."""
    for alert in look.open.values():
        if alert.kind == AlertKind.BALANCE.value and look.now - alert.opened_at >= BALANCE_HOLDS:
            alert_end(alert, note=f"Told {BALANCE_HOLDS // HOUR} hours ago", now=look.now)


_LOOKS = {
    AlertKind.INCOMING: _incoming,
    AlertKind.UNASSIGNED: _unassigned,
    AlertKind.FTS: _fts,
    AlertKind.RISK: _risk,
    AlertKind.LOAD: _load,
    AlertKind.FALLBACK: _fallback,
    AlertKind.NOBODY: _nobody,
    AlertKind.BALANCE: _balance,
}


def _judge(look: Look, new: NewAlert, *, ease: float, note: str) -> None:
    """Raise, keep or end the alert of this key by its number."""
    alert = look.open.get(new.key)
    said = verdict(new.value, limit=float(new.told["limit"]), ease=ease, is_open=alert is not None)
    if said is Verdict.RAISE:
        _raise(look, new)
    elif alert is not None and said is Verdict.OVER:
        alert_end(alert, note=note, now=look.now)
    elif alert is not None:
        alerts.alert_value(alert.id, new.value)


def _raise(look: Look, new: NewAlert) -> None:
    alert_tell(look.desk_id, new, now=look.now)
