"""Replays of drafts of the clock policy: a run on its way, what it comes to, and the items that stand otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.interfaces.web.viewmodels.parts import Chip, Link, Pager
from watchbill.interfaces.web.viewmodels.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of the result, with the list that it opens (none: ""), and how it is to be taken: better, worse or ""."""

    label: str
    value: str
    href: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLine:
    """One line of sums: breaches before and after, then what opens a list."""

    label: str
    before: int
    after: int
    numbers: Sequence[Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class SumTable:
    """Sums by commitment, priority, queue or customer."""

    title: str
    head: str
    lines: Sequence[SumLine]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Breaches at one priority on the chart: two bars on one axis."""

    label: str
    y: float
    before: int
    after: int
    before_width: float
    after_width: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Breaches before and after, by priority."""

    summary: str
    width: float
    height: float
    left: float
    pairs: Sequence[Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Clocks that stood in one state before and stand in one after: a ribbon between the two sides."""

    path: str
    look: str
    before: str
    after: str
    clocks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The clocks in one state on one side of the flow."""

    x: float
    y: float
    height: float
    text_x: float
    text_y: float
    anchor: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChart:
    """From the states of one commitment before to those after."""

    title: str
    summary: str
    width: float
    height: float
    bands: Sequence[Band]
    sides: Sequence[Side]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage:
    """One replay; what is empty is not there yet."""

    run: Run
    numbers: Sequence[Number]
    tables: Sequence[SumTable]
    pairs: Pairs | None
    flows: Sequence[FlowChart]
    facts: Sequence[tuple[str, str]]
    calendars: Sequence[Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One commitment of an item, before and after."""

    name: str
    effect: Chip
    before: str
    before_due: datetime | None
    after: str
    after_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedItem:
    """An item whose result the draft changes."""

    reference: str
    href: str
    title: str
    priority: int
    place: str
    changes: Sequence[ChangeLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPage:
    """The items that stand otherwise, by pages of keys."""

    name: str
    back_href: str
    asked: str
    kinds: Sequence[Link]
    items: Sequence[ChangedItem]
    pager: Pager
    is_kept: bool = True
