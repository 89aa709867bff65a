"""Telling people that a desk is decided on without the solver."""

from __future__ import annotations

from datetime import datetime

from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.queries import people_who_may
from watchbill.apps.people.rights import Right


def fallback_tell(desk_id: int, why: str, *, now: datetime) -> None:
    """Tell those who may switch autopilot that the desk is decided on by the index rule from now on: once, when it begins."""
    text = f"Proposals are made by the index rule, without the whole queue in view, because {why}"
    notices = [
        NewNotice(desk_id=desk_id, person_id=person_id, kind="fallback", text=text)
        for person_id in people_who_may(Right.AUTOPILOT_SET, desk_id)
    ]
    notice_add_many(notices, now=now)
