"""What a run comes to in figures that people know: promises kept, hours to resolve, changes of hands, load."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watchbill.engine.backtest.outcome import CaseOutcome, Run, gini, quantile, spread
from watchbill.engine.base.work import Priority

WEEK_MIN = 7 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Of the cases that count. kept: percent, overall and by priority (None without cases); missed: promises not kept.

    p50_h, p90_h: from opening to done. reassigned: changes of hands per 100 cases; interrupted: per 100 cases. spread: largest over
    mean effort per staffed hour among people of the same teams; gini: of effort per staffed hour. unfinished: never done.
    """

    cases: int
    kept: float
    by_priority: tuple[float | None, ...]
    missed: int
    p1_missed: int
    p50_h: float
    p90_h: float
    reassigned: float
    interrupted: float
    spread: float
    gini: float
    unfinished: int
    weekly: tuple[int, ...] = ()
    """Promises missed of what was opened in each whole week of the span that counts."""


def scores_of(run: Run, *, span_min: tuple[int, int] | None = None) -> Scores:
    """span_min: of what counts, told week by week. O(cases log cases)."""
    found = _scores(run, [one for one in run.cases if one.case.counts])
    return found if span_min is None else replace(found, weekly=_weekly(run, span_min))


def _weekly(run: Run, span_min: tuple[int, int]) -> tuple[int, ...]:
    begins, weeks = span_min[0], (span_min[1] - span_min[0]) // WEEK_MIN
    missed = [0] * max(0, weeks)
    for one in run.cases:
        week = (one.case.opened_min - begins) // WEEK_MIN
        if one.case.counts and not one.is_kept and 0 <= week < weeks:
            missed[week] += 1
    return tuple(missed)


def seen_scores_of(run: Run, *, seen_min: int) -> Scores:
    """The same as somebody knows it at *seen_min*: of the cases that are done by then, or whose promise has run out."""
    known = []
    for one in run.cases:
        is_done = one.done_min is not None and one.done_min <= seen_min
        if one.case.counts and (is_done or one.due_min <= seen_min):
            known.append(one if is_done else replace(one, done_min=None))
    return _scores(run, known)


def _scores(run: Run, cases: list[CaseOutcome]) -> Scores:
    hours = sorted((one.done_min - one.case.opened_min) / 60 for one in cases if one.done_min is not None)
    count = max(1, len(cases))
    by_priority = [[one for one in cases if one.case.priority is priority] for priority in Priority]
    return Scores(
        cases=len(cases), kept=kept_share(cases) or 0.0, by_priority=tuple(kept_share(each) for each in by_priority),
        missed=sum(not one.is_kept for one in cases), p1_missed=sum(not one.is_kept for one in by_priority[0]),
        p50_h=quantile(hours, 0.5), p90_h=quantile(hours, 0.9),
        reassigned=100 * sum(max(0, len(one.takers) - 1) for one in cases) / count,
        interrupted=100 * run.interrupted / count, spread=spread(run.people),
        gini=gini([person.load for person in run.people]), unfinished=sum(one.done_min is None for one in cases),
    )  # fmt: skip


def kept_share(cases: list[CaseOutcome]) -> float | None:
    """Percent; None of nothing."""
    return 100 * sum(one.is_kept for one in cases) / len(cases) if cases else None
