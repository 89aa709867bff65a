"""The ceiling: what somebody who knew all that is to come could keep at most, so that no rule may hope for more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from watchbill.engine.backtest.capacity import Capacity, join, root
from watchbill.engine.backtest.facts import Case, Model
from watchbill.engine.backtest.programme import Programme
from watchbill.engine.backtest.windows import LITTLE, Need, Piece, Windows
from watchbill.engine.base.ids import ItemId, SkillId
from watchbill.engine.base.work import Priority

SLOT_MIN = 60
WINDOW_MIN = 7 * 1440
MOST_COLUMNS = 150_000
"""Of minutes by slot: a larger programme is cut into windows."""

Tell = Callable[[int, int], None]
"""Told (steps done, steps of all): first for all weight, then for each priority; may raise to leave off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """Percent of weight. by_window: of the cases that fit between opening and due at all; attainment: of the programme as well."""

    attainment: float
    by_window: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound(Ceiling):
    """Of all weight, and of each priority alone, P1 first. kept: the cases that the programme of all weight keeps whole.

    Each priority's is what somebody could keep who cared for no other: the four are not attained together.
    """

    by_priority: tuple[Ceiling, ...]
    kept: frozenset[ItemId]


def window_bound(model: Model, *, effort_factor: float = 1.0) -> float:
    """Percent of the weight of the cases whose work fits between opening and due in the hands of the fastest who is there.

    The companion of `clairvoyant_bound` that costs next to nothing, and is never below it. O(cases x pieces x log shifts).
    """
    return _percent(sum(need.case.weight for need in Windows(model, effort_factor=effort_factor).needs()), model.cases)


def clairvoyant_bound(
    model: Model,
    *,
    slot_min: int = SLOT_MIN,
    effort_factor: float = 1.0,
    window_min: int | None = None,
    tell: Tell | None = None,
) -> Bound:
    """The most weight that any policy can keep, as a linear programme; valid because every step only relaxes.

    Relaxed are: perfect knowledge, interruption and handover at no cost, one switch per case, everybody as fast as the fastest
    who may take the piece in its window, each pause of a promise where it holds it up the longest, a share of a case counts as that
    share of its weight, slots reach outward, and nobody waits for a step. What weighs nothing may be left undone, and takes
    nobody's time.

    Parameters
    ----------
    slot_min: the wider, the fewer columns and the higher the bound.
    effort_factor: multiplies every effort, to see how the bound hangs on the estimates.
    window_min: how much is solved at once, by the instant until which a case can be kept: each lot has all minutes to itself,
        and those from before its window by more than another cost nothing, so that more lots are never below fewer. By default
        all at once up to MOST_COLUMNS, and lots of a week above.

    Raises Unavailable when the solver gives up. Parts of the desk in which all work plainly fits cost a walk over it, the others
    a programme. Why each step is valid: docs/algorithms/backtest.md, "The ceiling".

    References
    ----------
    Huangfu, Hall (2018), Parallelizing the dual revised simplex method, Mathematical Programming Computation 10 (HiGHS).
    """
    windows = Windows(model, effort_factor=effort_factor)
    needs = list(windows.needs())
    search = _Search(Capacity(model, windows, slot_min), window_min)
    parts = [(model.cases, needs)] + [
        ([c for c in model.cases if c.priority is p], [n for n in needs if n.case.priority is p]) for p in Priority
    ]
    found: list[tuple[Ceiling, dict[ItemId, float]]] = []
    for cases, some in parts:
        found.append(_ceiling(cases, some, search))
        if tell is not None:
            tell(len(found), len(parts))
    (whole, shares), *alone = found
    return Bound(
        attainment=whole.attainment,
        by_window=whole.by_window,
        by_priority=tuple(ceiling for ceiling, _ in alone),
        kept=frozenset(item for item, share in shares.items() if share >= 1 - LITTLE),
    )


