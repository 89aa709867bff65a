"""Stuck work, and what becomes of work at changes of region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.board import QueueRow
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckPage:
    """What is stuck: the reasons as filters with their counts, and the rows, whose marks say why."""

    desk: str
    reasons: Sequence[Link]
    rows: Sequence[QueueRow]
    pager: Pager
    back: Link
    empty: Empty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficLine:
    """One item at the coming change of its owner's region. Empty ``pin_href``: not allowed."""

    reference: str
    href: str
    priority: int
    subject: str
    owner: str
    choice: str
    reason: str
    rejected: Sequence[str]
    changes: str
    is_pinned: bool
    pinned_by: str = ""
    pin_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficPage:
    """The coming changes of region as filters, and what becomes of each item."""

    desk: str
    changes: Sequence[Link]
    choices: Sequence[Link]
    rows: Sequence[TrafficLine]
    pager: Pager
    here: str
    empty: Empty | None = None
