"""Geometry of a report's charts: pure, from the answer to marks. The page, the document and the What-if page share it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from watchbill.engine.backtest.answer import BacklogDay, Curve, Learned, Measure
from watchbill.flows.backtest.report.figures import (
    clipped,
    count,
    fitting,
    long_hours,
    number,
    percent,
    plural,
    short_day,
    steps,
)
from watchbill.flows.backtest.report.shown import (
    Bar,
    BarChart,
    Bullet,
    Dot,
    DotChart,
    DotRow,
    LineChart,
    Table,
    Whisker,
)

WIDTH, HEIGHT = 430.0, 196.0
LEFT, RIGHT, TOP, FOOT = 46.0, 12.0, 26.0, 24.0
ROW_H, DOT_TOP = 40.0, 24.0
LABEL_MOST = 56
"""Characters of a label above a line of dots that fit the chart."""
HOUR_MARKS = (0.5, 1, 4, 12, 24, 72, 168, 336, 1344)
LOW, HIGH = 3.0, 97.0
"""Per cent of the width between which a whisker's axis lies."""

Place = Callable[[float], float]


def backlog_chart(days: Sequence[BacklogDay], *, note: str) -> LineChart | None:
    """Open items at the end of each day, real against 90 % of the replications; None without two days."""
    if len(days) < 2:
        return None
    top = max(max(one.real, one.high) for one in days) or 1.0
    least = min(min(one.real, one.low) for one in days)
    ground = 0.0 if least < top / 2 else max(0.0, least - (top - least) / 2)  # far above zero a band would be a line
    x, y = across(0, len(days) - 1), up(ground, top)
    out = [(n, one) for n, one in enumerate(days) if not one.low <= one.real <= one.high]
    every = max(1, math.ceil(len(days) / 5))
    inside = len(days) - len(out)
    return LineChart(
        key="backlog",
        title="Open items at the end of each day",
        summary=f"Open items on {plural(len(days), 'day')}: the real count is inside the simulated band on {count(inside)} of them",
        width=WIDTH,
        height=HEIGHT,
        x_ticks=tuple((x(n), short_day(days[n].on)) for n in range(0, len(days), every)),
        y_ticks=tuple((y(value), count(value)) for value in steps(ground, top)),
        table=Table(
            heads=("Day", "Real", "Simulated, 90 % from", "middle", "to", "Inside"),
            rows=tuple(
                (
                    one.on,
                    count(one.real),
                    number(one.low, 0),
                    number(one.middle, 0),
                    number(one.high, 0),
                    "yes" if one.low <= one.real <= one.high else "no",
                )
                for one in days
            ),
        ),
        note=note,
        band=outline([(x(n), y(one.low), y(one.high)) for n, one in enumerate(days)]),
        real=path((x(n), y(one.real)) for n, one in enumerate(days)),
        simulated=path((x(n), y(one.middle)) for n, one in enumerate(days)),
        out=tuple((x(n), y(one.real)) for n, one in out),
        y_title="items",
    )


