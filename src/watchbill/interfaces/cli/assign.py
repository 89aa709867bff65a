"""`watchbill assign`: who could take an item, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.files import file_object
from watchbill.interfaces.cli.speaking import Call, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


@assign.command("try")
@click.option("--item", "reference", required=True, metavar="ITEM", help="The reference of an open item.")
@click.option(
    "--policy",
    "file",
    required=True,
    type=click.File("r", encoding="utf-8"),
    metavar="DRAFT.toml",
    help="The draft, JSON or TOML; “-” reads standard input.",
)
@spoken
def assign_try(call: Call, reference: str, file: Any) -> None:
    """Say what a draft of the assignment policy would decide about an item, beside the one in force; nothing is written."""
    from watchbill.flows.assign.asking import policy_try

    trial = policy_try(file_object(file), reference, by=call.by, now=call.now)
    same = "the same choice" if trial.chosen_in_force == trial.chosen_on_trial else "another choice"
    call.tell(
        trial.as_json(),
        f"{trial.reference}: {same}; nothing was written",
        *_verdict(f"Policy {trial.policy_number}, in force", trial.chosen_in_force, trial.in_force),
        *_verdict("The draft", trial.chosen_on_trial, trial.on_trial),
        *(f"Note: {note}" for note in trial.notes),
    )


def _verdict(title: str, chosen: str | None, outcome: Mapping[str, Any]) -> Iterator[str]:
    from watchbill.engine.assign.words import points_words, score_words

    yield f"{title}: {chosen or 'nobody'}. {outcome['reason']}"
    yield from (f"  {points_words(each['points']):>8}  {each['words']}" for each in outcome["contributions"])
    yield from (
        f"  Next best: {each['name']} ({score_words(each['score'])}): {each['lost_by']}"
        for each in outcome["alternatives"]
    )
    yield from (f"  Left out: {each['words']}" for each in outcome["rejected"])
    yield from (f"  Way out: {each['words']}" for each in outcome["ways_out"])


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
