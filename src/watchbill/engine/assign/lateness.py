"""How likely each promise is to be missed if a person works her own items in the order of their urgency."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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


def order_of(queue: Sequence[Queued]) -> list[Queued]:
    """The most urgent first, then the oldest."""
    return sorted(queue, key=lambda one: (-one.urgency, one.item.opened_at, one.item.id))


def late_by_item(queue: Sequence[Queued], spans: Spans, now: datetime) -> Mapping[ItemId, tuple[float, float]]:
    """By item, the chance that its worst promise is missed, and the sum of the chances of all of its promises.

    She works *queue* in `order_of`, one touch each; a resolution needs all of the item's effort, other promises an answer.
    The work up to there is the sum of independent touches of spread SPREAD, taken as normal, against what she works until
    the due: P = Phi((work - worked) / sd). A promise that is overdue is missed. O(n log n).
    """
    found, ahead, variance = {}, 0.0, 0.0
    for one in order_of(queue):
        worst = total = 0.0
        for promise in one.item.commitments:
            left_min = (promise.due_at - now).total_seconds() / 60
            own = one.effort_min if promise.kind is CommitmentKind.RESOLUTION else min(one.touch_min, ANSWER_MIN)
            chance = 1.0 if left_min <= 0 else _chance(ahead + own, variance + (SPREAD * own) ** 2, spans, left_min)
            worst, total = max(worst, chance), total + chance
        found[one.item.id] = (worst, total)
        ahead += one.touch_min
        variance += (SPREAD * one.touch_min) ** 2
    return found


def _chance(work_min: float, variance: float, spans: Spans, left_min: float) -> float:
    over = work_min - worked_until(spans, left_min)
    return 0.5 * math.erfc(-over / math.sqrt(2 * variance)) if variance > 0 else float(over > 0)
