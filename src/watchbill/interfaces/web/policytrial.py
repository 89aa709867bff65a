"""What a policy on trial would decide about one case, beside the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.flows.assign import asking
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Reason


def trial_shown(visit: Visit, found: asking.Trial, name: str) -> model.Trial:
    in_force = f"Version {found.policy_number}, in force" if found.policy_number else "As delivered, in force"
    return model.Trial(
        reference=found.reference,
        href=visit.href("case", found.reference),
        is_same=found.chosen_in_force == found.chosen_on_trial,
        verdicts=[
            _verdict(in_force, found.chosen_in_force, found.in_force),
            _verdict(name, found.chosen_on_trial, found.on_trial),
        ],
    )


def _verdict(title: str, chosen: str | None, outcome: Mapping[str, Any]) -> model.Verdict:
    return model.Verdict(
        title=title,
        chosen=chosen or "Nobody",
        reason=outcome["reason"],
        reasons=[
            Reason(
                label=words.RULE.get(one["rule"], one["rule"]), points=one["points"], detail=words.capital(one["words"])
            )
            for one in outcome["contributions"]
        ],
        others=[(one["name"], one["score"]) for one in outcome["alternatives"]],
        left_out=[one["words"] for one in outcome["rejected"]],
        way_out=outcome["ways_out"][0]["words"] if outcome["ways_out"] else "",
    )
