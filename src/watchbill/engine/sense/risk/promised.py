"""When a promise had used a quarter, half and three quarters of its target, as its clock stood at that very instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from watchbill.engine.base.calendar import BusinessHours, BusinessTime
from watchbill.engine.base.intervals import micros_of
from watchbill.engine.clocks import ClockOutcome, ClockStatus, Phase, Segment
from watchbill.engine.clocks.lived import calendar_of
from watchbill.engine.sense.risk.facts import NEVER, RATIOS


class Reached(NamedTuple):
    """When a share of the target was used, when it was due then if its clock went on, and the business seconds it had left."""

    at_us: int
    due_us: int
    left_s: float


NOT_REACHED = Reached(NEVER, NEVER, 0.0)


class Verdict(NamedTuple):
    """1 missed, 0 met, -1 not known; and since when it can be told."""

    missed: int
    known_us: int


def reached(segments: Sequence[Segment], calendars: Mapping[str, BusinessHours]) -> tuple[Reached, ...]:
    """One for each of `RATIOS`, by a walk over a clock's life.

    Each stretch is measured by the target that it ran under: one that was cut later is not known before. A share that was
    jumped over because the target was cut counts as reached when it was cut, unless nothing was left by then.
    """
    found: list[Reached] = []
    gone = BusinessTime(timedelta(0))
    for segment in segments:
        if segment.phase is not Phase.RUNNING:
            continue
        hours = calendar_of(segment, calendars)
        while segment.target is not None and len(found) < len(RATIOS):
            wanted = BusinessTime(max(RATIOS[len(found)] * segment.target, gone))
            is_within = segment.to_at is None or wanted - gone < segment.business
            if not is_within or wanted >= segment.target:
                break
            at = hours.add_business(segment.from_at, BusinessTime(wanted - gone))
            due = hours.add_business(segment.from_at, BusinessTime(segment.target - gone))
            if at is None:
                break
            left_s = (segment.target - wanted).total_seconds()
            found.append(Reached(micros_of(at), NEVER if due is None else micros_of(due), left_s))
        gone = BusinessTime(gone + segment.business)
    return (*found, *(NOT_REACHED,) * (len(RATIOS) - len(found)))


def verdict(outcome: ClockOutcome, until_us: int) -> Verdict:
    """How a clock ended, as far as it is known at an instant.

    One that is broken is missed, whether it still runs or not. One that was met counts as known when it would have been due,
    so that quick successes are not learned from sooner than failures.
    """
    if outcome.breach_us is not None and outcome.breach_us <= until_us:
        return Verdict(1, outcome.breach_us)
    if outcome.status is ClockStatus.MET and outcome.stopped_us is not None:
        known_us = max(outcome.stopped_us, outcome.due_us or outcome.stopped_us)
        return Verdict(0, known_us) if known_us <= until_us else Verdict(-1, NEVER)
    return Verdict(-1, NEVER)
