"""How urgent an item is by itself: the priority index of promises, in points, and the buckets that make classes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

from watchbill.engine.assign.facts import CommitmentKind, ItemFacts, Snapshot
from watchbill.engine.assign.policy import Policy

POINTS = 100
"""Points of a standard P1 promise of mean effort at the moment it must be started. Reasons carry two decimals."""
ANSWER_MIN = 5
"""Minutes of work that keep any promise but a resolution, at the beginning of a touch: assumed until they are learned."""
SMALLEST = 0.5
"""Urgency below this many points counts as none."""
RATIO = 1.35
"""Width of an urgency bucket. Inside a bucket the geometric centre stands for all, so the error is at most 16 %."""
STEPS_MIN = (30, 60, 120, 240, 480)
"""Buckets for remaining effort (rounded up) and for time left in a shift (rounded down), in minutes."""
_SHIFT_STEPS = (0, *STEPS_MIN)


def mean_touch_min(items: Sequence[ItemFacts]) -> float:
    """Mean touch effort of the snapshot in minutes: the yardstick of the look-ahead. 60 for an empty queue."""
    return sum(item.touch_min for item in items) / len(items) if items else 60.0


def promise_urgency(left_min: float, *, work_min: int, target_min: int, mean_min: float, policy: Policy) -> float:
    """Urgency of one promise, 0 to about 1: apparent tardiness cost with triage (docs/algorithms/assign.md, "Urgency").

    left_min: minutes until due, negative when overdue; work_min: what is still to be done before it. A promise that can hardly
    be met any more keeps a small weight that grows with lateness.

    References
    ----------
    Vepsalainen, Morton (1987), Priority rules for job shops with weighted tardiness costs, Management Science 33(8).
    """
    if left_min < 0.5 * work_min:
        overdue = max(0.0, -left_min) / target_min
        return policy.late_residual + policy.late_growth * min(3.0, overdue)
    return math.exp(-max(0.0, left_min - work_min) / (policy.look_ahead * mean_min))


def urgency_points(item: ItemFacts, snapshot: Snapshot, *, mean_min: float) -> float:
    """Weighted urgency of all promises, each per hour of the work that it takes, in points; the part that no person changes.

    A response is kept by the first minutes of a touch, but takes the person for all of it. Promises far ahead weigh no less
    than none.
    """
    policy, total = snapshot.policy, 0.0
    for promise in item.commitments:
        work_min = work_until(promise.kind, item)
        left_min = (promise.due_at - snapshot.now).total_seconds() / 60
        urgency = promise_urgency(
            left_min, work_min=work_min, target_min=promise.target_min, mean_min=mean_min, policy=policy
        )
        total += policy.commitment_weights[promise.kind] * urgency * item.touch_min / max(item.touch_min, work_min)
    total = max(total, policy.late_residual)
    return per_touch(total * weight_of(item, policy), item=item, mean_min=mean_min, policy=policy)


def work_until(kind: CommitmentKind, item: ItemFacts) -> int:
    """Minutes of work between now and the promise: all that remains before a resolution, an answer before the others."""
    return (
        max(item.touch_min, item.effort_min) if kind is CommitmentKind.RESOLUTION else min(item.touch_min, ANSWER_MIN)
    )


def weight_of(item: ItemFacts, policy: Policy) -> float:
    """Priority weight times customer tier factor."""
    return policy.priority_weights[str(int(item.priority))] * policy.tier_factors.get(item.tier, 1.0)


def per_touch(weighted: float, *, item: ItemFacts, mean_min: float, policy: Policy) -> float:
    """Points of a weighted urgency: relative to a P1, and to an item of mean touch effort."""
    return POINTS * weighted / policy.priority_weights["1"] * mean_min / item.touch_min


def bucket_of(points: float) -> int:
    """Number of the urgency bucket, 0 for none."""
    return 0 if points < SMALLEST else 1 + int(math.log(points / SMALLEST) / math.log(RATIO))


@cache
def points_of(bucket: int) -> float:
    """The points that stand for a bucket: its geometric centre."""
    return 0.0 if bucket == 0 else float(SMALLEST * RATIO ** (bucket - 0.5))


def effort_step(effort_min: int) -> int:
    """Remaining effort rounded up to a step (the longest step for more)."""
    return next((step for step in STEPS_MIN if effort_min <= step), STEPS_MIN[-1])


def shift_step(left_min: int) -> int:
    """Time left in a shift rounded down to a step, 0 below the shortest."""
    return _SHIFT_STEPS[bisect_right(STEPS_MIN, left_min)]
