"""`watchbill regret`: a past day of a desk beside the best that could have been made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.interfaces.cli.runs import run_followed
from watchbill.interfaces.cli.speaking import Call, desk_option, spoken

if TYPE_CHECKING:
    from watchbill.apps.reports.regrets import RegretRow


@click.command("regret")
@click.argument("day")
@desk_option
@click.option("--anew", "is_anew", is_flag=True, help="Work it out again, as after events that came late.")
@spoken
def regret(call: Call, day: str, *, desk: str | None, is_anew: bool) -> None:
    """Say how far DAY (2026-03-02, yesterday) was from the best possible in hindsight, and what could have been kept."""
    from watchbill.apps.reports.regrets import REGRETS, regret_of
    from watchbill.flows.backtest.regretting import day_named, regret_ask, regret_do, require_day

    desk_id = call.desk(desk).id
    on = day_named(desk_id, day, call.now)
    _, row = regret_of(desk_id, on, by=call.by)
    require_day(desk_id, on, call.now)
    if row is None or is_anew:
        run_id = regret_ask(desk_id, on, is_waking=False, by=call.by, now=call.now)
        row = run_followed(call, REGRETS, run_id, do=regret_do, said="looking back")
    call.tell(row.as_json(), *_lines(row))


def _lines(row: RegretRow) -> list[str]:
    from watchbill.flows.backtest.regretwords import lines_of

    return [f"{row.day}: {row.state}. {row.message}"] if row.result is None else list(lines_of(row.result))
