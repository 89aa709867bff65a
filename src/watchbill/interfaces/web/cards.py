"""From a decision as it is kept to the card that shows it: title, reasons, people weighed, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.apps.decisions.choices import REFUSAL_WORDS, Refusal, Status
from watchbill.apps.decisions.queries import DecisionRow
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.schedule import PLACE_GAP
from watchbill.flows.assign.answers import UNDO_S
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.danger import on_time
from watchbill.interfaces.web.formats import MINUS, moment
from watchbill.interfaces.web.frame import person_hrefs
from watchbill.interfaces.web.others import answer_href, others_first
from watchbill.interfaces.web.viewmodels.parts import Considered, Decision, Option, Others, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What somebody said against a proposal in a form that was refused, and why it was."""

    reason: str
    text: str
    error: str


def decision_card(
    visit: Visit, row: DecisionRow, *, back: str, is_on_case: bool = False, refused: Refused | None = None
) -> Decision:
    """Return the card of a decision; answers only while it is open, to those who may give them.

    *back* is where an answer leads. *refused*: a no that could not be taken, which stands in its form again.
    """
    outcome = row.outcome
    is_answerable = row.is_open and visit.may(Right.DECISION_ANSWER)
    has_person = row.chosen_id is not None
    return Decision(
        title=_title(row, is_on_case=is_on_case),
        policy=f"Policy {row.policy_number}" if row.policy_number else "Policy as delivered",
        policy_href=visit.href("policies"),
        at=row.as_of,
        is_old=row.is_open and visit.now - row.as_of > PLACE_GAP,
        facts=f"facts {row.facts_digest[:8]}",
        reasons=[_reason(one) for one in outcome["contributions"]] if has_person else [],
        considered=_considered(visit, row),
        hard_rules=words.MUSTS,
        excluded=[(one["people"], one["words"].partition(" ")[2]) for one in outcome["rejected"]],
        excluded_href=visit.href("case-everyone", row.reference),
        case_reference=row.reference,
        case_href=visit.href("case", row.reference),
        accept_href=answer_href(visit, "accept", row) if is_answerable and has_person else "",
        decline_href=answer_href(visit, "refuse", row) if is_answerable and has_person else "",
        others=others_first(visit, row, back=back) if is_answerable else Others(),
        refusals=[
            Option(
                value=code,
                label=words.capital(text),
                is_chosen=code == (refused.reason if refused else Refusal.WRONG_SKILL),
            )
            for code, text in REFUSAL_WORDS.items()
        ],
        refusal_text=refused.text if refused else "",
        refusal_error=refused.error if refused else "",
        hidden=(("back", back),),
        no_one="" if has_person else outcome["reason"],
        way_out="" if has_person else _way_out(outcome),
        effect=_effect(row) if row.is_open else "",
        on_time=on_time(visit, row) if row.is_open else "",
        answer=answer_words(visit, row),
        undo_href=answer_href(visit, "undo", row) if row.can_be_undone and visit.may(Right.DECISION_ANSWER) else "",
        undo_s=UNDO_S,
        is_on_case=is_on_case,
    )


def _title(row: DecisionRow, *, is_on_case: bool) -> str:
    if row.chosen is None:
        return "Nobody can take this now" if is_on_case else f"Nobody can take {row.reference} now"
    if is_on_case:
        return f"Why {row.chosen}"
    verb = "Move" if row.outcome["verdict"] == "move" else "Assign"
    return f"{verb} {row.reference} to {row.chosen}"


def _reason(one: Mapping[str, Any]) -> Reason:
    """Return the rule that spoke, with what it saw."""
    return Reason(
        label=words.RULE.get(one["rule"], one["rule"]), points=one["points"], detail=words.capital(one["words"])
    )


def _considered(visit: Visit, row: DecisionRow) -> list[Considered]:
    href = person_hrefs(visit)
    people = []
    if row.chosen_id is not None:
        people.append(
            Considered(
                name=row.chosen or "", href=href(row.chosen_id), score=row.score or 0, note="proposed", is_chosen=True
            )
        )
    return people + [
        Considered(name=one["name"], href=href(one["person"]), score=one["score"], note=_lost(one["lost_by"]))
        for one in row.outcome["alternatives"]
    ]


def _lost(words_of: str) -> str:
    """Return why somebody was not proposed: the engine names its rule, people read its heading."""
    rule, _, rest = words_of.partition(" ")
    said = f"{words.RULE[rule].lower()} {rest}" if rule in words.RULE else words_of
    return said.replace(" -", f" {MINUS}")


def _way_out(outcome: Mapping[str, Any]) -> str:
    ways = outcome["ways_out"]
    return f"Cheapest way out: {ways[0]['words']}." if ways else "Nobody is only one rule away from taking it."


def answer_words(visit: Visit, row: DecisionRow) -> str:
    """Return what became of an answered decision: who said what, when, and whether it was taken back."""
    if row.answered_at is None or row.status not in ANSWERED:
        return ""
    said = f"{ANSWERED[row.status]} by {row.answered_by_name}, {moment(row.answered_at, visit.now)} UTC"
    why = REFUSAL_WORDS[Refusal(row.refusal)] if row.refusal else ""
    parts = [said, why, row.reason, f"undone by {row.undone_by_name}" if row.undone_at else ""]
    return "; ".join(part for part in parts if part)


ANSWERED: dict[Status, str] = {
    Status.ACCEPTED: "Accepted",
    Status.CHANGED: "Changed",
    Status.REFUSED: "Declined",
    Status.APPLIED: "Done on autopilot",
}


def _effect(row: DecisionRow) -> str:
    """Return what accepting leads to, as far as it is known: the load of the person proposed."""
    expected = row.outcome["expected"]
    if not expected:
        return ""
    before, after = round(100 * expected["load_ratio_before"]), round(100 * expected["load_ratio_after"])
    return f"Load of {row.chosen}, coming week: {before}% as is, {after}% if accepted"
