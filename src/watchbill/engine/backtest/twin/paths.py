"""Paths that cases take: those of past cases of the same class, drawn as a whole, with their waits and delays.

docs/algorithms/backtest.md, "Paths".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.backtest.twin.history import NOBODY, Ints
from watchbill.engine.backtest.twin.kin import LEAST_DONORS, Class, Kin, classes_of
from watchbill.engine.backtest.twin.learn import Twin
from watchbill.engine.backtest.twin.legs import NEVER
from watchbill.engine.backtest.twin.models import Floor, Piece
from watchbill.engine.base.errors import InvalidFacts

MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
TAIL_ENDS = 50
"""Ends on which the rate rests at which the oldest items end."""
LEAST_LONGER = 10
"""Items that lasted longer, below which those of all times are looked at."""
REACH_DAYS = (14, 28, 56, 100_000)
"""In how many days around an item its like may be looked for; the last is: in all."""
BETTER = 0.9
"""A shorter reach must have foretold so much better than a longer one."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of a past case with its place in time: minutes from opening until it was ready, and until it was ended."""

    ready_min: int
    ended_min: int
    piece: Piece


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Paths of past items, with the classes that they belong to.

    ends_min: by path, how long it took; kin: which are like which. tail_min: mean of what the oldest still last.
    """

    paths: Sequence[Path]
    ends_min: Ints
    kin: Kin
    tail_min: float

    def draw(self, classes: Sequence[Class], luck: float, *, at_us: int) -> Path:
        """The path of one past item of the class, opened around *at_us*. luck: uniform in [0, 1)."""
        places = self.kin.near(classes, at_us)
        return self.paths[int(places[int(luck * places.size)])]

    def rest(self, classes: Sequence[Class], luck: float, *, at_us: int, age_min: int) -> Path:
        """What is left, at *age_min* after opening, of the path of an item of the class that lasted longer.

        Of those opened around *at_us*, unless too few of them lasted so long. The step under way keeps what is left of its time in
        proportion. Where too few of all have lasted so long, one more step, that ends at the rate at which the oldest do.
        """
        for places in (self.kin.near(classes, at_us), *map(self.kin.members, classes)):
            longer = places[self.ends_min[places] > age_min]
            left = (
                _rest(self.paths[int(longer[int(luck * longer.size)])], age_min) if longer.size >= LEAST_LONGER else ()
            )
            if left:
                return left
        return (Step(0, 1 + int(-math.log(1.0 - luck) * self.tail_min), _LAST),)


_LAST = Piece(NOBODY, 1.0, 1.0, 0, False, 0)


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

    An item that had not when the history ends goes on as one of its class that lasted longer, the oldest first, so that one that is
    still open, too, can be followed: leaving it out would make all work look shorter than it is (redistribution to the right, Efron
    1967). Which one is settled by its place, so that the same history gives the same paths. O(legs + open items x items).
    """
    history = twin.history
    known = [path_of(twin, item) for item in range(history.size)]
    team, priority, category = opening_teams(twin).tolist(), history.priority.tolist(), history.category.tolist()
    classes = [classes_of(*each) for each in zip(team, priority, category, strict=True)]
    cut = int(history.at_us.max())
    seen = np.where(twin.legs.done_us == NEVER, cut, twin.legs.done_us) - history.opened_us
    seen_min = seen // MINUTE_US
    days, tail_min = recent_days(twin), tail_of(seen_min, twin.legs.done_us != NEVER)
    growing = Paths(
        paths=known, ends_min=seen_min, kin=Kin(classes, history.opened_us, days=days), tail_min=tail_min
    )  # what was seen longer goes before, so that whom it follows is whole
    floor = twin.floor(int(history.opened_us[0]), cut)
    luck = np.random.Generator(np.random.Philox(key=0)).random(history.size)
    for item, leg in _open_legs(twin, floor, cut).items():
        opened, age = int(history.opened_us[item]), int(seen_min[item])
        rest = growing.rest(classes[item], float(luck[item]), at_us=opened, age_min=age)
        known[item] += tuple(_moved(rest, opened, age, leg, floor))
    kept = np.array([bool(path) for path in known])
    if not kept.any():
        raise InvalidFacts("No item of the history has come to an end")
    return Paths(
        paths=[path for path in known if path], tail_min=tail_min,
        ends_min=np.array([path[-1].ended_min for path in known if path], dtype=np.int64),
        kin=Kin([each for each, is_kept in zip(classes, kept, strict=True) if is_kept], history.opened_us[kept], days=days),
    )  # fmt: skip


def tail_of(seen_min: Ints, is_done: NDArray[np.bool_]) -> float:
    """Mean minutes that an item still lasts at an age that only TAIL_ENDS items were seen to end beyond: time seen by ends seen.

    So far out and no farther the history carries a statement; beyond it, the rate is taken to stay as it is there.
    """
    ends = np.sort(seen_min[is_done])
    long = float(ends[-min(TAIL_ENDS, ends.size)]) if ends.size else 0.0
    older = seen_min >= long
    return float((seen_min[older] - long).sum()) / max(1, int((older & is_done).sum()))


