"""What risk is told: the log of a desk in columns, its promises with their verdicts, and what is asked about.

Instants are whole microseconds since 1970 (`base.intervals.micros_of`). A code is a small whole number that stands for
something (a person's key, the place of a word in a list); -1 is "nothing" or "not known". Columns, not objects: a desk has
millions of events, and a model wants them all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.base.errors import InvalidFacts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER = int(np.iinfo(np.int64).max)
"""The instant of what has not happened, or will not."""

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

RATIOS = (0.0, 0.25, 0.5, 0.75)
"""Shares of the target at which a promise of the past is looked at. A living one is compared with the share below its own."""

MOST_TRAITS = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Log:
    """What happened on a desk, up to any instant.

    opened_us: of n items, when each was opened; NEVER for one that is not there yet.
    traits: by name, n codes each: what an item was opened with (category, customer, site, ...). No text, nothing that is
        filled in later.
    item, at_us: of m events, the row of the item in ``opened_us`` and the instant; items in order, and each one's events
        in the order in which they came.
    state, priority, queue, owner, actor: m codes each, as they are after the event; ``actor`` is who did it. The first event
        of an item is its opening.
    new, done: which codes of ``state`` mean that nobody has begun, and that it is over.
    zone_us: what to add to an instant to read the desk's wall clock, in microseconds (of its zone, at the log's end).
    """

    opened_us: Ints
    traits: Mapping[str, Ints]
    item: Ints
    at_us: Ints
    state: Ints
    priority: Ints
    queue: Ints
    owner: Ints
    actor: Ints
    new: int
    done: frozenset[int]
    zone_us: int = 0

    def __post_init__(self) -> None:
        lengths = {
            len(getattr(self, name)) for name in ("item", "at_us", "state", "priority", "queue", "owner", "actor")
        }
        if len(lengths) != 1:
            raise InvalidFacts(f"the columns of events must be of one length, got {sorted(lengths)}")
        if len(self.traits) > MOST_TRAITS:
            raise InvalidFacts(f"at most {MOST_TRAITS} traits, got {len(self.traits)}")
        if any(len(codes) != len(self.opened_us) for codes in self.traits.values()):
            raise InvalidFacts("every trait needs one code per item")
        if len(self.item) > 1:
            same = self.item[1:] == self.item[:-1]
            if (self.item[1:] < self.item[:-1]).any() or (self.at_us[1:] < self.at_us[:-1])[same].any():
                raise InvalidFacts("events must be in the order of their items and, of one item, of their instants")

    def until(self, at_us: int) -> Log:
        """The same log as it was at an instant: what comes later is deleted, and items opened later are not there."""
        is_there = self.opened_us <= at_us
        kept = (self.at_us <= at_us) & is_there[self.item]
        columns = {name: getattr(self, name)[kept] for name in
                   ("item", "at_us", "state", "priority", "queue", "owner", "actor")}  # fmt: skip
        return replace(
            self,
            opened_us=np.where(is_there, self.opened_us, NEVER),
            traits={name: np.where(is_there, codes, -1) for name, codes in self.traits.items()},
            **columns,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Promises:
    """The commitments of a log's items: when each had used which share of its target, and how it ended.

    item: the row of the item in the log. name: code of the commitment (resolution, response, ...).
    at_us, due_us, left_s: one column per share in `RATIOS`: when the clock had used it (NEVER where it ended, or was paused
        for good, before), when it was due as things stood at that instant, and the business seconds it had left. A target that
        changes later, or a pause that comes later, is not in them.
    missed: 1 missed, 0 met, -1 not known.
    known_us: from when on it could be told whether it was missed: its due for one that was met or missed, so that quick
        successes are not learned from sooner than failures; NEVER where that is not known.
    """

    item: Ints
    name: Ints
    at_us: Ints
    due_us: Ints
    left_s: Floats
    missed: Ints
    known_us: Ints

    def __post_init__(self) -> None:
        for column in (self.at_us, self.due_us, self.left_s):
            if column.shape != (len(self.item), len(RATIOS)):
                raise InvalidFacts(f"expected {len(RATIOS)} instants per promise, got a shape of {column.shape}")

    @classmethod
    def none(cls) -> Promises:
        """No promise at all."""
        nothing, table = np.empty(0, dtype=np.int64), np.empty((0, len(RATIOS)), dtype=np.int64)
        return cls(item=nothing, name=nothing, at_us=table, due_us=table, left_s=table.astype(np.float64), missed=nothing,
                   known_us=nothing)  # fmt: skip

    def until(self, at_us: int) -> Promises:
        """The same promises as far as they were known at an instant."""
        is_known = self.known_us <= at_us
        return replace(
            self,
            at_us=np.where(self.at_us <= at_us, self.at_us, NEVER),
            missed=np.where(is_known, self.missed, -1),
            known_us=np.where(is_known, self.known_us, NEVER),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Promises at instants, of which the risk is asked; one row each, all of one length.

    item, name: as in `Promises`. at_us: the instant: nothing later is looked at. used: share of the target used by then.
    left_s: business seconds left. due_us: when it is due if its clock goes on.
    owner: who has it instead, -2 where it is as the log says: "what if she took it now". None: all as the log says.
    state: in which state it is instead, in the same way: "what if it were begun now".
    """

    item: Ints
    name: Ints
    at_us: Ints
    used: Floats
    left_s: Floats
    due_us: Ints
    owner: Ints | None = None
    state: Ints | None = None

    def __len__(self) -> int:
        return len(self.item)

    def at(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Asked:
        """Some of the rows."""
        return Asked(
            item=self.item[rows], name=self.name[rows], at_us=self.at_us[rows], used=self.used[rows], left_s=self.left_s[rows],
            due_us=self.due_us[rows], owner=None if self.owner is None else self.owner[rows],
            state=None if self.state is None else self.state[rows],
        )  # fmt: skip


def as_asked(promises: Promises) -> tuple[Asked, NDArray[np.intp], Ints]:
    """Every promise at each share of its target that it lived to see, with the promise's row and its verdict."""
    rows, shares = np.nonzero((promises.at_us != NEVER) & (promises.missed >= 0)[:, None])
    asked = Asked(
        item=promises.item[rows],
        name=promises.name[rows],
        at_us=promises.at_us[rows, shares],
        used=np.asarray(RATIOS)[shares],
        left_s=promises.left_s[rows, shares],
        due_us=promises.due_us[rows, shares],
    )
    return asked, rows, promises.missed[rows]
