"""The life of a clock in segments, each with the event and the condition that began it: for the page that explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import NEVER, Expression, reason
from watchbill.engine.clocks.fields import Values
from watchbill.engine.clocks.groups import Group, Regime
from watchbill.engine.clocks.log import Log
from watchbill.engine.clocks.measure import Tables
from watchbill.engine.clocks.outcome import Cause, Phase, Segment
from watchbill.engine.clocks.rules import holds_if_told
from watchbill.engine.clocks.walk import Mark


def segments_of(group: Group, marks: Sequence[Mark], log: Log, tables: Tables, *, end: int) -> tuple[Segment, ...]:
    """The segments between *marks*, counted up to *end*; those without any length are left out."""
    segments = []
    before = Phase.WAITING
    counted: Regime | None = None
    for (begin, index, phase, regime, cause), after in zip(marks, [*marks[1:], None], strict=True):
        until = end if after is None else after[0]
        because = _because(group, log, index, before, phase, regime, cause)
        before, counted = phase, regime or counted
        if counted is None or (after is not None and begin == until):
            continue
        table = tables[counted]
        segments.append(
            Segment(
                phase=phase,
                from_at=instant_of(begin),
                to_at=None if after is None else instant_of(after[0]),
                business=BusinessTime(timedelta(microseconds=table.position(until) - table.position(begin))),
                target=None if regime is None else BusinessTime(timedelta(microseconds=regime.target)),
                cause=because[0],
                event=log.order[index],
                because=because[1],
                calendar=counted.definition.calendar,
                zone=counted.zone,
            )
        )
    return tuple(segments)


_GOING_ON: Mapping[Phase, tuple[Cause, str]] = {
    Phase.WAITING: (Cause.STARTED, "start"),
    Phase.PAUSED: (Cause.RESUMED, "resume"),
    Phase.RUNNING: (Cause.RESUMED, "resume"),  # it ran already: the pause that ends here had reached its limit
    Phase.STOPPED: (Cause.REOPENED, "reopen"),
    Phase.CANCELLED: (Cause.RESTORED, ""),
    Phase.ABSENT: (Cause.RESTORED, ""),
}
_HALTING: Mapping[Phase, tuple[Cause, str]] = {
    Phase.PAUSED: (Cause.PAUSED, "pause"),
    Phase.STOPPED: (Cause.STOPPED, "stop"),
    Phase.CANCELLED: (Cause.CANCELLED, "cancel"),
}


def _because(
    group: Group, log: Log, index: int, before: Phase, phase: Phase, regime: Regime | None, cause: Cause | None
) -> tuple[Cause, str]:
    """Why a clock that was in *before* went over to *phase*: the condition that held, or that none holds any more."""
    if regime is None:
        return Cause.WITHDRAWN, "nothing is promised to this item as it is"
    values, definition = group.values(log.situations[index]), regime.definition
    if cause is not None:
        return cause, _in_words(cause, definition, values)
    kind, name = _HALTING.get(phase) or _GOING_ON[before]
    condition: Expression | None = definition.conditions.get(name)
    if condition is None or not holds_if_told(condition, values):
        return kind, f"the reason to be {Phase.PAUSED if before is Phase.RUNNING else before} no longer holds"
    return kind, reason(condition, values)


def _in_words(cause: Cause, definition: ClockDefinition, values: Values) -> str:
    """A cause that no change of phase tells."""
    what = "a new policy holds" if values["event"] == "policy" else f"priority is now {values['priority']}"
    is_reset = definition.reset != NEVER and holds_if_told(definition.reset, values)
    return {
        Cause.LIMIT: f"a pause lasts at most {definition.pause_limit_min} business minutes",
        Cause.STARTED: f"it counts since {definition.since}",
        Cause.RETARGETED: what,
        Cause.RECOUNTED: f"{what}, and time is counted again from the beginning",
        Cause.RESTARTED: f"it begins anew: {reason(definition.reset, values) if is_reset else values['event']}",
    }[cause]
