"""A commitment is left out of the figures: one person asks, another approves; both stay visible."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import EXCLUSION, shown
from watchbill.apps.core.services import audit_add
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.reports import services
from watchbill.apps.reports.choices import ExclusionStatus, Sort
from watchbill.apps.reports.codes import code_require
from watchbill.apps.reports.queries import ExclusionRow, commitment_exists, exclusion_get
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.services import items_lock
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.flows.report.notes import notes_write

TEXT_LIMIT = 2000


def exclusion_ask(
    reference: str, name: str, *, cycle: int = 1, code: str, text: str, by: Actor, now: datetime
) -> ExclusionRow:
    """Ask to leave a commitment of an item out of the figures; it stays in them until somebody else approves.

    Raises InvalidFacts without a reason in words, NotFound for a commitment that the item never had, and Conflict while
    one is asked for or approved.
    """
    item = work_get(reference, by=by)
    require(by, Right.EXCLUSION_ASK, item.desk_id)
    label = code_require(item.desk_id, Sort.EXCLUSION, code)
    text = _text(text, "Say why, for whoever is to approve it")
    if not commitment_exists(item.id, name, cycle):
        raise NotFound(f"{item.reference} has no commitment “{name[:60]}” number {cycle}")
    with transaction.atomic():
        items_lock([item.id])
        key = services.exclusion_add(item.id, item.desk_id, name, cycle, code=code, text=text, by=by, now=now)
        row = exclusion_get(key, by=by)
        _told(
            row, "exclusion_asked", f"Asked to leave {name} out of the figures: {label}. {text}", text, by=by, now=now
        )
    return row


def exclusion_approve(exclusion_id: int, *, text: str = "", by: Actor, now: datetime) -> ExclusionRow:
    """Approve what somebody else asks for: from now on it is left out, and counted beside."""
    return _answer(exclusion_id, ExclusionStatus.APPROVED, text=text, by=by, now=now)


def exclusion_refuse(exclusion_id: int, *, text: str, by: Actor, now: datetime) -> ExclusionRow:
    """Refuse what somebody else asks for, with a reason."""
    return _answer(exclusion_id, ExclusionStatus.REFUSED, text=text, by=by, now=now)


def _answer(exclusion_id: int, status: ExclusionStatus, *, text: str, by: Actor, now: datetime) -> ExclusionRow:
    row = exclusion_get(exclusion_id, by=by)
    require(by, Right.EXCLUSION_APPROVE, row.desk_id)
    if row.is_asked_by(by):
        raise NotAllowed("Who asked cannot answer: an exclusion needs a second person")
    text = _text(text, "Say why not" if status is ExclusionStatus.REFUSED else None)
    with transaction.atomic():
        items_lock([row.item_id])
        services.exclusion_answer(row.id, row.desk_id, status, answer=text, by=by, now=now)
        did = "Approved" if status is ExclusionStatus.APPROVED else "Refused"
        said = f"{did} to leave {row.name} out of the figures{f': {text}' if text else ''}"
        _told(row, f"exclusion_{status.value}", said, text, by=by, now=now)
    return exclusion_get(exclusion_id, by=by)


def exclusion_withdraw(exclusion_id: int, *, text: str = "", by: Actor, now: datetime) -> ExclusionRow:
    """Take back what one asked for oneself, approved or not; who may approve takes back anybody's."""
    row = exclusion_get(exclusion_id, by=by)
    require(by, Right.EXCLUSION_ASK, row.desk_id)
    if not row.is_asked_by(by) and not may(by, Right.EXCLUSION_APPROVE, row.desk_id):
        raise Conflict(f"{row.asked_by_name} asked for it; only who asked, or who may approve, withdraws it")
    text = _text(text)
    with transaction.atomic():
        items_lock([row.item_id])
        services.exclusion_withdraw(row.id, by=by, now=now)
        said = f"Withdrew the exclusion of {row.name}: it counts again"
        _told(row, "exclusion_withdrawn", f"{said}{f'. {text}' if text else ''}", text, by=by, now=now)
    return exclusion_get(exclusion_id, by=by)


def _text(text: str, missing: str | None = None) -> str:
    """Return a reason as it is kept. Raises InvalidFacts for one that is too long, or *missing* (None: it may be)."""
    text = text.strip()
    if missing and not text:
        raise InvalidFacts(missing, field="text")
    if len(text) > TEXT_LIMIT:
        raise InvalidFacts(f"A reason has at most {TEXT_LIMIT} characters", field="text")
    return text


def _told(row: ExclusionRow, action: str, said: str, reason: str, *, by: Actor, now: datetime) -> None:
    notes_write({row.item_id: [said]}, by=by, now=now)
    audit_add(
        action, object_kind="exclusion", object_ref=str(shown(EXCLUSION, row.id)), desk_id=row.desk_id,
        after={"item": row.reference, "commitment": row.name, "cycle": row.cycle, "code": row.code}, reason=reason,
        by=by, now=now,
    )  # fmt: skip
