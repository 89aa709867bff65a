"""From comparisons of policies as they are kept to their pages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from watchbill.apps.core.runs import DONE, RUNNING, STOPPED, UNDER_WAY
from watchbill.apps.people.rights import Right
from watchbill.apps.reports.backtests import BacktestLine, BacktestRow, backtest_page
from watchbill.apps.work.columns import history_known
from watchbill.engine.backtest.asked import FULL, QUICK
from watchbill.flows.backtest.asking import Choice, Depth, choices_of
from watchbill.flows.backtest.desk import names_of_desk
from watchbill.flows.backtest.report.view import report_of
from watchbill.interfaces.web.access import DESK_KEY, Visit
from watchbill.interfaces.web.formats import moment, percent, plural
from watchbill.interfaces.web.runpage import STATE_CHIPS, begun_said, time_said
from watchbill.interfaces.web.sent import Sent, summary_of, value_of, values_of
from watchbill.interfaces.web.shadowpage import adopting, shadow_lines
from watchbill.interfaces.web.viewmodels import whatif as model
from watchbill.interfaces.web.viewmodels.parts import Empty, Link, Option, Pager
from watchbill.interfaces.web.whatifbeside import beside
from watchbill.interfaces.web.whatifform import rows_of
from watchbill.interfaces.web.words import capital

FORM = "whatif"
ROWS = 30
OTHERS = 20
"""Comparisons that one can be held against."""
DOING = {
    "": "Waiting for the worker",
    "reading": "Reading the desk's history",
    "grading": "Holding the twin against a period that it has not seen",
    "learning": "Learning from the whole history",
    "comparing": "Simulating each policy",
    "replications": "Simulating each policy",
    "other assumptions": "Simulating under other assumptions",
    "other arrivals": "Simulating more and fewer arrivals",
    "ceiling": "Looking for the most that anybody could have kept",
}
DEPTHS = {
    Depth.QUICK: f"Quick: {QUICK.replications} replications, a first look in minutes",
    Depth.FULL: f"Full: {FULL.replications} replications, and {FULL.swept} under each of {len(FULL.points)} other assumptions",
}


def list_page(visit: Visit, *, before: int | None, sent: Sent | None = None) -> model.WhatifPage:
    """Return the list of a desk, keyed; the number of queries depends on nothing that is in it."""
    rows = backtest_page(visit.desk.id, before=before, limit=ROWS + 1, by=visit.actor)
    lines = [_line(visit, row) for row in rows[:ROWS]]
    has_items, has_owners = history_known(visit.desk.id, until=visit.now)
    is_able = has_items and has_owners
    return model.WhatifPage(
        desk=visit.desk.label,
        regret_href=visit.href("regret"),
        lines=lines,
        shadows=shadow_lines(visit) if before is None else [],
        live_href=visit.href("whatif", after=before) if any(line.is_running for line in lines) else "",
        form=_form(visit, sent, is_first=not rows) if is_able and visit.may(Right.POLICY_EDIT) else None,
        empty=None if rows else _empty(visit, has_items=has_items, has_owners=has_owners),
        pager=Pager(
            shown=plural(len(lines), "comparison"),
            first_href=visit.href("whatif") if before is not None else "",
            next_href=visit.href("whatif", after=rows[ROWS - 1].id) if len(rows) > ROWS else "",
        ),
    )  # fmt: skip


def _empty(visit: Visit, *, has_items: bool, has_owners: bool) -> Empty:
    actions = [Link(label="Imports", href=visit.href("imports"))] if visit.may(Right.IMPORT_VIEW) else []
    if not has_items:
        return Empty(
            title="There is no history to compare policies on",
            text="A comparison rebuilds this desk from what happened on it: at least two weeks of items with their states, and who"
            " worked on them. Import the history of your ticket system first.",
            actions=actions,
        )  # fmt: skip
    if not has_owners:
        return Empty(
            title="The history does not say who worked on what",
            text="Items are there, but none has had an owner, so nothing can be learned of who does how much. Import a history whose"
            " profile names the column of the owner, or assign items for at least two weeks.",
            actions=actions,
        )  # fmt: skip
    return Empty(
        title="Nothing has been compared yet",
        text="A comparison rebuilds this desk from its history, says how well the rebuilt one behaves, and simulates other policies"
        " on the same arrivals and people."
        + ("" if visit.may(Right.POLICY_EDIT) else " It is asked for by those who publish policies."),
    )


def _form(visit: Visit, sent: Sent | None, *, is_first: bool) -> model.NewForm:
    choices = choices_of(visit.desk.id, visit.now)
    chosen = values_of(sent, FORM, "policies", [one.name for one in choices])
    depth = value_of(sent, FORM, "depth", Depth.QUICK.value)
    names = names_of_desk(visit.desk.id, visit.now)

    def ticks(*, is_draft: bool) -> list[model.Tick]:
        return [_tick(n, one, chosen) for n, one in enumerate(choices) if one.is_draft is is_draft]

    return model.NewForm(
        action_href=visit.href("whatif-new"),
        usual=ticks(is_draft=False),
        own=ticks(is_draft=True),
        depths=[Option(value=each.value, label=words, is_chosen=each == depth) for each, words in DEPTHS.items()],
        has_demand=bool(value_of(sent, FORM, "demand")),
        changes=rows_of(sent, FORM, names),
        people=names.people,
        zone=names.zone.key,
        span=" to ".join(f"{at.astimezone(names.zone):%Y-%m-%d}" for at in (names.begins_at, names.ends_at)),
        errors=summary_of(sent, FORM),
        is_open=is_first or sent is not None or "new" in visit.request.GET,
    )


def _tick(number: int, one: Choice, chosen: list[str]) -> model.Tick:
    return model.Tick(id=f"policy-{number}", name=one.name, says=one.says, is_chosen=one.name in chosen)


def _line(visit: Visit, row: BacktestLine) -> model.Line:
    names = [*row.policies, *row.drafts]
    is_running = row.state in UNDER_WAY
    return model.Line(
        name=row.reference,
        href=visit.href("whatif-run", row.id),
        state=STATE_CHIPS[row.state],
        asked=f"{row.by_name}, {moment(row.recorded_at, visit.wall_now)} UTC{time_said(visit, 'wall')}",
        what=f"{capital(row.depth)}, {plural(len(names), 'policy', 'policies')}" + _what_if(row.what_if),
        says=row.sentence or row.message or (_doing(row.doing) if is_running else ""),
        grade=row.grade or "",
        is_running=is_running,
        share=row.items_done / row.items if row.items else 0.0,
    )


def _what_if(says: Sequence[str]) -> str:
    return f"; what if {'; '.join(says)}" if says else ""


def _doing(what: str) -> str:
    return DOING.get(what, capital(what))


def run_page(visit: Visit, row: BacktestRow, other: BacktestRow | None, sent: Sent | None = None) -> model.RunPage:
    """Return one comparison: how far it is, or its report; with *other*, both side by side."""
    may_edit = visit.may(Right.POLICY_EDIT)
    names = [*row.policies, *row.drafts]
    is_whole = row.result is not None
    others = backtest_page(visit.desk.id, only=DONE, limit=OTHERS, by=visit.actor) if is_whole else []
    asked = f"{row.by_name}, {moment(row.recorded_at, visit.wall_now)} UTC{time_said(visit, 'wall')}"
    return model.RunPage(
        title=f"Comparison {row.reference}",
        back=Link(label="What-if", href=visit.href("whatif")),
        state=STATE_CHIPS[row.state],
        sub=f"{capital(row.depth)}, {plural(len(names), 'policy', 'policies')}; {asked}",
        what_if=f"What if: {'; '.join(row.what_if)}" if row.what_if else "",
        message=row.message,
        alarm="errors" if row.state == STOPPED and not row.message.startswith("Cancelled") else "notice",
        live_href=visit.href("whatif-run", row.id) if row.is_under_way else "",
        share=row.share,
        doing="; ".join(filter(None, (_far(row), begun_said(visit, row)))),
        cancel_href=visit.href("whatif-cancel", row.id) if row.is_under_way and may_edit else "",
        report=report_of(row.result) if row.result is not None and other is None else None,
        adopting=adopting(visit, row, sent) if other is None else None,
        files=_files(visit, row) if is_whole else (),
        new_href=visit.href("whatif", new=1) + "#new" if may_edit else "",
        others=[
            Option(value=str(one.id), label=_called(visit, one), is_chosen=other is not None and one.id == other.id)
            for one in others
            if one.id != row.id
        ],
        here_href=visit.href("whatif-run", row.id).partition("?")[0],
        hidden=((DESK_KEY, visit.desk.slug),) if len(visit.desks) > 1 else (),
        beside=None if other is None or row.result is None or other.result is None else beside(visit, row, other),
    )


def _far(row: BacktestRow) -> str:
    return (
        f"{percent(row.share)}: {_doing(row.doing)}" if row.doing else _doing("reading" if row.state == RUNNING else "")
    )


def _called(visit: Visit, one: BacktestLine) -> str:
    return f"{one.reference}, {one.depth}, {moment(one.recorded_at, visit.wall_now)} UTC"


def _files(visit: Visit, row: BacktestRow) -> list[Link]:
    kinds = [("json", "Data (JSON)"), ("html", "Report (HTML)")]
    if find_spec("typst") is not None:
        kinds.append(("pdf", "Report (PDF)"))
    return [Link(label=label, href=visit.href("whatif-file", row.id, kind)) for kind, label in kinds]
