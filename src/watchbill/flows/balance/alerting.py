"""The state of Balance with a manager's own word, to the managers of a region and of those beside it: an alert like any other."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, lock_take
from watchbill.apps.decisions import alerts
from watchbill.apps.decisions.alerts import AlertRow, NewAlert
from watchbill.apps.people.regions import region_named
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.engine.base.ids import RegionId
from watchbill.engine.sense.alarms import AlertKind
from watchbill.engine.sense.workload import Load
from watchbill.flows.alerts.telling import alert_end, alert_tell
from watchbill.flows.balance.loads import Loads, loads_get
from watchbill.flows.balance.telling import percent

AGAIN = timedelta(minutes=15)
"""The same region is told no oftener."""
WORD_MOST = 1_000
SHOWN = 6
"""Regions whose state is told beside; the fullest first."""


def managers_alert(
    desk_id: int, *, text: str, region: str = "", horizon_h: int = 24, by: Actor, now: datetime
) -> AlertRow:
    """Tell the managers of a region (none: of the desk) and of those whose day overlaps how Balance stands, with a word, *text*.

    By notice, mail and webhook, as each wants it; the writer herself is not told. What was told before of the same region is over
    by it. Raises NotAllowed; InvalidFacts naming the field; Conflict within `AGAIN` of the last one, and where nobody would hear.
    """
    require(by, Right.WORK_BULK, desk_id)
    word = " ".join(text.split())
    if not 1 <= len(word) <= WORD_MOST:
        raise InvalidFacts(f"Say in 1 to {WORD_MOST:,} characters what they should know or do", field="text")
    if AlertKind.BALANCE.value in alerts.settings_of(desk_id)[0].off:
        raise Conflict("This desk has switched off what managers tell each other of Balance: see Alerts")
    region_id = region_named(desk_id, region.strip())
    loads = loads_get(desk_id, horizon_h=horizon_h, by=by, now=now)
    new = _told(loads, word, region_id, by)
    with transaction.atomic():
        lock_take(f"balance told:{desk_id}")
        before = alerts.alerts_open(desk_id).get(new.key)
        if before is not None:
            if now < before.opened_at + AGAIN:
                raise Conflict(
                    f"{before.title}: told at {before.opened_at:%H:%M} UTC. Wait {AGAIN // timedelta(minutes=1)} minutes"
                )
            alert_end(before, note=f"{by.name} told more", now=now)
        row = alert_tell(desk_id, new, but=by.user_id, now=now)
        if row is None or not row.recipients:
            raise Conflict("Nobody else of this desk answers alerts, so nobody would hear it")
        audit_add(
            "managers_alerted", object_kind="alert", object_ref=row.reference, desk_id=desk_id,
            after={"region": region or None, "recipients": row.recipients}, reason=word, by=by, now=now,
        )  # fmt: skip
    return row


def _told(loads: Loads, word: str, region_id: int | None, by: Actor) -> NewAlert:
    """The alert: the word first, then each region, or the whole desk where it has but one."""
    horizon, work = loads.workload.horizon_h, loads.workload
    places = {loads.regions.get(key or 0, "No region"): load for key, load in work.regions.items()}
    if len(places) < 2:
        places = {"The desk": work.desk}
    fullest = sorted(places.items(), key=lambda one: (-(one[1].ratio(horizon) or 0.0), one[0]))[:SHOWN]
    states = [_state(name, load, horizon) for name, load in fullest]
    of = work.desk if region_id is None else work.regions.get(RegionId(region_id), work.desk)
    where = f" in {loads.regions[region_id]}" if region_id is not None else ""
    return NewAlert(
        key=f"{AlertKind.BALANCE.value}:{region_id or 0}",
        kind=AlertKind.BALANCE,
        title=f"{by.name} on Balance{where}",
        text=f"“{word}” {'. '.join(states)}",
        value=round(100 * (of.ratio(horizon) or 0.0), 1),
        told={"limit": None, "word": word, "hours": horizon},
        region_id=region_id,
    )


def _state(name: str, load: Load, horizon: int) -> str:
    due, there = load.due.total_min / 60, load.available_min[horizon] / 60
    return f"{name}: {percent(load.ratio(horizon))}, {due:.0f} h fall due in the next {horizon} h, {there:.0f} h of work are there"
