"""`watchbill recover`: what can be done tonight, simulated from the live desk; one plan applied, and taken back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.runs import run_followed
from watchbill.interfaces.cli.speaking import Call, desk_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.decisions.recoveries import RecoveryRow
    from watchbill.flows.recover.applied import Applied


@click.group(invoke_without_command=True)
@desk_option
@click.option("--hours", type=int, default=8, show_default=True, help="For how many hours, 2 to 16.")
@spoken
def recover(call: Call, desk: str | None, hours: int) -> None:
    """Work out two to four plans from the desk as it is, each simulated: expected misses, cost and people moved."""
    from watchbill.apps.decisions.recoveries import RECOVERIES
    from watchbill.flows.recover.asking import recovery_ask, recovery_do

    run_id = recovery_ask(call.desk(desk).id, hours=hours, is_waking=False, by=call.by, now=call.now)
    row = run_followed(call, RECOVERIES, run_id, do=partial(recovery_do, now=call.now), said="simulating")
    call.tell(row.as_json(), *_lines(row))


@recover.command("show")
@click.argument("reference")
@spoken
def recover_show(call: Call, reference: str) -> None:
    """Show the options REFERENCE (REC-3) as they were worked out, and what became of them."""
    from watchbill.apps.decisions.recoveries import recovery_get

    row = recovery_get(_key(reference), by=call.by)
    call.tell(row.as_json(), *_lines(row))


@recover.command("apply")
@click.argument("reference")
@click.argument("plan", metavar="PLAN")
@spoken
def recover_apply(call: Call, reference: str, plan: str) -> None:
    """Do what one PLAN (rebalance, hours, partner or defer) of the options REFERENCE says, all of it or nothing, once."""
    from watchbill.flows.recover.applying import recovery_apply

    done = recovery_apply(_key(reference), plan, by=call.by, now=call.now)
    call.tell(done.as_json(), *_done(done), f"To undo: watchbill recover undo {done.reference}")


@recover.command("undo")
@click.argument("reference")
@spoken
def recover_undo(call: Call, reference: str) -> None:
    """Take back what was applied of the options REFERENCE, as far as nobody has acted on it since."""
    from watchbill.flows.recover.applying import recovery_undo

    done = recovery_undo(_key(reference), by=call.by, now=call.now)
    call.tell(done.as_json(), *_done(done))


def _key(reference: str) -> int:
    from watchbill.apps.core.references import RECOVERY, key_of

    return key_of(RECOVERY, reference)


def _done(done: Applied) -> list[str]:
    left = [[what, why] for what, why in done.left]
    return [f"{done.reference}, {done.plan}: {done.said}", *(table(("left", "why"), left) if left else [])]


def _lines(row: RecoveryRow) -> list[str]:
    if row.result is None:
        return [f"{row.reference}: {row.state}", *([row.message] if row.message else [])]
    result = row.result
    desk = result["desk"]
    heads = (
        "plan",
        "misses",
        "P1",
        "P2",
        "P3",
        "P4",
        "beside nothing",
        "cost",
        "people",
        "items moved",
        "put off",
        "passed on",
    )
    lines = [
        (
            f"{row.reference}: from {result['made_at'][:16].replace('T', ' ')} UTC for {row.hours} h; {desk['open']} open,"
            f" {desk['coming']:.0f} to come, {desk['people']} people; {result['futures']} futures in {result['seconds']:.0f} s"
        ),
        "",
        *table(heads, [_cells(one) for one in result["options"]]),
        "Expected misses with their 95% interval, of what is open or comes in; P1 to P4 as means.",
        "",
    ]
    for one in result["options"]:
        mark = " (best)" if one["code"] == result["best"] and len(result["options"]) > 1 else ""
        lines.append(f"{one['code']}{mark}: {one['what']}. {one['why']}.")
    lines += [f"Not offered, {one['name'].lower()}: {one['why']}." for one in result["dropped"]]
    lines += ["", "Under these assumptions:", *(f"- {said}" for said in result["assumptions"])]
    if row.applied_plan:
        undone = f", undone by {row.undone_by_name}" if row.undone_at else ""
        lines.append(f"{row.applied_plan} was applied by {row.applied_by_name}{undone}.")
    elif any(one["code"] != "nothing" for one in result["options"]):
        lines.append(f"To apply one: watchbill recover apply {row.reference} PLAN")
    return lines


def _cells(one: dict[str, Any]) -> list[object]:
    cost, change = one["cost"], one["change"]
    by = {each["priority"]: each["both"]["mean"] for each in one["by_priority"]}
    return [
        one["code"], _interval(one["misses"]), *(f"{by[priority]:.1f}" for priority in (1, 2, 3, 4)),
        "-" if one["code"] == "nothing" else _interval(change), _cost(cost),
        cost["people_asked"] + cost["people_moved"], cost["items_moved"], cost["items_deferred"],
        cost.get("items_passed", 0),
    ]  # fmt: skip


def _cost(cost: dict[str, Any]) -> str:
    money = [f"{one['amount']} {one['currency']}" for one in cost.get("money", ())]
    hours = [f"{cost['extra_h']:.1f} h"] if cost["extra_h"] else []
    return " + ".join([*hours, *money]) or "0 h"


def _interval(one: dict[str, float]) -> str:
    return f"{one['mean']:.1f} ({one['low']:.1f} to {one['high']:.1f})"
