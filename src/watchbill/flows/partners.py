"""Partners beside the work of their desk: what each has now, and a category that no item has, of which nothing is ever passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.partners import PartnerRow, partner_seen, partner_shown, partners_shown
from watchbill.apps.work.passed import passed_open
from watchbill.flows.replay.names import categories_unknown


def partner_notes(desk_id: int, rows: Sequence[PartnerRow]) -> dict[int, list[str]]:
    """Return by partner of a desk a sentence for each category that no item of the desk has: a slip, as a rule.

    One statement; none where no partner names a category.
    """
    unknown = categories_unknown(desk_id, sorted({name for row in rows for name in row.categories}))
    return {row.id: [_said(name, unknown[name]) for name in row.categories if name in unknown] for row in rows}


def _said(name: str, near: str) -> str:
    meant = f"; did you mean “{near}”?" if near else ""
    return f"No item of this desk has the category “{name}”{meant}"


def partners_told(desk_id: int, *, is_in_use: bool = False, by: Actor) -> list[dict[str, Any]]:
    """Return the partners of a desk by name as plain data, with what is worth knowing of them; retired ones last, or left out."""
    rows = [row for row in partners_shown(desk_id, by=by) if row.is_active or not is_in_use]
    return _told(desk_id, rows)


def partner_told(partner_id: int, *, by: Actor) -> dict[str, Any]:
    """Return one partner as plain data, with what is worth knowing of it. Raises NotFound."""
    row = partner_seen(partner_id, by=by)
    return _told(row.desk_id, [row])[0]


def _told(desk_id: int, rows: Sequence[PartnerRow]) -> list[dict[str, Any]]:
    notes, held = partner_notes(desk_id, rows), passed_open(desk_id)
    return [partner_shown(row) | {"held": held.get(row.id, 0), "notes": notes[row.id]} for row in rows]
