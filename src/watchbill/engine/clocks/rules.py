"""The rules of clocks, one claim each: what holds after an event, and what a clock does then."""

from __future__ import annotations

from watchbill.engine.clocks.facts import Condition, Conditions, Situation
from watchbill.engine.clocks.outcome import Phase
from watchbill.engine.clocks.policy import ClockDefinition

START, PAUSE, RESUME, STOP, CANCEL, REOPEN = (1 << bit for bit in range(6))


def holds(condition: Condition, situation: Situation) -> bool:
    """Every part of *condition* that is given is true of *situation*."""
    event, state, is_owned, actor = situation
    return (
        (condition.events is None or event in condition.events)
        and (condition.states is None or state in condition.states)
        and (condition.actors is None or actor in condition.actors)
        and (condition.owned is None or condition.owned is is_owned)
    )


def first_that_holds(conditions: Conditions, situation: Situation) -> Condition | None:
    """The first of *conditions* that holds, for the explanation."""
    return next((condition for condition in conditions if holds(condition, situation)), None)


def told_by(definition: ClockDefinition, situation: Situation) -> int:
    """Which of the six kinds of condition hold, as a sum of START ... REOPEN.

    Without resume conditions a pause ends as soon as no pause condition holds, so RESUME is then always told.
    """
    asked = (
        (START, definition.start),
        (PAUSE, definition.pause),
        (RESUME, definition.resume or (Condition(),)),
        (STOP, definition.stop),
        (CANCEL, definition.cancel),
        (REOPEN, definition.reopen),
    )
    return sum(bit for bit, conditions in asked if first_that_holds(conditions, situation) is not None)


def next_phase(phase: Phase, told: int) -> Phase:
    """What a clock in *phase* does after an event of which *told* holds.

    In this order: it starts, or stays out; stopped is kept unless reopened; cancel; stop; pause; a pause lasts until
    resumed; else it runs. A cancelled clock whose cancel condition no longer holds comes back.
    """
    if phase is Phase.WAITING and not told & START:
        return phase
    if phase is Phase.STOPPED and (told & STOP or not told & REOPEN):
        return phase
    if told & CANCEL:
        return Phase.CANCELLED
    if told & STOP:
        return Phase.STOPPED
    if told & PAUSE or (phase is Phase.PAUSED and not told & RESUME):
        return Phase.PAUSED
    return Phase.RUNNING
