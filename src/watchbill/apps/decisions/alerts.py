"""Alerts: raised once, acknowledged by whoever sees to it, closed by themselves; and what they may be told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ALERT, key_of, shown
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, may, require
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.sense.alarms import AlertKind, Settings

NOTE_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """What is to be told: *told* keeps what it rests on; of a *key* one alert is open at most."""

    key: str
    kind: AlertKind
    title: str
    text: str
    value: float
    told: Mapping[str, Any]
    region_id: int | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert as it is read."""

    id: int
    desk_id: int
    key: str
    kind: str
    region_id: int | None
    title: str
    text: str
    told: Mapping[str, Any]
    value: float
    is_urgent: bool
    opened_at: datetime
    recipients: int
    acknowledged_at: datetime | None
    acknowledged_by_name: str
    acknowledged_note: str
    closed_at: datetime | None
    closed_note: str

    @property
    def reference(self) -> str:
        return str(shown(ALERT, self.id))


_COLUMNS = tuple(AlertRow.__dataclass_fields__)


def alert_raise(desk_id: int, new: NewAlert, *, now: datetime) -> AlertRow | None:
    """Open an alert in the caller's transaction; None where one of this key is open already."""
    try:
        with transaction.atomic():
            row = models.Alert.objects.create(
                desk_id=desk_id, key=new.key, kind=new.kind.value, region_id=new.region_id, title=new.title,
                text=new.text, told=dict(new.told), value=new.value, is_urgent=new.is_urgent, opened_at=now,
            )  # fmt: skip
    except IntegrityError:
        return None
    return AlertRow(**{name: getattr(row, name) for name in _COLUMNS})


def alert_told(alert_id: int, recipients: int) -> None:
    """Keep how many users were told."""
    models.Alert.objects.filter(id=alert_id).update(recipients=recipients)


def alert_close(alert_id: int, *, note: str, now: datetime) -> bool:
    """Close an open alert: what it told of is over. False when it was closed before."""
    changed = models.Alert.objects.filter(id=alert_id, closed_at=None).update(closed_at=now, closed_note=note)
    return bool(changed)


def alert_value(alert_id: int, value: float) -> None:
    """Keep the latest number of an open alert."""
    models.Alert.objects.filter(id=alert_id, closed_at=None).exclude(value=value).update(value=value)


def alerts_open(desk_id: int) -> dict[str, AlertRow]:
    """Return the open alerts of a desk by key. For flows: who may see them is asked by who shows them."""
    rows = models.Alert.objects.filter(desk_id=desk_id, closed_at=None).order_by("id").values(*_COLUMNS)
    return {row["key"]: AlertRow(**row) for row in rows}


def alert_page(desk_id: int, *, before: int | None = None, limit: int = 50, by: Actor) -> list[AlertRow]:
    """Return a desk's alerts, the latest first, those with keys below *before*."""
    require(by, Right.WORK_VIEW, desk_id)
    rows = models.Alert.objects.filter(desk_id=desk_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [AlertRow(**row) for row in rows.order_by("-id").values(*_COLUMNS)[:limit]]


def alert_get(reference: str, *, by: Actor) -> AlertRow:
    """Return one alert. Raises NotFound, for those of desks that the actor may not see, too."""
    row = models.Alert.objects.filter(id=key_of(ALERT, reference)).values(*_COLUMNS).first()
    if row is None or not may(by, Right.WORK_VIEW, row["desk_id"]):
        raise NotFound(f"There is no alert {reference[:40]}, or you may not see it")
    return AlertRow(**row)


def alert_acknowledge(reference: str, *, note: str, by: Actor, now: datetime) -> AlertRow:
    """Keep that somebody sees to an alert. Raises Conflict, naming who did before, and for one that is over."""
    row = alert_get(reference, by=by)
    require(by, Right.ALERT_ANSWER, row.desk_id)
    if len(note) > NOTE_MOST:
        raise InvalidFacts(f"A note has at most {NOTE_MOST:,} characters, got {len(note):,}", field="note")
    with transaction.atomic():
        changed = models.Alert.objects.filter(id=row.id, acknowledged_at=None, closed_at=None).update(
            acknowledged_at=now, acknowledged_by_name=by.name, acknowledged_note=note.strip()
        )
        if not changed:
            row = alert_get(reference, by=by)
            if row.acknowledged_at is not None:
                raise Conflict(f"{row.acknowledged_by_name} has acknowledged it already")
            raise Conflict("It is over already; there is nothing left to see to")
        audit_add(
            "alert_acknowledged", object_kind="alert", object_ref=row.reference, desk_id=row.desk_id,
            after={"title": row.title}, reason=note.strip(), by=by, now=now,
        )  # fmt: skip
        desk_changed(row.desk_id)
    return alert_get(reference, by=by)


# The watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How far alerts have looked at a desk."""

    desk_id: int
    settings: Settings
    version: int
    marks: Mapping[str, int]
    watched_until: datetime
    next_at: datetime
    learned_at: datetime | None
    per_week: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One number that is watched: what was learned of it, and how far its watch has come."""

    id: int
    key: str
    region_id: int | None
    body: Mapping[str, Any] | None
    seen: Any


def watch_ensure(desk_id: int, *, watched_until: datetime, next_at: datetime) -> None:
    """Begin to watch a desk; one that is watched stays as it is."""
    models.AlertWatch.objects.get_or_create(
        desk_id=desk_id, defaults={"watched_until": watched_until, "next_at": next_at}
    )


def watches_begin(*, watched_until: datetime, next_at: datetime) -> None:
    """Begin to watch the open desks that are not watched yet: most of what is told needs nothing that is learned."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into decisions_alertwatch (desk_id, settings, version, marks, watched_until, next_at)"
            " select d.id, '{}', 1, '{}', %(until)s, %(next)s from people_desk as d where d.closed_at is null"
            " and not exists (select 1 from decisions_alertwatch as w where w.desk_id = d.id) on conflict do nothing",
            {"until": watched_until, "next": next_at},
        )


