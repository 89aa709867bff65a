"""Two charts of the comparison: late promises against as is week by week, and what is kept as demand rises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watchbill.engine.backtest.answer import Answer, Compared, Sort, Span
from watchbill.flows.backtest.report.charts import HEIGHT, LEFT, RIGHT, WIDTH, across, outline, path, up
from watchbill.flows.backtest.report.figures import between, clipped, count, number, percent, plural, short_day, steps
from watchbill.flows.backtest.report.shown import DemandChart, DemandLine, Table, Week, WeekChart

ROOM = 96.0
"""At the right of the chart of demand, for names."""
APART = 12.0
"""Between two names at least."""


def weekly_chart(answer: Answer, *, note: str) -> WeekChart | None:
    """The policy that the verdict names, or Watchbill's first, against as is in every whole week; None where that is not told."""
    one = _told(answer)
    if one is None:
        return None
    begins, zone = datetime.fromisoformat(answer.measured.begins_at), ZoneInfo(answer.source.zone)
    days = [(begins + timedelta(weeks=at)).astimezone(zone).date().isoformat() for at in range(len(one.weekly))]
    ends = [value for span in one.weekly for value in _ends(span)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    if high - low < 1:
        low, high = low - 0.5, high + 0.5
    x, y = across(-0.5, len(days) - 0.5), up(low, high)
    weeks = []
    for at, span in enumerate(one.weekly):
        bottom, top = _ends(span)
        said = f"Week from {days[at]}: {span.mean:+.1f}{_between(span)}"
        weeks.append(Week(x=x(at), y=y(span.mean), low_y=y(bottom), high_y=y(top), mark=_mark(span), title=said))
    better, worse = (sum(week.mark == mark for week in weeks) for mark in ("better", "worse"))
    every = max(1, math.ceil(len(days) / 6))
    mean = sum(span.mean for span in one.weekly) / len(days)
    return WeekChart(
        key="weekly",
        title=f"Week by week, {clipped(one.name, 40)} minus as is",
        summary=f"Late promises of {one.name} minus those as is in {plural(len(days), 'whole week')}: {mean:+.1f} a week on average,"
        f" clearly fewer in {count(better)}, clearly more in {count(worse)}",
        width=WIDTH,
        height=HEIGHT,
        x_ticks=tuple((x(at), short_day(days[at])) for at in range(0, len(days), every)),
        y_ticks=tuple((y(value), f"{value:+g}" if value else "0") for value in steps(low, high)),
        table=Table(
            heads=("Week from", *(each.name for each in answer.policies if each.weekly)),
            rows=tuple(
                (days[at], *(f"{each.weekly[at].mean:+.1f}{_between(each.weekly[at])}" for each in answer.policies if each.weekly))
                for at in range(len(days))
            ),
        ),
        note=note,
        zero_y=y(0),
        weeks=tuple(weeks),
        y_title="late promises",
    )  # fmt: skip


def _told(answer: Answer) -> Compared | None:
    told = [one for one in answer.policies if one.weekly and len(one.weekly) == len(_first(answer))]
    paired = [one for one in told if one.sort not in (Sort.AS_IS, Sort.AS_WAS)]
    paired.sort(key=lambda one: (one.name != answer.verdict.best, one.sort != Sort.WATCHBILL))
    return paired[0] if paired else None


def _first(answer: Answer) -> Sequence[Span]:
    return next((one.weekly for one in answer.policies if one.weekly), ())


def demand_chart(answer: Answer, reference: str, *, note: str) -> DemandChart | None:
    """Attainment of each policy as more or less comes in; None where that was not asked, or is known at one place only."""
    points = answer.demand
    if len(points) < 2:
        return None
    names = [one.name for one in answer.policies if all(one.name in point.attainment for point in points)]
    if not names:
        return None
    ends = [value for point in points for name in names for value in _ends(point.attainment[name])]
    low, high = max(0.0, min(ends)), min(100.0, max(ends))
    if high - low < 1:
        low, high = max(0.0, low - 1), min(100.0, high + 1)
    factors = [point.factor for point in points]
    width = WIDTH - LEFT - RIGHT
    plain, y = across(factors[0], factors[-1]), up(low, high)

    def x(factor: float) -> float:
        return round(LEFT + (plain(factor) - LEFT) * (width - ROOM) / width, 1)

    best = answer.verdict.best if answer.verdict.best in names else next(
        (one.name for one in answer.policies if one.sort == Sort.WATCHBILL and one.name in names), names[0]
    )  # fmt: skip
    made = []
    for name in sorted(names, key=lambda name: (name == best, name == reference)):
        spans = [point.attainment[name] for point in points]
        look = "best" if name == best else "as_is" if name == reference else "other"
        is_named = look != "other"
        made.append(
            DemandLine(
                look=look,
                path=path((x(f), y(span.mean)) for f, span in zip(factors, spans, strict=True)),
                band=outline([(x(f), y(_ends(span)[0]), y(_ends(span)[1])) for f, span in zip(factors, spans, strict=True)]) if is_named else "",
                label=clipped(name, 15) if is_named else "",
                label_y=y(spans[-1].mean) + 4,
                title=f"{name}: {', '.join(f'{percent(span.mean)} at x{f:g}' for f, span in zip(factors, spans, strict=True))}",
            )
        )  # fmt: skip
    return DemandChart(
        key="demand",
        title="As demand rises",
        summary=f"Promises kept as more comes in, {plural(points[0].replications, 'replication')} each. "
        + "; ".join(one.title for one in made if one.look != "other"),
        width=WIDTH,
        height=HEIGHT,
        x_ticks=tuple((x(factor), f"x{factor:g}") for factor in factors),
        y_ticks=tuple((y(value), f"{value:g}%") for value in steps(low, high)),
        table=Table(
            heads=("Policy", *(f"Arrivals x{factor:g}" for factor in factors)),
            rows=tuple(
                (name, *(f"{percent(point.attainment[name].mean)}{_between(point.attainment[name], plain=True)}" for point in points))
                for name in names
            ),
        ),
        note=note,
        lines=tuple(_apart(made)),
        y_title="promises kept, by arrivals",
    )  # fmt: skip


def _apart(lines: list[DemandLine]) -> list[DemandLine]:
    """The same lines, with names that do not lie on each other."""
    named = sorted((one for one in lines if one.label), key=lambda one: one.label_y)
    places: dict[str, float] = {}
    last = -math.inf
    for one in named:
        last = max(one.label_y, last + APART)
        places[one.title] = round(last, 1)
    return [replace(one, label_y=places.get(one.title, one.label_y)) for one in lines]


def _ends(span: Span) -> tuple[float, float]:
    """Of the interval; the mean where there is none."""
    return (span.mean if span.low is None else span.low), (span.mean if span.high is None else span.high)


def _between(span: Span, *, plain: bool = False) -> str:
    said = between(span.low, span.high, number if plain else lambda value: f"{value:+.1f}")
    return f" ({said})" if said else ""


def _mark(span: Span) -> str:
    if span.high is not None and span.high < 0:
        return "better"
    return "worse" if span.low is not None and span.low > 0 else ""
