"""Whether a definition can do anything at all: a promise that never starts, or never ends, is a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from watchbill.engine.base.jsonform import refuse
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import All, Expression, Values
from watchbill.engine.clocks.facts import UNSEEN


def require_sense(clock: ClockDefinition, key: str) -> None:
    """Refuse (InvalidFacts) a clock without targets, one that can never start, and one that can never be met.

    What an item's own fields hold (queue, customer, attributes) is not known here, so an expression over them may hold
    unless it contradicts itself in state, event, actor, owner or priority.
    """
    if not clock.targets:
        raise refuse(f"{key}.targets_min", {}, "a target for at least one priority")
    if not can_hold(All((clock.when, clock.start)), clock):
        raise refuse(f"{key}.start", str(clock.start), "a condition that can hold: this clock would never start")
    if not can_hold(clock.stop, clock):
        raise refuse(f"{key}.stop", str(clock.stop), "a condition that can hold: this clock could never be met")
    if all(clock.stop.may_hold(values) and not clock.repeats for values in _situations(clock, clock.start)):
        raise refuse(f"{key}.stop", str(clock.stop), "a condition that does not hold whenever the clock starts")
    if all(clock.cancel.may_hold(values) for values in _situations(clock, clock.start)):
        raise refuse(f"{key}.cancel", str(clock.cancel), "a condition that does not hold whenever the clock starts")


def can_hold(condition: Expression, clock: ClockDefinition) -> bool:
    """Whether *condition* may hold after some event, at a priority that has a target."""
    return any(condition.may_hold(values) is not False for values in _every(clock))


def _situations(clock: ClockDefinition, condition: Expression) -> Iterator[Values]:
    """Every situation in which *condition* may hold."""
    return (values for values in _every(clock) if condition.may_hold(values) is not False)


def _every(clock: ClockDefinition) -> Iterator[Values]:
    priorities = [f"P{target.priority.value}" for target in clock.targets] or [f"P{each.value}" for each in Priority]
    seen = [kind for kind in EventKind if kind not in UNSEEN]
    for event, state, owned, actor, priority in product(seen, State, (False, True), ActorKind, priorities):
        yield {
            "event": event.value, "state": state.value, "owned": owned, "actor": actor.value, "priority": priority,
        }  # fmt: skip
