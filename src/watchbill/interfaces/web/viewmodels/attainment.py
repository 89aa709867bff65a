"""Attainment, breaches, exclusions and pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Chip, Empty, ErrorSummary, Field, Link, Option, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the pages share: where else to go, the filter as its form and as chips, and the way to a spreadsheet."""

    desk: str
    desk_slug: str
    places: Sequence[Link]
    filter_href: str
    fields: Sequence[Field]
    hidden: Sequence[tuple[str, str]]
    chips: Sequence[Chip]
    export_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its interval, in words. *href* opens the rows behind it; *few*: too few to say much."""

    text: str
    interval: str
    count: str
    href: str = ""
    few: bool = False
    stands_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttainedLine:
    """One slice: what was met and missed, the share with and without what is excluded, and what is broken and open."""

    label: str
    href: str
    met: str
    met_href: str
    missed: str
    missed_href: str
    counted: Rate
    all: Rate
    excluded: str
    excluded_href: str
    broken: str
    broken_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """One row of the chart of intervals: from *low* to *high*, the share at *x*; *other_x*: the share with exclusions."""

    label: str
    y: float
    low: float
    high: float
    x: float
    other_x: float | None
    few: bool
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whiskers:
    """Shares with intervals on one axis, and the share of all as a line; x in per cent, y in pixels."""

    summary: str
    height: float
    ticks: Sequence[tuple[float, str]]
    all_x: float | None
    rows: Sequence[Whisker]
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttainmentPage:
    head: Head
    dividing: Sequence[Link]
    what: str
    total: AttainedLine | None
    lines: Sequence[AttainedLine]
    chart: Whiskers | None
    more: str = ""
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentLine:
    reference: str
    href: str
    subject: str
    priority: int
    owner: str
    commitment: str
    result: str
    target: str
    elapsed: str
    at: str
    reason: str
    exclusion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentsPage:
    head: Head
    results: Sequence[Link]
    lines: Sequence[CommitmentLine]
    pager: Pager
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonBar:
    """One reason of the Pareto: how many, of which how many are confirmed, and the share of all so far; in per cent."""

    label: str
    href: str
    total: str
    confirmed_w: float
    suggested_w: float
    cumulated: str
    text: str
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachLine:
    id: int
    reference: str
    href: str
    subject: str
    priority: int
    owner: str
    commitment: str
    at: str
    suggested: str
    shares: str
    confirmed: str
    confirmed_by: str
    exclusion: str
    ask_href: str = ""
    is_checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachesPage:
    head: Head
    parts: Sequence[Link]
    reasons: Sequence[ReasonBar]
    total: str
    lines: Sequence[BreachLine]
    pager: Pager
    confirm_href: str = ""
    back: str = ""
    codes: Sequence[Option] = ()
    code_lines: Sequence[Option] = ()
    code_href: str = ""
    note: str = ""
    errors: ErrorSummary | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionLine:
    name: str
    reference: str
    href: str
    subject: str
    commitment: str
    status: str
    look: str
    code: str
    text: str
    asked: str
    answered: str
    is_own: bool
    approve_href: str = ""
    refuse_href: str = ""
    withdraw_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionsPage:
    head: Head
    parts: Sequence[Link]
    lines: Sequence[ExclusionLine]
    pager: Pager
    ask_href: str = ""
    fields: Sequence[Field] = ()
    back: str = ""
    errors: ErrorSummary | None = None
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PausesLine:
    """The pauses of one person or team, beside everybody else's."""

    name: str
    pauses: str
    href: str
    late: Rate
    late_others: str
    silent: Rate | None
    silent_others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseLine:
    reference: str
    href: str
    subject: str
    commitment: str
    at: str
    lasted: str
    gone: str
    state: str
    by: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PausesPage:
    head: Head
    counted: Sequence[Link]
    rule: str
    late: Rate
    silent: Rate | None
    lines: Sequence[PausesLine]
    list_title: str
    rows: Sequence[PauseLine]
    pager: Pager
    has_messages: bool = True
    more: str = ""
    empty: Empty | None = None
