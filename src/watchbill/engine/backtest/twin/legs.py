"""From events to pieces of work: each time an item lay ready with somebody until it went out of her hands, and the waits between.

docs/algorithms/backtest.md, "Legs".
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.backtest.twin.history import CODE_OF, NOBODY, History, Ints
from watchbill.engine.base.work import ACTIONABLE, DONE, WAITING, State

NEVER = -1
"""In place of an instant that has not come."""
_READY = frozenset(CODE_OF[state] for state in ACTIONABLE)
_OUTSIDE = frozenset(CODE_OF[state] for state in WAITING)
_OVER = frozenset(CODE_OF[state] for state in DONE)
_BEGUN = CODE_OF[State.IN_PROGRESS]
_RESOLVED = CODE_OF[State.RESOLVED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Columns of l legs, by item and then in their order.

    item, team, worker: numbers of the history, NOBODY where not told. ready_us: since when somebody could have worked on it, NEVER
    while it is still outside; ended_us: when it was out of her hands, NEVER while it is not. stamp_us: when it was marked as begun
    by whoever ended it, else ready_us. wait_us: how long it was outside before; is_paused: whether the promise stood still for most
    of that; where: the state in which it was the longest of that (place in STATES), NOBODY where it did not wait. first: the row of an item's first leg, with l at the end. done_us: by item, when its last leg ended for good, else NEVER.
    """

    item: Ints
    team: Ints
    worker: Ints
    ready_us: Ints
    ended_us: Ints
    stamp_us: Ints
    wait_us: Ints
    where: Ints
    is_paused: NDArray[np.bool_]
    first: Ints
    done_us: Ints

    @property
    def size(self) -> int:
        return int(self.item.size)


def legs_of(history: History, *, paused: frozenset[State] = WAITING) -> Legs:
    """The legs of all items.

    A leg begins when an item is opened, comes back from outside, or is opened again; it ends when it goes outside, is resolved, or
    is passed on to another team and out of the hands that had it; where the team changes and the owner does not, nothing has been
    handed over. A team that nobody of took it is no leg of its own: its time belongs to the next one. paused: states in which the promise stands still; so it does between resolving and opening again. One walk, O(events).
    """
    walk = _Walk(frozenset(CODE_OF[state] for state in paused))
    columns = (history.item, history.at_us, history.state, history.team, history.owner)
    current = NOBODY
    for item, at, state, team, owner in zip(*(column.tolist() for column in columns), strict=True):
        if item != current:
            walk.end_item()
            current = item
            walk.begin_item(item, at)
        walk.event(at, state, team, owner)
    walk.end_item()
    table = np.frombuffer(walk.flat, dtype=np.int64).reshape(-1, 9)
    item, team, worker, ready, ended, stamp, wait, where, is_paused = (column.copy() for column in table.T)
    return Legs(
        item=item, team=team, worker=worker, ready_us=ready, ended_us=ended, stamp_us=stamp, wait_us=wait,
        where=where, is_paused=is_paused.astype(bool), first=np.searchsorted(item, np.arange(history.size + 1)),
        done_us=np.array(walk.done, dtype=np.int64),
    )  # fmt: skip


class _Walk:
    """The state of one item while its events go by."""

    def __init__(self, paused: frozenset[int]) -> None:
        self.paused = paused
        self.flat = array("q")
        self.done = array("q")
        self.item = NOBODY

    def begin_item(self, item: int, at: int) -> None:
        self.item, self.team, self.owner = item, NOBODY, NOBODY
        self.ready, self.stamp, self.wait, self.stood = at, at, 0, 0
        self.where, self.longest = NOBODY, 0
        self.state, self.left, self.over = CODE_OF[State.NEW], at, NEVER

    def end_item(self) -> None:
        """What is under way goes on."""
        if self.item == NOBODY:
            return
        if self.state in _READY:
            self._add(NEVER, self.team, self.owner)
        elif self.state in _OUTSIDE:
            self.ready = self.stamp = NEVER
            self._add(NEVER, self.team, self.owner)
        self.done.append(self.over)

    def event(self, at: int, state: int, team: int, owner: int) -> None:
        if self.state in _READY:
            if state not in _READY:
                self._add(at, self.team if team == NOBODY else team, self.owner if owner == NOBODY else owner)
                self.wait = self.stood = 0
                self.over = at if state in _OVER else NEVER
                self.left = at
            elif team not in (self.team, NOBODY) and NOBODY not in (self.team, self.owner) and owner != self.owner:
                self._add(at, self.team, self.owner)
                self.ready = self.stamp = at
                self.wait = self.stood = 0
            elif state == _BEGUN and (self.state != _BEGUN or owner != self.owner):
                self.stamp = at
        else:
            self._outside(at, state)
        self.state = state
        self.team = self.team if team == NOBODY else team
        self.owner = owner if owner != NOBODY or state in _READY else self.owner

    def _outside(self, at: int, state: int) -> None:
        """Time outside goes by; it may come back, or end."""
        span, self.left = at - self.left, at
        self.wait += span
        if span > self.longest:
            self.where, self.longest = self.state, span
        if self.state in self.paused or self.state in _OVER:
            self.stood += span
        if state in _READY:
            self.ready = self.stamp = at
            self.over = NEVER
        elif state in _OVER and self.state in _OUTSIDE:
            # Resolved straight from outside: a last piece of work, done as soon as it came back.
            self.ready = self.stamp = at
            self._add(at, self.team, self.owner)
            self.wait = self.stood = 0
            self.over = at
        elif state in _OUTSIDE:
            self.over = NEVER
        elif state == _RESOLVED and self.over == NEVER:
            self.over = at

    def _add(self, ended: int, team: int, worker: int) -> None:
        is_paused = 2 * self.stood >= self.wait > 0
        self.flat.extend((self.item, team, worker, self.ready, ended, self.stamp, self.wait, self.where, is_paused))
        self.where, self.longest = NOBODY, 0
