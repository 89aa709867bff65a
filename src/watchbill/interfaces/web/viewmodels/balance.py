"""Balance: forecast by region, people and their loads, suggested moves, and fair shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager

if TYPE_CHECKING:  # which knows lines of this page
    from watchbill.interfaces.web.viewmodels.people import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What falls due of one region's work within a day against what it can do in it, hour by hour: points of SVG paths, and the table behind.

    *warning*: since when capacity is passed; *note*: what is said instead. *mark*: where that is, x and y.
    """

    name: str
    width: float
    summary: str
    band: str
    line: str
    capacity: str
    ticks: Sequence[tuple[float, str, str]]
    rows: Sequence[Sequence[str]]
    note: str = ""
    warning: str = ""
    mark: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermBar:
    """A load bar of the four terms: widths in per cent of the axis one after the other, the tick at capacity.

    *parts*: (look, x, width); *past*: where the part beyond capacity begins and how wide it is.
    """

    parts: Sequence[tuple[str, float, float]]
    capacity: float | None
    past: tuple[float, float] | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceLine:
    """One row: a person, a team or a skill. *terms*: what is due of the four, in hours; *all*: all there is. *is_over*: more is due than hours."""

    name: str
    href: str
    note: str
    bar: TermBar | None
    ratio: str
    ratio_href: str
    terms: str
    all: str
    hours: Sequence[str]
    p1: int = 0
    p2: int = 0
    p1_href: str = ""
    p2_href: str = ""
    touched: str = ""
    off_at: str = ""
    is_over: bool = False
    is_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceGroup:
    """One region's rows, with its sum. *all_link* leads to all of them."""

    name: str
    note: str
    lines: Sequence[BalanceLine]
    sum: BalanceLine
    all_link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancePage:
    """The whole page. *narrow*: the only chart as a phone shows it, where it goes all across. *left*: what was not done of the moves asked for, and why. *alert_form*: for who may tell managers."""

    desk: str
    horizon: str
    horizons: Sequence[Link]
    views: Sequence[Link]
    what: str
    forecasts: Sequence[Forecast]
    groups: Sequence[BalanceGroup]
    incoming_note: str
    moves_href: str
    shares_href: str
    recover_href: str
    narrow: Sequence[Forecast] = ()
    pager: Pager | None = None
    empty: Empty | None = None
    left: Sequence[tuple[str, str]] = ()
    alert_form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """One suggested move. *asks*: the region whose manager has to agree, "" when it is made at once."""

    key: str
    is_chosen: bool
    giver: str
    taker: str
    when: str
    reference: str
    href: str
    title: str
    late_before: str
    late_after: str
    why: str
    asks: str
    details: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Everybody's load before and after: x and whether it is past capacity, on one axis with the tick at *capacity_x*."""

    before: Sequence[tuple[float, bool]]
    after: Sequence[tuple[float, bool]]
    capacity_x: float
    before_text: str
    after_text: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """A half accepted move. The two addresses are empty for those who may not answer it."""

    text: str
    effect: str
    until: str
    href: str
    reference: str
    accept_href: str = ""
    refuse_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesPanel:
    """The moves at the right. *make_href* is empty for those who may not make them; *sides* tells both sides' effect."""

    title: str
    policy: str
    policy_href: str
    lines: Sequence[MoveLine]
    strip: Strip | None
    sides: Sequence[str]
    button: str
    make_href: str
    redraw_href: str
    horizon: str
    back: str
    late_note: str
    asked: Sequence[AskedLine] = ()
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """One person's fair share beside her team's middle, all in words."""

    name: str
    href: str
    team: str
    received: str
    per_hour: str
    team_per_hour: str
    hard: str
    hard_why: str
    team_hard: str
    unpopular: str
    team_unpopular: str
    is_outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesPanel:
    """The ledger of four weeks."""

    lines: Sequence[ShareLine]
    until: str
    pager: Pager | None = None
    empty: Empty | None = None
