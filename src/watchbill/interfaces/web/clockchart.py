"""The chart of clocks: every clock of a case on one axis of elapsed time. Pure geometry, in per cent of any width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watchbill.engine.base.calendar import BusinessHours
from watchbill.interfaces.web.formats import DAY_S, HOUR_S, MINUTE_S, day, day_and_year, time_of_day
from watchbill.interfaces.web.viewmodels.clocks import ChartRow, ClockChart, Piece

TOP, ROW_H, BAR_Y = 20, 46, 20
SHORTEST = timedelta(minutes=15)
"""The axis is never shorter than this."""
ROOM = 0.02
"""The share of the axis that is left free on its right, so that the last mark is whole."""
THINNEST = 0.12
"""Per cent of the axis below which nothing would be seen: stretches are drawn so wide at least, closed hours not at all."""
NEAR = 10
"""Per cent of the axis from either end within which a label has no room on a phone."""

LOOKS = {
    "run": "Running",
    "pause": "Paused",
    "stop": "Stopped",
    "left": "Left",
    "risk": "Left, at risk",
    "late": "Past the breach",
    "warn": "Warning",
    "safe": "Latest safe moment",
    "due": "Due",
    "breach": "Breach",
    "end": "Met or missed",
    "shut": "Closed hours",
}
"""What may be on the chart, in the order of its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """From when to when something is drawn, how it looks, and what is said of it; a mark ends where it begins."""

    look: str
    from_at: datetime
    to_at: datetime
    said: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One clock as the chart takes it. *cells* is its line of the table; *calendar* says which hours are closed."""

    label: str
    agreement: str
    depth: int
    note: str
    sentence: str
    calendar: BusinessHours
    stretches: Sequence[Stroke]
    plain: Sequence[Stroke]
    marks: Sequence[Stroke]
    cells: Sequence[str]


def clock_chart(lines: Sequence[Line], *, now: datetime, heads: Sequence[str]) -> ClockChart | None:
    """Draw *lines* from the first start to the last instant that any of them speaks of.

    The present moment is on it as long as a clock is live; of clocks that have all ended the axis ends with them.
    """
    strokes = [stroke for line in lines for stroke in (*line.stretches, *line.plain, *line.marks)]
    if not strokes:
        return None
    first = min(stroke.from_at for stroke in strokes)
    last = max(first + SHORTEST, *(stroke.to_at for stroke in strokes))
    last += (last - first) * ROOM

    def place(at: datetime) -> float:
        return (at - first) / (last - first) * 100

    rows = [_row(line, number, place, (first, last)) for number, line in enumerate(lines)]
    seen = {stroke.look for stroke in strokes} | ({"shut"} if any(row.shut for row in rows) else set())
    is_on = first <= now < last
    return ClockChart(
        summary="; ".join(line.sentence for line in lines) + (f"; now {time_of_day(now)} UTC" if is_on else ""),
        height=TOP + ROW_H * len(rows),
        ticks=[
            (_percent(place(at)), label, number % 2 == 1 or not NEAR < place(at) < 100 - NEAR)
            for number, (at, label) in enumerate(_ticks(first, last))
        ],
        now_x=_percent(place(now)) if is_on else "",
        rows=rows,
        key=[(look, said) for look, said in LOOKS.items() if look in seen],
        heads=heads,
        table=[line.cells for line in lines],
    )


Place = Callable[[datetime], float]


def _row(line: Line, number: int, place: Place, axis: tuple[datetime, datetime]) -> ChartRow:
    return ChartRow(
        label=line.label,
        agreement=line.agreement,
        depth=line.depth,
        note=line.note,
        y=TOP + ROW_H * number + BAR_Y,
        pieces=[_piece(stroke, place) for stroke in line.stretches],
        plain=[_piece(stroke, place) for stroke in line.plain],
        marks=[_piece(stroke, place) for stroke in line.marks],
        shut=_shut(line.calendar, place, axis),
    )


def _piece(stroke: Stroke, place: Place) -> Piece:
    left = place(stroke.from_at)
    return Piece(
        x=_percent(left),
        width=_percent(max(place(stroke.to_at) - left, THINNEST)),
        look=stroke.look,
        said=stroke.said,
        href=stroke.href,
    )


def _shut(calendar: BusinessHours, place: Place, axis: tuple[datetime, datetime]) -> str:
    """Closed hours as one path in hundredths of a per cent, one unit high; "" where the calendar never closes."""
    parts = []
    for begin, end in _gaps(((one.start_at, one.end_at) for one in calendar.open_intervals(*axis)), axis):
        left, width = place(begin), place(end) - place(begin)
        if width >= THINNEST:
            parts.append(f"M{round(left * 100)} 0h{round(width * 100)}v1h-{round(width * 100)}z")
    return "".join(parts)


def _gaps(
    spans: Iterable[tuple[datetime, datetime]], axis: tuple[datetime, datetime]
) -> Iterable[tuple[datetime, datetime]]:
    cursor = axis[0]
    for begin, end in spans:
        if begin > cursor:
            yield cursor, begin
        cursor = end
    if cursor < axis[1]:
        yield cursor, axis[1]


def _percent(share: float) -> str:
    return f"{round(share, 3):g}%"


STEPS_S = tuple(
    step * MINUTE_S for step in (5, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 7 * 1440, 28 * 1440, 84 * 1440, 364 * 1440)
)  # fmt: skip


def _ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Five or so round instants between the two; days once the axis is longer than two."""
    span_s = (last - first).total_seconds()
    step_s = next((step for step in STEPS_S if span_s / step <= 6), STEPS_S[-1])
    epoch = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday
    n = int((first - epoch).total_seconds() // step_s) + 1
    label = time_of_day if step_s < 24 * HOUR_S else day if span_s < 180 * DAY_S else day_and_year
    out = []
    while (at := epoch + timedelta(seconds=n * step_s)) < last:
        if 0.04 < (at - first) / (last - first) < 0.96:  # elsewhere its label would not fit
            out.append((at, label(at)))
        n += 1
    return out
