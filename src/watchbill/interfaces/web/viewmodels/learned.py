"""What overrides teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import Empty, ErrorSummary, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonBar:
    """One reason to refuse: how often, and how long its bar is, in per cent of the longest."""

    label: str
    count: int
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPanel:
    """One finding. *bars*: label, count and width of the answers before and after the change. Empty addresses: not allowed."""

    key: str
    title: str
    sentence: str
    chance: str
    changes: Sequence[tuple[str, str, str]]
    bars: Sequence[ReasonBar]
    cases: Sequence[Link]
    more: str
    aside: str = ""
    policy_href: str = ""
    aside_href: str = ""
    back_href: str = ""
    field: str = ""
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedPage:
    """The answers of a period, and what stands out in them."""

    desk: str
    periods: Sequence[Link]
    answers: str
    overridden: str
    interval: str
    told: str
    tested: str
    reasons: Sequence[ReasonBar]
    open: Sequence[LessonPanel]
    set_aside: Sequence[LessonPanel]
    empty: Empty | None
    errors: ErrorSummary | None = None
