"""`watchbill risk`: which promises are in danger, and how far that can be trusted."""

from __future__ import annotations

from typing import Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table

HEADS = ("snapshots at", "number", "missed", "AUC", "skill", "of the usual", "ECE", "if perfect", "precision", "lead h")


_SAID = {
    "rollout": "By roll-outs of the desk as it stands: nothing was learned yet.",
    "share": "By the share of the target that is used: nothing was learned yet.",
}
DANGERS = ("case", "priority", "owner", "promise", "chance", "why", "what helps most", "then")


@click.group(invoke_without_command=True)
@click.option("--likely", is_flag=True, help="Only what will more likely be missed than not.")
@click.option("--commitment", default="", help="Only items whose worst promise has this name.")
@click.option("--after", default="", metavar="PLACE", help="The place at which the page before ended (“next”).")
@limit_option
@desk_option
@spoken
def risk(call: Call, *, likely: bool, commitment: str, after: str, limit: int, desk: str | None) -> None:
    """Which promises are in danger, the greatest first, with reasons and what helps; and how far that can be trusted."""
    from watchbill.flows.sense.telling import dangers_told

    found = dangers_told(
        call.desk(desk).id, is_likely=likely, commitment=commitment, after=after, limit=limit, by=call.by, now=call.now
    )
    said = _SAID.get(found["source"], "")
    call.tell(found, *([said] if said else []), *table(DANGERS, map(_danger, found["items"])))


def _danger(item: dict[str, Any]) -> list[object]:
    worst = item["risks"][0]
    action = worst["action"]
    why = worst["reasons"][0]["words"] if worst["reasons"] else ""
    return [
        item["reference"], f"P{item['priority']}", item["owner"], worst["commitment"], f"{worst['p_miss']:.0%}", why,
        action["words"] if action else worst["no_action"], f"{action['p_after']:.0%}" if action else "",
    ]  # fmt: skip


@risk.command("model")
@desk_option
@spoken
def risk_model(call: Call, desk: str | None) -> None:
    """Show the model in use: since when, from what, and how its forecasts fared on the latest cases."""
    from watchbill.flows.sense.telling import model_told

    _tell_model(call, model_told(call.desk(desk).id, by=call.by))


@risk.command("item")
@click.argument("reference")
@spoken
def risk_item(call: Call, reference: str) -> None:
    """Show the risk of each running promise of an item."""
    from watchbill.flows.sense.telling import item_told

    found = item_told(reference, by=call.by)
    lines = [
        f"{one['commitment']}: {one['p_miss']:.0%}; {'; '.join(reason['words'] for reason in one['reasons'])}"
        + (f". {one['action']['words']}: {one['action']['p_after']:.0%}" if one["action"] else "")
        + (f". {one['no_action']}" if one["no_action"] else "")
        for one in found["risks"]
    ]
    call.tell(found, *(lines or ["Nothing runs that can still be kept."]))


@risk.command("learn")
@desk_option
@spoken
def risk_learn(call: Call, desk: str | None) -> None:
    """Learn from the desk's history now, and keep the model: a minute for 20,000 items."""
    from watchbill.flows.sense.telling import model_told
    from watchbill.flows.sense.training import learn_here

    desk_id = call.desk(desk).id
    learn_here(desk_id, by=call.by, now=call.now)
    _tell_model(call, model_told(desk_id, by=call.by))


def _tell_model(call: Call, found: dict[str, Any]) -> None:
    if found["number"] is None:
        call.tell(found, found["words"], *_scored_by(found))
        return
    lately = found["lately"]
    told = f"; mean gap of live forecasts over four weeks {_figure(lately['ece'])}" if lately["number"] else ""
    call.tell(found, f"Model {found['number']}, {found['source'] or 'none'}: {found['words']}{told}", *_scored_by(found),
              *_rows_of({**found["figures"]["reliability"], **found["figures"]["by_commitment"]}))  # fmt: skip


def _scored_by(found: dict[str, Any]) -> list[str]:
    said = ", ".join(f"{source} {number:,}" for source, number in found["scored_by"].items())
    return [f"Running promises by the source of their score: {said}"] if said else []


@risk.command("report")
@desk_option
@spoken
def risk_report(call: Call, desk: str | None) -> None:
    """Learn from a desk's history and show how well its misses could have been foreseen.

    The earlier part of the history trains and calibrates, the latest part tests. Nothing is kept. It takes a minute for
    20,000 items. “skill” is the improvement on the share that was missed in training, “of the usual” on the share of the
    target that is used; ECE is the mean gap between forecast and what came.
    """
    from watchbill.flows.sense.reliability import reliability_of

    found = reliability_of(call.desk(desk), by=call.by, now=call.now)
    call.tell(found, *_lines(found))


def _lines(found: dict[str, Any]) -> list[str]:
    counts = found["counts"]
    lines = [found["words"]]
    if found["items_left_out"]:
        lines.append(f"Of the latest {found['items']:,} items; {found['items_left_out']:,} earlier ones are left out.")
    if counts:
        lines.append(
            f"Trained since {found['trained_since']} on {counts['train']:,} snapshots, calibrated since"
            f" {found['calibrated_since']} on {counts['calibrate']:,}, tested since {found['tested_since']} on"
            f" {counts['test']:,}."
        )
    return lines + _rows_of(found["reliability"])


def _rows_of(reliability: dict[str, Any]) -> list[str]:
    rows = [
        [name, one["number"], one["missed"], *map(_figure, (
            one["auc"], one["skill"], one["skill_baseline"], one["ece"], one["ece_if_perfect"], one["precision"], one["lead_h"]
        ))]
        for name, one in reliability.items()
    ]  # fmt: skip
    return list(table(HEADS, rows)) if rows else []


def _figure(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
