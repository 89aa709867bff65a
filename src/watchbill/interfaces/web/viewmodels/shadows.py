"""Shadow runs of drafts: those of a comparison with what can be done, and one with what it has come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Chip, ErrorSummary, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One draft that competed: its shadow run, if there was one; begin_href: where one is begun; why_not: why it is not adopted yet."""

    id: str
    name: str
    says: str
    shadow: Link | None
    state: Chip | None
    begin_href: str
    adopt_href: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopting:
    """The drafts of a comparison on their way into force. error: why one was not begun."""

    drafts: Sequence[DraftLine]
    days: str
    most_days: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowLine:
    """One shadow run in the list of What-if. share: how far one has come that is under way; None for all others."""

    name: str
    href: str
    draft: str
    state: Chip
    share: float | None
    says: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferLine:
    """One case on which the draft differs."""

    reference: str
    href: str
    priority: int
    at: str
    done: str
    draft: str
    difference: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPage:
    """One shadow run; what is empty is not there."""

    title: str
    back: Link
    state: Chip
    sub: str
    message: str
    live_href: str
    share: float
    progress: str
    facts: Sequence[tuple[str, str]]
    rule: str
    differs: Sequence[DifferLine]
    limits: Sequence[str]
    stop_href: str
    adopt_href: str
    is_adoptable: bool
    why_not: str
    undo_href: str
    undo_label: str
    published: Link | None
    seen: int
    reason: str
    error: str
    errors: ErrorSummary | None
