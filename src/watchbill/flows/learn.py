"""What people's answers teach: gathered from the decisions of a desk, told in words and numbers; changed is nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import DECISION, PERSON, shown
from watchbill.apps.decisions import learning
from watchbill.apps.decisions.choices import REFUSAL_WORDS, Refusal, Status
from watchbill.apps.decisions.learning import Answered
from watchbill.apps.decisions.queries import policy_in_force
from watchbill.apps.people.queries import person_names
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.queues import queue_names
from watchbill.engine.assign.policy import PARAMETERS, Policy
from watchbill.engine.base.errors import NotFound
from watchbill.engine.base.ids import PersonId, QueueId
from watchbill.engine.learn import Answer, Finding, FindingKind, Learned, Number, Option, Said, learn
from watchbill.engine.report import Proportion

DAYS = 90
"""Answers of so many days teach, unless another number is asked for."""
CASES = 12
"""Decisions named behind a finding; the others are counted."""
GROWN = 1.5
"""A finding that was set aside is shown again when it rests on so many times as many answers."""

_PARAMETER = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One finding as it is shown. ``set_aside``: who set it aside, when and why, while that holds."""

    finding: Finding
    title: str
    sentence: str
    decisions: tuple[tuple[str, str], ...]
    set_aside: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What the answers of a desk in [since, until] teach about the policy of this number. by_queue: answers by queue, most first."""

    since: datetime
    until: datetime
    policy_number: int
    learned: Learned
    open: tuple[Lesson, ...]
    set_aside: tuple[Lesson, ...]
    by_queue: Mapping[str, int]


def lessons(desk_id: int, *, days: int = DAYS, by: Actor, now: datetime) -> Lessons:
    """Return what people decided otherwise on a desk and what it would mean for the policy: about six queries."""
    require(by, Right.POLICY_VIEW, desk_id)
    since = now - timedelta(days=days)
    in_force = policy_in_force(desk_id, now)
    rows = learning.answers_latest(desk_id, since=since, until=now)
    found = learn([_answer(row) for row in rows], _numbers(in_force.policy))
    told = _told(desk_id, found, by=by)
    return Lessons(
        since=since,
        until=now,
        policy_number=in_force.number,
        learned=found,
        open=tuple(lesson for lesson in told if lesson.set_aside is None),
        set_aside=tuple(lesson for lesson in told if lesson.set_aside is not None),
        by_queue=_by_queue(rows, queue_names(desk_id, by=by)),
    )


def _by_queue(rows: Sequence[Answered], names: Mapping[int, str]) -> dict[str, int]:
    counts = Counter(names.get(row.queue_id or 0, "no queue") for row in rows)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def lesson_set_aside(desk_id: int, key: str, *, days: int = DAYS, reason: str, by: Actor, now: datetime) -> None:
    """Set a finding aside that the answers of so many days show now. Raises NotFound when there is none of this key."""
    require(by, Right.POLICY_EDIT, desk_id)
    for lesson in lessons(desk_id, days=days, by=by, now=now).open:
        if lesson.finding.key == key:
            evidence = lesson.finding.evidence
            learning.finding_set_aside(desk_id, key, evidence=evidence, reason=reason, by=by, now=now)
            return
    raise NotFound(
        f"There is no such finding now: “{key[:60]}”; it may have been set aside, or chance explains it by now"
    )


def _numbers(policy: Policy) -> dict[str, Number]:
    return {
        parameter.name: Number(value=float(value), most=parameter.maximum)
        for parameter in PARAMETERS
        if isinstance(value := getattr(policy, parameter.name), int | float) and not isinstance(value, bool)
    }


def _answer(row: Answered) -> Answer:
    said = {Status.CHANGED: Said.CHANGED, Status.REFUSED: Said.REFUSED}.get(Status(row.status), Said.TAKEN)
    if row.is_undone:
        said = Said.UNDONE
    return Answer(
        decision=row.id,
        at=row.answered_at,
        said=said,
        chosen=_option(row.chosen_id, row.contributions),
        queue=None if row.queue_id is None else QueueId(row.queue_id),
        others=tuple(_option(one["person"], one["contributions"]) for one in row.alternatives if one["has_slot"]),
        given_to=PersonId(row.given_to_id) if said is Said.CHANGED and row.given_to_id is not None else None,
        gain=row.gain if row.verdict == "move" else None,
        refusal=row.refusal if said is Said.REFUSED else "",
    )


def _option(person: int, contributions: list[dict[str, Any]]) -> Option:
    points: dict[str, float] = {}
    for one in contributions:
        points[one["rule"]] = points.get(one["rule"], 0.0) + one["points"]
    return Option(person=PersonId(person), points=points)


# Words


def _told(desk_id: int, found: Learned, *, by: Actor) -> list[Lesson]:
    if not found.findings:
        return []
    queues = queue_names(desk_id, by=by)
    keys = {person for finding in found.findings for person in (finding.person, finding.instead) if person is not None}
    people = person_names(sorted(keys))
    items = learning.items_of([case for finding in found.findings for case in finding.cases[:CASES]])
    aside = learning.set_aside_of(desk_id)
    lessons = []
    for finding in found.findings:
        title, sentence = _words(finding, queues, people)
        kept = aside.get(finding.key)
        lessons.append(
            Lesson(
                finding=finding,
                title=title,
                sentence=sentence,
                decisions=tuple((f"{DECISION}-{case}", items[case]) for case in finding.cases[:CASES] if case in items),
                set_aside=kept if kept and finding.evidence < GROWN * kept["evidence"] else None,
            )
        )
    return lessons


def _words(finding: Finding, queues: Mapping[int, str], people: Mapping[int, str]) -> tuple[str, str]:
    queue = queues.get(finding.queue or 0, "no queue")
    if finding.changes:
        what = " and ".join(
            f"“{_PARAMETER[change.parameter].title}” from {change.before:g} to {change.after:g}"
            for change in finding.changes
        )
        return f"Raise {what}" if _is_more(finding) else f"Lower {what}", _effect_words(finding)
    own, others = finding.own, finding.others
    compared = f"{_share(own)} there, " + (
        f"{_share(others)} elsewhere" if others else "too few answers elsewhere to compare with"
    )
    if finding.kind is FindingKind.REFUSALS:
        reason = REFUSAL_WORDS.get(Refusal(finding.refusal), finding.refusal)
        return f"“{reason.capitalize()}” is said often in {queue}", f"{compared}. {_ADVICE[Refusal(finding.refusal)]}"
    person, instead = (people.get(key or 0, shown(PERSON, key)) for key in (finding.person, finding.instead))
    return (
        f"In {queue}, {instead} gets what is proposed for {person}",
        f"{compared}. Ask why: a skill, a customer or an agreement may be missing in what Watchbill knows of the two.",
    )


_ADVICE = {
    Refusal.WRONG_SKILL: "The queue may ask for too low a level, or for no skill at all; or levels of people are out of date.",
    Refusal.WRONG_TIME: "Usual hours of people may be out of date, or the grace at the end of a shift too long.",
    Refusal.KEEP_WITH_OWNER: "The margin for a move may be too small for this work.",
    Refusal.CUSTOMER_ASKS: "Customers ask for somebody they know: knowing the customer may count for too little.",
    Refusal.OTHER: "Read what people wrote in the decisions below.",
}


def _is_more(finding: Finding) -> bool:
    return finding.changes[0].after > finding.changes[0].before


def _effect_words(finding: Finding) -> str:
    effect = finding.effect
    if effect is None:
        return ""
    return (
        f"Of {effect.agreed.total} later answers, {effect.agreed.hits} were as proposed; after the change it would be"
        f" {effect.then.hits} ({effect.gained} won, {effect.lost} lost). The change was chosen by earlier answers."
    )


def _share(of: Proportion | None) -> str:
    if of is None or of.share is None:
        return "none"
    low, high = of.interval
    return f"{of.hits} of {of.total} ({100 * of.share:.0f}%, {100 * low:.0f} to {100 * high:.0f}%)"


def lessons_shown(found: Lessons) -> dict[str, Any]:
    """Return what was learned in plain values, for the API and the command line."""
    learned = found.learned
    return {
        "since": found.since,
        "until": found.until,
        "policy_number": found.policy_number,
        "answers": learned.overridden.total,
        "overridden": learned.overridden.hits,
        "by_refusal": dict(learned.by_refusal),
        "by_queue": dict(found.by_queue),
        "answers_with_preference": learned.told,
        "tested": learned.tested,
        "findings": [_shown(lesson) for lesson in found.open],
        "set_aside": [_shown(lesson) for lesson in found.set_aside],
    }


def _shown(lesson: Lesson) -> dict[str, Any]:
    finding, aside, effect = lesson.finding, lesson.set_aside, lesson.finding.effect
    return {
        "key": finding.key,
        "kind": finding.kind.value,
        "title": lesson.title,
        "sentence": lesson.sentence,
        "p": finding.p,
        "changes": [{"parameter": c.parameter, "before": c.before, "after": c.after} for c in finding.changes],
        "effect": None
        if effect is None
        else {
            "answers": effect.agreed.total, "agreed": effect.agreed.hits, "gained": effect.gained, "lost": effect.lost,
        },
        "evidence": finding.evidence,
        "cases": [{"decision": decision, "item": item} for decision, item in lesson.decisions],
        "set_aside_by": aside["by_name"] if aside else None,
        "set_aside_at": aside["at"] if aside else None,
        "set_aside_reason": aside["reason"] if aside else None,
    }  # fmt: skip
