"""From instants to what is drawn: the clock pill, the fuse and the clock chart of a case. Pure geometry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from watchbill.interfaces.web.formats import HOUR_S, MINUTE_S, day, duration, moment, time_of_day
from watchbill.interfaces.web.viewmodels.case import ClockChart, ClockLine, Span
from watchbill.interfaces.web.viewmodels.parts import ClockPill, ClockState, Fuse

AXIS: tuple[tuple[float, float], ...] = ((-60, 0), (0, 12), (15, 38), (60, 63), (240, 80), (1440, 100))
"""The fuse's axis: minutes from now and per cent, linear between. clock.js has the same table."""
NOW_PERCENT = 12.0
SOON_S = HOUR_S


def axis_percent(minutes: float) -> float:
    """Where *minutes* from now lies on the shared axis, 0 to 100, held at both ends."""
    if minutes <= AXIS[0][0]:
        return AXIS[0][1]
    for (m0, p0), (m1, p1) in pairwise(AXIS):
        if minutes <= m1:
            return round(p0 + (minutes - m0) * (p1 - p0) / (m1 - m0), 2)
    return AXIS[-1][1]


def running_state(left_s: float, amber_below_s: int) -> ClockState:
    """What a running clock with *left_s* to go looks like; amber below *amber_below_s* (0: never)."""
    if left_s < 0:
        return ClockState.BREACHED
    if left_s < amber_below_s:
        return ClockState.RISK
    return ClockState.SOON if left_s < SOON_S else ClockState.OK


SPOKEN = {
    ClockState.BREACHED: "breached by",
    ClockState.RISK: "at risk, breaches in",
    ClockState.SOON: "breaches in",
    ClockState.OK: "breaches in",
}


def clock_pill(
    *,
    now: datetime,
    due_at: datetime | None,
    is_paused: bool = False,
    pause_reason: str = "",
    met_at: datetime | None = None,
    missed_at: datetime | None = None,
    amber_below_s: int = 0,
) -> ClockPill:
    """The pill of one clock: met, missed and over, paused, running, or none at all."""
    if met_at is not None:
        return ClockPill(state=ClockState.MET, text=moment(met_at, now), spoken="met at")
    if missed_at is not None:
        return ClockPill(state=ClockState.BREACHED, text=moment(missed_at, now), spoken="missed, ended at")
    if is_paused:
        return ClockPill(state=ClockState.PAUSED, text="Paused", spoken="clock", title=pause_reason)
    if due_at is None:
        return ClockPill(state=ClockState.NONE, text="No target", spoken="")
    left_s = (due_at - now).total_seconds()
    state = running_state(left_s, amber_below_s)
    return ClockPill(
        state=state,
        text=duration(left_s),
        spoken=SPOKEN[state],
        title=f"due {moment(due_at, now)} UTC",
        due_at=due_at,
        amber_below_s=amber_below_s,
    )


