"""The lives of many items' clocks at once, in segments: the one place here that knows how clocks are computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.work.timeline import clock_events
from watchbill.engine.base.calendar import BusinessHours
from watchbill.engine.clocks import ClockStatus, Segment, run_clocks
from watchbill.flows.clocks import clock_event

KEPT = frozenset({ClockStatus.MET, ClockStatus.MISSED, ClockStatus.RUNNING, ClockStatus.PAUSED})
"""What a commitment is reported as; one that was cancelled or began anew promises nothing."""


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


def lives(desk_id: int, item_ids: Sequence[int]) -> Iterator[Life]:
    """Give the commitments of items of one desk, item by item: a few queries, and what is kept compiled."""
    book = rulebook(desk_id)
    for item_id, rows in clock_events(item_ids).items():
        events = [clock_event(row) for row in rows]
        rules = book.at(events[0].at) if events else None
        if rules is None:
            continue
        calendars = rules.compiled()
        for whole in run_clocks(rules.clock_policy(), calendars, events, explain=True):
            for outcome in (*whole.cycles, whole):
                if outcome.started_us is not None and outcome.status in KEPT:
                    yield Life(
                        item_id=item_id,
                        name=outcome.name,
                        agreement=outcome.agreement.value,
                        cycle=outcome.cycle,
                        breach_at=outcome.breach_at,
                        calendars=calendars,
                        segments=outcome.segments,
                    )