def cycle_chart(curve: Curve, *, note: str) -> LineChart | None:
    """Share of cases done by so many hours, on an axis that gives hours and weeks the same room; None without two of them."""
    known = [
        (hours, real, simulated)
        for hours, real, simulated in zip(curve.hours, curve.real, curve.simulated, strict=False)
        if hours > 0
    ]
    if len(known) < 2:
        return None
    over = across(math.log(known[0][0]), math.log(known[-1][0]))

    def x(hours: float) -> float:
        return over(math.log(hours))

    y = up(0, 1)
    widest, real_at, simulated_at = max(
        ((abs(real - simulated), real, simulated) for _, real, simulated in known), key=lambda one: one[0]
    )
    at = next(hours for hours, real, simulated in known if (real, simulated) == (real_at, simulated_at))
    return LineChart(
        key="cycle",
        title="Done by so long after opening",
        summary=f"Share of cases done by hours after opening: real and simulated are at most {number(widest * 100)} points"
        f" apart, at {long_hours(round(at, 1))} ({percent(real_at * 100)} really, {percent(simulated_at * 100)} simulated)",
        width=WIDTH,
        height=HEIGHT,
        x_ticks=tuple((x(mark), long_hours(mark)) for mark in HOUR_MARKS if known[0][0] <= mark <= known[-1][0]),
        y_ticks=tuple((y(share), f"{share * 100:.0f}%") for share in (0, 0.25, 0.5, 0.75, 1)),
        table=Table(
            heads=("By", "Done, real", "Done, simulated"),
            rows=tuple(
                (f"{fitting(hours)} h", percent(real * 100), percent(simulated * 100))
                for hours, real, simulated in known
            ),
        ),
        note=note,
        real=path((x(hours), y(real)) for hours, real, _ in known),
        simulated=path((x(hours), y(simulated)) for hours, _, simulated in known),
        y_title="of cases",
    )


def learned_chart(part: Learned, *, note: str) -> BarChart | None:
    """A learned part against the data: real as bars, learned as lines across them; None without any."""
    if not part.bars:
        return None
    top = max(max(real, learned) for _, real, learned in part.bars) or 1.0
    y, step = up(0, top), (WIDTH - LEFT - RIGHT) / len(part.bars)
    wide = max(min(step * 0.7, 40.0), 1.0)
    bars = []
    for place, (label, real, learned) in enumerate(part.bars):
        left, head = LEFT + step * place + (step - wide) / 2, y(max(real, 0.0))
        said = f"{label}: {fitting(real)} really, {fitting(learned)} learned"
        bars.append(
            Bar(
                x=_r(left),
                width=_r(wide),
                y=head,
                height=_r(y(0) - head),
                learned_y=y(max(learned, 0.0)),
                title=said,
            )
        )
    every = max(1, math.ceil(len(part.bars) * max(3, *(len(label) for label, _, _ in part.bars[:48])) / 60))
    gap = max(abs(real - learned) for _, real, learned in part.bars)
    return BarChart(
        key="learned",
        title=part.part,
        summary=f"{part.part}, real and learned, in {plural(len(part.bars), 'group')}: at most {fitting(gap)} apart"
        + (f", in {part.unit}" if part.unit else ""),
        width=WIDTH,
        height=HEIGHT,
        x_ticks=tuple(
            (_r(LEFT + step * (place + 0.5)), clipped(label, 18))
            for place, (label, _, _) in enumerate(part.bars)
            if place % every == 0
        ),
        y_ticks=tuple((_r(value), text) for value, text in ((y(v), f"{v:g}") for v in steps(0, top, 3))),
        table=Table(
            heads=("Group", f"Real{_in(part.unit)}", f"Learned{_in(part.unit)}"),
            rows=tuple((label, fitting(real), fitting(learned)) for label, real, learned in part.bars),
        ),
        note=note,
        unit=part.unit,
        ground=y(0),
        bars=tuple(bars),
    )


