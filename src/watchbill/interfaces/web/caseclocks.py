"""From the clocks of an item to what its page draws: large figures, and the chart of their life."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from watchbill.apps.decisions.risks import ItemRisk
from watchbill.apps.work.queries import ItemDetail
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.base.time import seconds
from watchbill.engine.clocks import ClockOutcome, ClockStatus, Phase
from watchbill.engine.clocks.decide import remaining_at
from watchbill.engine.clocks.lived import hours_of
from watchbill.flows.clocklife import Lives
from watchbill.interfaces.web import words
from watchbill.interfaces.web.clockchart import Line, Stroke, clock_chart
from watchbill.interfaces.web.clockface import clock_pill, running_state
from watchbill.interfaces.web.clocklife import (
    AGREEMENT,
    Known,
    Teller,
    business_words,
    holders_of,
    sentence_of,
    stretches_of,
)
from watchbill.interfaces.web.danger import amber_of
from watchbill.interfaces.web.formats import duration, moment, stopwatch
from watchbill.interfaces.web.rows import AMBER_S
from watchbill.interfaces.web.viewmodels.case import BigClock
from watchbill.interfaces.web.viewmodels.clocks import ClockChart, Held
from watchbill.interfaces.web.viewmodels.parts import ClockPill, ClockState

NOTHING, MONTH = timedelta(), timedelta(days=30)


def big_clocks(item: ItemDetail, lives: Lives, *, risk: ItemRisk | None = None, now: datetime) -> list[BigClock]:
    """Return one large figure a clock, in business time, and how long the item has been open."""
    shown = [
        _big(one, hours_of(one, lives.calendars), item, amber=_amber(item, risk, one.name), now=max(now, one.as_of))
        for one in lives.outcomes
        if one.status is not ClockStatus.ABSENT
    ]
    return [*shown, _age(item, now=now)]


def _amber(item: ItemDetail, risk: ItemRisk | None, name: str) -> int:
    """Below how many seconds a clock is amber: by its own chance of a miss where it is known."""
    one = risk.of(name) if risk else None
    mine = None if risk is None or one is None else replace(risk, promises=(one,))
    return amber_of(mine, 0 if item.owner_id is not None else AMBER_S)


def _big(one: ClockOutcome, hours: BusinessHours, item: ItemDetail, *, amber: int, now: datetime) -> BigClock:
    label = words.clock(one.name)
    paused = f", {business_words(one.paused)} paused" if seconds(one.paused) else ""
    measure = f"business time of “{one.calendar}”, {hours.zone}"
    left = remaining_at(one, hours, now)
    if one.status is ClockStatus.RUNNING and one.due_at is not None and left is not None:
        state = ClockState.BREACHED if one.is_breached(now) else running_state(left.total_seconds(), amber)
        pill = replace(clock_pill(now=now, due_at=one.due_at, amber_below_s=amber), state=state)
        lead = {ClockState.BREACHED: "Breached, ", ClockState.RISK: "At risk, "}.get(state, "")
        opens = hours.next_opening(now) or now
        span = next(hours.open_intervals(opens, opens + MONTH), None)
        return BigClock(
            label=label,
            pill=pill,
            value=stopwatch(left.total_seconds()),
            note=f"{lead}due {moment(one.due_at, now)}{'' if lead else paused}",
            measure=measure,
            from_at=opens,
            until_at=span.end_at if span else opens,
            ends_at=opens + timedelta(seconds=left.total_seconds()),
        )
    if one.status is ClockStatus.PAUSED:
        pill = clock_pill(now=now, due_at=None, is_paused=True, pause_reason=words.STATE[item.state])
        over = left is not None and left < NOTHING
        said = f"{business_words(abs(left))} {'over' if over else 'left'}" if left is not None else "no target"
        return BigClock(label=label, pill=pill, value="Paused", note=said, measure=measure)
    if one.status in {ClockStatus.MET, ClockStatus.MISSED} and one.stopped_at is not None:
        is_met = one.status is ClockStatus.MET
        pill = clock_pill(
            now=now,
            due_at=None,
            met_at=one.stopped_at if is_met else None,
            missed_at=None if is_met else one.stopped_at,
        )
        spent = f", after {business_words(one.elapsed)}"
        return BigClock(
            label=label,
            pill=pill,
            value="Met" if is_met else "Missed",
            note=moment(one.stopped_at, now) + spent,
            measure=measure,
        )
    ended = "Ended" if one.status is ClockStatus.CANCELLED else "No target"
    return BigClock(label=label, pill=ClockPill(state=ClockState.NONE, text=ended, spoken=""), value="–", note=ended)


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


HEADS = ("Clock", "Promise to", "Started", "On the clock", "Paused", "Due", "How it stands")
HOLDERS = 6
"""Holders beside a case; the page of its clocks has all of them."""
DEPTH = ("sla", "ola", "uc")
"""Who serves whom: a team's promise stands in below the customer's, a vendor's below both."""


