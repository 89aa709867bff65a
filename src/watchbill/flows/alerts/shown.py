"""Alerts and their series in plain values: for pages, API and command line alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.alerts import AlertRow
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.people.regions import region_names
from watchbill.apps.people.rights import Right, require
from watchbill.engine.sense.alarms import HOUR, AlertKind, band, hour_of_week, hour_start, learned_of, share

SHOWN = timedelta(hours=48)
NAMES = {
    AlertKind.INCOMING: "Coming in, by hour",
    AlertKind.UNASSIGNED: "Without an owner",
    AlertKind.FTS: "Handed over to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour of a series: what it was, and what is usual; None where that is not known."""

    at: datetime
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesShown:
    """A series with its usual band. per_week: false alarms that it may give; weeks: of history; 0 while that is too short."""

    key: str
    title: str
    hours: tuple[Hour, ...]
    weeks: int
    per_week: float


def series_shown(desk_id: int, *, by: Actor, now: datetime) -> list[SeriesShown]:
    """Return the watched series of a desk over the last two days: a query a series, of which there are few."""
    require(by, Right.WORK_VIEW, desk_id)
    zone, watch, names = desk_by_id(desk_id).zone, alerts.watch_get(desk_id), region_names(desk_id)
    found, series = [], alerts.series_of(desk_id)
    until = hour_start(now, zone) + HOUR
    for one in series.values():
        values = alerts.samples_of(one.id, since=until - SHOWN, until=until)
        of = learned_of(one.body) if one.body else None
        hours = []
        for n in range(SHOWN // HOUR):
            at = until - SHOWN + n * HOUR
            low, high = band(of, hour_of_week(at, zone)) if of else (None, None)
            hours.append(Hour(at=at, value=values.get(at), low=low, high=high))
        kind = AlertKind(one.key.partition(":")[0])
        region = f" {names.get(one.region_id, '')}" if one.region_id else ""
        found.append(
            SeriesShown(
                key=one.key, title=f"{NAMES[kind]}{region}", hours=tuple(hours), weeks=of.weeks if of else 0,
                per_week=share(watch.per_week or watch.settings.per_week, len(series)) if watch else 0.0,
            )
        )  # fmt: skip
    return found


def alert_shown(row: AlertRow, *, region: str = "") -> dict[str, Any]:
    """Return an alert in plain values."""
    return {
        "reference": row.reference, "key": row.key, "kind": row.kind, "region": region or None, "title": row.title,
        "text": row.text, "value": row.value, "limit": row.told.get("limit"), "expected": row.told.get("expected"),
        "is_urgent": row.is_urgent, "opened_at": row.opened_at, "recipients": row.recipients,
        "acknowledged_at": row.acknowledged_at, "acknowledged_by": row.acknowledged_by_name or None,
        "acknowledged_note": row.acknowledged_note or None, "closed_at": row.closed_at,
        "closed_note": row.closed_note or None,
    }  # fmt: skip


def alerts_shown(
    desk_id: int, *, before: int | None = None, limit: int = 50, by: Actor
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a desk's alerts, the latest first, and the reference after which the next page begins."""
    rows = alerts.alert_page(desk_id, before=before, limit=limit + 1, by=by)
    names = region_names(desk_id)
    shown = [alert_shown(row, region=names.get(row.region_id or 0, "")) for row in rows[:limit]]
    return shown, rows[limit - 1].reference if len(rows) > limit else None


def series_plain(one: SeriesShown) -> dict[str, Any]:
    """Return a series in plain values."""
    return {
        "key": one.key, "title": one.title, "weeks": one.weeks, "false_alarms_per_week": round(one.per_week, 3),
        "hours": [{"at": each.at, "value": each.value, "low": each.low, "high": each.high} for each in one.hours],
    }  # fmt: skip
