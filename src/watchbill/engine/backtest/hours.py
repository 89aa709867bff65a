"""Open minutes of a model: when people are there, and when the clock of a promise runs. Minutes since the model's start."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from watchbill.engine.base.intervals import merged

FAR_MIN = 1 << 40
"""Later than anything: what is reached when the hours have come to an end."""


@dataclass(frozen=True, slots=True, init=False)
class Hours:
    """Open spans with prefix sums, so that both ways between clock and open minutes are one bisection each.

    The *position* of a minute is how many open minutes lie before it.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """*spans* in any order; they may overlap."""
        apart = list(merged(spans))
        object.__setattr__(self, "starts", tuple(start for start, _ in apart))
        object.__setattr__(self, "ends", tuple(end for _, end in apart))
        object.__setattr__(self, "before", tuple(accumulate((end - start for start, end in apart), initial=0)))

    @property
    def total_min(self) -> int:
        return self.before[-1]

    def position(self, at_min: int) -> int:
        """Open minutes before *at_min*. O(log spans)."""
        index = bisect_right(self.starts, at_min) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at_min, self.ends[index]) - self.starts[index]

    def between(self, start_min: int, end_min: int) -> int:
        """Open minutes in [start_min, end_min); negative when it ends before it starts."""
        return self.position(end_min) - self.position(start_min)

    def after(self, at_min: int, open_min: int) -> int:
        """The earliest minute by which *open_min* open minutes have passed since *at_min*; FAR_MIN when there are fewer."""
        if open_min <= 0:
            return at_min
        position = self.position(at_min) + open_min
        if position > self.total_min:
            return FAR_MIN
        index = bisect_left(self.before, position) - 1
        return self.starts[index] + position - self.before[index]

    def since(self, until_min: int, open_min: int) -> int:
        """The latest minute since which *open_min* open minutes have passed by *until_min*; -FAR_MIN when there are fewer."""
        if open_min <= 0:
            return until_min
        position = self.position(until_min) - open_min
        if position < 0:
            return -FAR_MIN
        index = bisect_right(self.before, position) - 1
        return self.starts[index] + position - self.before[index]

    def most(self, length_min: int, first_min: int, last_min: int) -> int:
        """The most open minutes in any window of *length_min* that begins in [first_min, last_min]; 0 when there is none.

        It is found where a window begins with a span, ends with one, or at either limit: in between it changes evenly.
        """
        if not self.starts or first_min > last_min:
            return 0
        last_min = max(first_min, min(last_min, self.ends[-1]))
        begins = self.starts[bisect_left(self.starts, first_min) : bisect_right(self.starts, last_min)]
        ends = self.ends[
            bisect_left(self.ends, first_min + length_min) : bisect_right(self.ends, last_min + length_min)
        ]
        found = max(self.between(at, at + length_min) for at in (first_min, last_min, *begins))
        return max(found, max((self.between(end - length_min, end) for end in ends), default=0))

    def without(self, start_min: int, end_min: int) -> Hours:
        """The same hours, closed in [start_min, end_min)."""
        spans = zip(self.starts, self.ends, strict=True)
        parts = (part for a, b in spans for part in ((a, min(b, start_min)), (max(a, end_min), b)))
        return Hours(part for part in parts if part[0] < part[1])
