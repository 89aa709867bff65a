"""Giving an item away by a decision: one act for autopilot and for a person's yes, with a receipt that undo takes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Written
from watchbill.engine.base.work import EventKind
from watchbill.flows.act.assigning import assignment
from watchbill.flows.act.writing import Act


def act_of_giving(
    item: ItemRow, *, person_id: int, person_name: str, version: int, text: str, note: Mapping[str, Any], by: Actor
) -> Act:
    """Return the act of giving an item away by a decision.

    The proposal itself is answered by the caller, not superseded by the act.
    """
    act = assignment(
        item, person_id, person_name, version=version, text=text, data={"decision": dict(note)},
        kind=EventKind.DECIDED, by=by,
    )  # fmt: skip
    return replace(act, ends_proposal=False)


def receipt(item: ItemRow, act: Act, written: Written) -> dict[str, Any]:
    """Return what undo needs: the fields as they were before *act*, and the item's version after it."""
    before = {name: getattr(item, name) for name in act.change.patch}
    if "state" in before:
        before["state_since"] = item.state_since.isoformat()
    before["owner_since"] = item.owner_since and item.owner_since.isoformat()
    return {"version": written.version, "event_id": written.event_id, "before": before}


def receipt_with(kept: dict[str, Any], victim: ItemRow, act: Act, written: Written) -> dict[str, Any]:
    """Return *kept* with what undo needs to give back the item that was laid aside."""
    return {
        **kept,
        "interrupted": {"item_id": victim.id, "reference": victim.reference, **receipt(victim, act, written)},
    }