def chart_of(teller: Teller) -> ClockChart | None:
    """Draw every clock of a case on one axis: SLA before OLA before underpinning contract."""
    lines = [_line(teller, known) for known in teller.clocks]
    return clock_chart(sorted(lines, key=lambda line: line.depth), now=teller.now, heads=HEADS)


def _line(teller: Teller, known: Known) -> Line:
    one, now = known.outcome, teller.now
    agreement, to_whom = AGREEMENT[one.agreement]
    note = note_of(one, now=now)
    paused, elapsed = known.spent(Phase.PAUSED), business_words(known.spent(Phase.RUNNING))
    return Line(
        label=known.label,
        agreement=agreement,
        depth=DEPTH.index(one.agreement),
        note=note,
        sentence=f"{known.label}, {agreement}: {note}",
        calendar=known.calendar,
        stretches=[
            Stroke(
                look=told.look, from_at=part.segment.from_at, to_at=part.until, href=teller.here(told.id),
                said=sentence_of(told, known),
            )
            for (cycle, part), told in zip(known.parts, stretches_of(teller, known), strict=True)
            if part.segment.to_at is not None or (cycle == one.cycle and one.is_live) or part.segment.phase is Phase.RUNNING
        ],
        plain=[*_ahead(teller.item, one, now=now), *_late(known, now=now)],
        marks=_marks(teller, known),
        cells=(
            known.label, f"{agreement}, {to_whom}", moment(one.started_at, now) if one.started_at else "",
            elapsed + (f" of {business_words(one.target)}" if one.target else ""),
            business_words(paused) if paused else "none", moment(one.due_at, now) if one.due_at else "none", note,
        ),
    )  # fmt: skip


def _ahead(item: ItemDetail, one: ClockOutcome, *, now: datetime) -> list[Stroke]:
    """The time left of a clock that runs."""
    if one.status is not ClockStatus.RUNNING or one.due_at is None or one.due_at <= now:
        return []
    amber = 0 if item.owner_id is not None else AMBER_S
    is_risk = (one.due_at - now).total_seconds() < amber
    return [Stroke(look="risk" if is_risk else "left", from_at=max(now, one.as_of), to_at=one.due_at)]


def _late(known: Known, *, now: datetime) -> list[Stroke]:
    """What ran after the promise was broken, in every cycle."""
    broken = {
        cycle.cycle: cycle.breach_at
        for cycle in (*known.outcome.cycles, known.outcome)
        if cycle.is_breached(max(now, cycle.as_of))
    }
    return [
        Stroke(look="late", from_at=max(part.segment.from_at, since), to_at=part.until)
        for cycle, part in known.parts
        if part.segment.phase is Phase.RUNNING and (since := broken.get(cycle)) is not None and part.until > since
    ]


def _marks(teller: Teller, known: Known) -> list[Stroke]:
    """Warnings, due, breach and end of every cycle, each where it is."""
    return [mark for cycle in (*known.outcome.cycles, known.outcome) for mark in _cycle_marks(teller, known, cycle)]


def _cycle_marks(teller: Teller, known: Known, one: ClockOutcome) -> list[Stroke]:
    has_ended = one is not known.outcome
    broken_at = one.breach_at if one.is_breached(one.as_of if has_ended else teller.now) else None
    ended_at = one.stopped_at or (one.as_of if has_ended else None)
    met_at = ended_at if broken_at is None else None  # what would have come after that came never
    head = f"{known.label}, cycle {one.cycle}" if known.outcome.cycles else known.label
    found = (
        *(("warn", "warning", at) for at in one.warn_ats),
        ("safe", "latest safe moment", None if has_ended else known.safe_at),
        ("due", "due", one.due_at),
        ("breach", "breached", broken_at),
        ("end", str(one.status), ended_at),
    )
    return [
        Stroke(
            look=look,
            from_at=at,
            to_at=at,
            said=f"{head}: {what} {moment(at, teller.now)}",
            href=teller.here(known.key),
        )
        for look, what, at in found
        if at is not None and not (met_at is not None and at > met_at)
    ]


def note_of(one: ClockOutcome, *, now: datetime) -> str:
    """Say in a few words how a clock stands."""
    if one.stopped_at is not None:
        return f"{one.status} {moment(one.stopped_at, now)}"
    if one.is_breached(now):
        return f"{'paused, ' if one.status is ClockStatus.PAUSED else ''}breached {moment(one.breach_at or now, now)}"
    if one.status is ClockStatus.PAUSED:
        return "paused" + (f" until {moment(one.resumes_at, now)}" if one.resumes_at else "")
    return f"due {moment(one.due_at, now)}" if one.due_at else "no due within ten years"


def held_of(teller: Teller, href: str) -> Held | None:
    """Return who held the chief clock: the one that ran the longest, so the one that tells the most."""
    if not teller.clocks:
        return None
    chief = max(
        teller.clocks, key=lambda one: (one.outcome.elapsed + one.outcome.paused, one.outcome.target or NOTHING)
    )
    return holders_of(teller, chief, href=href, most=HOLDERS)
