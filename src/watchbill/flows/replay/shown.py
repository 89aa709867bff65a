"""The items of a replay as plain data under the names that programs know: the same for the API and for commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.apps.clocks import replays
from watchbill.apps.clocks.replays import Asked
from watchbill.apps.core.actor import Actor
from watchbill.apps.customers.queries import customers_of
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queues import queues_of
from watchbill.engine.base.intervals import MICROS_PER_S, instant_of
from watchbill.engine.clocks.replay import Effect

EFFECTS = {effect.name.lower(): int(effect) for effect in Effect if effect.name}
"""What a draft may do to an item, by the words that programs know."""


def items_shown(
    replay_id: int, asked: Asked, *, after: int = 0, limit: int = 50, by: Actor
) -> tuple[list[dict[str, Any]], int | None]:
    """Return items whose result a replay changes, by their keys, and the key to go on after (None: that was all).

    Raises NotFound, and NotAllowed for those who may not read the desk's work.
    """
    row = replays.replay_get(replay_id, by=by)
    require(by, Right.WORK_VIEW, row.desk_id)
    found = replays.items_page(row.id, asked, after=after, limit=limit + 1)
    rows = found[:limit]
    queues = queues_of(row.desk_id)
    customers = customers_of([each["customer_id"] for each in rows if each["customer_id"]])
    items = [
        {
            "item": each["reference"],
            "title": each["title"],
            "state": each["state"],
            "priority": each["priority"],
            "queue": queues.get(each["queue_id"]),
            "customer": customers[each["customer_id"]].name if each["customer_id"] in customers else None,
            "effects": [word for word, bit in EFFECTS.items() if each["effects"] & bit],
            "changes": [_change(change) for change in each["changes"]],
        }
        for each in rows
    ]
    return items, rows[-1]["item_id"] if len(found) > limit else None


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    return {**change, "before": _side(change["before"]), "after": _side(change["after"])}


def _side(kept: Sequence[Any]) -> dict[str, Any]:
    """Return how a commitment stands, from the form in which it is kept."""
    state, breaches, due_us, breach_us, target_us = kept
    return {
        "state": state,
        "breaches": breaches,
        "due_at": None if due_us is None else instant_of(due_us),
        "breach_at": None if breach_us is None else instant_of(breach_us),
        "target_s": None if target_us is None else target_us // MICROS_PER_S,
    }
