"""When work falls due: which part of an item by when, and what falls due within a day from each hour on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchbill.engine.sense.incoming import Expected

AHEAD_H = 24
"""How far a forecast goes, and how far each of its hours looks."""
SEEN_H = 2 * AHEAD_H
"""Hours of available time and of dues that facts must tell: the last hour of the forecast looks a day further."""

Shares = Sequence[Mapping[int, float]]
"""For each hour in which work comes in: by hour, below SEEN_H, the share of it that falls due then. The rest is due later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The end of one hour of a region's forecast: work on hand that falls due within the day from then on, with its band.

    capacity_min: minutes available in that day. all_min: all work on hand, however late it is due.
    """

    work_min: float
    low_min: float
    high_min: float
    capacity_min: float
    all_min: float


def due_min(
    effort_min: float, touch_min: float, *, act_in_min: float | None, done_in_min: float | None, within_min: float
) -> float:
    """How much of an item's work falls due within so many minutes.

    An answer or an update (*act_in_min*) asks for a touch, a resolution (*done_in_min*) for all of it; both from now,
    below zero when overdue. Without a resolution promised the work is due at once: nothing says that it may wait.
    """
    if done_in_min is None or done_in_min < within_min:
        return effort_min
    return min(touch_min, effort_min) if act_in_min is not None and act_in_min < within_min else 0.0


def passed_at(hours: Sequence[Hour]) -> int | None:
    """The first hour, 0 for now, at which more falls due within the day from then on than can be done in it."""
    return next((at for at, hour in enumerate(hours) if hour.work_min > hour.capacity_min), None)


def hours_ahead(
    due: Sequence[float], later_min: float, coming: Sequence[Expected], shares: Shares, capacity: Sequence[float]
) -> tuple[Hour, ...]:
    """Follow work for a day: it comes in, what is due first is worked off first, and each hour is held against a day.

    Parameters
    ----------
    due: minutes on hand that fall due in each of the next SEEN_H hours, the first one with all that is overdue.
    later_min: minutes on hand that fall due after that.
    coming: minutes that come in from now to the end of each of the next AHEAD_H hours, with their band.
    shares: when what comes in in each of these hours falls due.
    capacity: minutes available in each of the next SEEN_H hours.

    Earliest due first is what meets all promises if anything does; so more due than can be done by then is late whoever
    plans it (processor demand: Baruah, Rosier, Howell 1990, Real-Time Systems 2(4)). The band is that of what comes in.
    O(AHEAD_H x SEEN_H).
    """
    tracks = [_Track(due, later_min) for _ in range(3)]
    hours = [_hour(0, tracks, capacity)]
    before = Expected()
    for at, now in enumerate(coming):
        steps = (
            now.mean_min - before.mean_min, max(0.0, now.low_min - before.low_min), max(0.0, now.high_min - before.high_min),
        )  # fmt: skip
        for track, step in zip(tracks, steps, strict=True):
            track.come(step, shares[at])
            track.work(capacity[at])
        before = now
        hours.append(_hour(at + 1, tracks, capacity))
    return tuple(hours)


class _Track:
    """Work on hand by the hour in which it falls due, as it comes and goes."""

    __slots__ = ("_due", "_later")

    def __init__(self, due: Sequence[float], later_min: float) -> None:
        self._due, self._later = list(due), later_min

    def come(self, minutes: float, shares: Mapping[int, float]) -> None:
        rest = minutes
        for hour, share in shares.items():
            self._due[hour] += minutes * share
            rest -= minutes * share
        self._later += max(0.0, rest)

    def work(self, minutes: float) -> None:
        """Work so many minutes, on what is due first."""
        for hour, waits in enumerate(self._due):
            if minutes <= 0:
                return
            done = min(waits, minutes)
            self._due[hour] = waits - done
            minutes -= done
        self._later = max(0.0, self._later - minutes)

    def until(self, hour: int) -> float:
        return sum(self._due[:hour])

    def whole(self) -> float:
        return sum(self._due) + self._later


def _hour(at: int, tracks: Sequence[_Track], capacity: Sequence[float]) -> Hour:
    mean, low, high = (track.until(at + AHEAD_H) for track in tracks)
    return Hour(
        work_min=mean, low_min=min(low, mean), high_min=max(high, mean),
        capacity_min=sum(capacity[at : at + AHEAD_H]), all_min=tracks[0].whole(),
    )  # fmt: skip
