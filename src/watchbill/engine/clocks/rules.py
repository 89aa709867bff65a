"""The rules of clocks, one claim each: what holds after an event, and what a clock does then."""

from __future__ import annotations

from typing import Protocol

from watchbill.engine.clocks.facts import Condition, Conditions, Situation
from watchbill.engine.clocks.outcome import Phase

START, PAUSE, RESUME, STOP, CANCEL, REOPEN = (1 << bit for bit in range(6))


class SixConditions(Protocol):
    """What a clock's definition says about its phases."""

    @property
    def start(self) -> Conditions: ...
    @property
    def pause(self) -> Conditions: ...
    @property
    def resume(self) -> Conditions: ...
    @property
    def stop(self) -> Conditions: ...
    @property
    def cancel(self) -> Conditions: ...
    @property
    def reopen(self) -> Conditions: ...


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


def told_by(six: SixConditions, situation: Situation) -> int:
    """Which of the six kinds of condition hold, as a sum of START ... REOPEN.

    Without resume conditions a pause ends as soon as no pause condition holds, so RESUME is then always told.
    """
    asked = (
        (START, six.start),
        (PAUSE, six.pause),
        (RESUME, six.resume or (Condition(),)),
        (STOP, six.stop),
        (CANCEL, six.cancel),
        (REOPEN, six.reopen),
    )
    return sum(bit for bit, conditions in asked if first_that_holds(conditions, situation) is not None)


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


class Step(dict[Situation, "Step"]):
    """A clock in one phase: which step it takes on to after each situation, worked out when that is first met."""

    __slots__ = ("_six", "_steps", "phase")

    def __init__(self, phase: Phase, six: SixConditions, steps: dict[Phase, Step]) -> None:
        super().__init__()
        self.phase = phase
        self._six = six
        self._steps = steps

    def __missing__(self, situation: Situation) -> Step:
        step = self._steps[next_phase(self.phase, told_by(self._six, situation))]
        self[situation] = step
        return step


def first_step(six: SixConditions) -> Step:
    """The step of a clock that has not started, from which all others are reached."""
    steps: dict[Phase, Step] = {}
    steps.update({phase: Step(phase, six, steps) for phase in Phase})
    return steps[Phase.WAITING]
