"""Proposals that people have answered, made directly: learning reads many."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchbill.apps.decisions.models import Decision
from watchbill.apps.work.models import WorkItem


def points(**by_rule: float) -> list[dict[str, object]]:
    return [{"rule": rule, "level": "nice", "points": of, "words": rule} for rule, of in by_rule.items()]


def answered(reference: str, *, chosen: int, other: int, now: datetime, many: int = 66, **fields: object) -> None:
    """Answers of the last days about one item: *chosen* was proposed, *other* knows the customer (6 points), must be
    handed it (8 points) and got it, unless *fields* say otherwise."""
    item = WorkItem.objects.get(reference=reference)
    outcome = {
        "verdict": "assign", "gain": None, "contributions": points(urgency=20),
        "alternatives": [{"person": other, "has_slot": True, "contributions": points(urgency=20, handover=-8, continuity=6)}],
    }  # fmt: skip
    Decision.objects.bulk_create(
        Decision(
            **{
                "desk_id": item.desk_id, "item_id": item.id, "item_version": 1, "queue_id": item.queue_id,
                "status": "changed", "mode": "advise", "chosen_id": chosen, "given_to_id": other, "outcome": outcome,
                "policy_number": 0, "facts_digest": "", "proposed_at": now, "answered_at": now - timedelta(hours=n + 1),
                **fields,
            }
        )
        for n in range(many)
    )  # fmt: skip
