"""How the dates of a column are written: every reading that its values allow, and the rows that disprove the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from watchbill.engine.intake.known import Known
from watchbill.engine.intake.months import month_of

ROWS_NAMED = 5
"""Rows kept that disprove a reading, or that are no date."""

_NUMBERS = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{2}|\d{4})((?:\D.*)?)")
_DAY_NAME = re.compile(r"(\d{1,2})(\.? |[-/.])([^\W\d_]{3,10}\.?)( |[-/.])(\d{4}|\d{2})(?!\d)(.*)")
_NAME_DAY = re.compile(r"([^\W\d_]{3,10}\.?)( |-)(\d{1,2})(,? |-)(\d{4})(?!\d)(.*)")
_TIME = re.compile(
    r"(T|,? | - | at | um | à | às )(\d{1,2}):\d{2}(:\d{2}(?:([.,])\d{1,9})?)?(?:( ?)([AaPp]\.? ?[Mm]\.?))?(?:( ?)(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?( Uhr)?"
)
Day = tuple[str, str, tuple[bool, ...]]
_HARD_SPACES = str.maketrans("\u00a0\u202f", "  ")


@dataclass(frozen=True, slots=True)
class Place:
    """One row that says something: the file's line, the column and what stands there."""

    line: int
    column: str
    value: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.column} is {self.value}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One format that a shape of dates could have; ``disproofs`` rows cannot be read so, the first of them in ``rows``."""

    format: str
    disproofs: int
    rows: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Values written alike: how many, an example, and the readings of them."""

    values: int
    example: Place
    readings: tuple[Reading, ...]

    @property
    def formats(self) -> tuple[str, ...]:
        return tuple(reading.format for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Dating:
    """What a column of dates is made of: its shapes, the commonest first, and the values that are no date."""

    shapes: tuple[Shape, ...]
    misfits: int
    misfit_rows: tuple[Place, ...]


@dataclass(slots=True)
class _Seen:
    """A shape while it is counted."""

    formats: tuple[str, ...]
    example: Place
    values: int = 0
    disproofs: list[int] = field(default_factory=list)
    rows: list[list[Place]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.disproofs = [0] * len(self.formats)
        self.rows = [[] for _ in self.formats]

    def disprove(self, fits: Sequence[bool], place: Place) -> None:
        """Count the readings in which a value is no day."""
        for index, is_fit in enumerate(fits):
            if not is_fit:
                self.disproofs[index] += 1
                if len(self.rows[index]) < ROWS_NAMED:
                    self.rows[index].append(place)


class DateTally:
    """Goes over the values of one column, and keeps what they prove."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._seen: dict[tuple[str, ...], _Seen] = {}
        self._times: Known[str, str | None] = Known(time_format)
        self._days: Known[str, Day | None] = Known(day_of)
        self._misfits = 0
        self._misfit_rows: list[Place] = []

    def add(self, lines: Sequence[int], values: Sequence[str], missing: frozenset[str]) -> None:
        """Take the next values, which stand on *lines*."""
        for line, raw in zip(lines, values, strict=True):
            value = raw.strip()
            if value not in missing and not self._take(line, value):
                self._misfits += 1
                if len(self._misfit_rows) < ROWS_NAMED:
                    self._misfit_rows.append(Place(line, self._column, value))

    def _take(self, line: int, value: str) -> bool:
        """Count one value; False when it is no date in any reading. Days and times come again, so each is looked up."""
        cut = value.find(" ")
        if cut < 0:
            cut = value.find("T")
        day = self._days[value if cut < 0 else value[:cut]]
        time = self._times["" if cut < 0 else value[cut:]]
        if day is None or time is None:
            found = _NUMBERS.fullmatch(value)
            if found is None:
                return self._take_named(line, value)
            day, time = day_of(value[: found.start(5)]), self._times[found[5]]
            if day is None or time is None:
                return False
        kind, mark, fits = day
        seen = self._seen.get((kind, mark, time))
        if seen is None:
            seen = self._seen[kind, mark, time] = _numbered(kind, mark, time, Place(line, self._column, value))
        if True not in fits:
            return False
        seen.values += 1
        if False in fits:
            seen.disprove(fits, Place(line, self._column, value))
        return True

    def _take_named(self, line: int, value: str) -> bool:
        found = named_format(value)
        if found is None:
            return False
        seen = self._seen.setdefault((found,), _Seen((found,), Place(line, self._column, value)))
        seen.values += 1
        return True

    @property
    def values(self) -> int:
        return sum(seen.values for seen in self._seen.values())

    def result(self) -> Dating:
        """Return what was found."""
        shapes = [
            Shape(
                seen.values,
                seen.example,
                tuple(map(Reading, seen.formats, seen.disproofs, map(tuple, seen.rows))),
            )
            for seen in self._seen.values()
            if seen.values
        ]
        shapes.sort(key=lambda shape: (-shape.values, shape.formats))
        return Dating(tuple(shapes), self._misfits, tuple(self._misfit_rows))


def day_of(text: str) -> Day | None:
    """Return what three numbers say of a day: the kind of year, the mark, and whether it is a day in each reading."""
    found = _NUMBERS.fullmatch(text)
    if found is None or found[5]:
        return None
    first, mark, second, third, _ = found.groups()
    kind = "Y" if len(first) == 4 else "y" if len(third) == 2 else ""
    if len(first) > 2 and (kind != "Y" or len(third) != 2):
        return None
    numbers = int(first), int(second), int(third)
    fits = tuple(
        1 <= numbers[order.index("%m")] <= 12 and 1 <= numbers[order.index("%d")] <= 31 for order in _orders(kind)
    )
    return kind, mark, fits


def _orders(kind: str) -> tuple[tuple[str, str, str], ...]:
    """The readings of three numbers; *kind*: Y where the year stands first in four digits, y where it has two, else empty."""
    if kind == "Y":
        return (("%Y", "%m", "%d"),)
    if kind:
        return (("%d", "%m", "%y"), ("%m", "%d", "%y"), ("%y", "%m", "%d"))
    return (("%d", "%m", "%Y"), ("%m", "%d", "%Y"))


def _numbered(kind: str, mark: str, time: str, example: Place) -> _Seen:
    return _Seen(tuple(mark.join(order) + time for order in _orders(kind)), example)


def time_format(rest: str) -> str | None:
    """Return how the time that stands behind a date is written; None when it is none. No text is no time."""
    if not rest:
        return ""
    found = _TIME.fullmatch(rest.translate(_HARD_SPACES))
    if found is None:
        return None
    before, hour, seconds, point, gap, half, far, after = found.groups()
    if half and not 1 <= int(hour) <= 12:
        return None
    text = before + ("%I:%M" if half else "%H:%M")
    if seconds:
        text += ":%S" + (f"{point}%f" if point else "")
    if half:
        text += f"{gap}%p"
    return text + ("" if far is None else f"{far}%z") + (after or "")


def named_format(value: str) -> str | None:
    """Return how a date with the month's name is written; None when it is none."""
    if found := _DAY_NAME.fullmatch(value):
        day, gap, name, other, year, rest = found.groups()
        head = f"%d{gap}%b{other}{'%Y' if len(year) == 4 else '%y'}"
    elif found := _NAME_DAY.fullmatch(value):
        name, gap, day, other, _, rest = found.groups()
        head = f"%b{gap}%d{other}%Y"
    else:
        return None
    time = time_format(rest)
    if time is None or not month_of(name) or not 1 <= int(day) <= 31:
        return None
    return head + time


def is_date(value: str) -> bool:
    """Whether the value is written like a date of any kind."""
    found = _NUMBERS.fullmatch(value)
    return time_format(found[5]) is not None if found else named_format(value) is not None
