"""Half-open intervals of time, and the table of prefix sums that makes business time a matter of two look-ups."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from threading import Lock
from typing import NamedTuple, TypeVar

from watchbill.engine.base.errors import InvalidFacts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS_PER_S = 1_000_000
MICROS_PER_DAY = 86_400 * MICROS_PER_S
At = TypeVar("At", int, datetime)
"""Where a span begins or ends: a count of minutes or microseconds, or an instant."""


def micros_of(at: datetime, name: str = "at") -> int:
    """Microseconds of *at* since 1970 in UTC; raise InvalidFacts when it carries no time zone."""
    try:
        since = at - EPOCH
    except TypeError:
        raise InvalidFacts(f"{name} must be an instant with a time zone, got {at.isoformat()}") from None
    return since.days * MICROS_PER_DAY + since.seconds * MICROS_PER_S + since.microseconds


def micros_in(duration: timedelta) -> int:
    """Whole microseconds of *duration*: exact, unlike ``total_seconds`` on long durations."""
    return duration.days * MICROS_PER_DAY + duration.seconds * MICROS_PER_S + duration.microseconds


def instant_of(micros: int) -> datetime:
    """The aware UTC datetime *micros* microseconds after 1970; the inverse of `micros_of`."""
    return EPOCH + timedelta(0, 0, micros)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interval:
    """Instants from *start_at* up to, not including, *end_at*; both aware UTC."""

    start_at: datetime
    end_at: datetime

    @property
    def length(self) -> timedelta:
        """Elapsed, not business, time."""
        return self.end_at - self.start_at

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Both ends, as `merged` and `outside` take them."""
        return self.start_at, self.end_at


def merged(spans: Iterable[tuple[At, At]]) -> Iterator[tuple[At, At]]:
    """The union of *spans* as sorted spans that neither overlap nor touch; empty ones vanish."""
    ordered = sorted(span for span in spans if span[0] < span[1])
    if not ordered:
        return
    start, end = ordered[0]
    for left, right in ordered:
        if left <= end:
            end = max(end, right)
            continue
        yield start, end
        start, end = left, right
    yield start, end


def outside(spans: Iterable[tuple[At, At]], gone: Iterable[tuple[At, At]]) -> Iterator[tuple[At, At]]:
    """What is left of *spans* outside *gone*: the former sorted and apart, and so is what comes out; the latter in any order.

    Looks no further ahead in *spans* than is asked for. One walk over both, after *gone* was sorted.
    """
    cuts, first = list(merged(gone)), 0
    for start, end in spans:
        while first < len(cuts) and cuts[first][1] <= start:
            first += 1
        at, index = start, first
        while index < len(cuts) and cuts[index][0] < end:
            if at < cuts[index][0]:
                yield at, cuts[index][0]
            at, index = cuts[index][1], index + 1
        if at < end:
            yield at, end


