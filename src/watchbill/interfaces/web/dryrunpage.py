"""From a dry run as it is kept to its page: sums by group, loads as bars, examples, and what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import DRY_RUNS, DryRunRow
from watchbill.engine.assign.words import cannot
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count, percent, plural
from watchbill.interfaces.web.policykinds import delivered
from watchbill.interfaces.web.runpage import RunPages, run_shown
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.viewmodels import dryruns as model
from watchbill.interfaces.web.words import capital

LINES = 20
"""Queues and people shown; the API has all."""
SIDES = ("decided", "in_force", "draft")
SIDE_WORDS = ("As decided", "In force", "Draft")


def _outcome(result: Mapping[str, Any]) -> str:
    return f"{count(result['total']['differs'])} of {count(result['looked_at'])} choices differ"


DRY_RUN_PAGES = RunPages(
    runs=DRY_RUNS, name="policy-dry-run", policy="policy-assign", counted="choices", lines=bodies.assign_lines,
    outcome=_outcome,
)  # fmt: skip


def dry_run_page(visit: Visit, row: DryRunRow, sent: Sent | None) -> model.DryRunPage:
    """Return one dry run: how far it is; once it has ended, what it comes to and how the draft is published."""
    result: Mapping[str, Any] = row.result or {}
    return model.DryRunPage(
        run=run_shown(
            visit, DRY_RUN_PAGES, row, [*queries.policy_versions(row.desk_id), delivered()],
            sub=f"a draft of the assignment policy beside the last {plural(row.days, 'day')} of {visit.desk.label}",
            headline=_headline(result) if result else "", under=_under(result) if result else "", sent=sent,
        ),
        groups=_groups(result),
        people=_people(result),
        spread=[
            (said, f"{result['spread'][side]:g}") for side, said in zip(SIDES[1:], SIDE_WORDS[1:], strict=True)
        ] if result else (),
        nobody_by=[(capital(cannot((one["rule"],))), one["choices"]) for one in result.get("nobody_by", ())],
        examples=[_example(visit, one) for one in result.get("examples", ())],
        limits=result.get("limits", ()),
    )  # fmt: skip


def _headline(result: Mapping[str, Any]) -> str:
    if not result["looked_at"]:
        return "Nobody was given anything in these days, so there is nothing to compare."
    total = result["total"]
    if not total["differs"]:
        return "The draft would have chosen the same people as the policy in force."
    return f"The draft would have chosen somebody else in {plural(total['differs'], 'choice')} of {count(result['looked_at'])}."


def _under(result: Mapping[str, Any]) -> str:
    total = result["total"]
    looked = f"{count(result['looked_at'])} of {count(result['choices'])} choices looked at"
    return (
        f"{looked}. Nobody could have taken it in {count(total['nobody_draft'])} under the draft, in"
        f" {count(total['nobody_in_force'])} under the policy in force."
    )


def _groups(result: Mapping[str, Any]) -> list[model.GroupLine]:
    named_ = [(f"P{one['priority']}", one) for one in result.get("by_priority", ())]
    named_ += [(one["name"] or "No queue", one) for one in result.get("by_queue", ())[:LINES]]
    return [
        model.GroupLine(
            label=label,
            choices=one["choices"],
            differs=one["differs"],
            agree_in_force=percent(one["agree_in_force"] / one["choices"]),
            agree_draft=percent(one["agree_draft"] / one["choices"]),
            nobody_in_force=one["nobody_in_force"],
            nobody_draft=one["nobody_draft"],
        )
        for label, one in named_
    ]


def _people(result: Mapping[str, Any]) -> list[model.PersonBars]:
    people = result.get("people", ())[:LINES]
    most = max((max(one[f"{side}_min"] for side in SIDES) for one in people), default=0) or 1
    return [
        model.PersonBars(
            name=one["name"],
            hours=[f"{one[f'{side}_min'] / 60:.1f}" for side in SIDES],
            widths=[round(100 * one[f"{side}_min"] / most, 1) for side in SIDES],
        )
        for one in people
    ]


def _example(visit: Visit, one: Mapping[str, Any]) -> model.Example:
    return model.Example(
        reference=one["item"], href=visit.href("case", one["item"]), at=one["at"][:16].replace("T", " "),
        priority=one["priority"], decided=one["decided"] or "Somebody who is gone", in_force=one["in_force"] or "Nobody",
        draft=one["draft"] or "Nobody", reason=one["reason"],
    )  # fmt: skip
