"""The life of a clock in segments, each with the event and the condition that began it: for the page that explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.intervals import OpenTable
from watchbill.engine.base.work import Priority
from watchbill.engine.clocks.facts import Situation
from watchbill.engine.clocks.log import Log, Mark
from watchbill.engine.clocks.outcome import Cause, Phase, Segment
from watchbill.engine.clocks.policy import ClockDefinition
from watchbill.engine.clocks.rules import first_that_holds


def segments_of(definition: ClockDefinition, table: OpenTable, log: Log, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """The segments between *marks*, split where the target changes; those without any length are left out."""
    begun = list(_beginnings(definition, log, marks))
    last = log.micros[-1]
    segments = []
    for (index, phase, cause, because), after in zip(begun, [*begun[1:], None], strict=True):
        begin, end = log.micros[index], last if after is None else log.micros[after[0]]
        if after is not None and begin == end:
            continue
        target = definition.target_by_priority.get(log.events[index].priority)
        segments.append(
            Segment(
                phase=phase,
                from_at=log.instant(index),
                to_at=None if after is None else log.instant(after[0]),
                business=BusinessTime(timedelta(microseconds=table.position(end) - table.position(begin))),
                target=None if target is None else BusinessTime(timedelta(microseconds=target)),
                cause=cause,
                event=log.order[index],
                because=because,
            )
        )
    return tuple(segments)


def _beginnings(
    definition: ClockDefinition, log: Log, marks: Sequence[Mark]
) -> Iterator[tuple[int, Phase, Cause, str]]:
    """Where a segment begins: (index of the event, phase from there on, cause, the reason in words)."""
    before = Phase.WAITING
    for (index, phase), after in zip(marks, [*marks[1:], None], strict=True):
        yield index, phase, *_cause(definition, before, phase, log.situations[index])
        if phase is Phase.RUNNING or phase is Phase.PAUSED:
            end = len(log.events) if after is None else after[0]
            for changed in _target_changes(definition, log, index, end):
                yield changed, phase, Cause.RETARGETED, f"priority is now P{log.events[changed].priority}"
        before = phase


def _target_changes(definition: ClockDefinition, log: Log, begin: int, end: int) -> Iterator[int]:
    """Indices strictly between *begin* and *end* at which the priority brings another target."""
    targets: dict[Priority, int] = definition.target_by_priority
    for index in range(begin + 1, end):
        if targets.get(log.events[index].priority) != targets.get(log.events[index - 1].priority):
            yield index


def _cause(definition: ClockDefinition, before: Phase, phase: Phase, situation: Situation) -> tuple[Cause, str]:
    """Why a clock that was in *before* went over to *phase*: the condition that held, or that none holds any more."""
    halting = {
        Phase.PAUSED: (Cause.PAUSED, definition.pause),
        Phase.STOPPED: (Cause.STOPPED, definition.stop),
        Phase.CANCELLED: (Cause.CANCELLED, definition.cancel),
    }
    going_on = {
        Phase.WAITING: (Cause.STARTED, definition.start),
        Phase.PAUSED: (Cause.RESUMED, definition.resume),
        Phase.STOPPED: (Cause.REOPENED, definition.reopen),
        Phase.CANCELLED: (Cause.RESTORED, ()),
    }
    cause, conditions = halting.get(phase) or going_on[before]
    held = first_that_holds(conditions, situation)
    return cause, f"the reason to be {before} no longer holds" if held is None else str(held)