def recent_days(twin: Twin) -> int:
    """In how many days around an item its like are looked for: those that would have foretold the history's last quarter best.

    Compared are the times from opening to done, as logarithms, of the quarter with those of what was opened in so many days before
    it. A desk that does not change takes all it has; one that does, what is near.
    """
    history, legs = twin.history, twin.legs
    over = np.where(legs.done_us == NEVER, int(history.at_us.max()), legs.done_us)
    hours = np.log1p((over - history.opened_us) / 3.6e9)
    first, last = int(history.opened_us[0]), int(history.opened_us[-1])
    begins = last - (last - first) // 4
    quarter = np.sort(hours[history.opened_us >= begins])
    best, found = np.inf, REACH_DAYS[-1]
    for days in reversed(REACH_DAYS):
        before = np.sort(hours[(history.opened_us < begins) & (history.opened_us >= begins - days * DAY_US)])
        if before.size >= LEAST_DONORS and quarter.size >= LEAST_DONORS:
            places = np.linspace(0.005, 0.995, 100)
            far = float(np.abs(np.quantile(quarter, places) - np.quantile(before, places)).mean())
            if far < best * BETTER:
                best, found = far, days
    return found


def opening_teams(twin: Twin) -> Ints:
    """The team that each item was opened with."""
    history = twin.history
    return history.team[history.first[:-1]]


def path_of(twin: Twin, item: int) -> Path:
    """What became of an item, as far as its pieces have ended."""
    legs, opened = twin.legs, int(twin.history.opened_us[item])
    steps = []
    for leg in range(int(legs.first[item]), int(legs.first[item + 1])):
        if legs.ended_us[leg] == NEVER:
            break
        piece = Piece(
            int(legs.team[leg]), float(twin.effort_min[leg]), float(twin.mean_min[leg]),
            int(legs.wait_us[leg]) // MINUTE_US, bool(legs.is_paused[leg]), int(twin.delay_min[leg]),
            int(legs.where[leg]),
        )  # fmt: skip
        ready, ended = ((int(at[leg]) - opened) // MINUTE_US for at in (legs.ready_us, legs.ended_us))
        steps.append(Step(ready, ended, piece))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Open:
    """The leg of an item that has not ended. ready_min: since opening, None while it is outside. waited_min: of the hours of its team
    since then, or of the clock since it went outside.
    """

    ready_min: int | None
    waited_min: int
    piece: Piece


def _open_legs(twin: Twin, floor: Floor, cut: int) -> dict[int, Open]:
    """By item that is not done, the oldest first."""
    legs, history = twin.legs, twin.history
    found = {}
    for item in np.flatnonzero(legs.done_us == NEVER).tolist():
        leg, opened = int(legs.first[item + 1]) - 1, int(history.opened_us[item])
        team, ready, wait = int(legs.team[leg]), int(legs.ready_us[leg]), int(legs.wait_us[leg])
        piece = Piece(team, 1.0, 1.0, wait // MINUTE_US, bool(legs.is_paused[leg]), 0, int(legs.where[leg]))
        if ready == NEVER:
            found[item] = Open(None, (cut - int(history.at_us[history.first[item + 1] - 1])) // MINUTE_US, piece)
            continue
        since = [(at - floor.origin_us) // MINUTE_US for at in (opened, ready, cut)]
        waited = floor.worked[floor.skill(team, since[0])].between(since[1], since[2])
        found[item] = Open((ready - opened) // MINUTE_US, waited, piece)
    return found


def _moved(rest: Path, opened_us: int, age: int, leg: Open, floor: Floor) -> list[Step]:
    """What follows, counted from opening; its first piece with what was waited before."""
    moved = [Step(step.ready_min + age, step.ended_min + age, step.piece) for step in rest]
    first, had = moved[0], leg.piece
    if leg.ready_min is None:
        piece = first.piece._replace(
            wait_min=had.wait_min + leg.waited_min + first.piece.wait_min, is_paused=had.is_paused
        )
        return [Step(first.ready_min, first.ended_min, piece), *moved[1:]]
    at = (opened_us - floor.origin_us) // MINUTE_US + age
    left = in_hands_of(floor, had.team, rest[0], at_min=at)
    piece = left._replace(wait_min=had.wait_min, is_paused=had.is_paused, delay_min=leg.waited_min + left.delay_min)
    return [Step(leg.ready_min, first.ended_min, piece), *moved[1:]]


def in_hands_of(floor: Floor, team: int, step: Step, *, at_min: int) -> Piece:
    """What is left of a step, counted from *at_min*, when it is *team* that has it: over at the same instant, in its hours."""
    left = floor.worked[floor.skill(team, at_min)].between(at_min, at_min + step.ended_min)
    delay = max(0, round(left - step.piece.effort_min))
    return step.piece._replace(team=team, wait_min=0, is_paused=False, delay_min=delay)
