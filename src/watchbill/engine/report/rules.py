"""The rules by which the time before a breach is divided, and what events speak for: docs/algorithms/report.md."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from watchbill.engine.base.intervals import Interval
from watchbill.engine.base.work import State
from watchbill.engine.clocks import Cause, Phase, Segment
from watchbill.engine.report.facts import BreachFacts, Moment, Reason

THRESHOLD = 0.3
"""The share of the time from which a reason is suggested."""

LATE = 0.5
"""The share of the time that was gone, from which an event explains more than that work took longer."""

HANDOVERS = 2
"""From so many handovers on, time with anybody but who had it longest counts as handed over."""

ELSEWHERE = {
    State.WAITING_CUSTOMER: Reason.CUSTOMER,
    State.WAITING_VENDOR: Reason.VENDOR,
    State.WAITING_OTHER: Reason.OTHER_PARTY,
    State.SCHEDULED: Reason.OTHER_PARTY,
}
"""For whom an item waits in which state."""

ZERO = timedelta(0)


def counted(facts: BreachFacts) -> Iterator[tuple[int, Interval]]:
    """The stretches that counted until the breach, each with the index of the moment that it lies in."""
    starts = [moment.at for moment in facts.moments]
    for segment in facts.segments:
        end = facts.breach_at if segment.to_at is None else min(segment.to_at, facts.breach_at)
        if segment.phase is not Phase.RUNNING or segment.from_at >= end:
            continue
        hours = facts.calendars[segment.calendar]
        hours = hours.in_zone(segment.zone) if segment.zone else hours
        for span in hours.open_intervals(segment.from_at, end):
            index = max(bisect_right(starts, span.start_at) - 1, 0)
            begin = span.start_at
            while begin < span.end_at:
                until = min(starts[index + 1], span.end_at) if index + 1 < len(starts) else span.end_at
                if until > begin:
                    yield index, Interval(start_at=begin, end_at=until)
                begin, index = max(until, begin), index + 1


def divided(facts: BreachFacts) -> tuple[dict[Reason, timedelta], int]:
    """Who had the time that counted, and how often it was handed over. Each instant counts for one reason alone.

    Waiting for somebody outside comes first; else nobody of the team at work; else nobody owning it; else it lay with
    its owner. With `HANDOVERS` or more, the owners' time counts as handed over but for that of the longest stay.
    """
    total: dict[Reason, timedelta] = defaultdict(timedelta)
    stays: dict[int, timedelta] = defaultdict(timedelta)
    stay_of, handovers = _stays(facts.moments, facts.breach_at)
    for index, span in counted(facts):
        moment = facts.moments[index]
        if (elsewhere := ELSEWHERE.get(moment.state)) is not None:
            total[elsewhere] += span.length
            continue
        length = span.length
        there = facts.staffing.get(moment.team)
        if there is not None:
            length = overlap(there, span)
            total[Reason.NO_STAFF] += span.length - length
        if moment.owner is None:
            total[Reason.UNASSIGNED] += length
        else:
            stays[stay_of[index]] += length
    held, longest = sum(stays.values(), ZERO), max(stays.values(), default=ZERO)
    passed_on = held - longest if handovers >= HANDOVERS else ZERO
    total[Reason.HANDED_OVER] += passed_on
    total[Reason.TOOK_LONGER] += held - passed_on
    return total, handovers


def _stays(moments: Sequence[Moment], until: datetime) -> tuple[list[int], int]:
    """For each moment the number of the stay with one owner and team that it is in; and how many handovers came by *until*."""
    stays, handovers, last = [], 0, None
    for moment in moments:
        if moment.owner is not None:
            if last is not None and (moment.owner, moment.team) != last and moment.at <= until:
                handovers += 1
            last = (moment.owner, moment.team)
        stays.append(handovers)
    return stays, handovers


def overlap(spans: Sequence[Interval], within: Interval) -> timedelta:
    """How much of *within* lies in *spans*, which are apart and in order. O(log n + those met)."""
    found, index = ZERO, max(bisect_right(spans, within.start_at, key=lambda span: span.start_at) - 1, 0)
    while index < len(spans) and spans[index].start_at < within.end_at:
        found += max(min(spans[index].end_at, within.end_at) - max(spans[index].start_at, within.start_at), ZERO)
        index += 1
    return found


def gone_before(segments: Sequence[Segment], index: int) -> timedelta:
    """Business time that had counted when the segment *index* began."""
    return sum((one.business for one in segments[:index] if one.phase is Phase.RUNNING), ZERO)


_RETARGETING = (Cause.RETARGETED, Cause.RECOUNTED)


def came_late(segments: Sequence[Segment], breach_at: datetime) -> dict[Reason, float]:
    """What happened when much of the time was gone already: reopened, or promised sooner. The share that was gone.

    A target that became shorter is measured by the new one; 1 means that the change itself broke the promise.
    """
    found: dict[Reason, float] = {}
    for index, segment in enumerate(segments):
        if segment.target is None or segment.from_at > breach_at:
            continue
        before = segments[index - 1].target if index else None
        if segment.cause is Cause.REOPENED:
            reason = Reason.REOPENED
        elif segment.cause in _RETARGETING and before is not None and segment.target < before:
            reason = Reason.SHORTENED
        else:
            continue
        found[reason] = min(gone_before(segments, index) / segment.target, 1.0)
    return found
