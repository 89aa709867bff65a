"""Possible courses of a stretch of time: what really came in, with what was open when it began, on paths drawn from the past."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from watchbill.engine.backtest.facts import Model
from watchbill.engine.backtest.twin.history import History
from watchbill.engine.backtest.twin.kin import Class, classes_of
from watchbill.engine.backtest.twin.learn import Twin, due_min
from watchbill.engine.backtest.twin.legs import NEVER, legs_of
from watchbill.engine.backtest.twin.models import Arrival, Floor, Piece
from watchbill.engine.backtest.twin.paths import MINUTE_US, Path, Paths, in_hands_of, paths_of
from watchbill.engine.backtest.twin.promise import lived
from watchbill.engine.base.work import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class _Come:
    """One item that comes, or was open when the stretch began. age_min, spent_min: at its beginning; since_min: outside since."""

    item: int
    opened_min: int
    priority: Priority
    classes: tuple[Class, ...]
    counts: bool
    spent_min: int = 0
    team: int = -1
    is_outside: bool = False
    is_paused: bool = False


@dataclass(slots=True)
class Stretch:
    """A stretch of a history as it may go again: the same arrivals and people, and paths drawn anew with every seed.

    items: those of the history, in the order of the model's cases, with backlog first. dropped: places in come that do not come.
    """

    twin: Twin
    floor: Floor
    paths: Paths
    horizon_min: int
    come: list[_Come] = field(default_factory=list)
    dropped: frozenset[int] = frozenset()
    counted_min: tuple[int, int] = (0, 0)
    """Between which minutes an item must be opened to count."""

    @property
    def items(self) -> list[int]:
        return [one.item for place, one in enumerate(self.come) if place not in self.dropped]

    def arrivals(self, seed: int) -> list[Arrival]:
        """What comes in one course. Same seed, same luck of every item, whatever else is in the stretch after it. O(legs)."""
        luck = np.random.Generator(np.random.Philox(key=seed)).random(len(self.come))
        return [
            self._arrival(one, float(luck[place])) for place, one in enumerate(self.come) if place not in self.dropped
        ]

    def model(self, seed: int) -> Model:
        """One course, with the people who are there."""
        arrivals = self.arrivals(seed)
        return self.floor.model(arrivals, horizon_min=self.horizon_min, seed=seed)

    def _arrival(self, one: _Come, luck: float) -> Arrival:
        age, at = -one.opened_min, self.floor.origin_us + one.opened_min * MINUTE_US
        if age <= 0:
            return self._made(
                one, [step.piece for step in self.paths.draw(one.classes, luck, at_us=at)], one.opened_min
            )
        pieces = _first_here(self.paths.rest(one.classes, luck, at_us=at, age_min=age), one, self.floor)
        first = pieces[0]
        begins = first.wait_min if one.is_paused else 0
        return self._made(one, [first._replace(wait_min=age + first.wait_min), *pieces[1:]], begins)

    def _made(self, one: _Come, pieces: list[Piece], runs_min: int) -> Arrival:
        """runs_min: since when its promise runs on."""
        due = due_min(self.twin.promise, self.floor, runs_min, one.priority, spent_min=one.spent_min)
        return Arrival(opened_min=one.opened_min, priority=one.priority, due_min=due, pieces=pieces, counts=one.counts)


def _first_here(path: Path, one: _Come, floor: Floor) -> list[Piece]:
    """What is left of an open item: its first piece where it really is, in its team or outside."""
    pieces = [step.piece for step in path]
    if not one.is_outside:
        pieces[0] = in_hands_of(floor, one.team, path[0], at_min=0)
    return pieces


def stretch_of(
    twin: Twin, history: History, *, since_us: int, until_us: int, counted: tuple[int, int] | None = None
) -> Stretch:
    """The stretch [since, until) of *history* on the people and paths of *twin*.

    counted: instants between which an item must be opened to weigh anything in the figures; all that is opened in the stretch when
    not given, and never the backlog, whose delays began before. What is known of an item is what was known when it was opened, or,
    of the backlog, at the beginning.
    """
    floor = twin.floor(since_us, until_us)
    low, high = counted or (since_us, until_us)
    found = Stretch(
        twin=twin, floor=floor, paths=paths_of(twin), horizon_min=int((until_us - since_us) // MINUTE_US),
        counted_min=((low - since_us) // MINUTE_US, (high - since_us) // MINUTE_US),
    )  # fmt: skip
    if since_us > int(history.opened_us[0]):
        found.come += _backlog(history.until(since_us), twin, since_us)
    first, last = np.searchsorted(history.opened_us, [since_us, until_us])
    team = history.team[history.first[:-1]]
    for item in range(int(first), int(last)):
        opened, priority = int(history.opened_us[item]), Priority(int(history.priority[item]))
        found.come.append(
            _Come(
                item=item, opened_min=(opened - since_us) // MINUTE_US, priority=priority, counts=low <= opened < high,
                classes=classes_of(int(team[item]), int(priority), int(history.category[item])),
            )
        )  # fmt: skip
    return found


def _backlog(known: History, twin: Twin, since_us: int) -> list[_Come]:
    """What was open at that instant, the oldest first, each where it was."""
    legs = legs_of(known, paused=twin.promise.paused)
    spent = lived(known, legs, twin.promise, until_us=since_us).spent_min
    team = known.team[known.first[:-1]]
    found = []
    for item in np.flatnonzero(legs.done_us == NEVER).tolist():
        last = int(legs.first[item + 1]) - 1
        priority = Priority(int(known.priority[item]))
        found.append(
            _Come(
                item=item, opened_min=min(-1, (int(known.opened_us[item]) - since_us) // MINUTE_US), priority=priority,
                counts=False, spent_min=int(spent[item]), team=int(legs.team[last]),
                is_outside=bool(legs.ready_us[last] == NEVER), is_paused=bool(legs.is_paused[last]),
                classes=classes_of(int(team[item]), int(priority), int(known.category[item])),
            )
        )  # fmt: skip
    return found
