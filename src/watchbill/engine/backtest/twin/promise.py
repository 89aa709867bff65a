"""What was promised, and whether the history kept it: one target a priority, in business time, standing still in pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.backtest.hours import Hours
from watchbill.engine.backtest.twin.history import History, Ints
from watchbill.engine.backtest.twin.legs import NEVER, Legs
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import WAITING, Priority, State

MINUTE_US = 60_000_000


class Origin(StrEnum):
    """Who says what was promised: whoever asks, the profile of the file, the desk's own clock policy, or nobody."""

    OPTION = "option"
    PROFILE = "profile"
    DESK = "desk"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """targets_min: business minutes to resolve, by priority; none, no promise. hours: in which they run; paused: states in which not.

    told: what the hours are called, for people. targets_from, hours_from: who says so.
    """

    targets_min: Mapping[Priority, int]
    hours: Mapping[Priority, BusinessHours]
    paused: frozenset[State] = WAITING
    told: Mapping[Priority, str] = field(default_factory=dict)
    targets_from: Origin = Origin.OPTION
    hours_from: Origin = Origin.OPTION

    def __post_init__(self) -> None:
        if not self.targets_min or min(self.targets_min.values()) < 1:
            raise InvalidFacts("Expected a target of at least one minute for at least one priority")
        lacking = [priority.name for priority in self.targets_min if priority not in self.hours]
        if lacking:
            raise InvalidFacts(f"Expected hours for every priority with a target, got none for {', '.join(lacking)}")

    def open_minutes(self, origin_us: int, until_us: int) -> dict[Priority, Hours]:
        """The hours of each priority in minutes since *origin_us*. Priorities with the same hours share them."""
        found: dict[int, Hours] = {}
        for hours in self.hours.values():
            if id(hours) not in found:
                spans = hours.table.spans(origin_us, until_us)
                found[id(hours)] = Hours(((a - origin_us) // MINUTE_US, (b - origin_us) // MINUTE_US) for a, b in spans)
        return {priority: found[id(self.hours[priority])] for priority in self.targets_min}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What became of each item's promise. spent_min: business minutes used, until it was done or the history ends; is_kept: of those
    that are decided; is_decided: done, or its target used up.
    """

    spent_min: Ints
    is_kept: NDArray[np.bool_]
    is_decided: NDArray[np.bool_]


def lived(history: History, legs: Legs, promise: Promise, *, until_us: int) -> Lived:
    """Follow every promise through the history, up to *until_us*. O(legs log spans)."""
    origin = int(history.opened_us[0])
    hours = promise.open_minutes(origin, max(until_us, int(history.at_us.max()) + MINUTE_US))
    spent = np.zeros(history.size, dtype=np.int64)
    done = legs.done_us != NEVER
    ends = np.where(done, legs.done_us, until_us)
    targets = np.array([promise.targets_min.get(Priority(p), 0) for p in range(1, 5)])[history.priority - 1]
    positions = {p: _Positions(h) for p, h in hours.items()}
    paused = np.zeros(history.size)
    stood = np.flatnonzero(legs.is_paused & (legs.wait_us > 0))
    back = np.where(legs.ready_us[stood] == NEVER, until_us, legs.ready_us[stood])
    for priority, position in positions.items():
        mine = history.priority == priority
        spent[mine] = position(ends[mine] - origin) - position(history.opened_us[mine] - origin)
        out = mine[legs.item[stood]]
        pause = position(back[out] - origin) - position(back[out] - legs.wait_us[stood][out] - origin)
        np.add.at(paused, legs.item[stood][out], pause)
    spent -= paused.astype(np.int64)
    has = targets > 0
    return Lived(spent_min=spent, is_kept=has & done & (spent <= targets), is_decided=has & (done | (spent > targets)))


class _Positions:
    """Open minutes before instants, for whole columns at once."""

    def __init__(self, hours: Hours) -> None:
        self.starts, self.ends, self.before = (
            np.array(c, dtype=np.int64) for c in (hours.starts, hours.ends, hours.before)
        )

    def __call__(self, since_us: Ints) -> Ints:
        at = since_us // MINUTE_US
        if not self.starts.size:
            return np.zeros_like(at)
        index = np.searchsorted(self.starts, at, side="right") - 1
        known = np.maximum(index, 0)
        inside = self.before[known] + np.minimum(at, self.ends[known]) - self.starts[known]
        return np.where(index < 0, 0, inside)
