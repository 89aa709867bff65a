"""People say why commitments were broken: one by one, or many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import BREACH, shown
from watchbill.apps.core.services import audit_add
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports import services
from watchbill.apps.reports.choices import Sort
from watchbill.apps.reports.codes import code_list
from watchbill.apps.reports.queries import BreachRow, breaches_get
from watchbill.apps.work.services import items_lock
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.flows.report.notes import notes_write

LIMIT = 500
"""Breaches in one act."""

NOTE_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What was confirmed, and for each breach that was left alone, why."""

    done: tuple[BreachRow, ...]
    left: tuple[tuple[str, str], ...]


def breaches_confirm(
    desk_id: int, breach_ids: Sequence[int], *, code: str = "", note: str = "", by: Actor, now: datetime
) -> Confirmed:
    """Confirm a reason of breaches of a desk: *code* for all, or for each the one that is suggested. Up to 500.

    A breach without a suggestion is left alone when no code is given, and named. Each item gets a work note; the act is
    in the audit trail. Confirming again changes the reason; what was said before stays. Raises NotFound, NotAllowed,
    InvalidFacts.
    """
    require(by, Right.BREACH_CONFIRM, desk_id)
    wanted = list(dict.fromkeys(breach_ids))
    if not 1 <= len(wanted) <= LIMIT:
        raise InvalidFacts(f"Choose 1 to {LIMIT} breaches; you chose {len(wanted)}", field="breaches")
    note = note.strip()
    if len(note) > NOTE_LIMIT:
        raise InvalidFacts(f"A note has at most {NOTE_LIMIT} characters", field="note")
    found = [row for row in breaches_get(wanted, by=by) if row.desk_id == desk_id]
    missing = set(wanted) - {row.id for row in found}
    if missing:
        raise NotFound(f"This desk has no breach {shown(BREACH, min(missing))}, or you may not see it")
    labels = {row.code: row.label for row in code_list(desk_id, Sort.BREACH) if row.is_active}
    if code and code not in labels:
        raise InvalidFacts(f"“{code[:60]}” is no code of this desk; it uses {', '.join(labels)}", field="code")
    if code == "other" and not note:
        raise InvalidFacts("Say which other reason it was", field="note")
    with transaction.atomic():
        items_lock([row.item_id for row in found])
        rows = breaches_get(wanted, by=by)
        answered = _confirm(desk_id, rows, labels, code=code, note=note, by=by, now=now)
    there = {row.id for row in rows}
    gone = [(row.reference, "It is no breach any more") for row in found if row.id not in there]
    return replace(answered, left=(*answered.left, *gone))


def _confirm(
    desk_id: int, rows: Sequence[BreachRow], labels: dict[str, str], *, code: str, note: str, by: Actor, now: datetime
) -> Confirmed:
    done = [row for row in rows if code or row.suggested in labels]
    left = [(row.reference, "Nothing is suggested; choose a reason") for row in rows if row not in done]
    if done:
        codes = [code or row.suggested for row in done]
        services.breaches_confirm(done, codes, note=note, by=by, now=now)
        lines: dict[int, list[str]] = defaultdict(list)
        for row, chosen in zip(done, codes, strict=True):
            lines[row.item_id].append(f"Why {row.name} was missed: {labels[chosen]}{f'. {note}' if note else ''}")
        notes_write(lines, by=by, now=now)
        audit_add(
            "breach_confirmed", object_kind="breach", desk_id=desk_id,
            object_ref=str(shown(BREACH, done[0].id)) if len(done) == 1 else f"{len(done)} breaches",
            after={str(shown(BREACH, row.id)): chosen for row, chosen in zip(done, codes, strict=True)},
            reason=note, by=by, now=now,
        )  # fmt: skip
    return Confirmed(done=tuple(done), left=tuple(left))
