"""What applying any plan of recovery options shares: its receipt, the notes that it leaves, and what must be as it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions.recoveries import RecoveryRow
from watchbill.apps.work import services as work_services
from watchbill.apps.work.queries import ItemRow
from watchbill.apps.work.services import Change
from watchbill.engine.base.errors import Conflict
from watchbill.engine.base.work import ACTIONABLE, EventKind, State

ANEW = "Work the options out anew"


@dataclass(slots=True, kw_only=True)
class Applied:
    """What became of a plan: how much was done; what was asked of others; of taking it back, what is left, and why."""

    reference: str
    plan: str
    said: str
    act: str = ""
    asked: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what API and commands answer."""
        left = [{"what": what, "why": why} for what, why in self.left]
        return {"reference": self.reference, "plan": self.plan, "said": self.said, "asked": self.asked, "left": left}


def note_of(row: RecoveryRow, option: Mapping[str, Any], said: str) -> str:
    """The work note of one item: what, why, what is expected, and which plans were not chosen."""
    base = (row.result or {})["options"][0]["misses"]["mean"]
    others = [
        f"{one['name'].lower()} ({one['misses']['mean']:.1f})"
        for one in (row.result or {})["options"]
        if one["code"] != option["code"]
    ]
    misses = option["misses"]
    return (
        f"{said}, by plan “{option['name']}” of {row.reference}. Expected misses of the desk {base:.1f} to {misses['mean']:.1f}"
        f" ({misses['low']:.1f} to {misses['high']:.1f}) until {(row.result or {})['follow_until'][:16].replace('T', ' ')} UTC,"
        f" simulated over {(row.result or {})['futures']} futures. Not chosen: {', '.join(others)}."
    )


def notes_write(notes: Mapping[int, str], *, by: Actor, now: datetime) -> None:
    """Write a note on each item, in one statement."""
    changes = [Change(item_id=item, kind=EventKind.NOTE, data={"text": text}) for item, text in sorted(notes.items())]
    if changes:
        work_services.work_change_many(changes, by=by, now=now)


def require_as_planned(planned: Collection[Mapping[str, Any]], rows: Mapping[int, ItemRow]) -> None:
    """Raise Conflict, naming items and how they differ, unless each is as the plan saw it."""
    other = [(one["item"], why) for one in planned if (why := _changed(one, rows.get(one["item_id"])))]
    if other:
        raise Conflict(
            f"{len(other)} of {len(planned)} items are not as they were: {'; '.join(f'{item} {why}' for item, why in other[:5])}. {ANEW}",
            changes=[{"item": item, "why": why} for item, why in other],
        )  # fmt: skip


def _changed(planned: Mapping[str, Any], row: ItemRow | None) -> str:
    """What of an item is other than the plan saw it, in words; empty when nothing is."""
    if row is None or State(row.state) not in ACTIONABLE:
        return "needs no work now"
    if row.owner_id != planned["owner_id"]:
        return f"is with {row.owner or 'nobody'} now"
    if row.priority != planned["priority"]:
        return f"is P{row.priority} now"
    return f"is {row.state.replace('_', ' ')} now" if row.state != planned["state"] else ""


def items_told(count: int) -> str:
    """Return how many items, in words."""
    return f"{count} {'item' if count == 1 else 'items'}"
