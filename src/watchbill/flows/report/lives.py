"""The lives of many items' clocks at once, in segments: the one place here that knows how clocks are computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.work.timeline import clock_events
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.clocks import Segment, run_clocks
from watchbill.flows.clocks import clock_event


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One commitment of one item, with its whole life."""

    item_id: int
    name: str
    agreement: str
    cycle: int
    breach_at: datetime | None
    calendar: Calendar
    segments: Sequence[Segment]


def lives(desk_id: int, item_ids: Sequence[int]) -> Iterator[Life]:
    """Give the commitments of items of one desk, item by item: two queries, and what is kept compiled."""
    book = rulebook(desk_id)
    for item_id, rows in clock_events(item_ids).items():
        events = [clock_event(row) for row in rows]
        rules = book.at(events[0].at) if events else None
        if rules is None:
            continue
        calendars = rules.compiled()
        for outcome in run_clocks(rules.clock_policy(), calendars, events, explain=True):
            if outcome.started_at is not None:
                yield Life(
                    item_id=item_id,
                    name=outcome.kind.value,
                    agreement="sla",
                    cycle=1,
                    breach_at=outcome.breach_at,
                    calendar=calendars[outcome.calendar],
                    segments=outcome.segments,
                )
