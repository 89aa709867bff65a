"""Several changes of one item that belong together: all of them on the version that was seen, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.services import Written
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Level, Priority
from watchbill.flows.act.items import item_edit, item_priority, item_queue


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPatch:
    """What to change: plain fields (`items.EDITABLE`), the queue, and priority or impact with urgency."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    queue_id: int | None = None
    priority: Priority | None = None
    impact: Level | None = None
    urgency: Level | None = None
    text: str = ""


def item_patch(reference: str, patch: ItemPatch, *, version: int | None = None, by: Actor, now: datetime) -> Written:
    """Write one event for each sort of change, in one transaction; return the last. Without a *version*, on the present one.

    Raises Conflict naming who changed what when *version* is not the present one, InvalidFacts when nothing changes.
    """
    written: Written | None = None

    def seen() -> int | None:
        return version if written is None else written.version

    with transaction.atomic():
        if patch.fields:
            written = item_edit(reference, patch.fields, version=seen(), by=by, now=now)
        if patch.queue_id is not None:
            written = item_queue(reference, patch.queue_id, version=seen(), text=patch.text, by=by, now=now)
        if patch.priority is not None or patch.impact is not None or patch.urgency is not None:
            written = item_priority(
                reference, impact=patch.impact, urgency=patch.urgency, priority=patch.priority, version=seen(),
                text=patch.text, by=by, now=now,
            )  # fmt: skip
    if written is None:
        work_get(reference, by=by)  # whoever may not see the item learns nothing else of it
        raise InvalidFacts("Nothing was changed")
    return written
