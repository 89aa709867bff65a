"""A desk's log made ready for questions: how an item, its owner, its queue and the desk stood at any instant.

Every answer comes from a `Ledger`, which knows no entry after the instant asked about. Training, live scoring and the report
ask the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.sense.risk.facts import (
    DAY_US,
    HOUR_US,
    NEVER,
    RATIOS,
    Asked,
    Floats,
    Ints,
    Log,
    Promises,
    as_asked,
)
from watchbill.engine.sense.risk.ledger import Ledger

if TYPE_CHECKING:
    from watchbill.engine.sense.risk.likeness import Counted, Likeness

AS_LOGGED = -2
"""What `Asked.owner` and `Asked.state` say where nothing is imagined."""

_STATES = 64
_QUIET_H = (0.2, 1, 3, 8, 20, 60)
_MOST_TOUCHES = 6
_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """How the items asked about stood: codes and instants, a row each; NEVER and -1 for what is not there."""

    state: Ints
    priority: Ints
    queue: Ints
    owner: Ints
    actor: Ints
    touched_us: Ints
    state_us: Ints
    owner_us: Ints


class Past:
    """The ledgers of one log and of what is known of its promises.

    likeness: verdicts that were counted before from a longer log, with the same codes; *promises* are then not asked.
    """

    def __init__(self, log: Log, promises: Promises, *, likeness: Likeness | None = None) -> None:
        self.log, self.promises = log, promises
        self.queues = likeness.queues if likeness else int(log.queue.max(initial=0)) + 1
        first = np.ones(len(log.item), dtype=bool)
        first[1:] = log.item[1:] != log.item[:-1]
        over = np.isin(log.state, sorted(log.done))
        before = {name: _before(getattr(log, name), first) for name in ("state", "owner", "queue", "priority")}
        was_over = np.isin(before["state"], sorted(log.done)) & ~first
        self._events = Ledger(
            log.item, log.at_us,
            state=log.state, priority=log.priority, queue=log.queue, owner=log.owner, actor=log.actor, at=log.at_us,
            touch=~first, handover=(log.owner != before["owner"]) & (before["owner"] >= 0),
            move=(log.queue != before["queue"]) & (before["queue"] >= 0) & ~first, reopened=was_over & ~over,
            raised=(log.priority != before["priority"]) & ~first,
        )  # fmt: skip
        self._states = _changes(log, first | (log.state != before["state"]))
        self._owners = _changes(log, log.owner != before["owner"])
        nobody = np.full(len(log.item), -1)
        ended = over & ~was_over
        self.open_of = {
            "owner": _open(np.where(over, -1, log.owner), first, log),
            "queue": _open(np.where(over, -1, log.queue), first, log),
            "desk": _open(np.where(over, -1, 0), first, log),
        }
        self.ended_of = {
            "owner": Ledger(np.where(ended, log.owner, -1), log.at_us, at=log.at_us),
            "queue": Ledger(np.where(ended, log.queue, -1), log.at_us),
            "desk": Ledger(np.where(ended, 0, -1), log.at_us),
        }
        self.acts_of = {"owner": Ledger(log.owner, log.at_us, at=log.at_us), "actor": Ledger(log.actor, log.at_us)}
        self.ended_by = Ledger(np.where(ended, log.actor, nobody), log.at_us)
        self.days_in_queue = _at_work(log, first, DAY_US)
        self.hours_of = {
            "owner": _at_work(log, first, HOUR_US, is_by_owner=True),
            "queue": _at_work(log, first, HOUR_US),
        }
        begun = np.flatnonzero(first)
        self.arrived_in = {
            "queue": Ledger(log.queue[begun], log.at_us[begun]),
            "desk": Ledger(np.zeros(len(begun), dtype=np.int64), log.at_us[begun]),
        }
        self.verdicts: Mapping[str, Ledger | Counted] = likeness.sorts if likeness else self._verdicts()

    def standing(self, asked: Asked) -> Standing:
        """How items stood at their instants; who is imagined as the owner took it at that very moment."""
        look, item, at = self._events.latest, asked.item, asked.at_us
        owner, owner_us = look("owner", item, at), self._owners.latest("at", item, at, NEVER)
        touched_us = look("at", item, at, NEVER)
        if asked.owner is not None:
            is_asked = (asked.owner != AS_LOGGED) & (asked.owner != owner)
            owner = np.where(is_asked, asked.owner, owner)
            owner_us, touched_us = (np.where(is_asked, at, before) for before in (owner_us, touched_us))
        state, state_us = look("state", item, at, self.log.new), self._states.latest("at", item, at, NEVER)
        if asked.state is not None:
            is_asked = (asked.state != AS_LOGGED) & (asked.state != state)
            state = np.where(is_asked, asked.state, state)
            state_us, touched_us = (np.where(is_asked, at, before) for before in (state_us, touched_us))
        return Standing(
            state=state,
            priority=look("priority", item, at, 0),
            queue=look("queue", item, at),
            owner=owner,
            actor=look("actor", item, at),
            touched_us=touched_us,
            state_us=state_us,
            owner_us=owner_us,
        )

    def is_over(self, standing: Standing) -> NDArray[np.bool_]:
        """Which items are over by their state, though their promise still runs."""
        return np.isin(standing.state, sorted(self.log.done))

    def lived(self, name: str, asked: Asked) -> Floats:
        """How often something has happened to the items: touch, handover, move, reopened or raised."""
        return self._events.total(name, asked.item, asked.at_us)

    def staffed_h(self, name: str, group: Ints, asked: Asked) -> Floats:
        """Hours in which an owner, or everybody of a queue, is likely to be at work from the instant until the due.

        Learned from what was done in the same hours of the last four weeks: an hour counts for each person who acted in
        it. Shifts as they stand today would tell a promise of last month what nobody knew then.
        """
        found = np.zeros(len(asked))
        for weeks in range(1, _WEEKS + 1):
            back = weeks * 7 * DAY_US
            until = np.minimum(asked.due_us - back, asked.at_us)
            found += self.hours_of[name].count(group, until, np.minimum(asked.at_us - back, until))
        return found / _WEEKS

    def groups(self, asked: Asked, standing: Standing) -> dict[str, Ints]:
        """What each row has in common with the past: a code per sort of likeness, by which verdicts are counted.

        An item that is over while its clock runs on (closed without an end, opened again later) is alike only what stood in
        the same state: its verdict says nothing about the work of a queue, a person or a kind.
        """
        state, owner, queue, actor = standing.state, standing.owner, standing.queue, standing.actor
        touches = np.minimum(self.lived("touch", asked), _MOST_TOUCHES).astype(np.int64)
        quiet = np.searchsorted(_QUIET_H, hours_since(asked.at_us, standing.touched_us)).astype(np.int64)
        hour = (asked.at_us + self.log.zone_us) // HOUR_US % 24
        paired = np.where(queue < self.queues, queue, -1)
        stood = {
            "state": state,
            "owner_state": _pair(owner, state, _STATES),
            "queue_state": _pair(queue, state, _STATES),
            "actor_state": _pair(actor, state, _STATES),
            "touch_state": _pair(touches, state, _STATES),
            "quiet_state": _pair(quiet, state, _STATES),
        }
        found = {
            "all": np.zeros(len(asked), dtype=np.int64),
            "priority": standing.priority,
            "owner": owner,
            "queue": queue,
            "actor": actor,
            "hour": hour,
            "owner_queue": _pair(owner, paired, self.queues),
        }
        for name, codes in self.log.traits.items():
            code = codes[asked.item]
            found[f"trait.{name}"] = code
            found[f"trait.{name}.queue"] = _pair(code, paired, self.queues)
        is_over = self.is_over(standing)
        return stood | {name: np.where(is_over, -1, codes) for name, codes in found.items()}

    def _verdicts(self) -> dict[str, Ledger]:
        """The promises that are decided, looked at as they were at each share of their target, by likeness."""
        asked, rows, missed = as_asked(self.promises)
        groups = self.groups(asked, self.standing(asked))
        known_us = self.promises.known_us[rows]
        return {name: Ledger(bucketed(codes, asked), known_us, missed=missed) for name, codes in groups.items()}


def bucketed(group: Ints, asked: Asked) -> Ints:
    """The group with the commitment and the share of its target that is used, so that like is compared with like."""
    share = np.clip(np.searchsorted(RATIOS, asked.used, "right") - 1, 0, len(RATIOS) - 1)
    return np.where(group >= 0, (group * 64 + np.minimum(asked.name, 63)) * len(RATIOS) + share, -1)


def hours_since(at_us: Ints, since_us: Ints) -> Floats:
    """Elapsed hours; a very long time since what never was."""
    return np.where(since_us == NEVER, 1e4, (at_us - np.where(since_us == NEVER, 0, since_us)) / HOUR_US)


def _pair(one: Ints, other: Ints, width: int) -> Ints:
    return np.where((one >= 0) & (other >= 0), one * width + other, -1)


def _before(column: Ints, first: NDArray[np.bool_]) -> Ints:
    """What each event found; -1 for the opening."""
    found = np.roll(column, 1) if len(column) else column.copy()
    return np.where(first, -1, found)


def _changes(log: Log, is_change: NDArray[np.bool_]) -> Ledger:
    return Ledger(np.where(is_change, log.item, -1), log.at_us, at=log.at_us)


def _open(group: Ints, first: NDArray[np.bool_], log: Log) -> Ledger:
    """Items that lay with a group: one more where one comes, one less where it goes or is over."""
    before = _before(group, first)
    is_moved = group != before
    came, went = is_moved & (group >= 0), is_moved & (before >= 0)
    return Ledger(
        np.concatenate([group[came], before[went]]),
        np.concatenate([log.at_us[came], log.at_us[went]]),
        change=np.fromiter(chain((1,) * int(came.sum()), (-1,) * int(went.sum())), np.int64),
    )


def _at_work(log: Log, first: NDArray[np.bool_], step_us: int, *, is_by_owner: bool = False) -> Ledger:
    """The first act of each owner in each queue in each step of time: how much work a queue, or an owner, got."""
    acted = np.flatnonzero(~first & (log.owner >= 0) & (log.queue >= 0))
    group = log.owner if is_by_owner else log.queue
    step = (log.at_us + log.zone_us) // step_us
    order = acted[np.lexsort((log.at_us[acted], log.owner[acted], group[acted], step[acted]))]
    is_first = np.ones(len(order), dtype=bool)
    for column in (step, log.owner, group):
        is_same = column[order][1:] == column[order][:-1]
        is_first[1:] = ~is_same if column is step else is_first[1:] | ~is_same
    kept = order[is_first]
    return Ledger(group[kept], log.at_us[kept])