def dot_chart(
    rows: Iterable[tuple[str, Mapping[str, float], float | None, str]],
    *,
    key: str,
    title: str,
    best: str,
    reference: str,
    table: Table,
    note: str,
) -> DotChart | None:
    """Policies as dots on one axis of attainment. *rows*: label, percent by policy, bound, flag; None when nobody has any."""
    drawn = [row for row in rows if row[1]]
    if not drawn:
        return None
    values = [value for _, kept, bound, _ in drawn for value in [*kept.values(), *([] if bound is None else [bound])]]
    low, high = min(values), max(values)
    room = max((high - low) * 0.05, 0.5)
    low, high = max(0.0, low - room), min(100.0, high + room)
    left, right = 14.0, WIDTH - 14.0

    def x(value: float) -> float:
        return _r(left + (value - low) / (high - low) * (right - left))

    made = []
    for place, (label, kept, bound, flag) in enumerate(drawn):
        looks = [(value, name, _look(name, best, reference)) for name, value in kept.items()]
        looks.sort(key=lambda one: ("other", "as_is", "best").index(one[2]))
        dots = tuple(Dot(x=x(value), look=look, title=f"{name}: {percent(value)}") for value, name, look in looks)
        bound_x = None if bound is None else x(bound)
        room_left = LABEL_MOST - len(flag)
        made.append(
            DotRow(
                label=clipped(label, room_left), y=DOT_TOP + ROW_H * place + 12, dots=dots, bound_x=bound_x, flag=flag
            )
        )
    height = DOT_TOP + ROW_H * len(made) + 22
    said = [f"{label}: {_said(kept, best, reference)}" for label, kept, _, _ in drawn[:8]]
    return DotChart(
        key=key,
        title=title,
        summary=f"{title}, from {percent(min(values))} to {percent(max(values))}. {'; '.join(said)}",
        width=WIDTH,
        height=height,
        x_ticks=tuple((x(value), f"{value:g}%") for value in steps(low, high, 5)),
        y_ticks=(),
        table=table,
        note=note,
        rows=tuple(made),
        left=left,
        right=right,
    )


def whisker_axis(values: Iterable[float | None]) -> Place | None:
    """The axis of one column of figures, in percent of its width; None where there is nothing to compare."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    if high - low < 1e-9:
        return lambda _: 50.0
    return lambda value: _r(LOW + (value - low) / (high - low) * (HIGH - LOW), 2)


def whisker(
    x: Place | None, mean: float | None, low: float | None, high: float | None, reference: float | None
) -> Whisker | None:
    """One figure on the axis of its column; an interval that is not known is a point."""
    if x is None or mean is None:
        return None
    return Whisker(
        x=x(mean),
        low=x(mean if low is None else low),
        high=x(mean if high is None else high),
        reference=None if reference is None else x(reference),
    )


def bullet(one: Measure) -> Bullet | None:
    """A distance with the floor and the limit on an axis of its own, its limit at four fifths; None with nothing to hold it against."""
    if one.floor is None and one.limit is None:
        return None
    most = max(one.distance, (one.limit or one.floor or 0.0) * 1.25) or 1.0
    return Bullet(
        width=_r(min(one.distance / most, 1.0) * 100, 2),
        floor=None if one.floor is None else _r(one.floor / most * 100, 2),
        limit=None if one.limit is None else _r(one.limit / most * 100, 2),
    )


def _look(name: str, best: str, reference: str) -> str:
    return "best" if name == best else "as_is" if name == reference else "other"


def _said(kept: Mapping[str, float], best: str, reference: str) -> str:
    """The two policies that a row is looked at for; the first few when they are not in it."""
    named = [name for name in dict.fromkeys((best, reference)) if name in kept] or list(kept)[:2]
    return ", ".join(f"{name} {percent(kept[name])}" for name in named)


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""


def _r(value: float, places: int = 1) -> float:
    return round(value, places)


def across(first: float, last: float) -> Place:
    """From a value to its place from left to right."""
    return lambda value: _r(LEFT + (value - first) / ((last - first) or 1.0) * (WIDTH - LEFT - RIGHT))


def up(low: float, high: float) -> Place:
    """From a value to its place from the ground up."""
    return lambda value: _r(HEIGHT - FOOT - (value - low) / ((high - low) or 1.0) * (HEIGHT - FOOT - TOP))


def path(points: Iterable[tuple[float, float]]) -> str:
    """A line through points."""
    return "M" + " L".join(f"{x} {y}" for x, y in points)


def outline(points: Sequence[tuple[float, float, float]]) -> str:
    """The closed outline of a band, from (x, low, high)."""
    upper = [f"{x} {high}" for x, _, high in points]
    lower = [f"{x} {low}" for x, low, _ in reversed(points)]
    return f"M{' L'.join([*upper, *lower])} Z"
