"""From the clocks of an item to what its page draws: large figures, and the chart of their life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watchbill.apps.work.queries import ItemDetail
from watchbill.engine.base.time import seconds
from watchbill.engine.clocks import ClockOutcome, ClockStatus, Phase
from watchbill.interfaces.web import words
from watchbill.interfaces.web.clockface import ClockHistory, clock_chart, clock_pill
from watchbill.interfaces.web.formats import duration, moment, stopwatch
from watchbill.interfaces.web.rows import AMBER_S
from watchbill.interfaces.web.viewmodels.case import BigClock, ClockChart
from watchbill.interfaces.web.viewmodels.parts import ClockPill, ClockState


def big_clocks(item: ItemDetail, outcomes: Sequence[ClockOutcome], *, now: datetime) -> list[BigClock]:
    """Return one large figure a clock, and how long the item has been open."""
    amber = 0 if item.owner_id is not None else AMBER_S
    shown = [_big(one, item, amber=amber, now=now) for one in outcomes if one.status is not ClockStatus.ABSENT]
    return [*shown, _age(item, now=now)]


def _big(one: ClockOutcome, item: ItemDetail, *, amber: int, now: datetime) -> BigClock:
    label = words.CLOCK.get(one.kind, one.kind.capitalize())
    paused = f", {duration(seconds(one.paused))} paused" if seconds(one.paused) else ""
    if one.status is ClockStatus.RUNNING and one.due_at is not None:
        pill = clock_pill(now=now, due_at=one.due_at, amber_below_s=amber)
        lead = {ClockState.BREACHED: "Breached, ", ClockState.RISK: "At risk, "}.get(pill.state, "")
        note = f"{lead}due {moment(one.due_at, now)}{'' if lead else paused}"
        return BigClock(label=label, pill=pill, value=stopwatch((one.due_at - now).total_seconds()), note=note)
    if one.status is ClockStatus.PAUSED:
        pill = clock_pill(now=now, due_at=None, is_paused=True, pause_reason=words.STATE[item.state])
        left = 0 if one.target is None else seconds(one.target) - seconds(one.elapsed)
        return BigClock(label=label, pill=pill, value="Paused", note=f"{duration(left)} of business time left")
    if one.status in {ClockStatus.MET, ClockStatus.MISSED} and one.stopped_at is not None:
        is_met = one.status is ClockStatus.MET
        pill = clock_pill(
            now=now,
            due_at=None,
            met_at=one.stopped_at if is_met else None,
            missed_at=None if is_met else one.stopped_at,
        )
        spent = f", after {duration(seconds(one.elapsed))}"
        return BigClock(
            label=label, pill=pill, value="Met" if is_met else "Missed", note=moment(one.stopped_at, now) + spent
        )
    state = "Ended" if one.status is ClockStatus.CANCELLED else "No target"
    return BigClock(label=label, pill=ClockPill(state=ClockState.NONE, text=state, spoken=""), value="–", note=state)


def _age(item: ItemDetail, *, now: datetime) -> BigClock:
    end = item.closed_at or item.resolved_at or now
    is_over = end is not now
    pill = ClockPill(state=ClockState.NONE, text="", spoken="")
    return BigClock(
        label="Took" if is_over else "Open for",
        pill=pill,
        value=duration((end - item.opened_at).total_seconds()),
        note=f"since {moment(item.opened_at, now)}",
    )


def chart_of(item: ItemDetail, outcomes: Sequence[ClockOutcome], *, now: datetime) -> ClockChart | None:
    """Return run, paused and remaining time of every clock on one axis."""
    amber = 0 if item.owner_id is not None else AMBER_S
    histories = []
    for one in outcomes:
        if one.status is ClockStatus.ABSENT or one.started_at is None:
            continue
        pauses = [
            (part.from_at, part.to_at or now) for part in one.segments if part.phase in {Phase.PAUSED, Phase.STOPPED}
        ]
        ended = one.stopped_at
        histories.append(
            ClockHistory(
                label=words.CLOCK.get(one.kind, one.kind.capitalize()),
                start_at=one.started_at,
                due_at=one.due_at,
                pauses=[(start, stop) for start, stop in pauses if ended is None or start < ended],
                ended_at=ended,
                is_paused=one.status is ClockStatus.PAUSED,
                amber_below_s=amber,
                note=_note(one, now=now),
            )
        )
    return clock_chart(histories, now=now)


def _note(one: ClockOutcome, *, now: datetime) -> str:
    if one.stopped_at is not None:
        return f"{one.status} {moment(one.stopped_at, now)}"
    return moment(one.due_at, now) if one.due_at else "paused"
