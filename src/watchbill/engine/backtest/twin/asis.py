"""In which order the desk itself seems to take its work: a guess with its evidence, never a certainty.

docs/algorithms/backtest.md, "As it is".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from watchbill.engine.backtest.desk import Desk, Job
from watchbill.engine.backtest.rules import Order, Pull, earliest_due, fifo, strict_priority
from watchbill.engine.backtest.twin.history import NOBODY, History, Ints
from watchbill.engine.backtest.twin.legs import NEVER, Legs
from watchbill.engine.backtest.twin.promise import Promise
from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.base.work import Priority


def newest_first(job: Job, _desk: Desk, _mean: float) -> float:
    """Last come, first served: what a desk does that answers what it sees first."""
    return -job.case.opened_min


ORDERS: dict[str, Order] = {
    "fifo": fifo, "priority": strict_priority, "earliest due": earliest_due, "newest first": newest_first,
}  # fmt: skip
PAIRS_MOST = 200_000
LOOK_BACK = 40
"""Pieces of the same team looked at with each one: those that were ready at the same time and ended later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """name: of the order. agreement: by order, the share of pairs of ready pieces of which the one was ended first that it puts
    first, one half being chance; pairs: how many were looked at, 0 when the order was said and not guessed.
    """

    name: str
    agreement: dict[str, float]
    pairs: int

    @classmethod
    def said(cls, name: str) -> Guess:
        if name not in ORDERS:
            raise InvalidFacts(f"Expected an order among {', '.join(ORDERS)}, got {name}")
        return cls(name=name, agreement={}, pairs=0)

    def policy(self) -> Pull:
        """A desk that works in this order: whoever is free takes what comes first, those who know the case before others."""
        return Pull(f"as is ({self.name})", ORDERS[self.name])

    @property
    def second(self) -> str:
        """The next best guess."""
        others = [name for name in ORDERS if name != self.name]
        return max(others, key=lambda name: self.agreement.get(name, 0.0))


def guess_order(history: History, legs: Legs, promise: Promise) -> Guess:
    """The order that agrees best with which of two ready pieces of a team was ended first.

    Every ended piece is compared with up to LOOK_BACK pieces of its team that were ready when it was taken on and ended later. It was
    taken on when it is marked as begun, or when who ended it had ended what she did before, and never before it was ready: were it
    when it was ready, only those pairs would be looked at in which the younger one was ended first.
    Ties of an order count one half. Ties of orders go to the simplest. O(legs x LOOK_BACK).
    """
    ended = (legs.ended_us != NEVER) & (legs.worker != NOBODY)
    first, second = _pairs(legs, np.flatnonzero(ended))
    if not first.size:
        return Guess(name="fifo", agreement=dict.fromkeys(ORDERS, 0.5), pairs=0)
    priority = history.priority[legs.item]
    due = _dues(history, promise)[legs.item]
    keys = {"fifo": history.opened_us[legs.item], "priority": priority, "earliest due": due}
    keys["newest first"] = -keys["fifo"]
    agreement = {
        name: float(((key[first] < key[second]) + 0.5 * (key[first] == key[second])).mean())
        for name, key in keys.items()
    }
    return Guess(name=max(ORDERS, key=lambda name: agreement[name]), agreement=agreement, pairs=int(first.size))


def _pairs(legs: Legs, ended: Ints) -> tuple[Ints, Ints]:
    by_team: dict[int, list[int]] = defaultdict(list)
    for leg in ended[np.argsort(legs.ended_us[ended], kind="stable")].tolist():
        by_team[int(legs.team[leg])].append(leg)
    found: list[tuple[int, int]] = []
    ready, over, begun = legs.ready_us, legs.ended_us, _begun(legs, ended)
    for team in sorted(by_team):
        order = by_team[team]
        for place, leg in enumerate(order):
            at = int(begun[leg])
            later = order[place + 1 : place + 1 + LOOK_BACK]
            found += [(leg, other) for other in later if ready[other] <= at and over[other] > over[leg]]
    if len(found) > PAIRS_MOST:
        found = found[:: len(found) // PAIRS_MOST + 1]
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    pairs = np.array(found, dtype=np.int64)
    return pairs[:, 0], pairs[:, 1]


def _begun(legs: Legs, ended: Ints) -> Ints:
    """When each of *ended* was taken on at the earliest, by leg."""
    begun = np.maximum(legs.ready_us, legs.stamp_us)
    order = ended[np.lexsort((legs.ended_us[ended], legs.worker[ended]))]
    before = np.where(np.diff(legs.worker[order]) == 0, legs.ended_us[order[:-1]], NEVER)
    begun[order[1:]] = np.maximum(begun[order[1:]], before)
    return begun


def _dues(history: History, promise: Promise) -> np.ndarray:
    """When each promise runs out if it is never paused, in microseconds; the largest number without one."""
    found = np.full(history.size, np.iinfo(np.int64).max)
    for place, (opened, priority) in enumerate(zip(history.opened_us.tolist(), history.priority.tolist(), strict=True)):
        target = promise.targets_min.get(Priority(priority))
        if target is not None:
            due = promise.hours[Priority(priority)].add_business(
                instant_of(opened), BusinessTime(timedelta(minutes=target))
            )
            found[place] = micros_of(due) if due is not None else found[place]
    return found
