"""How likely each promise is to be missed if a person works her own items in the order of their urgency."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from watchbill.engine.assign.facts import CommitmentKind, ItemFacts
from watchbill.engine.assign.index import ANSWER_MIN
from watchbill.engine.base.ids import ItemId

SPREAD = 0.8
"""Standard deviation of a touch over its mean: of the log-normal effort that methods and simulation use, sigma about 0.7."""
SEEN_MIN = 48 * 60
"""How far a person's hours are known; beyond, she is taken to work as much of the time as within."""

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One item in somebody's order of work: minutes of its next touch and of all of it, for her."""

    item: ItemFacts
    urgency: float
    touch_min: float
    effort_min: float


def worked_until(spans: Spans, until_min: float) -> float:
    """Minutes of work that *spans* (from now, sorted) hold up to *until_min*; beyond SEEN_MIN at the mean rate."""
    if until_min <= 0:
        return 0.0
    seen = float(sum(max(0.0, min(end, until_min) - start) for start, end in spans if start < until_min))
    if until_min <= SEEN_MIN:
        return seen
    return seen + seen * (until_min - SEEN_MIN) / SEEN_MIN


class Placed(NamedTuple):
    """One item in somebody's order of work, with all that does not depend on what else she has.

    rank: the most urgent first, then the oldest. promises: own minutes of work until each, and minutes that she works until
    its due; None when that has passed.
    """

    rank: tuple[float, datetime]
    item: ItemId
    touch_min: float
    promises: tuple[tuple[float, float | None], ...]


def placed(one: Queued, spans: Spans, now: datetime) -> Placed:
    """Place one item in the order of work of somebody who is at work in *spans*."""
    promises = []
    for promise in one.item.commitments:
        left_min = (promise.due_at - now).total_seconds() / 60
        own = one.effort_min if promise.kind is CommitmentKind.RESOLUTION else min(one.touch_min, ANSWER_MIN)
        promises.append((own, worked_until(spans, left_min) if left_min > 0 else None))
    return Placed((-one.urgency, one.item.opened_at), one.item.id, one.touch_min, tuple(promises))


def late_by_item(queue: Sequence[Queued], spans: Spans, now: datetime) -> Mapping[ItemId, tuple[float, float]]:
    """Return what `late_in_order` does of a queue in any order, of somebody who is at work in *spans*. O(n log n)."""
    return late_in_order(sorted(placed(one, spans, now) for one in queue))


def late_in_order(queue: Iterable[Placed]) -> dict[ItemId, tuple[float, float]]:
    """By item, the chance that its worst promise is missed, and the sum of the chances of all of its promises.

    She works *queue* in order, one touch each; a resolution needs all of the item's effort, other promises an answer.
    The work up to there is the sum of independent touches of spread SPREAD, taken as normal, against what she works until
    the due: P = Phi((work - worked) / sd). A promise that is overdue is missed. O(n).
    """
    found, ahead, variance = {}, 0.0, 0.0
    for _, item, touch_min, promises in queue:
        worst = total = 0.0
        for own, worked in promises:
            chance = 1.0 if worked is None else _chance(ahead + own - worked, variance + (SPREAD * own) ** 2)
            worst, total = max(worst, chance), total + chance
        found[item] = (worst, total)
        ahead += touch_min
        variance += (SPREAD * touch_min) ** 2
    return found


def _chance(over_min: float, variance: float) -> float:
    return 0.5 * math.erfc(-over_min / math.sqrt(2 * variance)) if variance > 0 else float(over_min > 0)


class Late(NamedTuple):
    """How late a person's queue is expected to be: by item its worst chance and the sum of all, then over all items."""

    by_item: Mapping[ItemId, tuple[float, float]]
    total: float
    weighted: float


def moved_by(offset: float, worst: float, total: float) -> tuple[float, float]:
    """The chance of the worst promise, moved by an offset and still a chance; and the sum, which it is a part of."""
    moved = min(1.0, max(0.0, worst + offset))
    return moved, total - worst + moved
