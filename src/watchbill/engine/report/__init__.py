"""What a measure means and how sure it is; why a commitment was broken; how clocks were paused."""

from watchbill.engine.report.decide import pauses, suggest
from watchbill.engine.report.facts import BreachFacts, Moment, Reason, Staffing
from watchbill.engine.report.outcome import Pause, Share, Suggestion
from watchbill.engine.report.proportion import Compared, Proportion, compare, wilson

__all__ = [
    "BreachFacts",
    "Compared",
    "Moment",
    "Pause",
    "Proportion",
    "Reason",
    "Share",
    "Staffing",
    "Suggestion",
    "compare",
    "pauses",
    "suggest",
    "wilson",
]
