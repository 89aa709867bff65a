"""What the pages of replays and dry runs share: the list, how far one is, what the draft changes, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from watchbill.apps.core.runs import DONE, REFUSED, RUNNING, STOPPED, WAITING, Run, Runs
from watchbill.apps.people.rights import Right
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count, moment
from watchbill.interfaces.web.policydiff import diff_line
from watchbill.interfaces.web.policyforms import FORM, last_fields
from watchbill.interfaces.web.sent import Sent, summary_of
from watchbill.interfaces.web.viewmodels import runs as model
from watchbill.interfaces.web.viewmodels.parts import Chip, Link
from watchbill.interfaces.web.viewmodels.policies import RunLine
from watchbill.interfaces.web.words import capital

Row = TypeVar("Row", bound=Run)
Result = Mapping[str, Any]

STATE_CHIPS = {
    WAITING: Chip(label="Waiting", look="accent"), RUNNING: Chip(label="Running", look="accent"),
    DONE: Chip(label="Done"), REFUSED: Chip(label="Refused", look="crit"), STOPPED: Chip(label="Stopped", look="crit"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPages(Generic[Row]):
    """The pages of one kind of run: their names begin with *name*, that of the policy is *policy*; *counted* is looked at.

    publishes: whether a draft can be published from there; not, when what it comes to is a draft itself.
    """

    runs: Runs[Row]
    name: str
    policy: str
    counted: str
    lines: Callable[[Mapping[str, Any]], dict[str, str]]
    outcome: Callable[[Result], str]
    publishes: bool = True


def time_said(visit: Visit, which: str) -> str:
    """Say which time it is, desk or wall, on a page that has both; nothing where they are the same."""
    return f", {which} time" if visit.clock.is_moved else ""


def asked_by(visit: Visit, row: Run) -> str:
    """Return who asked for a run, and when."""
    return f"{row.by_name}, {moment(row.recorded_at, visit.wall_now)} UTC{time_said(visit, 'wall')}"


def begun_said(visit: Visit, row: Run) -> str:
    """Return when somebody began with a run that is under way, or that it was broken off; nothing before, and when it has ended."""
    if row.begun_recorded_at is None or not row.is_under_way:
        return ""
    at = f"{moment(row.begun_recorded_at, visit.wall_now)} UTC{time_said(visit, 'wall')}"
    return f"begun {at}" if row.state == RUNNING else f"begun {at} and broken off, so it begins anew"


def run_lines(visit: Visit, pages: RunPages[Any]) -> list[RunLine]:
    """Return the latest runs for the page of the policy."""
    return [
        RunLine(
            name=row.reference,
            href=visit.href(pages.name, row.id),
            state=Chip(label=f"Version {row.published}") if row.published else STATE_CHIPS[row.state],
            text=asked_by(visit, row) + (f": {pages.outcome(row.result)}" if row.result else ""),
        )
        for row in pages.runs.latest(visit.desk.id)
    ]


def run_shown(
    visit: Visit, pages: RunPages[Row], row: Row, versions: Sequence[Mapping[str, Any]], *, sub: str, headline: str, under: str,
    holds_from: str = "", leaves: Sequence[tuple[str, str, bool]] = (), sent: Sent | None,
) -> model.Run:  # fmt: skip
    """Return one run in what all have; *versions* are those of the policy, the latest first."""
    newest = versions[0]["number"] if versions else 0
    before = next((version for version in versions if version["number"] == row.against), None)
    lines = bodies.differing(pages.lines(before["body"]) if before else {}, pages.lines(row.policy))
    is_stale = row.published is None and newest != row.against
    may_edit = visit.may(Right.POLICY_EDIT) and row.published is None and not row.is_under_way
    is_good = row.state == DONE and not is_stale
    policy = capital(pages.runs.policy)
    return model.Run(
        title=f"{capital(pages.runs.said)} {row.reference}",
        said=pages.runs.said,
        back=Link(label=policy, href=visit.href(pages.policy if versions else "policies")),
        state=STATE_CHIPS[row.state],
        sub=sub,
        message=_message(pages.runs, row, newest=newest if is_stale else None),
        alarm="errors" if row.state in {REFUSED, STOPPED} else "notice",
        live_href=visit.href(pages.name, row.id) if row.is_under_way else "",
        share=row.items_done / row.items if row.items else 0.0,
        counted=f"{capital(pages.counted)} looked at",
        progress="; ".join(filter(None, (_progress(pages, row), begun_said(visit, row)))),
        headline=headline,
        under=under,
        diff=[diff_line(*line) for line in lines if not bodies.is_usual(*line)],
        usual=[diff_line(*line) for line in lines if bodies.is_usual(*line)],
        diff_before=f"version {row.against}" if row.against else "what is delivered" if before else "nothing",
        publish=model.Publish(
            action_href=visit.href(f"{pages.name}-publish", row.id), fields=last_fields(sent, holds_from=holds_from),
            leaves=leaves, number=row.against + 1,
        ) if may_edit and is_good and pages.publishes else None,
        published=Link(label=f"Version {row.published}", href=visit.href(pages.policy, v=row.published)) if row.published else None,
        again_href=visit.href(f"{pages.name}-again", row.id) if may_edit and not is_good else "",
        errors=summary_of(sent, FORM),
    )  # fmt: skip


def _message(runs: Runs[Any], row: Run, *, newest: int | None) -> str:
    if row.message or row.is_under_way or newest is None:
        return row.message
    return f"Version {newest} of the {runs.policy} was published since, so this {runs.said} does not count any more."


def _progress(pages: RunPages[Any], row: Run) -> str:
    if row.items:
        return f"{count(row.items_done)} of {count(row.items)} {pages.counted}"
    return "waiting for the worker" if row.state == WAITING else f"counting {pages.counted}"
