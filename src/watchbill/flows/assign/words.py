"""A decision in words for the work notes, and as JSON for the store: the same facts, once for people, once for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.apps.core.references import PERSON, shown
from watchbill.engine.assign.facts import PersonFacts
from watchbill.engine.assign.outcome import Contribution, Decision, Verdict
from watchbill.engine.assign.words import points_words, score_words
from watchbill.flows.assign.gather import Gathered

SHOWN_REASONS = 3


def outcome_of(decision: Decision, gathered: Gathered, *, held: str | None = None) -> dict[str, Any]:
    """Return what is kept of a decision: docs/reference/decisions.md says what each key holds.

    *held*: why a person has to answer although the queue is on autopilot.
    """
    names = gathered.names
    return {
        "as_of": gathered.now.isoformat(),
        "verdict": decision.verdict.value,
        "reason": decision.reason,
        "because": because_of(decision, held=held),
        "held": held or "",
        "owner": decision.owner,
        "eligible": decision.eligible,
        "contributions": [_contribution(reason) for reason in decision.contributions],
        "alternatives": [
            {
                "person": candidate.person,
                "name": names.get(candidate.person, ""),
                "score": candidate.score,
                "has_slot": candidate.has_slot,
                "lost_by": candidate.lost_by,
                "contributions": [_contribution(reason) for reason in candidate.contributions],
            }
            for candidate in decision.alternatives
        ],
        "rejected": [{"rule": r.rule, "people": r.people, "words": r.words} for r in decision.rejected],
        "ways_out": [
            {
                "rule": way.rule,
                "person": way.person,
                "name": names.get(way.person, ""),
                "words": way.words,
                "at": way.at.isoformat() if way.at else None,
            }
            for way in decision.ways_out
        ],
        "gain": decision.gain,
        "fallback": decision.fallback,
        "freed": gathered.freed[decision.item].text if decision.item in gathered.freed else "",
        "interrupts": _interrupts(decision, gathered),
        "expected": _expected(decision, gathered),
    }


def people_named(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept outcome with people by reference instead of by key, for programs outside."""
    people = {
        name: [{**each, "person": shown(PERSON, each["person"])} for each in outcome[name]]
        for name in ("alternatives", "ways_out")
    }
    return {**outcome, **people, "owner": shown(PERSON, outcome["owner"])}


def because_of(decision: Decision, *, held: str | None = None) -> str:
    """Return what, besides the choice itself, makes an open proposal worth refreshing when it differs."""
    if decision.interrupts is not None:
        return "|".join(filter(None, (held, f"interrupts {decision.interrupts.reference}")))
    if decision.person is not None:
        return held or ""
    return because_nobody([rejection.rule for rejection in decision.rejected])


def because_nobody(rules: Sequence[str]) -> str:
    """Return the same for a choice of nobody: the musts that leave people out, without their counts."""
    return "|".join(rules)


def _interrupts(decision: Decision, gathered: Gathered) -> dict[str, Any] | None:
    """The item that is laid aside, by whom, and why just that one."""
    if decision.interrupts is None:
        return None
    one = decision.interrupts
    return {
        "item": one.item,
        "reference": one.reference,
        "person": one.person,
        "name": gathered.names.get(one.person, ""),
        "slack_min": one.slack_min,
        "words": one.words,
    }


def _exceptions(decision: Decision) -> Sequence[str]:
    """What is out of the ordinary: work that is laid aside, and a choice without the solver."""
    return (
        f"Nobody is free: {decision.interrupts.words}" if decision.interrupts else "",
        f"Decided by the index rule, because {decision.fallback}" if decision.fallback else "",
    )


def _contribution(reason: Contribution) -> dict[str, Any]:
    return {"rule": reason.rule, "level": reason.level.value, "points": reason.points, "words": reason.words}


def _expected(decision: Decision, gathered: Gathered) -> dict[str, Any]:
    """What acceptance leads to, as far as it can be computed now: the person's load, and which promise comes first."""
    if decision.person is None:
        return {}
    item, person = gathered.facts[decision.item], gathered.people[decision.person]
    first = min(item.commitments, key=lambda promise: promise.due_at, default=None)
    return {
        "effort_min": item.effort_min,
        "load_ratio_before": round(load_ratio(person), 3),
        "load_ratio_after": round(load_ratio(person, more_min=item.effort_min), 3),
        "due_kind": first.kind.value if first else None,
        "due_at": first.due_at.isoformat() if first else None,
    }


