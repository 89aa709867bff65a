"""Whether a definition can do anything at all: a promise that never starts, or never ends, is a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from watchbill.engine.base.jsonform import refuse
from watchbill.engine.base.slips import Slips
from watchbill.engine.base.work import ActorKind, EventKind, Priority, State
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import ALWAYS, NEVER, All, Expression
from watchbill.engine.clocks.facts import UNSEEN
from watchbill.engine.clocks.fields import Values

SELDOM = ("pause", "resume", "cancel", "reset", "reopen")
"""Conditions that a clock can do without."""


def require_sense(clock: ClockDefinition, key: str) -> None:
    """Refuse (InvalidFacts) a clock without targets, one that can never start, count or be met, and what never holds.

    What an item's own fields hold (queue, customer, attributes) is not known here, so an expression over them may hold
    unless it contradicts itself in state, event, actor, owner or priority.
    """
    slips = Slips()
    if not clock.targets:
        slips.found.append(refuse(f"{key}.targets_min", {}, "a target for at least one priority"))
    if not can_hold(All((clock.when, clock.start)), clock):
        slips.found.append(
            refuse(f"{key}.start", str(clock.start), "a condition that can hold: this clock would never start")
        )
    if not can_hold(clock.stop, clock):
        slips.found.append(
            refuse(f"{key}.stop", str(clock.stop), "a condition that can hold: this clock could never be met")
        )
    for name in SELDOM:
        condition = clock.conditions[name]
        if condition != NEVER and not any(condition.may_hold(values) is not False for values in _every(Priority)):
            slips.found.append(
                refuse(f"{key}.{name}", str(condition), "a condition that can hold; one that is not wanted is “never”")
            )
    expected = "a condition that does not hold whenever the clock starts, as with"
    for name in ("cancel",) if clock.repeats else ("stop", "cancel"):
        if shown := _always(clock.conditions[name], clock):
            slips.found.append(refuse(f"{key}.{name}", str(clock.conditions[name]), f"{expected} {shown}"))
    if not slips.found and not _can_count(clock):
        expected = (
            "a condition that does not hold as long as the clock runs: it never counts, being paused all the time"
        )
        slips.found.append(refuse(f"{key}.pause", str(clock.pause), expected))
    slips.end()


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
    for values in _every(_priorities(clock)):
        if clock.start.may_hold(values) is not False:
            if not condition.may_hold(values):
                return ""
            shown = shown or ", ".join(
                "owned" if name == "owned" else f"{name} {value}"
                for name, value in values.items()
                if value is not False
            )
    return shown


def _can_count(clock: ClockDefinition) -> bool:
    """Whether the clock, neither stopped nor cancelled, is ever without a pause; one whose pauses are limited is."""
    return clock.pause_limit_min is not None or any(
        clock.when.may_hold(values) is not False
        and not clock.pause.may_hold(values)
        and not clock.stop.may_hold(values)
        and not clock.cancel.may_hold(values)
        for values in _every(_priorities(clock))
    )


def can_hold(condition: Expression, clock: ClockDefinition) -> bool:
    """Whether *condition* may hold after some event, at a priority that has a target."""
    return any(condition.may_hold(values) is not False for values in _every(_priorities(clock)))


def _priorities(clock: ClockDefinition) -> Iterable[Priority]:
    """Those at which it has a target; of one without any, all."""
    return [target.priority for target in clock.targets] or Priority


def _every(priorities: Iterable[Priority]) -> Iterator[Values]:
    names = [f"P{each.value}" for each in priorities]
    seen = [kind for kind in EventKind if kind not in UNSEEN]
    for event, state, owned, actor, priority in product(seen, State, (False, True), ActorKind, names):
        yield {
            "event": event.value, "state": state.value, "owned": owned, "actor": actor.value, "priority": priority,
        }  # fmt: skip
