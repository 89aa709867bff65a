"""What people answered, for learning from it; and which findings somebody has set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.sql import records
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.errors import InvalidFacts, NotFound

LATEST = 5_000
"""So many of the latest answers teach: what was usual long ago is forgotten, and memory stays flat."""
REASON_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One proposal that a person answered, with what was weighed. ``is_undone``: what was done by it was taken back."""

    id: int
    queue_id: int | None
    status: str
    is_undone: bool
    chosen_id: int
    given_to_id: int | None
    refusal: str
    answered_at: datetime
    verdict: str
    gain: float | None
    contributions: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]


def answers_latest(desk_id: int, *, since: datetime, until: datetime, limit: int = LATEST) -> list[Answered]:
    """Return people's latest answers in [since, until] of desk time, the latest first: one query.

    The end belongs to it: while desk time stands still, as in a paused demo, answers come at the very instant of the look.

    What autopilot did counts only where somebody took it back; a refusal or a change that was taken back counts for nothing.
    """
    rows = records(
        "select id, queue_id, status, undone_at is not null as is_undone, chosen_id, given_to_id, refusal, answered_at,"
        " outcome ->> 'verdict' as verdict, (outcome ->> 'gain')::float8 as gain,"
        " outcome -> 'contributions' as contributions, outcome -> 'alternatives' as alternatives"
        " from decisions_decision where desk_id = %(desk)s and answered_at >= %(since)s and answered_at <= %(until)s"
        " and status in ('accepted', 'changed', 'refused', 'applied') and chosen_id is not null"
        " and (status <> 'applied' or undone_at is not null)"
        " and not (status in ('changed', 'refused') and undone_at is not null)"
        " order by answered_at desc, id desc limit %(limit)s",
        {"desk": desk_id, "since": since, "until": until, "limit": limit},
    )
    return [Answered(**row) for row in rows]


def items_of(decision_ids: list[int]) -> dict[int, str]:
    """Return the references of items by decision: one query. The caller has made sure that they may be seen."""
    rows = records(
        "select d.id, i.reference from decisions_decision as d join work_item as i on i.id = d.item_id"
        " where d.id = any(%(ids)s)",
        {"ids": decision_ids},
    )
    return {row["id"]: row["reference"] for row in rows}


def set_aside_of(desk_id: int) -> dict[str, Mapping[str, Any]]:
    """Return what was set aside on a desk, by key: its evidence then, the reason, who and when."""
    rows = models.SetAside.objects.filter(desk_id=desk_id).values("key", "evidence", "reason", "at", "by_name")
    return {row["key"]: row for row in rows}


def finding_set_aside(desk_id: int, key: str, *, evidence: int, reason: str, by: Actor, now: datetime) -> None:
    """Keep that a finding is not to be shown until there is more evidence. Raises InvalidFacts without a reason."""
    require(by, Right.POLICY_EDIT, desk_id)
    if not reason.strip():
        raise InvalidFacts("Say why it is set aside", field="reason")
    if len(reason) > REASON_MOST:
        raise InvalidFacts(f"A reason has at most {REASON_MOST:,} characters, got {len(reason):,}", field="reason")
    with transaction.atomic():
        after = {"evidence": evidence, "reason": reason.strip(), "at": now, "by_name": by.name}
        models.SetAside.objects.update_or_create(desk_id=desk_id, key=key, defaults=after)
        audit_add(
            "finding_set_aside", object_kind="finding", object_ref=key, desk_id=desk_id, after={"evidence": evidence},
            reason=reason.strip(), by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)


def finding_bring_back(desk_id: int, key: str, *, by: Actor, now: datetime) -> None:
    """Show a finding again that was set aside. Raises NotFound when it was not."""
    require(by, Right.POLICY_EDIT, desk_id)
    with transaction.atomic():
        gone, _ = models.SetAside.objects.filter(desk_id=desk_id, key=key).delete()
        if not gone:
            raise NotFound(f"Nothing of this name was set aside: “{key[:60]}”")
        audit_add("finding_brought_back", object_kind="finding", object_ref=key, desk_id=desk_id, by=by, now=now)
        desk_changed(desk_id)
