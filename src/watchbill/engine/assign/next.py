"""The order of one person's own work: what to do next, and why this one before the one after it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import POINTS, mean_touch_min, urgency_points, weight_of
from watchbill.engine.assign.rules import fulfils_musts, has_worked_on, speed_of
from watchbill.engine.assign.words import promise_words, span
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.ids import ItemId, PersonId

MOST = 20
"""Nobody reads further down her list; the rest is the queue's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextItem:
    """One line of a person's list.

    is_own: she owns it; otherwise it waits in the queue and she may take it. points: the index of the pair, points per hour of her time
    relative to a P1 that must start now. why: what makes it urgent; before: why it stands above the next line, empty for the last.
    """

    item: ItemId
    is_own: bool
    points: float
    why: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class _Rank:
    """The index of an item for one person, taken apart: points = weight x urgency / need_min, up to a constant."""

    facts: ItemFacts
    is_own: bool
    points: float
    weight: float
    urgency: float
    need_min: float

    @property
    def order(self) -> tuple[float, float, float, int]:
        due = min((promise.due_at.timestamp() for promise in self.facts.commitments), default=math.inf)
        return -self.points, due, self.facts.opened_at.timestamp(), self.facts.id


def next_items(
    snapshot: Snapshot, person: PersonId, *, with_queue: bool = True, most: int = MOST
) -> tuple[NextItem, ...]:
    """What a person does next, the most pressing first.

    Parameters
    ----------
    snapshot: the facts of `plan`; urgency is relative to the mean touch of all its items. Own items that wait for somebody else are no
        work now: leave them out.
    person: her id.
    with_queue: also what nobody able to work owns and she may take now, every must fulfilled.
    most: how many lines, at least one.

    Returns
    -------
    tuple[NextItem, ...]
        By the index of the pair (docs/algorithms/assign.md, "What next"); ties to what is due first, then to the oldest.
        Fewer own items than *most* are all there, whatever musts she fails: they are hers already.

    Raises NotFound when the person is not in the snapshot. O(items log items).

    References
    ----------
    Vepsalainen, Morton (1987), Priority rules for job shops with weighted tardiness costs, Management Science 33(8).
    """
    ranks = _ranks(snapshot, person, mean_touch_min(snapshot.items), with_queue=with_queue)
    ranks.sort(key=lambda rank: rank.order)
    return tuple(_lines(ranks[: most + 1], snapshot)[:most])


def first_item(part: Snapshot, person: PersonId, *, mean_min: float) -> ItemId | None:
    """The item of the first line of `next_items`, without its words; None for an empty list.

    part: she, and at least what she owns or may take of a desk whose mean touch is *mean_min*. O(items of the part).
    """
    ranks = _ranks(part, person, mean_min, with_queue=True)
    return min(ranks, key=lambda rank: rank.order).facts.id if ranks else None


def _ranks(snapshot: Snapshot, person: PersonId, mean_min: float, *, with_queue: bool) -> list[_Rank]:
    her = next((facts for facts in snapshot.people if facts.id == person), None)
    if her is None:
        raise NotFound(f"Person {person} is not in the snapshot.")
    owners = {facts.id for facts in snapshot.people if facts.is_active}
    return [
        _rank(item, her, snapshot, mean_min)
        for item in snapshot.items
        if item.owner == person
        or (with_queue and item.owner not in owners and fulfils_musts(item, her, snapshot.policy))
    ]


def _rank(item: ItemFacts, her: PersonFacts, snapshot: Snapshot, mean_min: float) -> _Rank:
    policy = snapshot.policy
    is_stranger = item.is_touched and not has_worked_on(item, her.id)
    need_min = item.touch_min / speed_of(item, her, policy) + (policy.handover_min if is_stranger else 0)
    points = urgency_points(item, snapshot, mean_min=mean_min) * item.touch_min / need_min
    weight = weight_of(item, policy)
    scale = POINTS * mean_min / policy.priority_weights["1"]
    return _Rank(item, item.owner == her.id, points, weight, points * need_min / (weight * scale), need_min)


def _lines(ranks: Sequence[_Rank], snapshot: Snapshot) -> list[NextItem]:
    return [
        NextItem(
            item=rank.facts.id,
            is_own=rank.is_own,
            points=round(rank.points, 2),
            why=f"{promise_words(rank.facts, snapshot.now)}; about {span(round(rank.need_min))} for you",
            before=_before(rank, ranks[at + 1]) if at + 1 < len(ranks) else "",
        )
        for at, rank in enumerate(ranks)
    ]


def _before(rank: _Rank, after: _Rank) -> str:
    """The factor of the index in which the line is furthest ahead of the next one."""
    ahead = {
        "its promise leaves less time to spare": _ratio(rank.urgency, after.urgency),
        "it weighs more": _ratio(rank.weight, after.weight),
        "it takes less of your time": _ratio(after.need_min, rank.need_min),
    }
    if rank.points <= after.points:
        return "equally pressing, but due or opened earlier"
    return max(ahead, key=lambda words: ahead[words])


def _ratio(one: float, other: float) -> float:
    """How many times larger; equal when both are nothing, since factors of a product are compared."""
    if one == other:
        return 1.0
    return one / other if other else math.inf
