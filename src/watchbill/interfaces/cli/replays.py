"""`watchbill policy replay` and what it leads to: a draft of the clock policy over the whole history of a desk."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from watchbill.interfaces.cli.files import file_object, slips_placed
from watchbill.interfaces.cli.items import INSTANTS
from watchbill.interfaces.cli.runs import run_followed
from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, limit_option, spoken, table

EFFECTS = ("added", "removed", "moved", "other")
SUMS = ("breaches_before", "breaches_after", "added", "removed", "dues_moved", "changed")


@click.command("replay")
@click.argument("draft", type=click.File("r", encoding="utf-8"))
@desk_option
@click.option(
    "--holds-from", type=INSTANTS, metavar="INSTANT", help="From when on it is to hold, with offset; else now."
)
@spoken
def policy_replay(call: Call, draft: Any, desk: str | None, holds_from: datetime | None) -> None:
    """Replay DRAFT (JSON or TOML; “-” reads standard input) over the whole history of a desk, beside what holds.

    DRAFT is a clock policy, or `policy` with drafts of `calendars` by name. Nothing that holds is changed; the result is
    kept, and needed to publish the draft. Exit code 1: the draft fails on an item, or leaves something undone that must
    be said to publish it.
    """
    from watchbill.apps.clocks.replays import REPLAYS
    from watchbill.flows.replay.drafts import draft_of, replay_ask
    from watchbill.flows.replay.run import replay_run

    desk_id, body = call.desk(desk).id, file_object(draft)
    with slips_placed(body):
        policy, calendars = draft_of(body)
        replay_id = replay_ask(
            desk_id, policy, calendars, holds_from=holds_from, is_waking=False, by=call.by, now=call.now
        )
    row = run_followed(call, REPLAYS, replay_id, do=replay_run, said="replaying")
    call.tell(row.as_json(), f"{row.reference}: {row.state}", *_lines(row.message, row.result))
    if row.result is None or row.result["findings"]:
        sys.exit(1)


@click.command("replays")
@click.argument("reference", required=False)
@desk_option
@spoken
def policy_replays(call: Call, reference: str | None, desk: str | None) -> None:
    """List the latest replays of a desk, or show the one called REFERENCE."""
    from watchbill.apps.clocks.replays import replay_get, replay_list
    from watchbill.apps.core.references import REPLAY, key_of
    from watchbill.apps.people.rights import Right, require

    if reference is not None:
        row = replay_get(key_of(REPLAY, reference), by=call.by)
        call.tell(row.as_json(), f"{reference}: {row.state}", *_lines(row.message, row.result))
        return
    desk_id = call.desk(desk).id
    require(call.by, Right.POLICY_VIEW, desk_id)
    found = [row.as_json() for row in replay_list(desk_id)]
    names = ("reference", "state", "items_done", "items", "by", "asked_at", "published")
    call.tell({"replays": found}, *table(names, [[row[name] for name in names] for row in found]))


@click.command("changed")
@click.argument("reference")
@click.option("--effect", type=click.Choice(EFFECTS), help="Only items on which the draft has this effect.")
@click.option("--name", metavar="COMMITMENT", help="Only items on which this commitment changes.")
@click.option("--priority", type=PRIORITY, help="Only items of this priority.")
@click.option(
    "--queue", type=click.IntRange(min=0), metavar="KEY", help="Only items of this queue of the result; 0: none."
)
@click.option("--customer", type=click.IntRange(min=0), metavar="KEY", help="Only this customer's; 0: none.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Go on after this key of the answer before.")
@limit_option
@spoken
def policy_changed(
    call: Call, reference: str, effect: str | None, name: str | None, priority: int | None, queue: int | None,
    customer: int | None, after: int, limit: int,
) -> None:  # fmt: skip
    """List the items whose result the replay REFERENCE changes, each commitment before and after."""
    from watchbill.apps.clocks.replays import Asked
    from watchbill.apps.core.references import REPLAY, key_of
    from watchbill.flows.replay.shown import EFFECTS as BITS
    from watchbill.flows.replay.shown import items_shown

    asked = Asked(
        effects=BITS[effect] if effect else None, priority=priority, queue_id=queue, customer_id=customer, name=name
    )
    items, following = items_shown(key_of(REPLAY, reference), asked, after=after, limit=limit, by=call.by)
    rows = [
        [item["item"], f"P{item['priority']}", change["name"], change["effect"], *_side(change["before"]), *_side(change["after"])]
        for item in items
        for change in item["changes"]
    ]  # fmt: skip
    heads = ("item", "priority", "commitment", "effect", "before", "due", "after", "due")
    more = [] if following is None else [f"More: --after {following}"]
    call.tell({"items": items, "next": following}, *table(heads, rows), *more)


def _side(side: Mapping[str, Any]) -> tuple[str, datetime | None]:
    return side["state"], side["due_at"]


def _lines(message: str, result: Mapping[str, Any] | None) -> list[str]:
    """Return the result in words: totals by commitment and priority, and what the draft leaves undone."""
    if result is None:
        return [message] if message else []
    head = (
        f"{result['items']:,} items in {result['seconds']:.1f} s; {result['items_changed']:,} stand otherwise."
        f" Breaches: {result['total']['added']:,} added, {result['total']['removed']:,} removed"
    )
    rows = [[each["name"], *(each[name] for name in SUMS)] for each in result["commitments"]]
    rows += [[f"P{each['priority']}", *(each[name] for name in SUMS)] for each in result["by_priority"]]
    left = [
        f"Left undone: {each['sentence']}. To publish it so: --leave “{each['key']}”" for each in result["findings"]
    ]
    return [head, *table(("", "before", "after", "added", "removed", "dues moved", "changed"), rows), *left]
