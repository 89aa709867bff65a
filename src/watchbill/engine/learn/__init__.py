"""What people's answers against proposals teach about the assignment policy; nothing is ever changed from here."""

from watchbill.engine.learn.decide import learn
from watchbill.engine.learn.facts import Answer, Number, Option, Said
from watchbill.engine.learn.outcome import Change, Effect, Finding, FindingKind, Learned

__all__ = ["Answer", "Change", "Effect", "Finding", "FindingKind", "Learned", "Number", "Option", "Said", "learn"]
