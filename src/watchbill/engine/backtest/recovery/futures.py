"""One future of a desk: what comes in drawn from the same hours of earlier weeks, and a plan simulated on it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from watchbill.engine.backtest.courses import Past, Staff, course
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.backtest.facts import WEIGHTS, Model, Span
from watchbill.engine.backtest.ours import Watchbill
from watchbill.engine.backtest.recovery.facts import HOUR_MIN, Came, Situation
from watchbill.engine.backtest.recovery.outcome import Plan
from watchbill.engine.backtest.recovery.partners import seats_of
from watchbill.engine.backtest.rules import Pull, index
from watchbill.engine.backtest.simulate import simulate
from watchbill.engine.base.ids import ItemId
from watchbill.engine.base.intervals import merged
from watchbill.engine.base.work import Priority

FIRST_COMING = 1 << 50
"""Ids of items yet to come begin here, above all of the desk's own."""
_NOW = datetime(2000, 1, 3, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
OPEN, COMING, LATER = "open", "coming", "later"


@dataclass(slots=True)
class Tally:
    """Misses of one future: by what they are of and priority; deferred: among what the plan puts off. came: items that come in the horizon.

    missed: the open items among them.
    """

    misses: Counter[tuple[str, Priority]] = field(default_factory=Counter)
    deferred: int = 0
    came: int = 0
    missed: set[ItemId] = field(default_factory=set)

    def of(self, priority: Priority, *groups: str) -> int:
        return sum(self.misses[group, priority] for group in groups)

    def count(self, *groups: str) -> int:
        return sum(self.of(priority, *groups) for priority in Priority)

    def weight(self, *groups: str) -> float:
        return sum(self.of(priority, *groups) * WEIGHTS[priority] for priority in Priority)


@dataclass(frozen=True, slots=True)
class Usual:
    """What usually comes, by hour from now on. size: of the gamma luck of a day; infinite when weeks vary no more than chance."""

    by_hour: tuple[tuple[Came, ...], ...]
    weeks: int
    size: float

    def draw(self, seed: int, number: int) -> list[Past]:
        """The items of one future: as many as one of infinitely many such days brings, each as one that came in its hour."""
        rng = np.random.default_rng((seed, number))
        luck = 1.0 if math.isinf(self.size) else float(rng.gamma(self.size, 1 / self.size))
        found: list[Past] = []
        for hour, pool in enumerate(self.by_hour):
            count = int(rng.poisson(len(pool) / self.weeks * luck))
            minutes = sorted(rng.integers(0, HOUR_MIN, size=count).tolist())
            chosen = rng.integers(0, max(1, len(pool)), size=count).tolist()
            for minute, which in zip(minutes, chosen, strict=True):
                found.append(_coming(pool[which], hour * HOUR_MIN + minute, len(found)))
        return found


def _coming(came: Came, at_min: int, number: int) -> Past:
    due = None if came.due_after_min is None else _NOW + (at_min + max(1, came.due_after_min)) * _MINUTE
    return Past(
        item=ItemId(FIRST_COMING + number), opened_at=_NOW + at_min * _MINUTE, due_at=due, priority=came.priority,
        mean_min=came.mean_min, able=came.able,
    )  # fmt: skip


def at_min(one: Past) -> int:
    """When an item of a future comes in, in minutes from now."""
    return int((one.opened_at - _NOW) / _MINUTE)


def usual_of(situation: Situation, weekly: Sequence[int] = ()) -> Usual:
    """Order what came by hour. The luck of days is from how much *weekly* totals vary beyond chance (moments), where there are four or more."""
    pools: dict[int, list[Came]] = defaultdict(list)
    for one in situation.came:
        if 0 <= one.at_min < situation.follow_min:
            pools[one.at_min // HOUR_MIN].append(one)
    hours = math.ceil(situation.follow_min / HOUR_MIN)
    size = math.inf
    if len(weekly) >= 4:
        mean = sum(weekly) / len(weekly)
        beyond = sum((count - mean) ** 2 for count in weekly) / (len(weekly) - 1) - mean
        size = mean**2 / beyond if beyond > 0 else math.inf
    return Usual(tuple(tuple(pools[hour]) for hour in range(hours)), situation.weeks, size)


def policy_of(situation: Situation) -> Policy:
    """How work finds people in the mode that the desk is in."""
    if situation.is_on_autopilot:
        return Watchbill(parameters=situation.parameters)
    return Pull("by the index", index(situation.parameters))


def model_of(situation: Situation, plan: Plan, coming: Sequence[Past], number: int) -> tuple[Model, list[Past]]:
    """The model of one future under one plan, and the work in it that nobody may do."""
    moved = {one.item: one for one in plan.moves}
    extra = {one.person: one.span for one in plan.extra}
    seats = seats_of(situation, plan)
    passed = {one.item: tuple((seat.id, 1) for seat in seats[one.partner]) for one in plan.passed}
    work = []
    for one in situation.open:
        move = moved.get(one.item)
        able = passed.get(one.item, one.able) if move is None else ((move.taker, move.level),)
        is_new_to = move is not None or one.item in passed
        told = situation.parameters.handover_min if is_new_to and one.is_begun else 0
        due = None if one.due_min is None else _NOW + one.due_min * _MINUTE
        work.append(
            Past(item=one.item, opened_at=_NOW, due_at=due, priority=one.priority, mean_min=one.mean_min + told, able=able)
        )  # fmt: skip
    work += coming
    staff = [
        Staff(
            id=one.id,
            spans=_ahead(_with(one.spans, extra.get(one.id)), situation.follow_min),
            region=one.region,
            limit=one.limit,
        )
        for one in situation.workers
    ]
    staff = [one for one in (*staff, *(each for some in seats.values() for each in some)) if one.spans]
    found = course(
        work, staff, since=_NOW, until=_NOW + situation.follow_min * _MINUTE, handover_min=situation.parameters.handover_min,
        seed=situation.seed * 100_003 + number,
    )  # fmt: skip
    model = found.model
    waits = {one.item: one.wait_min for one in situation.open if one.wait_min} | dict.fromkeys(
        plan.deferred, plan.until_min
    )
    if waits:
        cases = tuple(replace(one, wait_min=waits[one.id]) if one.id in waits else one for one in model.cases)
        model = replace(model, cases=cases)
    here = {one.id for one in model.cases}
    return model, [one for one in work if one.item not in here]


def _ahead(spans: Sequence[Span], until_min: int) -> tuple[Span, ...]:
    return tuple((max(0, start), min(end, until_min)) for start, end in spans if end > 0 and start < until_min)


def _with(spans: tuple[Span, ...], extra: Span | None) -> tuple[Span, ...]:
    """Spans with one more, joined where they touch."""
    return spans if extra is None else tuple(merged((*spans, extra)))


def tally_of(situation: Situation, plan: Plan, coming: Sequence[Past], number: int) -> Tally:
    """Simulate one plan on one future, and count what is missed of all that falls due in what is followed."""
    model, unable = model_of(situation, plan, coming, number)
    opened = {one.item: at_min(one) for one in coming}
    held, found = frozenset(plan.deferred), Tally(came=sum(at < situation.horizon_min for at in opened.values()))

    def missed(item: ItemId, priority: Priority, due_min: int) -> None:
        if due_min > situation.follow_min:
            return
        is_later = opened.get(item, 0) >= situation.horizon_min
        group = LATER if is_later else COMING if item in opened else OPEN
        found.misses[group, priority] += 1
        found.deferred += item in held
        if group == OPEN:
            found.missed.add(item)

    if any(agent.shifts for agent in model.agents):
        for fate in simulate(model, policy_of(situation)).cases:
            if fate.case.counts and not fate.is_kept:
                missed(fate.case.id, fate.case.priority, fate.due_min)
    else:
        unable = [*unable, *(one for one in _promised(situation, coming) if one not in unable)]
    for one in unable:
        if one.due_at is not None and one.due_at > _NOW:
            missed(one.item, one.priority, int((one.due_at - _NOW) / _MINUTE))
    return found


@dataclass(frozen=True, slots=True)
class Futures:
    """What every process needs to play plans: the same number is the same future everywhere."""

    situation: Situation
    usual: Usual


def played(futures: Futures, what: tuple[int, tuple[Plan, ...]]) -> list[Tally]:
    """Simulate plans on the future of a number, which is drawn once for all of them."""
    number, plans = what
    coming = futures.usual.draw(futures.situation.seed, number)
    return [tally_of(futures.situation, plan, coming, number) for plan in plans]


def _promised(situation: Situation, coming: Sequence[Past]) -> list[Past]:
    return [
        *(
            Past(item=one.item, opened_at=_NOW, due_at=None if one.due_min is None else _NOW + one.due_min * _MINUTE,
                 priority=one.priority, mean_min=one.mean_min, able=one.able)
            for one in situation.open
        ),
        *coming,
    ]  # fmt: skip