def watches_due(now: datetime) -> list[int]:
    """Return the desks to look at: an index alone."""
    return list(
        models.AlertWatch.objects.filter(next_at__lte=now).order_by("next_at").values_list("desk_id", flat=True)
    )


def watch_get(desk_id: int) -> Watch | None:
    row = models.AlertWatch.objects.filter(desk_id=desk_id).values().first()
    if row is None:
        return None
    held: dict[str, Any] = dict(row)
    return Watch(**{**held, "settings": Settings.of(held["settings"])})


def watch_keep(desk_id: int, *, marks: Mapping[str, int], watched_until: datetime, next_at: datetime) -> None:
    """Keep how far the watch has come."""
    models.AlertWatch.objects.filter(desk_id=desk_id).update(
        marks=dict(marks), watched_until=watched_until, next_at=next_at
    )


def settings_of(desk_id: int) -> tuple[Settings, int]:
    """Return what a desk wants to be told of, and the version of that (0: nobody has ever said)."""
    row = models.AlertWatch.objects.filter(desk_id=desk_id).values("settings", "version").first()
    return (Settings(), 0) if row is None else (Settings.of(row["settings"]), row["version"])


def settings_set(desk_id: int, settings: Settings, *, version: int | None = None, by: Actor, now: datetime) -> int:
    """Set what raises an alert on a desk; limits are learned anew by the next job.

    Raises Conflict for an old version; 0, of a desk that is not watched yet, is the first one, too.
    """
    require(by, Right.CHANNEL_EDIT, desk_id)
    with transaction.atomic():
        watch_ensure(desk_id, watched_until=now, next_at=now)
        row = models.AlertWatch.objects.select_for_update().get(desk_id=desk_id)
        if version is not None and max(version, 1) != row.version:
            raise Conflict("Somebody has changed these settings meanwhile; look at them again", version=row.version)
        before, after = Settings.of(row.settings), settings
        if before == after:
            return row.version
        models.AlertWatch.objects.filter(desk_id=desk_id).update(
            settings=settings.as_json(), version=F("version") + 1,
            learned_at=None if before.per_week != after.per_week else row.learned_at,
        )  # fmt: skip
        audit_add(
            "alert_settings_set", object_kind="desk", desk_id=desk_id, before=before.as_json(), after=after.as_json(),
            by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)
        return row.version + 1


def limits_outdated(desk_id: int) -> None:
    """Let the next job learn a desk's limits anew, whenever it did so last: its history has changed."""
    models.AlertWatch.objects.filter(desk_id=desk_id).update(learned_at=None)


def series_of(desk_id: int) -> dict[str, Series]:
    """Return the series of a desk by key."""
    rows = models.AlertSeries.objects.filter(desk_id=desk_id).order_by("id")
    return {row["key"]: Series(**row) for row in rows.values("id", "key", "region_id", "body", "seen")}


def series_seen(series_id: int, seen: Any) -> None:
    """Keep how far the watch of a series has come."""
    models.AlertSeries.objects.filter(id=series_id).update(seen=seen)


def series_learned(
    desk_id: int,
    learned: Mapping[str, tuple[int | None, Mapping[str, Any] | None, Mapping[datetime, float]]],
    *,
    per_week: float,
    now: datetime,
) -> None:
    """Keep what was learned of each series (region, limits, numbers by hour); what has become of the watch stays."""
    with transaction.atomic():
        models.AlertSeries.objects.filter(desk_id=desk_id).exclude(key__in=list(learned)).delete()
        for key, (region_id, body, values) in learned.items():
            row, _ = models.AlertSeries.objects.update_or_create(
                desk_id=desk_id, key=key, defaults={"region_id": region_id, "body": body}
            )
            samples_keep(row.id, values)
        models.AlertWatch.objects.filter(desk_id=desk_id).update(learned_at=now, per_week=per_week)


def samples_keep(series_id: int, values: Mapping[datetime, float]) -> None:
    """Keep numbers by hour; a later word about an hour takes the place of the one before."""
    models.AlertSample.objects.bulk_create(
        [models.AlertSample(series_id=series_id, at=at, value=value) for at, value in values.items()],
        update_conflicts=True, unique_fields=["series", "at"], update_fields=["value"], batch_size=2000,
    )  # fmt: skip


def samples_add(series_id: int, values: Mapping[datetime, float]) -> None:
    """Add to numbers by hour: what came in a part of the hour."""
    for at, value in values.items():
        row, is_new = models.AlertSample.objects.get_or_create(series_id=series_id, at=at, defaults={"value": value})
        if not is_new:
            models.AlertSample.objects.filter(id=row.id).update(value=F("value") + value)


def samples_of(series_id: int, *, since: datetime, until: datetime) -> dict[datetime, float]:
    """Return a series by hour in [since, until)."""
    rows = models.AlertSample.objects.filter(series_id=series_id, at__gte=since, at__lt=until).order_by("at")
    return dict(rows.values_list("at", "value"))


def samples_forget(before: datetime) -> int:
    """Forget numbers of hours before that instant."""
    return models.AlertSample.objects.filter(at__lt=before).delete()[0]
