"""When each piece of a case's work could be done at all, if its promise is to be kept: the first half of the ceiling.

Every window is too wide rather than too narrow: whatever keeps the promise, by any policy, does each piece inside its own
(docs/algorithms/backtest.md, "The ceiling").
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from watchbill.engine.backtest.facts import Case, Leg, Model, Skilled, Span
from watchbill.engine.backtest.hours import FAR_MIN, Hours
from watchbill.engine.base.ids import PersonId, SkillId

LITTLE = 1e-6
"""Minutes: sums of efforts at odd speeds are not exact."""
_ROUNDS = 2
"""The first finds the windows with the fastest of all, the second with the fastest who is there in them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work of a case. least_min: the least time anybody needs for it; it is done within [opens_min, ends_min)."""

    skill: SkillId
    opens_min: int
    ends_min: int
    least_min: float


@dataclass(frozen=True, slots=True)
class Need:
    """A case that could be kept if there were no other."""

    case: Case
    pieces: tuple[Piece, ...]


class _Crew:
    """Who has a skill, the fastest first, and the hours in which at least one of them is on shift."""

    def __init__(self, model: Model, work: Skilled) -> None:
        able = sorted((agent for agent in model.agents if agent.may(work)), key=lambda agent: -agent.speed(work))
        self.paces = [(agent.speed(work), Hours(agent.shifts)) for agent in able]
        self.people: frozenset[PersonId] = frozenset(agent.id for agent in able)
        self.hours = Hours(shift for agent in able for shift in agent.shifts)

    def fastest(self, window: Span) -> float:
        """The speed of the fastest who works in *window*; 0 when nobody does."""
        return next((speed for speed, hours in self.paces if hours.between(*window) > 0), 0.0)


class Windows:
    """The windows of all cases of a model."""

    def __init__(self, model: Model, *, effort_factor: float = 1.0) -> None:
        self.model, self.effort_factor = model, effort_factor
        self.crews: dict[SkillId, _Crew] = {}

    def needs(self) -> Iterator[Need]:
        """The cases that weigh anything and could be kept if there were no other, in the order of the model. O(cases x pieces x log shifts)."""
        for case in self.model.cases:
            if case.weight and (need := self.need(case)) is not None:
                yield need

    def need(self, case: Case) -> Need | None:
        """*case* with its windows; None when a piece does not fit into its own in the hands of the fastest who is there."""
        works: tuple[Case | Leg, ...] = (case, *case.later)
        crews = [self._crew(work) for work in works]
        windows: list[Span] = [(case.opened_min, FAR_MIN)] * len(works)
        for _ in range(_ROUNDS):
            least = self._least(works, crews, windows)
            if least is None:
                return None
            opens, done = self._forward(case, works, least)
            ends = self._backward(works, least, self._latest_due(case, windows, done))
            windows = list(zip(opens, ends, strict=True))
        least = self._least(works, crews, windows)
        if least is None or any(
            crew.hours.between(*window) + LITTLE < need
            for crew, window, need in zip(crews, windows, least, strict=True)
        ):
            return None
        return Need(
            case,
            tuple(Piece(work.skill, *window, need) for work, window, need in zip(works, windows, least, strict=True)),
        )

    def covered(self, piece: Piece, span: Span) -> int:
        """Minutes of *span* within the piece's window in which somebody who may do it is on shift."""
        window = max(span[0], piece.opens_min), min(span[1], piece.ends_min)
        return max(0, self.crews[piece.skill].hours.between(*window)) if window[0] < window[1] else 0

    def hours(self, skill: SkillId) -> Hours:
        """When at least one person with *skill* is on shift."""
        return self.crews[skill].hours

    def _crew(self, work: Skilled) -> _Crew:
        crew = self.crews.get(work.skill)
        if crew is None:
            crew = self.crews[work.skill] = _Crew(self.model, work)
        return crew

    def _least(self, works: tuple[Case | Leg, ...], crews: list[_Crew], windows: list[Span]) -> list[float] | None:
        """The least minutes of each piece. Somebody must turn to the case once, and anew when none of those before may go on with it."""
        least: list[float] = []
        before: set[PersonId] = set()
        for work, crew, window in zip(works, crews, windows, strict=True):
            speed = crew.fastest(window)
            if not speed:
                return None
            switch = self.model.switch_min if before.isdisjoint(crew.people) else 0
            least.append(switch + self.effort_factor * work.effort_min / speed)
            before |= crew.people
        return least

    def _forward(self, case: Case, works: tuple[Case | Leg, ...], least: list[float]) -> tuple[list[int], list[int]]:
        """The earliest minute at which each piece can come into the queue, and at which it can be over."""
        opens, done, at = [], [], case.opened_min
        for work, need in zip(works, least, strict=True):
            back = at + work.wait_min
            worked = self.model.worked.get(work.skill)
            opens.append(self._step(back + work.delay_min if worked is None else worked.after(back, work.delay_min)))
            at = self._step(self.crews[work.skill].hours.after(opens[-1], _whole(need)))
            done.append(at)
        return opens, done

    def _backward(self, works: tuple[Case | Leg, ...], least: list[float], due_min: int) -> list[int]:
        """The latest minute at which each piece must be over, in a shift, for what follows it to be over by *due_min*."""
        ends, at = [], due_min
        for work, need in zip(reversed(works), reversed(least), strict=True):
            hours = self.crews[work.skill].hours
            ends.append(min(at, hours.ends[-1]))
            start = hours.since(ends[-1], _whole(need))
            worked = self.model.worked.get(work.skill)
            back = start - work.delay_min if worked is None else worked.since(start, work.delay_min)
            at = back - work.wait_min
        return ends[::-1]

    def _latest_due(self, case: Case, windows: list[Span], done: list[int]) -> int:
        """The due instant after every pause, each where it holds the promise up the longest."""
        paused = [(place, leg.wait_min) for place, leg in enumerate(case.later) if leg.is_paused and leg.wait_min]
        if not paused:
            return case.due_min
        hours = self.model.promised.get(case.priority)
        if hours is None:
            return case.due_min + sum(wait for _, wait in paused)
        open_min = hours.between(case.opened_min, case.due_min)
        open_min += sum(hours.most(wait, done[place], windows[place][1]) for place, wait in paused)
        return hours.after(case.opened_min, open_min)

    def _step(self, at_min: int) -> int:
        step = self.model.step_min
        return -(-at_min // step) * step


def _whole(least_min: float) -> int:
    """Hands change at whole minutes only."""
    return math.ceil(least_min - LITTLE)
