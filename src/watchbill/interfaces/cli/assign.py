"""`watchbill assign`: who could take an item, and why not the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.files import file_object, slips_placed
from watchbill.interfaces.cli.runs import run_followed
from watchbill.interfaces.cli.speaking import Call, desk_option, spoken, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watchbill.flows.assign.asking import Considered


@click.group(invoke_without_command=True)
@click.option("--explain", "reference", metavar="ITEM", help="Short for: assign explain ITEM.")
@click.pass_context
@spoken
def assign(call: Call, context: click.Context, reference: str | None) -> None:
    """Ask who should take an item, and why not the others."""
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

    body = file_object(file)
    with slips_placed(body):
        trial = policy_try(body, reference, by=call.by, now=call.now)
    same = "the same choice" if trial.chosen_in_force == trial.chosen_on_trial else "another choice"
    call.tell(
        trial.as_json(),
        f"{trial.reference}: {same}; nothing was written",
        *_verdict(f"Policy {trial.policy_number}, in force", trial.chosen_in_force, trial.in_force),
        *_verdict("The draft", trial.chosen_on_trial, trial.on_trial),
        *(f"The draft changes {one}" for one in trial.changes),
        *(f"Note: {note}" for note in trial.notes),
    )


@assign.command("dry-run")
@click.option(
    "--policy",
    "file",
    type=click.File("r", encoding="utf-8"),
    metavar="DRAFT.toml",
    help="The draft, JSON or TOML; “-” reads standard input. Without it the latest dry runs are listed.",
)
@click.option("--days", type=click.IntRange(1, 90), default=14, show_default=True, help="How many days back.")
@desk_option
@spoken
def assign_dry_run(call: Call, file: Any, days: int, desk: str | None) -> None:
    """Hold a draft of the assignment policy beside what was decided in the last days: who would have been given what.

    Nothing is changed; the result is kept.
    """
    from watchbill.apps.decisions.dryruns import DRY_RUNS, dry_run_list
    from watchbill.apps.people.rights import Right, require
    from watchbill.flows.assign.dryrun import dry_run_ask, dry_run_do

    desk_id = call.desk(desk).id
    if file is None:
        require(call.by, Right.POLICY_VIEW, desk_id)
        rows = [row.as_json() for row in dry_run_list(desk_id)]
        names = ("reference", "state", "days", "items_done", "items", "by", "asked_at", "published")
        call.tell({"dry_runs": rows}, *table(names, [[row[name] for name in names] for row in rows]))
        return
    body = file_object(file)
    with slips_placed(body):
        run_id = dry_run_ask(desk_id, body, days=days, is_waking=False, by=call.by, now=call.now)
    row = run_followed(call, DRY_RUNS, run_id, do=dry_run_do, said="asking")
    call.tell(row.as_json(), f"{row.reference}: {row.state}", *_sums(row.message, row.result))


@assign.command("tune")
@click.option("--weeks", type=click.IntRange(2, 26), default=8, show_default=True, help="How many weeks back.")
@click.option("--list", "is_listing", is_flag=True, help="List the latest tunings instead.")
@desk_option
@spoken
def assign_tune(call: Call, *, weeks: int, is_listing: bool, desk: str | None) -> None:
    """Try other numbers of the policy in force by simulating the last weeks of a desk, and say whether some are certainly better.

    Nothing is changed; the result is kept. What is suggested is run dry and published as any draft.
    """
    from watchbill.apps.decisions.tunings import TUNINGS, tuning_list
    from watchbill.apps.people.rights import Right, require
    from watchbill.flows.assign.tuning import tuning_ask, tuning_do

    desk_id = call.desk(desk).id
    if is_listing:
        require(call.by, Right.POLICY_VIEW, desk_id)
        rows = [row.as_json() for row in tuning_list(desk_id)]
        names = ("reference", "state", "weeks", "items_done", "items", "by", "asked_at")
        call.tell({"tunings": rows}, *table(names, [[row[name] for name in names] for row in rows]))
        return
    run_id = tuning_ask(desk_id, weeks=weeks, is_waking=False, by=call.by, now=call.now)
    row = run_followed(call, TUNINGS, run_id, do=tuning_do, said="simulating")
    call.tell(row.as_json(), f"{row.reference}: {row.state}", *_tuned(row.message, row.result))


def _tuned(message: str, result: Mapping[str, Any] | None) -> list[str]:
    """Return the result of a tuning in words: what is suggested, the table it rests on, and what it cannot say."""
    if result is None:
        return [message] if message else []
    names = ("look_ahead", "late_growth", "attainment", "p1", "late_p95_min")
    rows = [
        [*(each[name] for name in names), "{mean:+.2f} ({low:+.2f} to {high:+.2f})".format(**each["gain"])]
        for each in result["trials"]
    ]
    cases = sum(week["cases"] for week in result["weeks"])
    return [
        f"{len(result['weeks'])} weeks with {cases} items simulated in {result['seconds']} s",
        result["why"],
        *table((*names, "gain"), rows),
        *(f"Mind: {sentence}" for sentence in result["limits"]),
    ]


def _sums(message: str, result: Mapping[str, Any] | None) -> list[str]:
    """Return the result of a dry run in words: sums by queue and priority, loads, and what it cannot say."""
    from watchbill.engine.assign.changes import Change

    if result is None:
        return [message] if message else []
    total, spread = result["total"], result["spread"]
    names = ("choices", "differs", "agree_in_force", "agree_draft", "nobody_in_force", "nobody_draft")
    rows = [[f"P{each['priority']}", *(each[name] for name in names)] for each in result["by_priority"]]
    rows += [[each["name"] or "no queue", *(each[name] for name in names)] for each in result["by_queue"]]
    return [
        (
            f"{result['looked_at']} of {result['choices']} choices looked at in {result['seconds']} s;"
            f" the draft chooses somebody else than the policy in force in {total['differs']}, nobody in {total['nobody_draft']}"
        ),
        (
            f"Most against mean of effort: {spread['in_force']} in force, {spread['draft']} draft; each case is chosen alone,"
            " as if the one before had not been given, so compare these two only with each other"
        ),
        *table(("", *names), rows),
        *(f"The draft changes {Change(**each)}" for each in result["changes"]),
        *(f"Nobody, because of: {each['rule']} ({each['choices']})" for each in result["nobody_by"]),
        *(f"Mind: {sentence}" for sentence in result["limits"]),
    ]


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
