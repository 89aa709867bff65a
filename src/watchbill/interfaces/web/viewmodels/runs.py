"""Replays and dry runs of drafts, in what they share: in a list, on the way, ended, published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Chip, ErrorSummary, Field, Link
from watchbill.interfaces.web.viewmodels.policies import DiffLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """The form that publishes the draft: what it leaves undone must be ticked."""

    action_href: str
    fields: Sequence[Field]
    leaves: Sequence[tuple[str, str, bool]]
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: how far it is, what it comes to in a sentence, and what may be done with the draft; what is empty is not there."""

    title: str
    said: str
    back: Link
    state: Chip
    sub: str
    message: str
    alarm: str
    live_href: str
    share: float
    counted: str
    progress: str
    headline: str
    under: str
    diff: Sequence[DiffLine]
    usual: Sequence[DiffLine]
    diff_before: str
    publish: Publish | None
    published: Link | None
    again_href: str
    errors: ErrorSummary | None
