"""Somebody else than the one proposed: who may take the case, who only against a rule, and who cannot own work."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.apps.decisions.queries import DecisionRow
from watchbill.flows.assign.asking import Considered, explain
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count
from watchbill.interfaces.web.viewmodels.parts import Candidate, Others

ABLE, AGAINST = 6, 5
"""How many are shown at once; a name that is typed finds the rest."""


def answer_href(visit: Visit, act: str, row: DecisionRow) -> str:
    """Return where an answer to a proposal is sent."""
    return visit.href("decision-answer", row.id, act)


def others_first(visit: Visit, row: DecisionRow, *, back: str) -> Others:
    """Return whom the card offers before anything is asked: the next best, as they were when it was proposed."""
    return Others(
        action_href=answer_href(visit, "change", row),
        search_href=visit.href("decision-others", row.id, next=back),
        able=[
            Candidate(value=str(one["person"]), name=one["name"], note=_points(one["score"]))
            for one in row.outcome["alternatives"]
        ],
        hidden=(("back", back),),
    )


def others_of(visit: Visit, row: DecisionRow, typed: str, *, back: str) -> Others:
    """Return everybody whose name fits, as things stand now: best first, then by the rules that they fail."""
    found = [
        one
        for one in explain(row.reference, by=visit.actor, now=visit.now).considered
        if one.consideration.person != row.chosen_id and typed.casefold() in one.name.casefold()
    ]
    able = [one for one in found if not one.consideration.failed]
    gone = [one for one in found if "is_active" in one.consideration.failed]
    against = [one for one in found if one.consideration.failed and one not in gone]
    left = max(0, len(able) - ABLE) + max(0, len(against) - AGAINST) + (max(0, len(gone) - AGAINST) if typed else 0)
    return Others(
        action_href=answer_href(visit, "change", row),
        able=_candidates(able[:ABLE]),
        against=_candidates(against[:AGAINST]),
        impossible=_candidates(gone[:AGAINST]) if typed else [],
        more=f"{count(left)} more: type a name" if left else "",
        hidden=(("back", back),),
    )


def _candidates(found: Sequence[Considered]) -> list[Candidate]:
    return [
        Candidate(
            value=str(one.consideration.person),
            name=one.name,
            note=one.consideration.words if one.consideration.score is None else _points(one.consideration.score),
        )
        for one in found
    ]


def _points(score: float) -> str:
    return f"{count(round(score))} points"
