"""A ticket history as columns: what came in, and what happened to it, in whole numbers. Made from a file or from a desk's events."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.base.work import State

Ints = NDArray[np.int64]
STATES: tuple[State, ...] = tuple(State)
CODE_OF = {state: code for code, state in enumerate(STATES)}
NOBODY = -1
"""Where a column of names says nothing."""
COLUMNS = 9
"""Of a line in numbers."""


class Told(NamedTuple):
    """One line of a history: what an item was after something had happened to it. at, opened_at: ISO texts with an offset."""

    item: str
    at: str
    opened_at: str
    state: str | None
    priority: int
    category: str
    team: str | None
    owner: str | None
    is_robot: bool


@dataclass(frozen=True, kw_only=True)
class History:
    """Columns of n items, in the order in which they were opened, and of m events, by item and then by time.

    Items: opened_us, priority (as opened), category. Events: item (its row), at_us, state (place in STATES), team, owner (NOBODY
    where not told), is_robot. first: the row of an item's first event, with m at the end. teams, people, categories, references:
    the names behind the numbers. zone: in which hours of the week are told.
    """

    zone: ZoneInfo
    opened_us: Ints
    priority: Ints
    category: Ints
    references: tuple[str, ...]
    item: Ints
    at_us: Ints
    state: Ints
    team: Ints
    owner: Ints
    is_robot: NDArray[np.bool_]
    teams: tuple[str, ...]
    people: tuple[str, ...]
    categories: tuple[str, ...]
    first: Ints = field(init=False)

    def __post_init__(self) -> None:
        if not self.opened_us.size:
            raise InvalidFacts("The history has no items")
        object.__setattr__(self, "first", np.searchsorted(self.item, np.arange(self.opened_us.size + 1)))

    @property
    def size(self) -> int:
        return int(self.opened_us.size)

    @property
    def begins_at(self) -> datetime:
        """When the first item was opened."""
        return instant_of(int(self.opened_us[0]))

    @property
    def ends_at(self) -> datetime:
        """When the last item was opened: what came after is only the end of what had come before."""
        return instant_of(int(self.opened_us[-1]))

    @cached_property
    def people_of(self) -> dict[str, int]:
        """By team, how many had an item in hand at some time that the team had at some time: no team can have more members.

        Worked out once, when it is asked for. O(events log events).
        """
        items, teams = _pairs(self.item, self.team)
        held, owners = _pairs(self.item, self.owner)
        first, last = np.searchsorted(held, items, side="left"), np.searchsorted(held, items, side="right")
        often = last - first
        within = np.arange(int(often.sum())) - np.repeat(np.cumsum(often) - often, often)
        found, _ = _pairs(np.repeat(teams, often), owners[np.repeat(first, often) + within])
        counts = np.bincount(found, minlength=len(self.teams)).tolist()
        return {team: count for team, count in zip(self.teams, counts, strict=True) if count}

    def people_in(self, team: str) -> int:
        """As many of one team; 0 for one that nobody is known to have worked for."""
        return self.people_of.get(team, 0)

    def until(self, cut_us: int) -> History:
        """What was known at *cut_us*: nothing opened, and nothing that happened, at that instant or later.

        Raises InvalidFacts when that is nothing.
        """
        size = int(np.searchsorted(self.opened_us, cut_us, side="left"))
        keep = (self.item < size) & (self.at_us < cut_us)
        return History(
            zone=self.zone, opened_us=self.opened_us[:size], priority=self.priority[:size], category=self.category[:size],
            references=self.references[:size], item=self.item[keep], at_us=self.at_us[keep], state=self.state[keep],
            team=self.team[keep], owner=self.owner[keep], is_robot=self.is_robot[keep], teams=self.teams,
            people=self.people, categories=self.categories,
        )  # fmt: skip


def _pairs(rows: Ints, names: Ints) -> tuple[Ints, Ints]:
    """Each pair of a row and a name that it says, once and in order: counted as one number, which is sooner sorted than two."""
    told = names != NOBODY
    many = int(names.max(initial=NOBODY)) + 1 or 1
    row, name = np.divmod(np.unique(rows[told] * many + names[told]), many)
    return row, name


class _Names(dict[str, int]):
    """Numbers for names, in the order of their coming."""

    def __missing__(self, name: str) -> int:
        return self.setdefault(name, len(self))

    def sort(self, column: Ints) -> tuple[str, ...]:
        """Renumber *column* by the order of the names, which does not depend on that of lines."""
        names = tuple(sorted(self))
        place = np.empty(len(names) + 1, dtype=np.int64)
        place[[self[name] for name in names]] = np.arange(len(names))
        place[NOBODY] = NOBODY
        column[:] = place[column]
        return names


class _Instants(dict[str, int]):
    def __missing__(self, text: str) -> int:
        return self.setdefault(text, micros_of(datetime.fromisoformat(text)))


def history_of(lines: Iterable[Told], *, zone: ZoneInfo) -> History:
    """Put *lines*, in any order, into columns. Only lines of one item at one instant keep their order.

    What an item was opened with is what its first line says; an owner or a state that this line tells at a later instant comes as
    an event of its own. A state of None is the one before. Raises InvalidFacts for no lines. O(lines log lines).
    """
    items, teams, people, categories, instants = _Names(), _Names(), _Names(), _Names(), _Instants()
    flat = array("q")
    for line in lines:
        flat.extend(
            (
                items[line.item],
                instants[line.at],
                instants[line.opened_at],
                NOBODY if line.state is None else CODE_OF[State(line.state)],
                line.priority,
                categories[line.category],
                NOBODY if line.team is None else teams[line.team],
                NOBODY if line.owner is None else people[line.owner],
                line.is_robot,
            )
        )
    if not flat:
        raise InvalidFacts("The history has no items")
    table = np.array(flat, dtype=np.int64).reshape(-1, COLUMNS)
    columns = ((items, 0), (teams, 6), (people, 7), (categories, 5))
    return _sorted(table, zone, *(names.sort(table[:, column]) for names, column in columns))


def _sorted(
    table: Ints, zone: ZoneInfo, references: Sequence[str], teams: tuple[str, ...], people: tuple[str, ...],
    categories: tuple[str, ...],
) -> History:  # fmt: skip
    table = table[np.lexsort((table[:, 1], table[:, 0]))]
    heads = np.flatnonzero(np.diff(table[:, 0], prepend=-1))
    opened = np.minimum(table[heads, 2], table[heads, 1])
    order = np.lexsort((np.arange(heads.size), opened))
    rank = np.empty(heads.size, dtype=np.int64)
    rank[order] = np.arange(heads.size)
    opening = table[heads].copy()
    opening[:, 1], opening[:, 3], opening[:, 7], opening[:, 8] = opened, CODE_OF[State.NEW], NOBODY, 0
    # An opening at the instant of the first line itself tells nothing more than that line.
    is_later = table[heads, 1] > opened
    events = np.concatenate((opening[is_later], table))
    sequence = np.concatenate((np.full(int(is_later.sum()), -1), np.arange(table.shape[0])))
    events = events[np.lexsort((sequence, events[:, 1], rank[events[:, 0]]))]
    item = rank[events[:, 0]]
    return History(
        zone=zone, opened_us=opened[order], priority=table[heads, 4][order], category=table[heads, 5][order],
        references=tuple(references[number] for number in table[heads, 0][order]), item=item, at_us=events[:, 1],
        state=_carried(events[:, 3], item), team=events[:, 6], owner=events[:, 7], is_robot=events[:, 8].astype(bool),
        teams=teams, people=people, categories=categories,
    )  # fmt: skip


def _carried(state: Ints, item: Ints) -> Ints:
    """States with NOBODY replaced by the one before of the same item, new where there is none."""
    begins = np.diff(item, prepend=-1) != 0
    known = np.where(begins & (state == NOBODY), CODE_OF[State.NEW], state)
    at = np.where(known != NOBODY, np.arange(known.size), 0)
    return known[np.maximum.accumulate(at)]


def local_minutes(at_us: Ints, zone: ZoneInfo) -> Ints:
    """Minutes on the wall clock of *zone* since 1970-01-01 00:00 there. One look-up a quarter of an hour that occurs."""
    quarters, place = np.unique(at_us // 900_000_000, return_inverse=True)
    offsets = np.array(
        [
            int((instant_of(int(q) * 900_000_000).astimezone(zone).utcoffset() or timedelta(0)).total_seconds())
            for q in quarters
        ],
        dtype=np.int64,
    )
    return (at_us // 1_000_000 + offsets[place]) // 60
