"""Whether a definition can do anything at all: a promise that never starts, or never ends, is a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from watchbill.engine.base.jsonform import refuse
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import ALWAYS, All, Expression
from watchbill.engine.clocks.facts import UNSEEN
from watchbill.engine.clocks.fields import Values


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
    if not clock.repeats and (shown := _always(clock.stop, clock)):
        raise refuse(
            f"{key}.stop", str(clock.stop), f"a condition that does not hold whenever the clock starts, as with {shown}"
        )
    if shown := _always(clock.cancel, clock):
        raise refuse(
            f"{key}.cancel",
            str(clock.cancel),
            f"a condition that does not hold whenever the clock starts, as with {shown}",
        )


def require_reach(clocks: Sequence[ClockDefinition], key: str) -> None:
    """Refuse (InvalidFacts) a target that can never count: an earlier definition always answers at its priority."""
    for place, clock in enumerate(clocks):
        for target in clock.targets:
            name = f"P{target.priority.value}"
            for before, other in enumerate(clocks[:place]):
                if other.name == clock.name and other.when == ALWAYS and target.priority in other.target_by_priority:
                    raise refuse(
                        f"{key}[{place}].targets_min.{name}",
                        target.target_min,
                        f"no target, for {key}[{before}] always answers first, as with any {name}; put what is special"
                        " before it",
                    )


def _always(condition: Expression, clock: ClockDefinition) -> str:
    """An example of a start at which *condition* holds, if it holds at every one; else nothing."""
    shown = ""
    for values in _every(clock):
        if clock.start.may_hold(values) is not False:
            if not condition.may_hold(values):
                return ""
            shown = shown or ", ".join(
                "owned" if name == "owned" else f"{name} {value}"
                for name, value in values.items()
                if value is not False
            )
    return shown


def can_hold(condition: Expression, clock: ClockDefinition) -> bool:
    """Whether *condition* may hold after some event, at a priority that has a target."""
    return any(condition.may_hold(values) is not False for values in _every(clock))


def _every(clock: ClockDefinition) -> Iterator[Values]:
    priorities = [f"P{target.priority.value}" for target in clock.targets] or [f"P{each.value}" for each in Priority]
    seen = [kind for kind in EventKind if kind not in UNSEEN]
    for event, state, owned, actor, priority in product(seen, State, (False, True), ActorKind, priorities):
        yield {
            "event": event.value, "state": state.value, "owned": owned, "actor": actor.value, "priority": priority,
        }  # fmt: skip
