"""What happens around people: deactivation finds the work that is left without its owner."""

from __future__ import annotations

from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.people import services as people_services
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemRow, View, WorkFilter


def person_deactivate(person_id: int, *, desk_id: int, reason: str, by: Actor, now: datetime) -> list[ItemRow]:
    """Take a person's access away at once and return her open work (up to 500 items), which now needs others.

    It stays hers until somebody, or the next proposals, move it: an item never loses its owner silently.
    """
    people_services.person_activity_set(person_id, is_active=False, reason=reason, by=by, now=now)
    return work.work_page(WorkFilter(desk_id=desk_id, view=View.OPEN, owner_id=person_id), limit=500, by=by, now=now)
