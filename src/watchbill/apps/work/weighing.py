"""How a desk weighs its work: impact x urgency gives priority, and category with priority an assumed effort."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed, lock_take
from watchbill.apps.core.sql import records
from watchbill.apps.core.versions import changed_since, require_reason
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work import models
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.intake.priority import DEFAULT_MATRIX, require_matrix


def matrix_set(
    desk_id: int,
    body: Mapping[str, object],
    *,
    reason: str,
    seen_version: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Set the desk's impact x urgency matrix. It holds for what is opened or re-ranked from now on.

    ``seen_version`` is the one that the writer saw (0: as delivered): Conflict when another has come since.
    Raises InvalidFacts for one that holds already, the delivered one too: nothing is written then.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    checked = require_matrix(body)
    require_reason(reason)
    with transaction.atomic():
        lock_take(f"matrix:{desk_id}")
        row = models.PriorityMatrix.objects.filter(desk_id=desk_id).first()
        before, version = (row.body, row.version) if row else (dict(DEFAULT_MATRIX), 0)
        if seen_version is not None and seen_version != version:
            raise changed_since(
                "set the priority matrix since you opened the page",
                object_kind="priority_matrix", object_ref="", desk_id=desk_id, version=version,
            )  # fmt: skip
        if checked == before:
            held = "the priority matrix" if row else "the priority matrix as delivered"
            raise InvalidFacts(f"Nothing has changed: {held} says just this already")
        models.PriorityMatrix.objects.update_or_create(
            desk_id=desk_id, defaults={"body": checked, "version": version + 1}
        )
        audit_add(
            "matrix_set",
            object_kind="priority_matrix",
            desk_id=desk_id,
            before=before,
            after=checked,
            reason=reason,
            by=by,
            now=now,
        )
        desk_changed(desk_id)


def matrix_get(desk_id: int) -> dict[str, int] | None:
    """Return the desk's own impact x urgency matrix, as "impact,urgency" -> priority; None: the default holds."""
    rows = records("select body from work_prioritymatrix where desk_id = %s", [desk_id])
    return rows[0]["body"] if rows else None


def matrix_version(desk_id: int) -> int:
    """Return how often the desk's matrix was set; 0 while the delivered one holds."""
    return models.PriorityMatrix.objects.filter(desk_id=desk_id).values_list("version", flat=True).first() or 0


def effort_set(
    desk_id: int,
    *,
    category: str = "",
    priority: int | None = None,
    minutes: int | None,
    seen_version: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Set the assumed minutes of a category and priority ("" and None: any), or take the line away (None).

    ``seen_version`` is the one of the table that the writer saw (0: no line yet): Conflict when this line, not just any
    other, was changed since. Raises InvalidFacts for a line that stands so already: nothing is written then.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    if minutes is not None and not 1 <= minutes <= 100_000:
        raise InvalidFacts("Effort is from 1 to 100,000 minutes", field="minutes")
    ref = f"{category or 'any'} P{priority or 'any'}"
    with transaction.atomic():
        lock_take(f"effort:{desk_id}")
        line = models.Effort.objects.filter(desk_id=desk_id, category=category, priority=priority).first()
        version = effort_version(desk_id)
        if seen_version is not None and line is not None and line.version > seen_version:
            raise changed_since(
                f"set the assumed effort of {ref} since you opened the page",
                object_kind="effort", object_ref=ref, desk_id=desk_id, version=version,
            )  # fmt: skip
        before = line.minutes if line else None
        if minutes == before:
            says = f"says {minutes} minutes already" if minutes else "is not in the table"
            raise InvalidFacts(f"Nothing has changed: {ref} {says}", field="minutes")
        models.Effort.objects.update_or_create(
            desk_id=desk_id,
            category=category,
            priority=priority,
            defaults={"minutes": minutes, "basis": "assumed", "version": version + 1},
        )
        audit_add(
            "effort_set",
            object_kind="effort",
            object_ref=ref,
            desk_id=desk_id,
            before={"minutes": before},
            after={"minutes": minutes},
            by=by,
            now=now,
        )
        desk_changed(desk_id)


def effort_version(desk_id: int) -> int:
    """Return how often the desk's table of assumed effort was changed; 0 while it has no line."""
    return models.Effort.objects.filter(desk_id=desk_id).aggregate(last=Max("version"))["last"] or 0


def effort_list(desk_id: int) -> list[dict[str, Any]]:
    """Return the desk's table of assumed effort, most general first."""
    return [
        dict(row)
        for row in models.Effort.objects.filter(desk_id=desk_id, minutes__isnull=False)
        .order_by("category", "priority")
        .values("id", "category", "priority", "minutes", "basis")
    ]
