"""`watchbill backtests`: policies compared on a desk's own history, kept beside the others and shown on the page What-if."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from watchbill.interfaces.cli.runs import run_followed
from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.reports.backtests import BacktestRow

WIDEST = 120


@click.group()
def backtests() -> None:
    """Compare policies on a desk's own history, and look at what was compared. For a file: watchbill backtest."""


@backtests.command("list")
@desk_option
@click.option("--after", default="", metavar="BKT-7", help="Backtests behind this one.")
@limit_option
@spoken
def backtests_list(call: Call, desk: str | None, after: str, limit: int) -> None:
    """List the backtests of a desk, the latest first."""
    from watchbill.apps.core.references import BACKTEST, key_of
    from watchbill.apps.reports.backtests import backtest_page

    before = key_of(BACKTEST, after) if after else None
    found = backtest_page(call.desk(desk).id, before=before, limit=limit + 1, by=call.by)
    rows = [row.as_json() for row in found[:limit]]
    more = rows[-1]["reference"] if len(found) > limit else None
    names = ("reference", "state", "depth", "grade", "best", "by", "asked_at")
    call.tell(
        {"backtests": rows, "next": more}, *table(names, [[row[name] for name in names] for row in rows]),
        *([f"More: --after {more}"] if more else []),
    )  # fmt: skip


@backtests.command("ask")
@desk_option
@click.option("--policies", metavar="NAMES", help="Names, with commas; all if left out. --policies list names them.")
@click.option("--full", "is_full", is_flag=True, help="More replications, and other assumptions; else a first look.")
@click.option(
    "--what-if",
    "changes",
    multiple=True,
    metavar="KIND=VALUE",
    help="Compare under other people, work or promises, such as arrivals=1.2; may be repeated.",
)
@click.option("--demand", "has_demand", is_flag=True, help="Also as more or less comes in; the full one always does.")
@spoken
def backtests_ask(
    call: Call, *, desk: str | None, policies: str | None, is_full: bool, has_demand: bool, changes: tuple[str, ...]
) -> None:
    """Compare policies on a desk's own history; the result is kept, and stands on the page What-if."""
    from watchbill.apps.people.rights import Right, require
    from watchbill.apps.reports.backtests import BACKTESTS
    from watchbill.flows.backtest.asking import Depth, backtest_ask, backtest_do, choices_of

    desk_id = call.desk(desk).id
    require(call.by, Right.POLICY_VIEW, desk_id)
    choices = choices_of(desk_id, call.now)
    if policies == "list":
        call.tell(
            {"choices": [{"name": one.name, "says": one.says} for one in choices]},
            *(f"{one.name:<20} {one.says}" for one in choices),
        )
        return
    names = [one.name for one in choices] if policies is None else [name.strip() for name in policies.split(",")]
    depth = Depth.FULL if is_full else Depth.QUICK
    run_id = backtest_ask(
        desk_id, names, depth=depth, what_if=changes, has_demand=has_demand, is_waking=False, by=call.by, now=call.now
    )
    row = run_followed(call, BACKTESTS, run_id, do=backtest_do, said="comparing")
    call.tell(row.as_json(), *_lines(row))


@backtests.command("show")
@click.argument("reference")
@spoken
def backtests_show(call: Call, reference: str) -> None:
    """Show the backtest REFERENCE: how far it is, and what it comes to."""
    from watchbill.apps.core.references import BACKTEST, key_of
    from watchbill.apps.reports.backtests import backtest_get

    row = backtest_get(key_of(BACKTEST, reference), by=call.by)
    call.tell(row.as_json(), *_lines(row))


@backtests.command("cancel")
@click.argument("reference")
@spoken
def backtests_cancel(call: Call, reference: str) -> None:
    """Stop the backtest REFERENCE, which waits or is under way."""
    from watchbill.apps.core.references import BACKTEST, key_of
    from watchbill.apps.reports.backtests import backtest_cancel, backtest_get

    key = key_of(BACKTEST, reference)
    backtest_cancel(key, by=call.by, now=call.now)
    row = backtest_get(key, by=call.by)
    call.tell(row.as_json(), *_lines(row))


def _lines(row: BacktestRow) -> list[str]:
    """Return how far one is; once it has ended well, its answer in words."""
    from watchbill.flows.backtest.report.lines import lines_of

    if row.result is None:
        far = f" {row.share:.0%}, {row.doing}" if row.is_under_way and row.doing else ""
        begun = (
            f", begun {row.begun_recorded_at:%Y-%m-%d %H:%M} UTC" if row.is_under_way and row.begun_recorded_at else ""
        )
        return [f"{row.reference}: {row.state}{far}{begun}", *([row.message] if row.message else [])]
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    is_ascii = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    return [f"{row.reference}: {row.state}", *lines_of(row.result, width, is_ascii)]
