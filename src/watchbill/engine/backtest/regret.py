"""What was lost against the ceiling: of any run in points, and of a day as it really went case by case, with the reason."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from watchbill.engine.backtest.bound import Bound, Tell, clairvoyant_bound
from watchbill.engine.backtest.facts import WEIGHTS, Agent, Case, Leg, Model, Span
from watchbill.engine.backtest.outcome import CaseOutcome, Run, attainment
from watchbill.engine.backtest.windows import LITTLE, Windows
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.ids import ItemId, PersonId, SkillId
from watchbill.engine.base.work import Priority


class Why(StrEnum):
    """What the minutes of a promise went into; in the order in which ties are decided."""

    OTHER_FIRST = "other_first"
    """Everybody able who was there worked, and somebody on what weighs less or was due later."""
    NOBODY_FREE = "nobody_free"
    """Everybody able who was there worked on what pressed at least as much."""
    UNTAKEN = "untaken"
    """Somebody able was there and worked on nothing that is known."""
    ABSENT = "absent"
    """Nobody able was on shift."""
    OUTSIDE = "outside"
    """Somebody outside was waited for, while the promise ran."""
    HELD_UP = "held_up"
    """A delay that no policy governs."""
    WORK = "work"
    """It was being worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regret:
    """Bound minus what was kept, in percentage points: of all weight, and of each priority against its own ceiling, P1 first."""

    points: float
    by_priority: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A case that could have been kept and was not. late_min: None when it was never done.

    why: where most of the promise's minutes went; minutes: all of them, up to the due; first: what those who could
    have done it worked on before it and could have waited, the longest first.
    """

    item: ItemId
    priority: Priority
    late_min: int | None
    why: Why
    minutes: Mapping[Why, int]
    first: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRegret:
    """A day as it went beside its ceiling. attainment, by_priority: percent of weight that was really kept.

    missed: kept by the bound and lost in reality, the heaviest first, no more of a priority than its ceiling has room for beside what
    was kept, and none of a day that was as good as its ceiling; beyond: kept in reality, though by the model there was no time
    at all for it: the efforts or hours of the model are not what they were, and a regret below nothing comes of these.
    """

    bound: Bound
    attainment: float
    by_priority: tuple[float, ...]
    regret: Regret
    missed: tuple[Missed, ...]
    beyond: tuple[ItemId, ...]


def regret(run: Run, bound: Bound) -> Regret:
    """Of a run of the model that *bound* is of. Never below nothing but for rounding: no policy passes the bound."""
    return _regret(run.cases, bound)


def regret_of_day(model: Model, really: Sequence[CaseOutcome], *, tell: Tell | None = None) -> DayRegret:
    """A finished day beside the most that could have been kept of it.

    Parameters
    ----------
    model: the cases of the day with the effort that each is thought to have taken, and the shifts as they were.
    really: one outcome for each case: its due after all pauses, when it was done, and as far as is known the pieces of work with
        who did them. What is not known to have been worked on makes people look free.

    Raises InvalidFacts unless there is exactly one outcome for each case. Costs the bound, and for each missed case the acts of
    those who could have done it.
    """
    if sorted(one.case.id for one in really) != sorted(case.id for case in model.cases):
        raise InvalidFacts("Expected exactly one outcome for each case of the model")
    bound = clairvoyant_bound(model, tell=tell)
    windows = Windows(model)
    beyond = {one.case.id for one in really if one.case.weight and one.is_kept and windows.need(one.case) is None}
    lost = _savable([one for one in really if one.case.weight], bound, beyond)
    day = _Day(model, really)
    return DayRegret(
        bound=bound,
        attainment=attainment(really),
        by_priority=_by_priority(really),
        regret=_regret(really, bound),
        missed=tuple(day.missed(one) for one in lost),
        beyond=tuple(sorted(beyond)),
    )


def _savable(counted: Sequence[CaseOutcome], bound: Bound, beyond: Collection[ItemId]) -> list[CaseOutcome]:
    """What was lost and could have been kept as well: the bound may keep another of two equals than the desk did, which saves none.

    What was kept beyond the model takes none of its room.
    """
    within = [one for one in counted if one.is_kept and one.case.id not in beyond]
    if _room(counted, within, bound.attainment) < LITTLE:
        return []
    found: list[CaseOutcome] = []
    for priority, ceiling in zip(Priority, bound.by_priority, strict=True):
        mine = [one for one in counted if one.case.priority is priority]
        lost = [one for one in mine if not one.is_kept and one.case.id in bound.kept]
        kept = [one for one in within if one.case.priority is priority]
        most = math.floor(_room(mine, kept, ceiling.attainment) / WEIGHTS[priority] + LITTLE)
        found += sorted(lost, key=lambda one: one.case.id)[: max(0, most)]
    return sorted(found, key=lambda one: (-one.case.weight, one.case.id))


def _room(cases: Sequence[CaseOutcome], kept: Sequence[CaseOutcome], attainment: float) -> float:
    """Weight that a ceiling has beside what was kept."""
    return attainment / 100 * sum(one.case.weight for one in cases) - sum(one.case.weight for one in kept)


def _regret(cases: Sequence[CaseOutcome], bound: Bound) -> Regret:
    return Regret(
        points=bound.attainment - attainment(cases),
        by_priority=tuple(
            ceiling.attainment - kept for ceiling, kept in zip(bound.by_priority, _by_priority(cases), strict=True)
        ),
    )


def _by_priority(cases: Sequence[CaseOutcome]) -> tuple[float, ...]:
    return tuple(attainment([one for one in cases if one.case.priority is priority]) for priority in Priority)


class _Day:
    """Who was where, and what was worked on."""

    def __init__(self, model: Model, really: Sequence[CaseOutcome]) -> None:
        self.model = model
        self.fates = {one.case.id: one for one in really}
        self.acts: dict[PersonId, list[tuple[int, int, ItemId]]] = defaultdict(list)
        for one in really:
            for piece in one.log:
                self.acts[piece.who].append((piece.begun_min, piece.done_min, one.case.id))
        self.able: dict[SkillId, list[Agent]] = {}

    def missed(self, one: CaseOutcome) -> Missed:
        minutes = dict.fromkeys(Why, 0)
        first: Counter[ItemId] = Counter()
        hours = self.model.promised.get(one.case.priority)
        for (start, end), why, others in self._course(one):
            over = min(end, one.due_min)
            if start < over:
                minutes[why] += over - start if hours is None else hours.between(start, over)
                first.update(dict.fromkeys(others, over - start))
        return Missed(
            item=one.case.id,
            priority=one.case.priority,
            late_min=None if one.done_min is None else one.done_min - one.due_min,
            why=max(Why, key=lambda why: minutes[why]),
            minutes={why: spent for why, spent in minutes.items() if spent},
            first=tuple(sorted(first, key=lambda item: (-first[item], item))),
        )

    def _course(self, one: CaseOutcome) -> Iterator[tuple[Span, Why, set[ItemId]]]:
        """From opening on, what each stretch went into; what was paused is left out."""
        works: tuple[Case | Leg, ...] = (one.case, *one.case.later)
        over = one.case.opened_min
        for place, work in enumerate(works):
            back = over + work.wait_min
            known = one.log[place] if place < len(one.log) else None
            hours = self.model.worked.get(work.skill)
            ready = back + work.delay_min if hours is None else hours.after(back, work.delay_min)
            ready = ready if known is None else known.ready_min
            if not isinstance(work, Leg):
                yield (over, min(back, ready)), Why.HELD_UP, set()
            elif not work.is_paused:
                yield (over, min(back, ready)), Why.OUTSIDE, set()
            yield (back, ready), Why.HELD_UP, set()
            if known is None:
                begun = one.begun_min if place == 0 and one.begun_min is not None else one.due_min
                yield from self._queue(one, work.skill, (ready, begun))
                yield (begun, one.due_min), Why.WORK, set()
                return
            yield from self._queue(one, work.skill, (ready, known.begun_min))
            yield (known.begun_min, known.done_min), Why.WORK, set()
            over = known.done_min

    def _queue(self, one: CaseOutcome, skill: SkillId, span: Span) -> Iterator[tuple[Span, Why, set[ItemId]]]:
        """Why nobody took it, stretch by stretch: cut where somebody able comes, leaves, begins or ends."""
        start, end = span[0], min(span[1], one.due_min)
        if start >= end:
            return
        able = self._able(skill)
        shifts = [(agent.id, shift) for agent in able for shift in agent.shifts if shift[0] < end and shift[1] > start]
        acts = [(agent.id, act) for agent in able for act in self.acts[agent.id] if act[0] < end and act[1] > start]
        edges = {start, end, *(at for _, shift in shifts for at in shift), *(at for _, act in acts for at in act[:2])}
        cuts = sorted(at for at in edges if start <= at <= end)
        here: list[set[PersonId]] = [set() for _ in cuts]
        busy: list[dict[PersonId, set[ItemId]]] = [defaultdict(set) for _ in cuts]
        for who, shift in shifts:
            for at in range(bisect_left(cuts, shift[0]), bisect_left(cuts, shift[1])):
                here[at].add(who)
        for who, act in acts:
            for at in range(bisect_left(cuts, act[0]), bisect_left(cuts, act[1])):
                busy[at][who].add(act[2])
        for at, (begin, over) in enumerate(pairwise(cuts)):
            yield (begin, over), *self._reason(one, here[at], busy[at])

    def _reason(
        self, one: CaseOutcome, here: set[PersonId], busy: Mapping[PersonId, set[ItemId]]
    ) -> tuple[Why, set[ItemId]]:
        if not here:
            return Why.ABSENT, set()
        others = set[ItemId]().union(*(busy[who] for who in here & busy.keys()))
        waits = {item for item in others if self._could_wait(self.fates[item], one)}
        if not here <= busy.keys():
            return Why.UNTAKEN, waits
        return (Why.OTHER_FIRST, waits) if waits else (Why.NOBODY_FREE, set())

    def _could_wait(self, other: CaseOutcome, one: CaseOutcome) -> bool:
        """By what their priorities weigh, also where the promise of the other is not counted on this day."""
        return WEIGHTS[other.case.priority] < WEIGHTS[one.case.priority] or other.due_min > one.due_min

    def _able(self, skill: SkillId) -> list[Agent]:
        if skill not in self.able:
            self.able[skill] = [agent for agent in self.model.agents if skill in agent.skills]
        return self.able[skill]
