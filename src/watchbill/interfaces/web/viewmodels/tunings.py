"""Tunings of the assignment policy: on the way, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """One setting that was tried: its figures in words; its gain from *low* to *high* at *x*, in per cent of the axis."""

    look_ahead: str
    late_growth: str
    attainment: str
    p1: str
    late: str
    gain: str
    low: float
    high: float
    x: float
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLine:
    """One week that was simulated: when it began, what came, how much of it counts, who was there, and how full their hours were."""

    since: str
    cases: int
    promises: int
    lost: int
    unpromised: int
    unable: int
    people: int
    load: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningPage:
    """One tuning; what is empty is not there yet. zero: where no gain lies on the axis, in per cent of it."""

    run: Run
    trials: Sequence[TrialLine]
    zero: float
    weeks: Sequence[WeekLine]
    dry_run_href: str
    limits: Sequence[str]
