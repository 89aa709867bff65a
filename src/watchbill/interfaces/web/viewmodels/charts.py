"""Charts that several pages share: geometry in numbers, a sentence for those who listen, a table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSpan:
    """Open hours of one day on the chart; look: ``open``, or ``set`` for what was confirmed by hand."""

    x: float
    width: float
    look: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekDay:
    """One line of the week. *text* is what the table says."""

    label: str
    y: float
    spans: Sequence[WeekSpan]
    text: str
    is_today: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Seven days on one axis of hours; *now_x* and *now_y* mark this moment."""

    summary: str
    width: float
    height: float
    ticks: Sequence[tuple[float, str]]
    days: Sequence[WeekDay]
    now_x: float
    now_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a column, from the ground up."""

    y: float
    height: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One day: where it stands, its parts, and the numbers of the table, the day first."""

    x: float
    label: str
    total: int
    top: float
    parts: Sequence[Part]
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Counts by day, stacked. *key* names the looks in the order of the stack."""

    summary: str
    total: int
    width: float
    height: float
    ground: float
    bar: float
    columns: Sequence[Column]
    key: Sequence[tuple[str, str]]
    heads: Sequence[str]
