"""The rules of clocks, one claim each: what holds after an event, and what a clock does then."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import NEVER, Expression, ExpressionFailed
from watchbill.engine.clocks.facts import PARTY_FIELDS, TRANSFER_FIELDS, Change, Situation
from watchbill.engine.clocks.fields import Values
from watchbill.engine.clocks.outcome import Phase

START, PAUSE, RESUME, STOP, CANCEL, REOPEN, RESET = (1 << bit for bit in range(7))
HALTED = frozenset({Phase.STOPPED, Phase.CANCELLED})
LIVE = frozenset({Phase.RUNNING, Phase.PAUSED})


def values_of(situation: Situation, fields: Sequence[str]) -> Values:
    """What an item's fields hold in *situation*; *fields* names its last part."""
    event, state, is_owned, actor, priority, known = situation
    return {
        "event": event.value,
        "state": state.value,
        "owned": is_owned,
        "actor": actor.value,
        "priority": f"P{priority.value}",
        **dict(zip(fields, known or (), strict=False)),
    }


def holds_if_told(condition: Expression, values: Values) -> bool:
    """Whether *condition* holds; one that cannot be answered for this item does not."""
    try:
        return condition.holds(values)
    except ExpressionFailed:
        return False


def told_by(definition: ClockDefinition, values: Values, *, is_strict: bool = True) -> int:
    """Which conditions hold, as a sum of START ... RESET; raises ExpressionFailed only if *is_strict*.

    Without a resume condition a pause ends as soon as the pause condition no longer holds, so RESUME is then always told.
    """
    holds = _holds if is_strict else holds_if_told
    asked = (
        (START, definition.start),
        (PAUSE, definition.pause),
        (STOP, definition.stop),
        (CANCEL, definition.cancel),
        (REOPEN, definition.reopen),
        (RESET, definition.reset),
    )
    resume = RESUME if definition.resume == NEVER or holds(definition.resume, values) else 0
    told = resume + sum(bit for bit, condition in asked if holds(condition, values))
    return told | REOPEN if definition.repeats and told & START else told


def _holds(condition: Expression, values: Values) -> bool:
    return condition.holds(values)


def next_phase(phase: Phase, told: int) -> Phase:
    """What a clock in *phase* does after an event of which *told* holds.

    In this order: it starts, or stays out; stopped is kept unless reopened; cancel; stop; pause; a pause lasts until
    resumed; else it runs. A cancelled clock whose cancel condition no longer holds comes back.
    """
    if phase is Phase.WAITING and not told & START:
        return phase
    if phase is Phase.STOPPED and not told & REOPEN:
        return phase
    if told & CANCEL:
        return Phase.CANCELLED
    if told & STOP:
        return Phase.STOPPED
    if told & PAUSE or (phase is Phase.PAUSED and not told & RESUME):
        return Phase.PAUSED
    return Phase.RUNNING


def changes_between(before: Values, after: Values) -> list[Change]:
    """What changed from one situation to the next, as far as a policy has a choice about it."""
    changed = {name for name, value in after.items() if before.get(name) != value}
    told = (
        (Change.PRIORITY, "priority" in changed),
        (Change.MERGE, after.get("event") == "merged"),
        (Change.CUSTOMER, bool(changed & PARTY_FIELDS)),
        (Change.TRANSFER, bool(changed & TRANSFER_FIELDS)),
    )
    return [change for change, is_so in told if is_so]
