"""The Board: tiles, queue, and the decision about the selected row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Chip, ClockPill, Decision, Empty, Fuse, Link, LoadBar, Pager, Tile


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One item of a list. *suggestion* is the short name of the person proposed; *start_by* when it should be begun."""

    reference: str
    href: str
    select_href: str
    peek_href: str
    priority: int
    subject: str
    customer: str
    owner: str
    owner_href: str
    fuse: Fuse
    clock: ClockPill
    chips: Sequence[Chip] = ()
    start_by: Chip | None = None
    suggestion: str = ""
    external: str = ""
    state: str = ""
    version: int = 0
    is_selected: bool = False
    is_checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLoad:
    """One line of the load panel."""

    label: str
    href: str
    bar: LoadBar


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The whole Board. *earlier* leads to the long overdue items that the queue begins after."""

    desk: str
    views: Sequence[Link]
    orders: Sequence[Link]
    tiles: Sequence[Tile]
    rows: Sequence[QueueRow]
    clock_heading: str
    pager: Pager
    live_href: str
    card_href: str
    recover_href: str = ""
    selected: str = ""
    notices: Sequence[Chip] = ()
    decision: Decision | None = None
    no_decision: Empty | None = None
    empty: Empty | None = None
    earlier: Link | None = None
    loads: Sequence[TeamLoad] = ()
