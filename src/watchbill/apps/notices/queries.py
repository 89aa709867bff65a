"""Reads of notices."""

from __future__ import annotations

from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.notices import models


def notices_unread(*, by: Actor, limit: int = 50) -> list[dict[str, Any]]:
    """Return what is addressed to the actor's person and not read yet, newest first."""
    if by.person_id is None:
        return []
    return [
        dict(row)
        for row in models.Notice.objects.filter(person_id=by.person_id, read_at=None)
        .order_by("-id")
        .values("id", "kind", "text", "subject_ref", "at")[:limit]
    ]
