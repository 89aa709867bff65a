"""The segments of a clock up to an instant after its last event: what still lasts is counted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from watchbill.engine.base.calendar import BusinessHours, BusinessTime
from watchbill.engine.clocks.outcome import Cause, ClockOutcome, Phase, Segment


class Lived(NamedTuple):
    """A segment, counted up to *until*; that of one which lasts is the instant looked at, and its ``to_at`` None."""

    segment: Segment
    until: datetime


def lived(outcome: ClockOutcome, calendars: Mapping[str, BusinessHours], now: datetime) -> tuple[Lived, ...]:
    """The life of one cycle up to *now*, or up to its last event where that is later, if nothing else happens.

    A pause that has reached its limit by then has ended by itself, and the clock runs. The running segments sum to what
    `elapsed_at` says at *now*, exactly. *outcome* was computed with its segments.
    """
    return tuple(_lived(outcome, calendars, max(now, outcome.as_of)))


def calendar_of(segment: Segment, calendars: Mapping[str, BusinessHours]) -> BusinessHours:
    """The calendar that counts a segment, read in the zone in which it counts."""
    calendar = calendars[segment.calendar]
    return calendar.in_zone(segment.zone) if segment.zone else calendar


def hours_of(outcome: ClockOutcome, calendars: Mapping[str, BusinessHours]) -> BusinessHours:
    """The calendar that counts a clock, read in the zone in which it counts."""
    calendar = calendars[outcome.calendar]
    return calendar.in_zone(outcome.zone) if outcome.zone else calendar


def _lived(outcome: ClockOutcome, calendars: Mapping[str, BusinessHours], end: datetime) -> Iterator[Lived]:
    resumes = outcome.resumes_at
    for segment in outcome.segments:
        if segment.to_at is not None:
            yield Lived(segment, segment.to_at)
        elif not outcome.is_live:
            yield Lived(segment, outcome.as_of)
        elif segment.phase is Phase.PAUSED and resumes is not None and resumes < end:
            calendar = calendar_of(segment, calendars)
            yield Lived(_counted_on(replace(segment, to_at=resumes), calendar, outcome.as_of, resumes), resumes)
            yield Lived(
                replace(
                    segment,
                    phase=Phase.RUNNING,
                    from_at=resumes,
                    business=calendar.business_between(resumes, end),
                    cause=Cause.LIMIT,
                    because="the pause has reached its limit",
                    rule="",
                ),
                end,
            )
        else:
            yield Lived(_counted_on(segment, calendar_of(segment, calendars), outcome.as_of, end), end)


def _counted_on(segment: Segment, calendar: BusinessHours, since: datetime, until: datetime) -> Segment:
    return replace(segment, business=BusinessTime(segment.business + calendar.business_between(since, until)))
