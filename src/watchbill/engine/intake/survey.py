"""What stands in an unknown file: each column's values, missing markers and dates, and whole items; one pass, flat memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

from watchbill.engine.intake.datings import ROWS_NAMED, DateTally, Dating, is_date

MISSING = frozenset(
    ("", "?", "-", "--", "—", "n/a", "N/A", "NA", "null", "NULL", "(null)", "[null]", "\\N", "nan", "NaN", "#N/A", "(empty)",
     "(leer)", "(vide)", "(vazio)", "(vacío)", "k. A.", "k.A.")
)  # fmt: skip
"""What programs write for "not told", in any column."""

DISTINCT_LIMIT = 5_000
"""Distinct values kept per column; of more, a share that is chosen by what they are, and of those every row is counted."""

SAMPLE_ROWS = 4_000
"""Rows of whole items that are kept."""

FEW = 60
"""Distinct values up to which a column may be one of states or priorities."""

CUT = 80
"""Characters of a value that are looked at."""

SHOWN = 40
HEAD_ROWS = 2_000
LEAST_DATES = 0.6
"""Share of values written like dates from which a column is one of dates."""

V = TypeVar("V", str, tuple[str, str])
Row = tuple[int, Sequence[str]]
"""The file's line on which the row ends, and its values."""


class Distinct:
    """How often each value comes, exactly while there are few; of many, those whose checksum ends in zeros (Wegman)."""

    def __init__(self, kept: frozenset[str] = frozenset()) -> None:
        self.counts: Counter[str] = Counter()
        self.level = 0
        self._kept = kept

    def add(self, values: Iterable[str]) -> None:
        if self.level:
            mask, kept = (1 << self.level) - 1, self._kept
            self.counts.update([v for v in values if not crc32(v.encode()) & mask or v in kept])
        else:
            self.counts.update(values)
        while len(self.counts) > DISTINCT_LIMIT:
            self.level += 1
            mask, kept = (1 << self.level) - 1, self._kept
            self.counts = Counter({v: n for v, n in self.counts.items() if not crc32(v.encode()) & mask or v in kept})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the file. ``counts`` of its values, without those that are missing: all of them if ``is_exact``.

    ``first_lines``: where each value stands first, as long as there are few.
    """

    name: str
    place: int
    rows: int
    told: int
    counts: Mapping[str, int]
    first_lines: Mapping[str, int]
    distinct: int
    is_exact: bool
    missing: tuple[str, ...]
    has_breaks: bool
    longest: int
    dating: Dating | None

    @property
    def each_on(self) -> float:
        """On how many rows each value stands, on average."""
        return sum(self.counts.values()) / max(1, len(self.counts))

    @property
    def examples(self) -> tuple[str, ...]:
        """Up to three values, the commonest first, on one line each and cut."""
        commonest = sorted(self.counts, key=lambda value: (-self.counts[value], value))[:3]
        return tuple(text if len(text) <= SHOWN else f"{text[:SHOWN]}…" for text in map(_on_one_line, commonest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one pass over a file has found. ``items``: all rows of some items, chosen by their references; ``pairs``:
    how often two columns hold which values together; ``pair_lines``: where first. ``uneven``: lines of rows, the first of them, which have more or
    fewer values than the header.
    """

    rows: int
    uneven: tuple[int, ...]
    columns: tuple[Column, ...]
    head: tuple[Row, ...]
    items: tuple[tuple[Row, ...], ...]
    pairs: Mapping[tuple[int, int], Mapping[tuple[str, str], int]]
    pair_lines: Mapping[tuple[int, int], Mapping[tuple[str, str], int]]

    def pair(self, one: Column, other: Column) -> Mapping[tuple[str, str], int]:
        """How often the two columns hold which values together."""
        return self.pairs.get((one.place, other.place), {})


