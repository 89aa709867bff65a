"""From a dry run as it is kept to its page: sums by group, loads as bars, examples, and what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watchbill.apps.core import runs
from watchbill.apps.core.references import DRY_RUN, shown
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import DryRunRow
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.words import cannot
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count, moment, percent, plural
from watchbill.interfaces.web.policyforms import FORM, last_fields
from watchbill.interfaces.web.policykinds import delivered
from watchbill.interfaces.web.sent import Sent, summary_of
from watchbill.interfaces.web.viewmodels import dryruns as model
from watchbill.interfaces.web.viewmodels.parts import Chip, Link
from watchbill.interfaces.web.viewmodels.policies import DiffLine, ReplayLine
from watchbill.interfaces.web.words import capital

STATE_CHIPS = {
    runs.WAITING: Chip(label="Waiting", look="accent"), runs.RUNNING: Chip(label="Running", look="accent"),
    runs.DONE: Chip(label="Done"), runs.STOPPED: Chip(label="Stopped", look="crit"),
}  # fmt: skip
LINES = 20
"""Queues and people shown; the API has all."""
SIDES = ("decided", "in_force", "draft")
SIDE_WORDS = ("As decided", "In force", "Draft")


def dry_run_lines(visit: Visit, rows: Sequence[DryRunRow]) -> list[ReplayLine]:
    """Return dry runs for the page of the policy."""
    return [
        ReplayLine(
            name=shown(DRY_RUN, row.id) or "",
            href=visit.href("policy-dry-run", row.id),
            state=Chip(label=f"Version {row.published}") if row.published else STATE_CHIPS[row.state],
            text=f"{row.by_name}, {moment(row.recorded_at, visit.wall_now)} UTC{_outcome(row.result)}",
        )
        for row in rows
    ]


def _outcome(result: Mapping[str, Any] | None) -> str:
    return f": {count(result['total']['differs'])} of {count(result['looked_at'])} choices differ" if result else ""


def dry_run_page(visit: Visit, row: DryRunRow, sent: Sent | None) -> model.DryRunPage:
    """Return one dry run: how far it is; once it has ended, what it comes to and how the draft is published."""
    result: Mapping[str, Any] = row.result or {}
    versions = [*queries.policy_versions(row.desk_id), delivered()]
    before = next(version for version in versions if version["number"] == row.against)
    lines = bodies.differing(bodies.assign_lines(before["body"]), bodies.assign_lines(row.policy))
    is_stale = versions[0]["number"] != row.against and row.published is None
    may_publish = row.state == runs.DONE and not row.published and not is_stale and visit.may(Right.POLICY_EDIT)
    return model.DryRunPage(
        name=shown(DRY_RUN, row.id) or "",
        back_href=visit.href("policy-assign"),
        state=STATE_CHIPS[row.state],
        sub=f"a draft of the assignment policy beside the last {plural(row.days, 'day')} of {visit.desk.name}",
        message=row.message or ("A later version was published since, so this dry run does not count any more." if is_stale else ""),
        live_href=visit.href("policy-dry-run", row.id) if row.is_under_way else "",
        share=row.items_done / row.items if row.items else 0.0,
        progress=f"{count(row.items_done)} of {count(row.items)} choices" if row.items else "waiting for the worker",
        headline=_headline(result) if result else "",
        under=_under(result) if result else "",
        groups=_groups(result),
        people=_people(result),
        spread=[(said, f"{result['spread'][side]:g}") for side, said in zip(SIDES, SIDE_WORDS, strict=True)] if result else (),
        nobody_by=[(capital(cannot((one["rule"],))), one["choices"]) for one in result.get("nobody_by", ())],
        examples=[_example(visit, one) for one in result.get("examples", ())],
        limits=result.get("limits", ()),
        diff=[DiffLine(label=label, before=one or "not there", after=two or "not there") for label, one, two in lines],
        publish_href=visit.href("policy-dry-run-publish", row.id) if may_publish else "",
        fields=last_fields(sent),
        published=Link(label=f"Version {row.published}", href=visit.href("policy-assign", v=row.published)) if row.published else None,
        errors=summary_of(sent, FORM) if sent else None,
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
