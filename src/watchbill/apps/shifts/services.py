"""Writes of usual hours and presence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.people.queries import person_names
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts import models
from watchbill.engine.base.calendar import WallInterval
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.time import require_instant

PRESENCE = ("available", "away", "off")


def presence_set(
    person_id: int, *, desk_id: int, state: str, until_at: datetime | None = None, by: Actor, now: datetime
) -> None:
    """Say whether a person is available, away or off: she herself, or who may edit people.

    The last word counts, and no version is asked for: it tells how things are at this moment, and whoever says it later
    knows better.
    """
    if by.person_id != person_id:
        require(by, Right.PEOPLE_EDIT, desk_id)
    if state not in PRESENCE:
        raise InvalidFacts(f"Presence is one of {', '.join(PRESENCE)}", field="state")
    if until_at is not None:
        until_at = require_instant(until_at, "until")
        if until_at <= now:
            raise InvalidFacts("Choose a time that is still to come, or leave it empty", field="until")
    with transaction.atomic():
        models.Presence.objects.update_or_create(
            person_id=person_id, defaults={"state": state, "since_at": now, "until_at": until_at}
        )
        audit_add(
            "presence_set",
            object_kind="person",
            object_ref=person_names([person_id]).get(person_id, ""),
            desk_id=desk_id,
            after={"state": state},
            by=by,
            now=now,
        )
        desk_changed(desk_id)


def usual_hours_set(person_id: int, *, desk_id: int, week: Sequence[Sequence[str]], by: Actor, now: datetime) -> None:
    """Set a person's usual week by hand: seven lists (Monday first) of intervals such as "09:00-17:30"."""
    require(by, Right.PEOPLE_EDIT, desk_id)
    if len(week) != 7:
        raise InvalidFacts("A week has seven days, Monday first", field="week")
    rows = [
        models.UsualHours(
            person_id=person_id,
            weekday=weekday,
            opens_min=interval.start_min,
            closes_min=interval.end_min,
            is_confirmed=True,
            evidence={"by": by.name},
        )
        for weekday, day in enumerate(week)
        for interval in (WallInterval.parse(text, f"week[{weekday}]") for text in day)
    ]
    with transaction.atomic():
        models.UsualHours.objects.filter(person_id=person_id).delete()
        models.UsualHours.objects.bulk_create(rows)
        audit_add(
            "usual_hours_set",
            object_kind="person",
            object_ref=person_names([person_id]).get(person_id, ""),
            desk_id=desk_id,
            after={"week": [list(day) for day in week]},
            by=by,
            now=now,
        )
        desk_changed(desk_id)
