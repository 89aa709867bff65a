"""Which clocks run, pause and stop, and when each is due, in business time. How and why: docs/algorithms/clocks.md."""

from watchbill.engine.clocks.decide import elapsed_at, remaining_at, run_clock, run_clocks
from watchbill.engine.clocks.facts import ClockEvent, ClockKind, Condition, Target
from watchbill.engine.clocks.outcome import Cause, ClockOutcome, ClockStatus, Phase, Segment
from watchbill.engine.clocks.policy import ClockDefinition, ClockPolicy, default_policy, default_targets

__all__ = [
    "Cause",
    "ClockDefinition",
    "ClockEvent",
    "ClockKind",
    "ClockOutcome",
    "ClockPolicy",
    "ClockStatus",
    "Condition",
    "Phase",
    "Segment",
    "Target",
    "default_policy",
    "default_targets",
    "elapsed_at",
    "remaining_at",
    "run_clock",
    "run_clocks",
]
