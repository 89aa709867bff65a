"""Working time of a pattern of hours, in whole minutes: how much lies before an instant, and when so much is done."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

MINUTE_S = 60
Week = tuple[tuple[tuple[int, int], ...], ...]
"""Seven days, Monday first: opening and closing in minutes after local midnight."""


def minute_of(at: datetime) -> int:
    """Minutes since 1970 of an aware instant."""
    return int(at.timestamp()) // MINUTE_S


def instant_of(minute: int) -> datetime:
    """The instant, in UTC, of minutes since 1970."""
    return datetime.fromtimestamp(minute * MINUTE_S, tz=UTC)


def minute_at(day: date, local_min: int, zone: ZoneInfo) -> int:
    """Minutes since 1970 of so many minutes after midnight on the wall of a zone."""
    wall = datetime.combine(day, time(0)) + timedelta(minutes=local_min)
    return minute_of(wall.replace(tzinfo=zone))


class Hours:
    """The open intervals of one week's pattern from *first* to *last* (dates), without those of *closed_on*.

    Times are minutes since 1970. Everything costs a binary search.
    """

    __slots__ = ("_before", "_ends", "_starts")

    def __init__(self, zone: str, week: Week, *, closed_on: Collection[date], first: date, last: date) -> None:
        local = ZoneInfo(zone)
        spans = [
            (minute_at(day, opens, local), minute_at(day, closes, local))
            for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
            if day not in closed_on
            for opens, closes in week[day.weekday()]
        ]
        self._starts: Sequence[int] = [start for start, _ in spans]
        self._ends: Sequence[int] = [end for _, end in spans]
        self._before: Sequence[int] = [0, *accumulate(end - start for start, end in spans)]

    def worked(self, at: int) -> int:
        """Open minutes before *at*."""
        place = bisect_right(self._starts, at) - 1
        return 0 if place < 0 else self._before[place] + min(at, self._ends[place]) - self._starts[place]

    def start(self, done: int) -> int:
        """The first instant at which so many minutes are done and the next one is worked."""
        return self._at(bisect_right(self._before, done) - 1, done)

    def end(self, done: int) -> int:
        """The first instant at which so many minutes are done."""
        return self._at(max(0, bisect_left(self._before, done) - 1), done)

    def _at(self, place: int, done: int) -> int:
        last = min(place, len(self._starts) - 1)
        return self._starts[last] + done - self._before[last]

    def is_open(self, at: int) -> bool:
        """Whether somebody with these hours is at work at *at*."""
        place = bisect_right(self._starts, at) - 1
        return place >= 0 and at < self._ends[place]

    def closes(self, at: int) -> int:
        """When what is open at *at* closes; *at* itself when nothing is."""
        return self._ends[bisect_right(self._starts, at) - 1] if self.is_open(at) else at

    def opens(self, at: int) -> int:
        """*at* itself when it is open, else the next opening."""
        return at if self.is_open(at) else self.start(self.worked(at))

    def between(self, first: int, last: int) -> int:
        """Open minutes from *first* to *last*."""
        return self.worked(last) - self.worked(first)