def fuse(
    *, now: datetime, due_at: datetime | None, is_paused: bool = False, left_s: float = 0, amber_below_s: int = 0
) -> Fuse:
    """The bar from now to the breach; overdue time grows left of now; a paused clock shows what it has left."""
    if is_paused:
        end = max(axis_percent(left_s / MINUTE_S), NOW_PERCENT)
        return Fuse(state=ClockState.PAUSED, x=NOW_PERCENT, width=round(end - NOW_PERCENT, 2), tick=None)
    if due_at is None:
        return Fuse(state=ClockState.NONE, x=NOW_PERCENT, width=0, tick=None)
    left = (due_at - now).total_seconds()
    at = axis_percent(left / MINUTE_S)
    state = running_state(left, amber_below_s)
    x, width = (at, NOW_PERCENT - at) if left < 0 else (NOW_PERCENT, at - NOW_PERCENT)
    return Fuse(
        state=state,
        x=x,
        width=round(width, 2),
        tick=None if left < 0 else at,
        due_at=due_at,
        amber_below_s=amber_below_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockHistory:
    """One clock as the chart takes it: instants from *start_at*, half-open pauses, the target and the end."""

    label: str
    start_at: datetime
    due_at: datetime | None
    pauses: Sequence[tuple[datetime, datetime]] = ()
    ended_at: datetime | None = None
    is_paused: bool = False
    amber_below_s: int = 0
    note: str = ""


CHART_W, LABEL_W, TOP, LINE_H = 800.0, 90.0, 20.0, 32.0
LETTER_W = 6.5
"""The width of a letter on the chart, taken rather too large than too small."""
ROOM = 1.25
"""How much longer the axis is than what it shows, so that words fit behind the last mark."""


def clock_chart(histories: Sequence[ClockHistory], *, now: datetime) -> ClockChart | None:
    """All clocks of a case on one axis, from the first start to the last target, with room for the labels."""
    if not histories:
        return None
    first = min(one.start_at for one in histories)
    last = max(
        [now, *(one.due_at for one in histories if one.due_at), *(one.ended_at for one in histories if one.ended_at)]
    )
    span_s = max((last - first).total_seconds(), 15 * MINUTE_S) * ROOM

    def x(at: datetime) -> float:
        return round(LABEL_W + (at - first).total_seconds() / span_s * (CHART_W - LABEL_W), 1)

    lines = tuple(_line(one, number, at_x=x, now=now) for number, one in enumerate(histories))
    return ClockChart(
        summary="; ".join(_sentence(one, now=now) for one in histories) + f"; now {time_of_day(now)}",
        width=CHART_W,
        height=TOP + LINE_H * len(histories) + 4,
        ticks=tuple(
            (x(at), label)
            for at, label in _ticks(first, first + timedelta(seconds=span_s))
            if x(at) + len(label) * LETTER_W / 2 <= CHART_W
        ),
        now_x=x(now),
        lines=lines,
        table=tuple(_table_row(one, now=now) for one in histories),
    )


def _line(one: ClockHistory, number: int, *, at_x: Callable[[datetime], float], now: datetime) -> ClockLine:
    end = one.ended_at or now
    spans: list[Span] = []
    cursor = one.start_at
    for start, stop in one.pauses:
        spans.append(_span(at_x(cursor), at_x(start), "run"))
        spans.append(_span(at_x(start), at_x(min(stop, end)), "pause"))
        cursor = min(stop, end)
    spans.append(_span(at_x(cursor), at_x(end), "run"))
    if one.due_at and one.ended_at is None:
        if one.due_at < now:
            spans.append(_span(at_x(one.due_at), at_x(now), "late"))
        else:
            left_s = (one.due_at - now).total_seconds()
            spans.append(_span(at_x(now), at_x(one.due_at), "risk" if left_s < one.amber_below_s else "left"))
    # A target that was met needs no mark any more: beside it, "met" would stand right of when that was.
    due_at = None if one.ended_at and one.due_at and one.due_at > one.ended_at else one.due_at
    edge = max(at_x(due_at) if due_at else 0.0, at_x(end))
    is_at_edge = edge + 6 + len(one.note) * LETTER_W > CHART_W
    return ClockLine(
        label=one.label,
        y=TOP + 14 + LINE_H * number,
        spans=tuple(one for one in spans if one.width > 0),
        due_x=at_x(due_at) if due_at else None,
        note=one.note,
        note_x=round(edge - 6 if is_at_edge else edge + 6, 1),
        note_anchor="end" if is_at_edge else "start",
    )


def _span(start: float, stop: float, look: str) -> Span:
    return Span(x=start, width=round(max(stop - start, 0.0), 1), look=look)


STEPS_S = tuple(
    step * MINUTE_S for step in (5, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 7 * 1440, 28 * 1440, 84 * 1440)
)


def _ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Five or so round instants between the two; days once the axis is longer than two."""
    step_s = next((step for step in STEPS_S if (last - first).total_seconds() / step <= 6), STEPS_S[-1])
    epoch = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday
    n = int((first - epoch).total_seconds() // step_s) + 1
    out = []
    while (at := epoch + timedelta(seconds=n * step_s)) < last:
        out.append((at, time_of_day(at) if step_s < 24 * HOUR_S else day(at)))
        n += 1
    return out


def _sentence(one: ClockHistory, *, now: datetime) -> str:
    if one.ended_at:
        return f"{one.label} ended {moment(one.ended_at, now)}"
    if one.is_paused:
        return f"{one.label} paused"
    if one.due_at is None:
        return f"{one.label} has no target"
    return f"{one.label} due {moment(one.due_at, now)}"


def _table_row(one: ClockHistory, *, now: datetime) -> tuple[str, str, str, str]:
    paused_s = sum((min(stop, now) - start).total_seconds() for start, stop in one.pauses)
    return (
        one.label,
        moment(one.start_at, now),
        duration(paused_s) if paused_s else "none",
        "paused" if one.is_paused else moment(one.due_at, now) if one.due_at else "no target",
    )
