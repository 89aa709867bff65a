"""`watchbill risk`: which promises are in danger, and how far that can be trusted."""

from __future__ import annotations

from typing import Any

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, spoken, table

HEADS = ("snapshots at", "number", "missed", "AUC", "skill", "of the usual", "ECE", "if perfect", "precision", "lead h")


@click.group()
def risk() -> None:
    """Which promises are in danger, and how far that can be trusted."""


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
    rows = [
        [name, one["number"], one["missed"], *map(_figure, (
            one["auc"], one["skill"], one["skill_baseline"], one["ece"], one["ece_if_perfect"], one["precision"], one["lead_h"]
        ))]
        for name, one in found["reliability"].items()
    ]  # fmt: skip
    return lines + (list(table(HEADS, rows)) if rows else [])


def _figure(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
