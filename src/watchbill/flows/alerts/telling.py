"""Raising and ending alerts: the alert, its notices and its messages in one transaction, for those who are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.core.queries import wall_now
from watchbill.apps.core.services import desk_changed
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.alerts import AlertRow, NewAlert
from watchbill.apps.notices.outbox import messages_end
from watchbill.apps.notices.services import NewNotice, notice_add_many, notices_close
from watchbill.apps.people.managers import Manager, managers_of
from watchbill.apps.people.queries import desk_by_id
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.queries import Staffed, staffed
from watchbill.flows.outbox import messages_write


def alert_tell(desk_id: int, new: NewAlert, *, but: int | None = None, now: datetime) -> AlertRow | None:
    """Raise an alert and tell those who see to it, *but* not this user; None where it is open already. One transaction."""
    with transaction.atomic():
        alert = alerts.alert_raise(desk_id, new, now=now)
        if alert is None:
            return None
        told = [one for one in recipients(desk_id, alert.region_id, now=now) if one.user_id != but]
        key = f"{alert.reference}:raised"
        text = f"{alert.title}. {alert.text}"
        notice_add_many(
            [
                NewNotice(
                    desk_id=desk_id, person_id=one.person_id, user_id=one.user_id, kind=alert.kind, text=text,
                    subject_ref=alert.reference, key=key, is_urgent=alert.is_urgent,
                )
                for one in told
            ],
            now=now,
        )  # fmt: skip
        desk = desk_by_id(desk_id).name
        messages_write(
            desk_id, key=key, kind=alert.kind, subject=f"{desk}: {alert.title}",
            text=f"{alert.reference}, {desk}\n{text}", body=_body("alert.raised", alert),
            subject_ref=alert.reference, is_urgent=alert.is_urgent, told=told, now=now,
        )  # fmt: skip
        alerts.alert_told(alert.id, len(told))
        desk_changed(desk_id)
    return replace(alert, recipients=len(told))


def alert_end(alert: AlertRow, *, note: str, now: datetime) -> bool:
    """Close an alert, and its notices with a note; False when it was over already. One transaction."""
    with transaction.atomic():
        if not alerts.alert_close(alert.id, note=note, now=now):
            return False
        notices_close(alert.reference, note=note, now=now)
        messages_end(alert.reference, wall=wall_now())
        messages_write(
            alert.desk_id, key=f"{alert.reference}:closed", kind=alert.kind, subject=alert.title, text=note,
            body={**_body("alert.closed", alert), "note": note, "closed_at": now.isoformat()},
            subject_ref=alert.reference, is_urgent=False, told=(), heard=f"{alert.reference}:raised", now=now,
        )  # fmt: skip
        desk_changed(alert.desk_id)
    return True


def _body(event: str, alert: AlertRow) -> dict[str, object]:
    """What a program is told: plain values, instants as ISO 8601."""
    return {
        "event": event, "desk": desk_by_id(alert.desk_id).slug, "alert": alert.reference, "kind": alert.kind,
        "title": alert.title, "text": alert.text, "value": alert.value, "limit": alert.told.get("limit"),
        "is_urgent": alert.is_urgent, "opened_at": alert.opened_at.isoformat(),
    }  # fmt: skip


def recipients(desk_id: int, region_id: int | None, *, now: datetime) -> list[Manager]:
    """Return whom an alert of a region is for: those who answer alerts and are there now.

    Who is at work in the region, or in another one whose day overlaps, is told; so is who belongs to no region or has no
    known hours. When nobody of them is at work, all are told.
    """
    able = managers_of(desk_id, Right.ALERT_ANSWER)
    hours = staffed(desk_id, now, closed_on=closed_dates(desk_id, now))
    there = [one for one in able if _is_there(one, hours)]
    return _of_region(there, region_id) or there or able


def _is_there(one: Manager, hours: dict[int, Staffed]) -> bool:
    at = None if one.person_id is None else hours.get(one.person_id)
    if at is None or (not at.is_on_shift and at.opens_at is None):
        return True
    return at.is_on_shift and at.presence != "off"


def _of_region(there: Sequence[Manager], region_id: int | None) -> list[Manager]:
    """Those of the region with whoever is at work beside it; nobody when the region itself has no manager at work."""
    is_covered = region_id is None or any(one.region_id in {region_id, None} for one in there)
    return list(there) if is_covered else []
