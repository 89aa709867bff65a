"""The Risk page: what is in danger, and how far the forecasts can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.parts import ClockPill, Empty, Link, Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """One group of forecasts alike: where it stands, its interval from *low* to *high*, and whether that meets the line."""

    x: float
    y: float
    low: float
    high: float
    is_fit: bool
    text: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityChart:
    """What was forecast beside what came: a square with its diagonal."""

    summary: str
    width: float
    height: float
    left: float
    right: float
    top: float
    side: float
    ticks: Sequence[tuple[float, str]]
    bins: Sequence[ReliabilityBin]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresLine:
    """The figures of one part of the test: a share of the target, a commitment, or all; *is_baseline*: of the plain share."""

    label: str
    cells: Sequence[str]
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerRow:
    """One case in danger: which promise, how likely, why, and the act that helps most; *accept_href* does it at once.

    *safe*: what waiting with it until the latest safe moment would make of the chance. *none*: why no act helps.
    """

    reference: str
    href: str
    priority: int
    subject: str
    customer: str
    owner: str
    promise: str
    chance: str
    is_likely: bool
    clock: ClockPill
    reasons: Sequence[str]
    action: str
    after: str
    safe: str
    none: str
    accept_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """Which model is in use, since when, and from what it was learned."""

    title: str
    words: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPage:
    """The whole page. Without a model there is no chart and *nothing_learned* says what to do."""

    desk: str
    kinds: Sequence[Link]
    rows: Sequence[DangerRow]
    pager: Pager
    live_href: str
    back: str
    title: str
    model: ModelFacts | None
    chart: ReliabilityChart | None
    lately: ReliabilityChart | None
    lately_words: str
    heads: Sequence[str]
    lines: Sequence[FiguresLine]
    nothing_learned: Empty | None
    empty: Empty | None
