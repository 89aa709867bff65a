"""`watchbill items bulk`: one act on many items."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from watchbill.engine.base.work import State
from watchbill.interfaces.cli.items import text_option
from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, limit_option, spoken, table

if TYPE_CHECKING:
    from watchbill.flows.act.bulk import BulkResult

references = click.argument("references", nargs=-1, required=True, metavar="REFERENCE...")


@click.group()
def bulk() -> None:
    """One act on many items of a desk, up to 500; exit code 1 when some were refused."""


def bulk_tell(call: Call, result: BulkResult, sentence: str, *, is_undoing: bool = False) -> None:
    """Say what became of each item; exit code 1 when some were refused."""
    rows = [
        {"reference": one.reference, "is_done": one.is_done, "version": one.version, "reason": one.reason}
        for one in result.each
    ]
    done, refused = len(result.done), len(result.left)
    left = [[one.reference, one.reason] for one in result.each if not one.is_done]
    call.tell(
        {"act": result.act or None, "done": done, "refused": refused, "items": rows},
        f"{done:,} {sentence}, {refused:,} refused",
        *(table(("refused", "why"), left) if left else []),
        *([f"To undo: watchbill items bulk undo {result.act}"] if result.act and not is_undoing else []),
    )
    if refused:
        sys.exit(1)


@bulk.command("assign")
@references
@click.option("--person", metavar="PERSON", help="To whom (PER-12 or whole name); left out: back to their queues.")
@desk_option
@text_option
@spoken
def bulk_assign(call: Call, references: tuple[str, ...], person: str | None, desk: str | None, text: str) -> None:
    """Give many items to one person, or back to their queues."""
    from watchbill.apps.people.queries import person_key
    from watchbill.flows.act.bulk import items_assign

    desk_id = call.desk(desk).id
    person_id = person_key(desk_id, person, by=call.by) if person else None
    result = items_assign(desk_id, references, person_id, text=text, by=call.by, now=call.now)
    bulk_tell(call, result, f"given to {person}" if person else "given back")


@bulk.command("state")
@click.argument("state", type=click.Choice([state.value for state in State]))
@references
@desk_option
@text_option
@spoken
def bulk_state(call: Call, state: str, references: tuple[str, ...], desk: str | None, text: str) -> None:
    """Move many items to one state."""
    from watchbill.flows.act.bulk import items_state

    result = items_state(call.desk(desk).id, references, State(state), text=text, by=call.by, now=call.now)
    bulk_tell(call, result, f"now {state}")


@bulk.command("priority")
@click.argument("priority", type=PRIORITY)
@references
@desk_option
@click.option("--text", required=True, help="Why: a priority set by hand needs a reason.")
@spoken
def bulk_priority(call: Call, priority: int, references: tuple[str, ...], desk: str | None, text: str) -> None:
    """Give many items one priority, with a reason."""
    from watchbill.engine.base.work import Priority
    from watchbill.flows.act.bulk import items_priority

    result = items_priority(call.desk(desk).id, references, Priority(priority), text=text, by=call.by, now=call.now)
    bulk_tell(call, result, f"now P{priority}")


@bulk.command("list")
@desk_option
@limit_option
@spoken
def bulk_list(call: Call, desk: str | None, limit: int) -> None:
    """List acts on many items, the latest first."""
    from watchbill.apps.work.acts import act_list

    heads = ("reference", "kind", "what", "items", "by", "at", "undone_by")
    rows = [
        {
            **{name: getattr(row, name) for name in ("reference", "kind", "what", "items", "at", "undone_at")},
            "by": row.actor_name,
            "undone_by": row.undone_by_name,
        }
        for row in act_list(call.desk(desk).id, limit=limit, by=call.by)
    ]
    call.tell({"acts": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@bulk.command("undo")
@click.argument("reference", metavar="ACT")
@spoken
def bulk_undo(call: Call, reference: str) -> None:
    """Take an act on many items (ACT-5) back."""
    from watchbill.apps.core.references import ACT, key_of
    from watchbill.flows.act.undoing import act_undo

    bulk_tell(call, act_undo(key_of(ACT, reference), by=call.by, now=call.now), "as before", is_undoing=True)
