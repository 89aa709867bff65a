"""When to decide anew: the same schedule for the live desk, the demo and a replay of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PLAN_GAP = timedelta(minutes=5)
"""Two plans of the whole queue lie at least this far apart, unless rules or people changed."""
PLAN_AFTER_CHANGE = timedelta(minutes=30)
"""After any change, the whole queue is planned again at the latest so long after the plan before."""
PLAN_AGE = timedelta(minutes=60)
"""While work waits, no plan grows older than this: promises come closer even when nothing happens."""
PLACE_GAP = timedelta(minutes=1)
"""Single changed items that are not urgent are gathered for so long before they are placed."""
PLACE_MOST = 20
"""More changed items than this, or events since the plan, make a new plan instead of single placements."""


class Step(StrEnum):
    """What to do now."""

    NOTHING = "nothing"
    PLACE = "place"
    """Put the changed items, one by one, against the current plan."""
    PLAN = "plan"
    """Decide over the whole queue at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What has happened since the last run, at the instant *now*.

    ran_at, planned_at: desk time of the last run of any kind, and of the last plan; None before the first.
    waiting: items that a decision is wanted for; changed: those that have none, or changed since theirs was made;
    gone: items with a proposal that no longer wait; is_urgent: a changed one is P1 or P2, or a person has just answered
    about it. events: facts about the desk's work since the last plan. is_reset: policy, modes or people changed.
    next_change_at: the earliest instant at which somebody comes or goes, or a guard-rail frees, as seen by the last run;
    None when nothing waited then.
    """

    now: datetime
    ran_at: datetime | None
    planned_at: datetime | None
    waiting: int
    changed: int
    gone: int
    is_urgent: bool
    events: int
    is_reset: bool
    next_change_at: datetime | None


def next_step(situation: Situation) -> Step:
    """Whether to plan the whole queue, to place single items, or to leave everything as it is.

    Plan: at the first run; when rules or people changed; and, at most every PLAN_GAP, when somebody came or went, when
    more than PLACE_MOST (or a tenth of those waiting) items changed, when so much else happened, when anything happened
    and PLAN_AFTER_CHANGE has passed, or when PLAN_AGE has passed while work waits. Place: when items changed, urgent ones at
    once, others PLACE_GAP after the run before. Otherwise nothing. A clock set back counts as the first run.
    """
    s = situation
    if s.ran_at is None or s.planned_at is None or s.ran_at > s.now or s.is_reset:
        return Step.PLAN
    since_plan = s.now - s.planned_at
    if since_plan >= PLAN_GAP and _plan_is_due(s, since_plan):
        return Step.PLAN
    if (s.changed or s.gone) and (s.is_urgent or s.now - s.ran_at >= PLACE_GAP):
        return Step.PLACE
    return Step.NOTHING


def _plan_is_due(s: Situation, since_plan: timedelta) -> bool:
    if s.next_change_at is not None and s.next_change_at <= s.now:
        return True
    if s.waiting == 0:
        return False
    if s.changed > max(PLACE_MOST, s.waiting // 10) or s.events > PLACE_MOST:
        return True
    has_changed = s.events or s.changed or s.gone
    return since_plan >= (PLAN_AFTER_CHANGE if has_changed else PLAN_AGE)
