"""`watchbill balance`: workload in four terms, moves that help, answers to them, and fair shares."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.decisions.moves import MoveRow

hours_option = click.option(
    "--hours", type=click.Choice(["4", "8", "24"]), default="24", show_default=True, help="The horizon."
)


@click.group(invoke_without_command=True)
@desk_option
@hours_option
@limit_option
@spoken
def balance(call: Call, desk: str | None, hours: str, limit: int) -> None:
    """Tell the workload of a desk, and the moves that help; or make and answer them."""
    from watchbill.flows.balance import answering, told
    from watchbill.flows.balance.loads import loads_get
    from watchbill.flows.balance.suggesting import suggest_moves

    loads = loads_get(call.desk(desk).id, horizon_h=int(hours), by=call.by, now=call.now)
    found = told.loads_told(loads)
    moves = told.moves_told(suggest_moves(loads, by=call.by))
    asked = [told.asked_told(one) for one in answering.moves_asked(loads.desk_id, by=call.by)]
    heads = (
        "name",
        "in progress",
        "backlog",
        "hand-offs",
        "incoming",
        "low to high",
        f"due in {hours}",
        "hours",
        "load",
    )
    rows = [["Desk", *_cells(found["desk"], hours)]]
    rows += [
        [one["region"] or "No region", *_cells(one, hours)] for one in found["regions"] if len(found["regions"]) > 1
    ]
    rows += [[one["name"], *_cells(one, hours)] for one in found["people"][:limit]]
    suggested = [
        [one["move"], one["giver"]["name"], one["taker"]["name"], _percent(one["late_before"]), _percent(one["late_after"]), "; ".join(one["words"])]
        for one in moves["moves"]
    ]  # fmt: skip
    waiting = [[one["reference"], one["item"], one["giver"]["name"], one["taker"]["name"], one["asked_by"], one["answer_by_at"]] for one in asked]  # fmt: skip
    call.tell(
        {**found, "moves": moves, "asked": asked},
        *table(heads, rows),
        f"Effort is {found['effort']}; incoming is learned from {found['history_weeks']} weeks. Load is what falls due over the hours until then.",
        "",
        f"Moves that help: busiest {_percent(moves['busiest_before'])} now, {_percent(moves['busiest_after'])} after them",
        *table(("move", "from", "to", "late", "then", "why"), suggested),
        *(["", "Waiting for the other side", *table(("move", "item", "from", "to", "asked by", "until"), waiting)] if waiting else []),
    )  # fmt: skip


def _cells(one: dict[str, Any], hours: str) -> list[object]:
    band = one["incoming_h"]
    return [
        f"{one['in_progress_h']:.1f}", f"{one['backlog_h']:.1f}", f"{one['handoffs_h']:.1f}", f"{band['mean']:.1f}",
        f"{band['low']:.1f} to {band['high']:.1f}", f"{one['due_h']['total_h']:.1f}", f"{one['available_h'][hours]:.1f}", _percent(one["load"]),
    ]  # fmt: skip


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


@balance.command("make")
@click.argument("moves", nargs=-1, required=True, metavar="MOVE...")
@desk_option
@spoken
def balance_make(call: Call, moves: tuple[str, ...], desk: str | None) -> None:
    """Make moves in their short form (CASE-10042:3>PER-12) as one act; exit code 1 when some were left."""
    from watchbill.flows.balance.making import moves_make
    from watchbill.flows.balance.told import made_told

    made = made_told(moves_make(call.desk(desk).id, moves, by=call.by, now=call.now))
    left = [[one["item"], one["reason"]] for one in made["left"]]
    call.tell(
        made,
        f"{len(made['done'])} made, {len(made['asked'])} asked of the other region, {len(left)} left",
        *(table(("left", "why"), left) if left else []),
        *([f"To undo: watchbill items bulk undo {made['act']}"] if made["act"] else []),
    )
    if left:
        sys.exit(1)


@balance.command("accept")
@click.argument("reference")
@spoken
def balance_accept(call: Call, reference: str) -> None:
    """Agree to a move (MOV-7) that the other region asked for."""
    from watchbill.flows.balance.answering import move_accept

    _tell(call, move_accept(_key(reference), by=call.by, now=call.now))


@balance.command("refuse")
@click.argument("reference")
@click.argument("reason")
@spoken
def balance_refuse(call: Call, reference: str, reason: str) -> None:
    """Say no to a move (MOV-7), with a reason."""
    from watchbill.flows.balance.answering import move_refuse

    _tell(call, move_refuse(_key(reference), reason, by=call.by, now=call.now))


def _key(reference: str) -> int:
    from watchbill.apps.core.references import MOVE, key_of

    return key_of(MOVE, reference)


def _tell(call: Call, row: MoveRow) -> None:
    from watchbill.flows.balance.told import row_told

    told = row_told(row)
    why = f": {told['reason']}" if told["reason"] else ""
    call.tell(told, f"{told['reference']}  {told['item']}  {row.giver} to {row.taker}  {told['status']}{why}")


@balance.command("alert")
@click.argument("text")
@desk_option
@hours_option
@click.option("--region", default="", help="Of which region; else of the whole desk.")
@spoken
def balance_alert(call: Call, text: str, desk: str | None, hours: str, region: str) -> None:
    """Tell the managers of a region, and of those whose day overlaps, how Balance stands, with a TEXT of your own."""
    from watchbill.flows.alerts.shown import alert_shown
    from watchbill.flows.balance.alerting import managers_alert

    row = managers_alert(call.desk(desk).id, text=text, region=region, horizon_h=int(hours), by=call.by, now=call.now)
    call.tell(alert_shown(row, region=region), f"{row.reference}: {row.recipients} told", row.text)


@balance.command("shares")
@desk_option
@click.option("--person", help="One person alone (PER-12 or whole name).")
@limit_option
@spoken
def balance_shares(call: Call, desk: str | None, person: str | None, limit: int) -> None:
    """Tell fair shares of four weeks: effort received for each hour present, hard cases, unpopular hours."""
    from watchbill.apps.people.queries import person_key
    from watchbill.flows.balance.shares import share_of, shares_get
    from watchbill.flows.balance.told import share_told

    desk_id = call.desk(desk).id
    if person is None:
        found = shares_get(desk_id, by=call.by, now=call.now)[:limit]
    else:
        line = share_of(desk_id, person_key(desk_id, person, by=call.by), by=call.by, now=call.now)
        found = [line] if line is not None else []
    lines = [share_told(one) for one in found]
    heads = ("name", "team", "effort_h", "present_h", "per_hour", "median", "hard", "unpopular")
    rows = [
        [*(one[name] for name in heads[:5]), (one["team_per_hour"] or {}).get("median"), _percent(one["hard"]), _percent(one["unpopular"])]
        for one in lines
    ]  # fmt: skip
    call.tell({"shares": lines}, *table(heads, rows))
