"""The lives of many items' clocks at once, in segments: the one place here that knows how clocks are computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.clocks.queries import rulebook
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.clocks import ClockStatus, Segment
from watchbill.flows.clockfacts import clock_events
from watchbill.flows.clocks import holder, run

KEPT = frozenset({ClockStatus.MET, ClockStatus.MISSED, ClockStatus.RUNNING, ClockStatus.PAUSED})
"""What a commitment is reported as; one that was cancelled, unless it was broken by then, or began anew promises nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One commitment of one item, one cycle of it, with its whole life."""

    item_id: int
    name: str
    agreement: str
    cycle: int
    breach_at: datetime | None
    calendars: Mapping[str, BusinessHours]
    segments: Sequence[Segment]


def lives(desk_id: int, item_ids: Sequence[int], now: datetime) -> Iterator[Life]:
    """Give the commitments of items of one desk, item by item: a few queries, and what is kept compiled.

    Their calendars are those of the version under which they stand; where another took over on the way, a name that it
    lacks means that of the version before.
    """
    book = rulebook(desk_id)
    for item_id, events in clock_events(desk_id, book, item_ids, now=now).items():
        held, outcomes = run(book, events, now=now, explain=True) if events else ([], ())
        for whole in outcomes:
            for outcome in (*whole.cycles, whole):
                is_kept = outcome.status in KEPT or outcome.breach_us is not None
                if outcome.segments and is_kept:
                    calendars: dict[str, BusinessHours] = {}
                    for rules in (*held, holder(held, outcome)):
                        calendars.update(rules.compiled())
                    yield Life(
                        item_id=item_id,
                        name=outcome.name,
                        agreement=outcome.agreement.value,
                        cycle=outcome.cycle,
                        breach_at=outcome.breach_at,
                        calendars=calendars,
                        segments=outcome.segments,
                    )