def load_ratio(person: PersonFacts, *, more_min: int = 0) -> float:
    """What a person carries, and so much more, by her staffed time of the next seven days (an hour at least)."""
    return (person.load_min + more_min) / max(60, person.staffed_week_min)


def suggestion_text(decision: Decision, outcome: Mapping[str, Any], gathered: Gathered, *, digest: str) -> str:
    """Return the work note for a new proposal."""
    signed = _signed(gathered, digest)
    if decision.person is None:
        return _joined(outcome["freed"], decision.reason, _way_out(decision), *_exceptions(decision), signed)
    name = gathered.names.get(decision.person, "")
    lead = f"Proposed for {name} ({score_words(decision.score)} points)"
    if decision.verdict is Verdict.MOVE and decision.owner is not None:
        lead = f"Proposed to move from {gathered.names.get(decision.owner, '')} to {name} ({score_words(decision.score)} points)"
    held = f"A person has to answer: {outcome['held']}" if outcome["held"] else ""
    said = (outcome["freed"], *_exceptions(decision), *_context(decision, outcome, gathered))
    return _joined(_with_reasons(lead, decision), *said, held, signed)


def applied_text(decision: Decision, outcome: Mapping[str, Any], gathered: Gathered, *, digest: str) -> str:
    """Return the work note for what autopilot has done."""
    name = "" if decision.person is None else gathered.names.get(decision.person, "")
    lead = f"Autopilot gave this to {name} ({score_words(decision.score)} points)"
    said = (outcome["freed"], *_exceptions(decision), *_context(decision, outcome, gathered))
    return _joined(_with_reasons(lead, decision), *said, _signed(gathered, digest))


def note_data(
    outcome: Mapping[str, Any], *, chosen: int | None, score: float | None, policy_number: int, digest: str
) -> dict[str, Any]:
    """Return what the event keeps beside the words: enough to check the note without the decision's row."""
    return {
        "verdict": outcome["verdict"],
        "chosen": chosen,
        "score": score,
        "alternatives": [
            {"person": other["person"], "name": other["name"], "score": other["score"]}
            for other in outcome["alternatives"]
        ],
        "rejected": [{"rule": one["rule"], "people": one["people"]} for one in outcome["rejected"]],
        **{name: outcome[name] for name in ("interrupts", "fallback", "freed") if outcome.get(name)},
        "policy_number": policy_number,
        "facts_digest": digest,
    }


def _joined(*sentences: str) -> str:
    return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)


def _with_reasons(lead: str, decision: Decision) -> str:
    reasons = _reasons(decision)
    return f"{lead}: {reasons}" if reasons else lead


def _reasons(decision: Decision) -> str:
    """The strongest reasons, by points either way; those that come to nothing in what is shown are left out."""
    strongest = sorted(decision.contributions, key=lambda reason: (-abs(reason.points), reason.rule))[:SHOWN_REASONS]
    told = [(reason.words, points_words(reason.points)) for reason in strongest]
    return "; ".join(f"{words} ({points})" for words, points in told if points != "0")


def _context(decision: Decision, outcome: Mapping[str, Any], gathered: Gathered) -> Sequence[str]:
    others = ", ".join(
        f"{gathered.names.get(candidate.person, '')} {score_words(candidate.score)}"
        for candidate in decision.alternatives
    )
    left_out = ", ".join(rejection.words for rejection in decision.rejected)
    expected = outcome["expected"]
    before, after = (f"{expected[key]:.0%}".replace("%", " %") for key in ("load_ratio_before", "load_ratio_after"))
    return (
        f"Next best: {others}" if others else "Nobody else can take it",
        f"Left out: {left_out}" if left_out else "",
        f"Expected: load from {before} to {after}",
    )


def _way_out(decision: Decision) -> str:
    return f"Cheapest way out: {decision.ways_out[0].words}" if decision.ways_out else ""


def _signed(gathered: Gathered, digest: str) -> str:
    return f"Policy {gathered.policy_number}, facts {digest[:12]}"