def common(one: Iterable[tuple[int, int]], other: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The intersection of two lists of spans, each sorted and apart: so is what comes out. One walk over both."""
    left, right = iter(one), iter(other)
    mine, theirs = next(left, None), next(right, None)
    while mine and theirs:
        start, end = max(mine[0], theirs[0]), min(mine[1], theirs[1])
        if start < end:
            yield start, end
        if mine[1] <= theirs[1]:
            mine = next(left, None)
        else:
            theirs = next(right, None)


class Chunk(NamedTuple):
    """Everything known about [lo, hi): its open spans, sorted, apart, inside the bounds. Microseconds since 1970."""

    lo: int
    hi: int
    spans: list[tuple[int, int]]


class _Known(NamedTuple):
    """The part of the time line compiled so far; never changed once it can be seen.

    A *position* is business time since a fixed origin, in microseconds: it grows while open and stands still while
    closed. ``before[i]`` is the position at ``starts[i]``; ``first`` and ``last`` are those at ``lo`` and ``hi``. The
    two that are searched are lists, in which bisection takes half the time that it takes in an array.
    """

    lo: int
    hi: int
    first: int
    last: int
    starts: list[int]
    before: list[int]
    ends: array[int]


class OpenTable:
    """Open spans of one calendar with prefix sums, compiled chunk by chunk as far as it is asked.

    `position` and `reach` are one bisection each, O(log n) in the spans compiled. Chunks are numbered; chunk k+1
    begins where chunk k ends. Safe for threads: what is known is replaced as a whole, under a lock.
    """

    __slots__ = ("_chunk_at", "_chunk_of", "_known", "_lock", "_newest", "_oldest")

    def __init__(self, *, chunk_at: Callable[[int], int], chunk_of: Callable[[int], Chunk]) -> None:
        """*chunk_at* gives the number of a chunk at or near an instant; *chunk_of* compiles the chunk of a number."""
        self._chunk_at = chunk_at
        self._chunk_of = chunk_of
        self._lock = Lock()
        self._oldest = self._newest = 0
        self._known: _Known | None = None

    def position(self, micros: int) -> int:
        """Business microseconds from the table's origin to the instant *micros*; only differences have a meaning."""
        known = self._known
        if known is None or not known.lo <= micros < known.hi:
            known = self._cover(micros)
        index = bisect_right(known.starts, micros) - 1
        if index < 0:
            return known.first
        return known.before[index] + min(micros, known.ends[index]) - known.starts[index]

    def reach(self, position: int, *, until: int) -> int | None:
        """The earliest instant at which *position* is reached, or None when that is after *until*.

        *position* must be greater than one that `position` has returned.
        """
        known = self._known
        if known is None or position > known.last:
            known = self._cover_position(position, until)
        index = bisect_left(known.before, position) - 1
        if index < 0 or position > known.last:
            return None
        micros = known.starts[index] + position - known.before[index]
        return micros if micros <= until else None

    def spans(self, lo: int, hi: int) -> Iterator[tuple[int, int]]:
        """The open spans inside [lo, hi), clipped to it."""
        if lo >= hi:
            return
        self._cover(lo)
        known = self._cover(hi)
        index = max(bisect_right(known.starts, lo) - 1, 0)
        while index < len(known.starts) and known.starts[index] < hi:
            start, end = max(known.starts[index], lo), min(known.ends[index], hi)
            if start < end:
                yield start, end
            index += 1

    def next_open(self, micros: int, *, until: int) -> int | None:
        """The earliest open instant at or after *micros*, or None when there is none up to *until*."""
        opening = self.reach(self.position(micros) + 1, until=until + 1)
        return None if opening is None else opening - 1

    def _cover(self, micros: int) -> _Known:
        """What is known, after compiling the chunks between it and *micros*."""
        with self._lock:
            known = self._known or self._begin(micros)
            while micros >= known.hi:
                known = self._append(known)
            while micros < known.lo:
                known = self._prepend(known)
            return known

    def _cover_position(self, position: int, until: int) -> _Known:
        """What is known, after compiling on until *position* is reached or *until* is passed."""
        with self._lock:
            known = self._known or self._begin(until)
            while position > known.last and known.hi <= until:
                known = self._append(known)
            return known

    def _begin(self, micros: int) -> _Known:
        self._oldest = self._newest = self._chunk_at(micros)
        return self._publish(_known_of(self._chunk_of(self._oldest), first=0))

    def _append(self, known: _Known) -> _Known:
        newer = _known_of(self._chunk_of(self._newest + 1), first=known.last)
        self._newest += 1
        return self._publish(_joined(known, newer))

    def _prepend(self, known: _Known) -> _Known:
        chunk = self._chunk_of(self._oldest - 1)
        self._oldest -= 1
        older = _known_of(chunk, first=known.first - sum(end - start for start, end in chunk.spans))
        return self._publish(_joined(older, known))

    def _publish(self, known: _Known) -> _Known:
        self._known = known
        return known


def _known_of(chunk: Chunk, *, first: int) -> _Known:
    """*chunk* with prefix sums that begin at the position *first*."""
    sums = list(accumulate((end - start for start, end in chunk.spans), initial=first))
    starts, ends = [start for start, _ in chunk.spans], array("q", (end for _, end in chunk.spans))
    return _Known(chunk.lo, chunk.hi, first, sums[-1], starts, sums[:-1], ends)


def _joined(older: _Known, newer: _Known) -> _Known:
    """*older* and *newer*, which begins where it ends, as one; spans that touch at the seam become one."""
    touch = bool(older.ends and newer.starts) and older.ends[-1] == newer.starts[0]
    return _Known(
        older.lo,
        newer.hi,
        older.first,
        newer.last,
        older.starts + newer.starts[touch:],
        older.before + newer.before[touch:],
        older.ends[: len(older.ends) - touch] + newer.ends,
    )
