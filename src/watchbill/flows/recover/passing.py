"""Passing items to service partners by a plan, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ACT, key_of
from watchbill.apps.decisions.recoveries import RecoveryRow
from watchbill.apps.people.partners import partner_list
from watchbill.apps.work import queries as work
from watchbill.apps.work import services as work_services
from watchbill.apps.work.passed import passed_open
from watchbill.engine.base.errors import Conflict
from watchbill.flows.act.bulk import Passing, items_pass
from watchbill.flows.act.undoing import act_undo
from watchbill.flows.recover.applied import ANEW, Applied, items_told, note_of, require_as_planned


def passing_do(row: RecoveryRow, option: Mapping[str, Any], by: Actor, now: datetime) -> tuple[Applied, dict[str, Any]]:
    """Let each item wait for the partner that it goes to, as one act, in the caller's transaction.

    Raises Conflict when an item or a partner is not as the plan saw it.
    """
    planned = {one["item_id"]: one for one in option["passed"]}
    work_services.items_lock(sorted(planned))
    rows = {one.id: one for one in work.work_rows(row.desk_id, [one["item"] for one in planned.values()], by=by)}
    require_as_planned(planned.values(), rows)
    _require_partners(row, option)
    later = now - datetime.fromisoformat((row.result or {})["made_at"])
    passings = [
        Passing(
            reference=one["item"], partner_id=one["partner_id"], partner=one["partner"], ask_at=datetime.fromisoformat(one["done_by"]) + later,
            text=note_of(row, option, f"Passed to {one['partner']}"),
        )
        for one in planned.values()
    ]  # fmt: skip
    names = " and ".join(one["partner"] for one in option["partners"])
    done = items_pass(row.desk_id, passings, what=names, by=by, now=now)
    if done.left:
        raise Conflict(
            f"{'; '.join(f'{item}: {why}' for item, why in done.left[:5])}. {ANEW}",
            changes=[{"item": item, "why": why} for item, why in done.left],
        )
    said = f"{items_told(len(planned))} passed to {names}, who must be told"
    return Applied(reference=row.reference, plan=option["code"], said=said, act=done.act), {"act": done.act}


def _require_partners(row: RecoveryRow, option: Mapping[str, Any]) -> None:
    known, passed = {one.id: one for one in partner_list(row.desk_id)}, passed_open(row.desk_id)
    for one in option["partners"]:
        partner = known.get(one["partner_id"])
        if partner is None:
            raise Conflict(f"{one['partner']} takes no work any more. {ANEW}")
        if partner.version != one["version"]:
            raise Conflict(f"What {one['partner']} takes, or asks for it, has changed. {ANEW}")
        room = partner.most - passed.get(partner.id, 0)
        if room < one["items"]:
            raise Conflict(
                f"{one['partner']} takes {items_told(max(0, room))} more, and the plan has {one['items']}. {ANEW}"
            )


def passing_undo(row: RecoveryRow, by: Actor, now: datetime) -> Applied:
    """Items are with those who had them, in the state of then; what came back, or was changed, since is left and named."""
    act = (row.receipt or {})["act"]
    try:
        result = act_undo(key_of(ACT, act), by=by, now=now)
    except Conflict as undone:  # by itself, on the trail
        return Applied(
            reference=row.reference,
            plan=row.applied_plan,
            said="Nothing was left to undo",
            left=[(act, undone.message)],
        )
    said = f"{items_told(len(result.done))} no longer with the partner, who must be told"
    return Applied(reference=row.reference, plan=row.applied_plan, said=said, left=list(result.left))
