"""The life of a clock in segments, each with the event and the condition that began it: for the page that explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from watchbill.engine.base.calendar import BusinessTime
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import Expression, reason
from watchbill.engine.clocks.facts import PARTY_FIELDS, TRANSFER_FIELDS, Change
from watchbill.engine.clocks.fields import Values
from watchbill.engine.clocks.groups import Group, Regime
from watchbill.engine.clocks.log import Log
from watchbill.engine.clocks.measure import Tables
from watchbill.engine.clocks.outcome import Cause, Phase, Segment
from watchbill.engine.clocks.rules import changes_between, holds_if_told
from watchbill.engine.clocks.walk import RETARGETED, Life, Mark, Why


class _Stretch(NamedTuple):
    """What lasts from a mark on. Where time was counted again, another promise than the mark's was in force.

    told: the mark of a change of that promise, where it is all that changes; was: the promise before it.
    """

    mark: Mark
    promise: Regime | None
    told: Mark | None = None
    was: Regime | None = None


def segments_of(
    group: Group, marks: Sequence[Mark], life: Life, log: Log, tables: Tables, *, end: int
) -> tuple[Segment, ...]:
    """The segments between *marks* of a life, counted up to *end*; those without any length are left out.

    Each has the target that was in force then, also where its time was counted again later under another one.
    """
    segments = []
    before = Phase.WAITING
    counted: Regime | None = None
    stretches = _as_promised(marks, life) if life.told else [_Stretch(mark, mark[3]) for mark in marks]
    for (mark, promise, told, was), after in zip(stretches, [*stretches[1:], None], strict=True):
        begin, index, phase, regime, why = mark
        until = end if after is None else after.mark[0]
        if told is None:
            because = _because(group, log, index, before, phase, regime, why, counted)
        else:
            why = told[4] if told[4] and told[4].cause is Cause.RECOUNTED else RETARGETED
            because = _because(group, log, index, phase, phase, promise, why, was)
        before, counted = phase, regime or counted
        if counted is None or (after is not None and begin == until):
            continue
        table = tables[counted]
        segments.append(
            Segment(
                phase=phase,
                from_at=instant_of(begin),
                to_at=None if after is None else instant_of(until),
                business=BusinessTime(timedelta(microseconds=table.position(until) - table.position(begin))),
                target=None if promise is None else BusinessTime(timedelta(microseconds=promise.target)),
                cause=because[0],
                event=log.order[index],
                because=because[1],
                rule=because[2],
                calendar=counted.definition.calendar,
                zone=counted.zone,
            )
        )
    return tuple(segments)


def _as_promised(marks: Sequence[Mark], life: Life) -> list[_Stretch]:
    """The marks with the promise in force from each on, and between them the changes of promise as they were told."""
    stretches: list[_Stretch] = []
    waiting, last, promise = list(reversed(life.told)), marks[0], None
    for mark in [*marks, None]:
        while waiting and (mark is None or waiting[-1][:2] <= mark[:2]) and waiting[-1][1] < life.recounted:
            told = waiting.pop()
            was, promise = promise, told[3]
            is_between = stretches and (mark is None or told[:2] < mark[:2]) and last[3] is not None
            if is_between and _target(was) != _target(promise):
                stretches.append(_Stretch((told[0], told[1], last[2], last[3], None), promise, told, was))
        if mark is not None:
            stretches.append(_Stretch(mark, promise if mark[1] < life.recounted else mark[3]))
            last = mark
    return stretches


def _target(promise: Regime | None) -> int | None:
    return None if promise is None else promise.target


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
    group: Group, log: Log, index: int, before: Phase, phase: Phase, regime: Regime | None, why: Why | None,
    was: Regime | None,
) -> tuple[Cause, str, str]:  # fmt: skip
    """Why a clock that was in *before* went over to *phase*: the condition that held, or that none holds any more; and the
    rule, where it is not that of the cause.
    """
    if regime is None:
        return Cause.WITHDRAWN, "nothing is promised to this item as it is", ""
    values, definition = group.values(log.situations[index]), regime.definition
    if why is not None:
        since = max(index - 1, 0) if why.since < 0 else why.since
        old = group.values(log.situations[since])
        rule = why.rule or (_retargeted(old, values, regime, was) if why.cause is Cause.RETARGETED else "")
        return why.cause, _in_words(why.cause, rule, definition, old, values), rule
    kind, name = _HALTING.get(phase) or _GOING_ON[before]
    condition: Expression | None = definition.conditions.get(name)
    if condition is None or not holds_if_told(condition, values):
        return kind, f"the reason to be {Phase.PAUSED if before is Phase.RUNNING else before} no longer holds", ""
    return kind, reason(condition, values), ""


def _retargeted(old: Values, values: Values, regime: Regime, was: Regime | None) -> str:
    """Which part of a definition makes another target hold: its targets, its zone, or for whom it is."""
    if Change.PRIORITY in changes_between(old, values):
        return "targets_min"
    return "zone_of" if was is not None and was.definition is regime.definition else "when"


def _in_words(cause: Cause, rule: str, definition: ClockDefinition, old: Values, values: Values) -> str:
    """A cause that no change of phase tells."""
    if cause is Cause.LIMIT:
        return f"a pause lasts at most {definition.pause_limit_min} business minutes"
    if cause is Cause.STARTED:
        return f"it counts since {definition.since}"
    what = _what(rule, definition, old, values)
    if cause is Cause.RECOUNTED:
        return f"{what}, and time is counted again from the beginning"
    return f"it begins anew: {what}" if cause is Cause.RESTARTED else what


def _what(rule: str, definition: ClockDefinition, old: Values, values: Values) -> str:
    """What happened at an event that *rule* is about."""
    told = {
        "takes_over": "a new policy holds",
        Change.REOPEN: "it was reopened",
        Change.MERGE: "another item was merged into this one",
    }.get(rule)
    if told is not None:
        return told
    if rule == "reset" and holds_if_told(definition.reset, values):
        return reason(definition.reset, values)
    only = _FIELDS.get(rule)
    changed = [
        f"{name} is now {'none' if value in (None, '') else value}"
        for name, value in values.items()
        if old.get(name) != value and (name not in ("event", "actor") if only is None else name in only)
    ]
    return ", ".join(changed) if changed and rule not in ("reset", "repeats") else f"event is {values['event']}"


_FIELDS: Mapping[str, frozenset[str]] = {
    "targets_min": frozenset({"priority"}),
    Change.PRIORITY: frozenset({"priority"}),
    Change.CUSTOMER: PARTY_FIELDS,
    Change.TRANSFER: TRANSFER_FIELDS,
}
"""The fields that a rule is about."""
