"""Which clocks run, pause and stop, and when each is due, in business time. How and why: docs/algorithms/clocks.md."""

from watchbill.engine.clocks.decide import TakeOver, elapsed_at, remaining_at, run_clock, run_clocks, run_log
from watchbill.engine.clocks.definition import ClockDefinition
from watchbill.engine.clocks.expressions import Expression, ExpressionFailed
from watchbill.engine.clocks.facts import Agreement, Change, Choice, ClockEvent, ClockKind, Since, Target, ZoneOf
from watchbill.engine.clocks.log import Log
from watchbill.engine.clocks.outcome import Cause, ClockOutcome, ClockStatus, Phase, Segment
from watchbill.engine.clocks.policy import ClockPolicy, default_policy, default_targets

__all__ = [
    "Agreement",
    "Cause",
    "Change",
    "Choice",
    "ClockDefinition",
    "ClockEvent",
    "ClockKind",
    "ClockOutcome",
    "ClockPolicy",
    "ClockStatus",
    "Expression",
    "ExpressionFailed",
    "Log",
    "Phase",
    "Segment",
    "Since",
    "TakeOver",
    "Target",
    "ZoneOf",
    "default_policy",
    "default_targets",
    "elapsed_at",
    "remaining_at",
    "run_clock",
    "run_clocks",
    "run_log",
]
