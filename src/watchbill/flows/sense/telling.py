"""Risk for programs and terminals: what is in danger, of one item or of a desk, and what the forecasts are worth."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.decisions import risks
from watchbill.apps.decisions.risks import ROLLOUT, ItemRisk, ModelRow, Place, PromiseRisk
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queries import ItemRow, WorkFilter, work_get, work_rows


def dangers_told(
    desk_id: int, *, is_likely: bool = False, commitment: str = "", after: str = "", limit: int, by: Actor, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Return items of a desk, the greatest danger first, with the model in use; ``next`` is where the next page begins."""
    place = Place.parse(after)
    found = risks.danger_page(
        WorkFilter(desk_id=desk_id), is_likely=is_likely, name=commitment, after=place, limit=limit + 1, by=by, now=now
    )
    shown_now = found[:limit]
    rows = {row.reference: row for row in work_rows(desk_id, [one.reference for one in shown_now], by=by)}
    known = risks.risks_of_items([one.place.item_id for one in shown_now])
    model = risks.model_in_use(desk_id)
    return {
        "source": _source(desk_id, model),
        "model": model.number if model and model.source else None,
        "items": [
            _item(rows[one.reference], known[one.place.item_id])
            for one in shown_now
            if one.reference in rows and one.place.item_id in known
        ],
        "next": str(shown_now[-1].place) if len(found) > limit else None,
    }


def _source(desk_id: int, model: ModelRow | None) -> str:
    """What most running promises of a desk are scored by; with a model, all of them are by it."""
    return model.source if model and model.source else next(iter(risks.sources(desk_id)), risks.BASELINE)


def _item(row: ItemRow, risk: ItemRisk) -> dict[str, Any]:
    return {
        "reference": row.reference, "title": row.title, "priority": row.priority, "owner": row.owner, "rank": risk.rank,
        "risks": [_promise(each) for each in risk.promises],
    }  # fmt: skip


def _promise(one: PromiseRisk) -> dict[str, Any]:
    action = one.action
    return {
        "commitment": one.name, "p_miss": one.p_miss, "source": one.source,
        "model": None if one.source == ROLLOUT else one.number or None, "runs": one.number if one.source == ROLLOUT else None,
        "reasons": [{"code": reason.code, "words": reason.words} for reason in one.reasons],
        "action": None
        if action is None
        else {"code": action.code, "words": action.words, "p_after": action.p_after,
              "person": shown(PERSON, action.person_id), "safe_at": action.safe_at, "p_safe": action.p_safe,
              "source": action.source or one.source},
        "no_action": one.none, "gain": one.gain, "scored_at": one.scored_at,
    }  # fmt: skip


def item_told(reference: str, *, by: Actor) -> dict[str, Any]:
    """Return the risks of one item's running promises, none where nothing runs that can still be kept."""
    item = work_get(reference, by=by)
    risk = risks.risks_of_items([item.id]).get(item.id)
    return {
        "reference": item.reference, "rank": risk.rank if risk else None,
        "risks": [_promise(each) for each in risk.promises] if risk else [],
    }  # fmt: skip


def model_told(desk_id: int, *, by: Actor) -> dict[str, Any]:
    """Return which model is in use since when, from what it was learned, how it fared, and how it did lately."""
    require(by, Right.WORK_VIEW, desk_id)
    model, counted = risks.model_in_use(desk_id), risks.counts_row(desk_id)
    return {
        "scored_by": risks.sources(desk_id),
        "number": model.number if model else None,
        "learned_at": model.learned_at if model else None,
        "source": model.source if model else "",
        "digest": model.digest if model else "",
        "words": model.words if model else "Nothing was learned yet",
        "figures": model.figures if model else {},
        "counted_at": counted.counted_at if counted else None,
        "lately": counted.lately if counted else {},
    }
