"""From instants to what is drawn: the clock pill and the fuse. Pure geometry."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from watchbill.interfaces.web.formats import HOUR_S, MINUTE_S, duration, moment
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
        title=f"due {moment(due_at, now)} UTC; time until then by the wall clock",
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
