"""A desk's own lists of codes: why commitments are broken, and why one is left out of the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports import models
from watchbill.apps.reports.choices import Sort
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.report import Reason

CODE_LIMIT, LABEL_LIMIT = 40, 120


STANDARD: Mapping[Sort, Mapping[str, str]] = {
    Sort.BREACH: {
        Reason.UNASSIGNED: "Waited unassigned",
        Reason.CUSTOMER: "Waited for the customer",
        Reason.VENDOR: "Waited for a vendor",
        Reason.OTHER_PARTY: "Waited for another party",
        Reason.HANDED_OVER: "Handed over several times",
        Reason.NO_STAFF: "No staff on shift",
        Reason.REOPENED: "Reopened late",
        Reason.SHORTENED: "Promised sooner by a change",
        Reason.TOOK_LONGER: "Worked on, but took longer",
        "other": "Another reason",
    },
    Sort.EXCLUSION: {
        "outage": "Outage beyond our control",
        "customer_delay": "Customer could not be reached",
        "wrong_record": "Recorded wrongly",
        "test": "Test or training",
        "agreed": "Agreed with the customer",
        "other": "Another reason",
    },
}
"""What every desk begins with; the breach codes but the last are those that a timeline can suggest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """One code as a desk calls it. A standard one can be renamed and put out of use, never taken away."""

    code: str
    label: str
    is_active: bool = True
    is_standard: bool = False


def code_list(desk_id: int, sort: Sort) -> list[CodeRow]:
    """Return a desk's codes: the standard ones in their order, then its own by name. One query."""
    own = {
        row["code"]: row
        for row in models.Code.objects.filter(desk_id=desk_id, sort=sort)
        .order_by("label")
        .values("code", "label", "is_active")
    }
    standard = [
        CodeRow(code=str(code), label=label, is_standard=True)
        if code not in own
        else CodeRow(**own.pop(code), is_standard=True)
        for code, label in STANDARD[sort].items()
    ]
    return standard + [CodeRow(**row) for row in own.values()]


def code_labels(desk_id: int, sort: Sort) -> dict[str, str]:
    """Return what codes are called, those out of use too."""
    return {row.code: row.label for row in code_list(desk_id, sort)}


def code_require(desk_id: int, sort: Sort, code: str) -> str:
    """Return what a code is called. Raises InvalidFacts for one that the desk does not use."""
    in_use = {row.code: row.label for row in code_list(desk_id, sort) if row.is_active}
    if code not in in_use:
        raise InvalidFacts(f"“{code[:60]}” is no code of this desk; it uses {', '.join(in_use)}", field="code")
    return in_use[code]


def code_save(
    desk_id: int, sort: Sort, code: str, *, label: str, is_active: bool = True, by: Actor, now: datetime
) -> None:
    """Add a code of the desk's own, call one otherwise, or put it out of use. Written down in the audit trail."""
    require(by, Right.POLICY_EDIT, desk_id)
    code, label = code.strip().lower(), " ".join(label.split())
    if not 1 <= len(code) <= CODE_LIMIT or not code.isascii() or not code.replace("_", "").isalnum():
        raise InvalidFacts(
            f"A code has 1 to {CODE_LIMIT} small letters, digits or underscores, such as late_parts", field="code"
        )
    if not 1 <= len(label) <= LABEL_LIMIT:
        raise InvalidFacts(f"A code needs words of 1 to {LABEL_LIMIT} characters", field="label")
    with transaction.atomic():
        before = next((row for row in code_list(desk_id, sort) if row.code == code), None)
        models.Code.objects.update_or_create(
            desk_id=desk_id, sort=sort, code=code, defaults={"label": label, "is_active": is_active}
        )
        audit_add(
            "code_saved",
            object_kind="code",
            object_ref=f"{sort.value} {code}",
            desk_id=desk_id,
            before=None if before is None else {"label": before.label, "is_active": before.is_active},
            after={"label": label, "is_active": is_active},
            by=by,
            now=now,
        )