def _ceiling(cases: Sequence[Case], needs: Sequence[Need], search: _Search) -> tuple[Ceiling, dict[ItemId, float]]:
    shares = search.shares(needs)
    by_window = _percent(sum(need.case.weight for need in needs), cases)
    kept = _percent(sum(need.case.weight * shares[need.case.id] for need in needs), cases)
    return Ceiling(attainment=min(kept, by_window), by_window=by_window), shares


def _percent(weight: float, cases: Sequence[Case]) -> float:
    total = sum(case.weight for case in cases)
    return 100 * weight / total if total else 100.0


@dataclass(frozen=True, slots=True)
class _Search:
    """Solves no more than it must: work that plainly fits is left out, what has no people in common is solved apart, and what is
    too large is cut: first what is scarce nowhere takes nobody's time, then cases compete only with those of the same window.
    """

    capacity: Capacity
    window_min: int | None

    def shares(self, needs: Sequence[Need]) -> dict[ItemId, float]:
        """How much of each case is kept."""
        shares = {need.case.id: 1.0 for need in needs}
        for part in self._parts(needs, self._scarce(needs)):
            if self.window_min is None and self._columns(part) <= MOST_COLUMNS:
                shares |= self._solved(part)
            elif self.window_min is None and self._columns(few := self._few(part)) <= MOST_COLUMNS:
                shares |= self._solved(few)
            else:
                for since, lot in self._lots(part, self.window_min or WINDOW_MIN):
                    for few in self._parts(lot, self._scarce(lot)):
                        shares |= self._solved(self._few(few), since)
        return shares

    def _solved(self, needs: Sequence[Need], since_min: int | None = None) -> dict[ItemId, float]:
        programme = Programme(self.capacity, since_min=since_min)
        kept = programme.solve([need.case.weight for need in needs], [need.pieces for need in needs])
        return dict(zip((need.case.id for need in needs), kept, strict=True))

    def _scarce(self, needs: Sequence[Need]) -> set[SkillId]:
        """The skills in which not all plainly fits."""
        by_component: dict[int, list[Piece]] = defaultdict(list)
        for need in needs:
            for piece in need.pieces:
                by_component[self.capacity.component[piece.skill]].append(piece)
        return set[SkillId]().union(*(self.capacity.scarce(pieces) for pieces in by_component.values()))

    def _few(self, needs: Sequence[Need]) -> list[Need]:
        """The pieces of scarce skills alone."""
        return _cut(needs, self._scarce(needs))

    def _parts(self, needs: Sequence[Need], scarce: set[SkillId]) -> list[list[Need]]:
        """The pieces of components in which something is scarce, in parts that have no people in common."""
        component = self.capacity.component
        tight = {component[skill] for skill in scarce}
        links = {number: number for number in tight}
        cut = _cut(needs, {skill for skill, number in component.items() if number in tight})
        for need in cut:
            for piece in need.pieces:
                join(links, component[piece.skill], component[need.pieces[0].skill])
        parts: dict[int, list[Need]] = defaultdict(list)
        for need in cut:
            parts[root(links, component[need.pieces[0].skill])].append(need)
        return list(parts.values())

    def _lots(self, needs: Sequence[Need], window_min: int) -> list[tuple[int, list[Need]]]:
        """By the window in which a case's last piece must be over, each with the minute before which all is free."""
        lots: dict[int, list[Need]] = defaultdict(list)
        for need in needs:
            lots[need.pieces[-1].ends_min // window_min].append(need)
        return [((number - 1) * window_min, lots[number]) for number in sorted(lots)]

    def _columns(self, needs: Sequence[Need]) -> int:
        return sum(len(self.capacity.slots((p.opens_min, p.ends_min))) for need in needs for p in need.pieces)


def _cut(needs: Sequence[Need], skills: Collection[SkillId]) -> list[Need]:
    """The pieces of *skills*, and the cases that have any."""
    cut = [Need(need.case, tuple(piece for piece in need.pieces if piece.skill in skills)) for need in needs]
    return [need for need in cut if need.pieces]