class Surveyor:
    """Takes rows by the block.

    Parameters
    ----------
    header: the file's columns.
    reference: the place of the column that tells the items apart, as far as the first rows say; None: none does.
    pairs: places of columns of few values that are looked at together.
    """

    def __init__(self, header: Sequence[str], *, reference: int | None, pairs: Sequence[tuple[int, int]] = ()) -> None:
        self._header = header
        self._reference = reference
        self._distinct = [Distinct(MISSING) for _ in header]
        self._dates: list[DateTally | None] = [None] * len(header)
        self._is_asked = [True] * len(header)
        self._breaks = [False] * len(header)
        self._longest = [0] * len(header)
        self._first: list[dict[str, int]] = [{} for _ in header]
        self._pair_first: dict[tuple[int, int], dict[tuple[str, str], int]] = {pair: {} for pair in pairs}
        self._pairs: dict[tuple[int, int], Counter[tuple[str, str]]] = {pair: Counter() for pair in pairs}
        self._head: list[Row] = []
        self._items: dict[str, list[Row]] = defaultdict(list)
        self._level = 0
        self._kept = 0
        self._rows = 0
        self._uneven: list[int] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Take the next rows; one with more or fewer values than the header has is left out."""
        width = len(self._header)
        if len(self._uneven) < ROWS_NAMED:
            self._uneven += [line for line, row in rows if len(row) != width]
        rows = [row for row in rows if len(row[1]) == width]
        if not rows:
            return
        self._rows += len(rows)
        if len(self._head) < HEAD_ROWS:
            self._head += [(line, tuple(v[:CUT] for v in row)) for line, row in rows[: HEAD_ROWS - len(self._head)]]
        lines = [line for line, _ in rows]
        columns = list(zip(*(row for _, row in rows), strict=True))
        for place, values in enumerate(columns):
            self._add_column(place, lines, values)
        for (one, other), counted in self._pairs.items():
            if len(counted) < DISTINCT_LIMIT:
                both = list(zip(columns[one], columns[other], strict=True))
                counted.update(both)
                _note_first(self._pair_first[one, other], both, lines)
        if self._reference is not None:
            self._keep_items(rows, columns[self._reference])

    def _add_column(self, place: int, lines: Sequence[int], values: Sequence[str]) -> None:
        longest = max(map(len, values))
        self._longest[place] = max(longest, self._longest[place])
        if longest > CUT:
            self._breaks[place] = self._breaks[place] or any("\n" in value or "\r" in value for value in values)
            values = [value[:CUT] for value in values]
        elif not self._breaks[place] and "\n" in "".join(values):
            self._breaks[place] = True
        if self._is_asked[place]:
            told = [value.strip() for value in values if value.strip() not in MISSING]
            if told:
                self._is_asked[place] = False
                if sum(map(is_date, told)) >= LEAST_DATES * len(told):
                    self._dates[place] = DateTally(self._header[place])
        if (tally := self._dates[place]) is not None:
            tally.add(lines, values, MISSING)
        bare = list(map(str.strip, values))
        self._distinct[place].add(bare)
        if len(self._first[place]) <= FEW:
            _note_first(self._first[place], bare, lines)

    def _keep_items(self, rows: Sequence[Row], references: Sequence[str]) -> None:
        mask = (1 << self._level) - 1
        for row, reference in zip(rows, references, strict=True):
            if not crc32(reference.encode()) & mask:
                self._items[reference].append((row[0], tuple(v[:CUT] for v in row[1])))
                self._kept += 1
        while self._kept > SAMPLE_ROWS and len(self._items) > 1:
            self._level += 1
            mask = (1 << self._level) - 1
            for reference in [r for r in self._items if crc32(r.encode()) & mask]:
                self._kept -= len(self._items.pop(reference))

    def result(self) -> Survey:
        """Return what was found in all rows taken."""
        return Survey(
            rows=self._rows,
            uneven=tuple(self._uneven[:ROWS_NAMED]),
            columns=tuple(map(self._column, range(len(self._header)))),
            head=tuple(self._head),
            items=tuple(map(tuple, self._items.values())),
            pairs={pair: dict(counted) for pair, counted in self._pairs.items()},
            pair_lines=self._pair_first,
        )

    def _column(self, place: int) -> Column:
        found, tally = self._distinct[place], self._dates[place]
        markers = tuple(sorted(value for value in found.counts if value in MISSING))
        counts = {value: n for value, n in found.counts.items() if value not in MISSING}
        return Column(
            name=self._header[place], place=place, rows=self._rows,
            told=self._rows - sum(found.counts[marker] for marker in markers), counts=counts,
            first_lines=self._first[place], distinct=len(counts) << found.level, is_exact=not found.level, missing=markers,
            has_breaks=self._breaks[place], longest=self._longest[place], dating=tally.result() if tally else None,
        )  # fmt: skip


def _note_first(known: dict[V, int], values: Sequence[V], lines: Sequence[int]) -> None:
    """Note on which line each value stands first that was not there before."""
    for value in set(values).difference(known):
        known[value] = lines[values.index(value)]


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
