"""Paths that cases take: those of past cases of the same class, drawn as a whole, with their waits and delays.

docs/algorithms/backtest.md, "Paths".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from watchbill.engine.backtest.twin.history import Ints
from watchbill.engine.backtest.twin.learn import Twin
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import Piece

MINUTE_US = 60_000_000
LEAST_DONORS = 30
"""Past cases below which a class is taken together with its neighbours."""

Class = tuple[int, ...]
"""What is known of an item when it is opened: team, priority, category; then less and less of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of a past case with its place in time: minutes from opening until it was ready, and until it was ended."""

    ready_min: int
    ended_min: int
    piece: Piece


Path = tuple[Step, ...]


def classes_of(team: int, priority: int, category: int) -> tuple[Class, ...]:
    """The classes of an item, from the one that says most to the one that says nothing."""
    return (
        (0, team, priority, category),
        (1, team, priority),
        (2, priority, category),
        (3, priority),
        (4,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """paths: of past items that were done; of_class: those of each class, by their place. used: items by how much of their class counted."""

    paths: tuple[Path, ...]
    of_class: dict[Class, Ints]
    ends: dict[Class, Ints]

    def known(self, classes: Sequence[Class]) -> Class:
        """The first of *classes* that enough past items belong to, or the last."""
        for one in classes:
            found = self.of_class.get(one)
            if found is not None and found.size >= LEAST_DONORS:
                return one
        return classes[-1]

    def draw(self, classes: Sequence[Class], luck: float) -> Path:
        """The path of one past item of the class. luck: uniform in [0, 1)."""
        places = self.of_class[self.known(classes)]
        return self.paths[int(places[int(luck * places.size)])]

    def rest(self, classes: Sequence[Class], luck: float, *, age_min: int) -> Path:
        """What is left, at *age_min* after opening, of the path of a past item of the class that lasted longer; () when none did.

        The step under way keeps what is left of its time in proportion.
        """
        for one in (self.known(classes), classes[-1]):
            ends, places = self.ends[one], self.of_class[one]
            first = int(np.searchsorted(ends, age_min, side="right"))
            if first < ends.size:
                return _rest(self.paths[int(places[first + int(luck * (ends.size - first))])], age_min)
        return ()


def _rest(path: Path, age_min: int) -> Path:
    left: list[Step] = []
    for step in path:
        if step.ended_min <= age_min:
            continue
        piece = step.piece
        if step.ready_min <= age_min:
            share = (step.ended_min - age_min) / (step.ended_min - step.ready_min)
            piece = piece._replace(wait_min=0, is_paused=False, delay_min=round(piece.delay_min * share))
        elif not left:
            piece = piece._replace(wait_min=step.ready_min - age_min)
        left.append(Step(max(0, step.ready_min - age_min), step.ended_min - age_min, piece))
    return tuple(left)


def paths_of(twin: Twin) -> Paths:
    """The paths of all items of the twin's history that have come to an end.

    An item that had not when the history ends goes on as one of its class that lasted longer: leaving it out would make all work
    look shorter than it is. Which one is settled by its place, so that the same history gives the same paths. O(legs).
    """
    known = [_path(twin, item) for item in range(twin.history.size)]
    team = opening_teams(twin)
    priority, category = twin.history.priority.tolist(), twin.history.category.tolist()
    classes = [classes_of(*each) for each in zip(team.tolist(), priority, category, strict=True)]
    is_done = twin.legs.done_us != NEVER
    done = _collected([known[i] for i in np.flatnonzero(is_done)], [classes[i] for i in np.flatnonzero(is_done)])
    cut = int(twin.history.at_us.max())
    luck = np.random.Generator(np.random.Philox(key=0)).random(twin.history.size)
    whole: list[Path] = []
    for item, path in enumerate(known):
        if is_done[item]:
            whole.append(path)
            continue
        age = int((cut - twin.history.opened_us[item]) // MINUTE_US)
        rest = done.rest(classes[item], float(luck[item]), age_min=age)
        later = tuple(Step(step.ready_min + age, step.ended_min + age, step.piece) for step in rest)
        whole.append(path + later)
    kept = [item for item, path in enumerate(whole) if path]
    return _collected([whole[item] for item in kept], [classes[item] for item in kept])


def opening_teams(twin: Twin) -> Ints:
    """The team that each item was opened with."""
    history = twin.history
    return history.team[history.first[:-1]]


def _path(twin: Twin, item: int) -> Path:
    legs, opened = twin.legs, int(twin.history.opened_us[item])
    steps = []
    for leg in range(int(legs.first[item]), int(legs.first[item + 1])):
        if legs.ended_us[leg] == NEVER:
            break
        piece = Piece(
            int(legs.team[leg]), float(twin.effort_min[leg]), float(twin.mean_min[leg]),
            int(legs.wait_us[leg]) // MINUTE_US, bool(legs.is_paused[leg]), int(twin.delay_min[leg]),
        )  # fmt: skip
        ready, ended = ((int(at[leg]) - opened) // MINUTE_US for at in (legs.ready_us, legs.ended_us))
        steps.append(Step(ready, ended, piece))
    return tuple(steps)


def _collected(paths: Sequence[Path], classes: Sequence[Sequence[Class]]) -> Paths:
    of_class: dict[Class, list[int]] = defaultdict(list)
    order = sorted(range(len(paths)), key=lambda place: (paths[place][-1].ended_min if paths[place] else 0, place))
    for place in order:
        if paths[place]:
            for one in classes[place]:
                of_class[one].append(place)
    found = {one: np.array(places, dtype=np.int64) for one, places in of_class.items()}
    ends = {one: np.array([paths[p][-1].ended_min for p in places], dtype=np.int64) for one, places in of_class.items()}
    return Paths(paths=tuple(paths), of_class=found, ends=ends)
