"""Writes of what people say of breaches and exclusions. Rights and notes: `flows.report`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports import models
from watchbill.apps.reports.choices import ExclusionStatus
from watchbill.apps.reports.queries import BreachRow
from watchbill.engine.base.errors import Conflict


def breaches_confirm(
    breaches: Sequence[BreachRow], codes: Sequence[str], *, note: str, by: Actor, now: datetime
) -> None:
    """Confirm a reason for each breach, in the caller's transaction; what was said before stays in the answers.

    The caller has locked the items. Two statements, whatever the number.
    """
    for desk_id in {breach.desk_id for breach in breaches}:
        require(by, Right.BREACH_CONFIRM, desk_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "update reports_breach as b set confirmed = d.code, note = %(note)s, confirmed_by_name = %(by)s,"
            " confirmed_at = %(now)s from unnest(%(ids)s::bigint[], %(codes)s::text[]) as d(id, code) where b.id = d.id",
            {"note": note, "by": by.name, "now": now, "ids": [b.id for b in breaches], "codes": list(codes)},
        )
    models.BreachAnswer.objects.bulk_create(
        [
            models.BreachAnswer(
                breach_id=breach.id, suggested=breach.suggested, code=code, note=note, at=now, by_name=by.name,
                by_user_id=by.user_id,
            )
            for breach, code in zip(breaches, codes, strict=True)
        ]
    )  # fmt: skip


def exclusion_add(
    item_id: int, desk_id: int, name: str, cycle: int, *, code: str, text: str, by: Actor, now: datetime
) -> int:
    """Ask for an exclusion; return its key. Raises Conflict while one is asked for or approved."""
    require(by, Right.EXCLUSION_ASK, desk_id)
    try:
        with transaction.atomic():
            row = models.Exclusion.objects.create(
                item_id=item_id, desk_id=desk_id, name=name, cycle=cycle, code=code, text=text, asked_at=now,
                asked_by_name=by.name, asked_by_user_id=by.user_id,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("An exclusion of this commitment is asked for, or approved, already") from None
    return row.id


def exclusion_answer(
    exclusion_id: int, desk_id: int, status: ExclusionStatus, *, answer: str, by: Actor, now: datetime
) -> None:
    """Approve or refuse what waits. Raises Conflict when it waits no more."""
    require(by, Right.EXCLUSION_APPROVE, desk_id)
    changed = models.Exclusion.objects.filter(id=exclusion_id, status=ExclusionStatus.ASKED).update(
        status=status, answered_at=now, answered_by_name=by.name, answered_by_user_id=by.user_id, answer=answer
    )
    _require_changed(exclusion_id, changed)


def exclusion_withdraw(exclusion_id: int, *, by: Actor, now: datetime) -> None:
    """Withdraw what waits or was approved. Raises Conflict when it is neither. The flow has asked for the right."""
    live = [ExclusionStatus.ASKED, ExclusionStatus.APPROVED]
    changed = models.Exclusion.objects.filter(id=exclusion_id, status__in=live).update(
        status=ExclusionStatus.WITHDRAWN, withdrawn_at=now, withdrawn_by_name=by.name
    )
    _require_changed(exclusion_id, changed)


def _require_changed(exclusion_id: int, changed: int) -> None:
    if not changed:
        status = models.Exclusion.objects.values_list("status", flat=True).get(id=exclusion_id)
        raise Conflict(f"This exclusion is {status} by now")
