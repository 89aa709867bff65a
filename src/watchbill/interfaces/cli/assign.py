"""`watchbill assign`: who could take an item, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from watchbill.interfaces.cli.speaking import Call, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchbill.flows.assign.asking import Considered


@click.group(invoke_without_command=True)
@click.option("--explain", "reference", metavar="ITEM", help="Short for: assign explain ITEM.")
@click.pass_context
@spoken
def assign(call: Call, context: click.Context, reference: str | None) -> None:
    """Ask who should take an item, and why not the others."""
    if context.invoked_subcommand is not None:
        return
    if reference is None:
        click.echo(context.get_help())
        return
    _explain(call, reference)


@assign.command("explain")
@click.argument("reference")
@spoken
def assign_explain(call: Call, reference: str) -> None:
    """Say of every person what speaks for and against her taking an item, or each rule that she fails; as of now."""
    _explain(call, reference)


def _explain(call: Call, reference: str) -> None:
    from watchbill.flows.assign.asking import explain

    found = explain(reference, by=call.by, now=call.now)
    able = sum(not one.consideration.failed for one in found.considered)
    call.tell(
        found.as_json(),
        f"{found.reference}: {able} of {len(found.considered)} people may take it; policy {found.policy_number},"
        f" facts {found.facts_digest[:12]}",
        *(line for one in found.considered for line in _lines(one)),
    )


def _lines(one: Considered) -> Iterator[str]:
    from watchbill.engine.assign.words import points_words, score_words

    it = one.consideration
    if it.score is None:
        yield f"{one.name}: no, she {it.words}"
        return
    yield f"{one.name}: {score_words(it.score)} points"
    for each in it.contributions:
        yield f"  {points_words(each.points):>8}  {each.words}"
