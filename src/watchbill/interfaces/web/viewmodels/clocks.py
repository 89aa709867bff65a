"""The life of clocks: drawn on one axis of time, told in words and as a table, and who held them for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch on the chart, or a mark of no width; *x* and *width* are shares of the axis in per cent.

    *look* of a stretch: run, pause or stop; of a mark: warn, safe, due, breach or end. *said* is the whole of it in words.
    """

    x: str
    look: str
    said: str
    href: str
    width: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """One clock on the chart: *y* is the top of its bar in pixels, *depth* how far it stands in below those it serves.

    *plain*: what is drawn beside the stretches and is not one: time left, time late. *shut*: closed hours, as a path.
    """

    label: str
    agreement: str
    depth: int
    note: str
    y: int
    pieces: Sequence[Piece]
    plain: Sequence[Piece]
    marks: Sequence[Piece]
    shut: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChart:
    """Every clock of a case on one axis of elapsed time, as wide as there is room. *ticks*: place, label, can be left out."""

    summary: str
    height: int
    ticks: Sequence[tuple[str, str, bool]]
    now_x: str
    rows: Sequence[ChartRow]
    key: Sequence[tuple[str, str]]
    heads: Sequence[str]
    table: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch of a clock's life in words. *shown* says how much is on the clock after it, of how much."""

    id: str
    look: str
    phase: str
    since: str
    until: str
    business: str
    shown: str
    event: str
    event_href: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBar:
    """What one holder had: words, and the bar in hundredths of the longest one; the paused part follows the running."""

    name: str
    share: str
    running: str
    paused: str
    turns: str
    run_w: float
    pause_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Who held one clock for how long. *whole* is what all of them had, in words; *left_out*: how many had less."""

    title: str
    whole: str
    bars: Sequence[HeldBar]
    href: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One clock from its start until now. *left_out*: how many earlier stretches are told on the page of clocks only."""

    id: str
    title: str
    about: str
    instants: Sequence[tuple[str, str]]
    stretches: Sequence[Stretch]
    holders: Held
    teams: Held | None
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksPage:
    """All clocks of one case, each from its start until now."""

    reference: str
    subject: str
    case_href: str
    chart: ClockChart | None
    lives: Sequence[Life]
