"""Why a commitment was broken, and how a clock was paused: pure functions over its life."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

from watchbill.engine.base.time import seconds
from watchbill.engine.clocks import Phase, Segment
from watchbill.engine.report.facts import BreachFacts, Reason
from watchbill.engine.report.outcome import Pause, Share, Suggestion
from watchbill.engine.report.rules import LATE, THRESHOLD, came_late, divided, gone_before


def suggest(facts: BreachFacts) -> Suggestion:
    """Suggest why a commitment was broken: what has the largest share, if that is at least `THRESHOLD`.

    The business time that counted until the breach is divided among whoever had it (`rules.divided`); beside it stand the
    events that came late (`rules.came_late`), by how much of the time was gone by then. Of equal shares the reason that
    comes first in `Reason` is suggested. What merely took longer is what is left over: it gives way to an event by which
    half of the time was gone (`LATE`). A pause is no reason: it does not count.

    O(m log s) for m stretches of open time between events and s stretches of staffing. docs/algorithms/report.md,
    "Breach reasons".
    """
    had, handovers = divided(facts)
    counted = sum(had.values(), timedelta(0))
    shares = {reason: of / counted for reason, of in had.items() if of} if counted else {}
    late = came_late(facts.segments, facts.breach_at)
    gives_way = {Reason.TOOK_LONGER} if any(share >= LATE for share in late.values()) else set()
    shares |= late
    order = list(Reason)
    ranked = sorted(shares.items(), key=lambda pair: (pair[0] in gives_way, -round(pair[1], 9), order.index(pair[0])))
    found = tuple(Share(reason=reason, share=share) for reason, share in ranked if share > 0)
    is_clear = bool(found) and found[0].share >= THRESHOLD
    return Suggestion(
        reason=found[0].reason if is_clear else None, shares=found, counted_s=seconds(counted), handovers=handovers
    )


def pauses(segments: Sequence[Segment], *, messages: Sequence[datetime]) -> tuple[Pause, ...]:
    """The pauses of a clock, in order. *messages*: when somebody wrote to the customer, in order.

    Segments that follow each other paused (the target changed meanwhile) are one pause; without a target there is none.
    """
    found: list[Pause] = []
    for index, segment in enumerate(segments):
        if segment.phase is not Phase.PAUSED or not segment.target:
            continue
        if found and found[-1].ended_at == segment.from_at:
            first = found.pop()
            found.append(
                Pause(
                    began_at=first.began_at,
                    ended_at=segment.to_at,
                    gone_ratio=first.gone_ratio,
                    message_s=first.message_s,
                )
            )
            continue
        found.append(
            Pause(
                began_at=segment.from_at,
                ended_at=segment.to_at,
                gone_ratio=gone_before(segments, index) / segment.target,
                message_s=_nearest_s(messages, segment.from_at),
            )
        )
    return tuple(found)


def _nearest_s(instants: Sequence[datetime], at: datetime) -> int | None:
    index = bisect_left(instants, at)
    beside = instants[max(index - 1, 0) : index + 1]
    return min((seconds(abs(one - at)) for one in beside), default=None)
