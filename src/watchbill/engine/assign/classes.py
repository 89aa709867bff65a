"""Items folded into needs (what they ask of a person) and classes (needs of equal urgency): equal members share every cost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.assign.facts import ItemFacts, PersonFacts, Snapshot
from watchbill.engine.assign.index import bucket_of, effort_step, mean_touch_min, points_of, urgency_points
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Route
from watchbill.engine.assign.rules import is_away_too_long
from watchbill.engine.base.ids import ItemId, PersonId, RegionId, SkillId, TeamId

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Key = TypeVar("Key", bound=Hashable)


class Need(NamedTuple):
    """What an item asks of a person, as far as policy and people make a difference of it; equal for many items.

    limited: its classes of work that have a limit. region: only for points.
    """

    team: TeamId | None
    skill: SkillId | None
    min_level: int
    language: str | None
    touch_min: int
    clearances: frozenset[str]
    tier: str | None
    limited: tuple[str, ...]
    region: RegionId | None
    route: Route


@dataclass(frozen=True, slots=True)
class Classes:
    """I items folded into C classes over N needs.

    items: oldest first, then id; those that compete, plus at most one that is only asked about (competes is False for it).
    urgency: points per item before bucketing. need_of, of_item: need and class per item. Then per class: need, base (points), effort_min (a
    step), is_touched, is_owned (somebody able to own it does: it never goes back to the queue); and per need: touch_min, min_level.
    """

    items: tuple[ItemFacts, ...]
    competes: Bools
    urgency: Mapping[ItemId, float]
    needs: tuple[Need, ...]
    need_of: Ints
    of_item: Ints
    need: Ints
    base: Floats
    effort_min: Ints
    is_touched: Bools
    is_owned: Bools
    touch_min: Floats
    min_level: Ints


def does_compete(item: ItemFacts, snapshot: Snapshot, people: Mapping[PersonId, PersonFacts]) -> bool:
    """Whether the plan may choose for the item: nobody able to own it does, or it may be moved now.

    It may be moved when its owner is absent, or owned items may move and no change of watch of hers is near; never when it
    is pinned, and if it was moved lately only when its owner is away for too long.
    """
    owner = None if item.owner is None else people.get(item.owner)
    if owner is None or not owner.is_active:
        return True
    if item.is_pinned or not (owner.is_absent or snapshot.policy.is_rebalancing):
        return False
    if not owner.is_absent and changes_watch(owner, snapshot.now, within_min=snapshot.policy.watch_margin_min):
        return False
    rest = timedelta(hours=snapshot.policy.move_rest_h)
    has_rested = item.last_moved_at is None or item.last_moved_at + rest <= snapshot.now
    return has_rested or is_away_too_long(item, owner)


def changes_watch(person: PersonFacts, now: datetime, *, within_min: int) -> bool:
    """Whether the person's shift begins or ends, or has just begun or ended, less than *within_min* minutes from now."""
    if person.since_change_min is not None and person.since_change_min < within_min:
        return True
    if person.is_on_shift:
        return person.shift_left_min < within_min
    return person.next_shift_at is not None and person.next_shift_at - now < timedelta(minutes=within_min)


def classes_of(snapshot: Snapshot, *, also: ItemId | None = None) -> Classes:
    """Fold the items that compete, and *also* if it does not. O(items)."""
    policy = snapshot.policy
    people = {person.id: person for person in snapshot.people}
    mean_min = mean_touch_min(snapshot.items)
    taken = [
        (item, competing)
        for item in sorted(snapshot.items, key=lambda item: (item.opened_at, item.id))
        if (competing := does_compete(item, snapshot, people)) or item.id == also
    ]
    items = tuple(item for item, _ in taken)
    urgency = {item.id: urgency_points(item, snapshot, mean_min=mean_min) for item in items}
    needs, need_of = fold(map(_needs(snapshot.people, policy), items))
    keys, of_item = fold(
        (
            need,
            bucket_of(urgency[item.id]),
            effort_step(item.effort_min),
            item.is_touched,
            item.owner is not None and item.owner in people and people[item.owner].is_active,
        )
        for item, need in zip(items, need_of.tolist(), strict=True)
    )
    return Classes(
        items=items,
        competes=np.array([competing for _, competing in taken], dtype=np.bool_),
        urgency=urgency,
        needs=tuple(needs),
        need_of=need_of,
        of_item=of_item,
        need=np.array([key[0] for key in keys], dtype=np.int64),
        base=np.array([points_of(key[1]) for key in keys], dtype=np.float64),
        effort_min=np.array([key[2] for key in keys], dtype=np.int64),
        is_touched=np.array([key[3] for key in keys], dtype=np.bool_),
        is_owned=np.array([key[4] for key in keys], dtype=np.bool_),
        touch_min=np.array([need.touch_min for need in needs], dtype=np.float64),
        min_level=np.array([need.min_level for need in needs], dtype=np.int64),
    )


def fold(keys: Iterable[Key]) -> tuple[list[Key], Ints]:
    """Distinct keys in order of first sight, and for each key its number."""
    numbers: dict[Key, int] = {}
    of = [numbers.setdefault(key, len(numbers)) for key in keys]
    return list(numbers), np.array(of, dtype=np.int64)


def _needs(people: Sequence[PersonFacts], policy: Policy) -> Callable[[ItemFacts], Need]:
    """What makes the need of an item: what makes no difference to anybody is left out, so that many needs are equal."""
    limited = frozenset(policy.class_limits).union(*(person.class_limits for person in people))
    has_tiers = any(person.tiers for person in people)
    regions = {person.region for person in people} - {None} if policy.region_weight else frozenset()

    def need(item: ItemFacts) -> Need:
        return Need(
            team=item.team if policy.needs_team else None,
            skill=item.skill,
            min_level=item.min_level if item.skill is not None else 1,
            language=item.language if policy.needs_language else None,
            touch_min=item.touch_min,
            clearances=item.clearances if policy.needs_clearance else frozenset(),
            tier=item.tier if has_tiers else None,
            limited=tuple(sorted(limited.intersection(item.classes))) if limited else (),
            region=item.region if item.region in regions else None,
            route=item.route,
        )

    return need
