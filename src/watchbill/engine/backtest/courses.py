"""A stretch of a desk's own history as a model: what came in, what was promised, and who could have done it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from watchbill.engine.backtest.facts import Agent, Case, Model, Span
from watchbill.engine.backtest.reference import SIGMA, STEP_MIN, SWITCH_MIN
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority

MINUTE = timedelta(minutes=1)
Able = tuple[tuple[PersonId, int], ...]
"""Who may do some work, in the order of ids, each with her level above what it asks for: 1 for no more than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One piece of work of the past. due_at: of its promise, None without one. mean_min: what it is expected to take."""

    item: ItemId
    opened_at: datetime
    due_at: datetime | None
    priority: Priority
    mean_min: int
    able: Able


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One person. spans: when she works, [start, end) in minutes since the course begins, in order. limit: items in hand."""

    id: PersonId
    spans: tuple[Span, ...]
    region: str = ""
    limit: int = 1


@dataclass(slots=True)
class Course:
    """A model of one stretch, and what of the stretch is not in it. unable: items that nobody who works then may do."""

    since: datetime
    model: Model
    unable: int = 0
    lost: int = 0
    """Items that were overdue when the stretch began: they are work, but no policy could have kept them."""
    unpromised: int = 0
    """Items without a promise: they are work, and count for nothing."""


@dataclass(slots=True)
class _Kinds:
    """Work that the same people may do, at the same level, is of one skill."""

    keys: dict[Able, SkillId] = field(default_factory=dict)

    def skill(self, able: Able) -> SkillId:
        return self.keys.setdefault(able, SkillId(len(self.keys) + 1))


def course(
    work: Sequence[Past], staff: Sequence[Staff], *, since: datetime, until: datetime, handover_min: int, seed: int
) -> Course:
    """The stretch [since, until) as a model.

    work: what was waiting at *since*, and what came until *until*; staff: with their hours, which should go on after *until*, so
    that what came last can be finished. The effort of each piece is drawn around its mean (log-normal, `reference.SIGMA`) by the
    item and *seed*, so that every policy meets the same. What was opened before begins at 0; what nobody may do is left out.
    O(work x people who may do it).
    """
    here = {one.id for one in staff if one.spans}
    horizon = int((until - since) / MINUTE)
    far = horizon + max((one.spans[-1][1] for one in staff if one.spans), default=0)
    kinds = _Kinds()
    found = Course(since=since, model=Model(cases=(), agents=(), horizon_min=horizon))
    cases = []
    for one in work:
        able = tuple(each for each in one.able if each[0] in here)
        if not able:
            found.unable += 1
            continue
        opened = max(0, int((one.opened_at - since) / MINUTE))
        due = far if one.due_at is None else int((one.due_at - since) / MINUTE)
        is_lost = due <= opened
        found.lost += is_lost
        found.unpromised += one.due_at is None
        cases.append(
            Case(
                id=one.item,
                opened_min=opened,
                due_min=max(due, opened + 1),
                priority=one.priority,
                skill=kinds.skill(able),
                mean_min=max(1, one.mean_min),
                effort_min=_effort(one.item, one.mean_min, seed),
                counts=one.due_at is not None and not is_lost,
            )
        )
    levels: dict[PersonId, dict[SkillId, int]] = {one.id: {} for one in staff}
    for able, skill in kinds.keys.items():
        for person, level in able:
            levels[person][skill] = level
    agents = tuple(
        Agent(id=one.id, region=one.region, skills=levels[one.id], shifts=one.spans, capacity=one.limit)
        for one in staff
        if levels[one.id] and one.limit
    )
    found.model = Model(
        cases=tuple(cases), agents=agents, handover_min=handover_min, switch_min=SWITCH_MIN, step_min=STEP_MIN,
        horizon_min=horizon, seed=seed,
    )  # fmt: skip
    return found


@lru_cache(maxsize=1 << 13)
def _effort(item: ItemId, mean_min: int, seed: int) -> int:
    """Kept for a while, since several plans are tried on the same course one after the other."""
    rng = random.Random(f"effort {seed} {item}")  # noqa: S311 - a model, not a secret
    return max(1, round(rng.lognormvariate(math.log(max(1, mean_min)) - SIGMA**2 / 2, SIGMA)))
