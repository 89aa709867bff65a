"""`watchbill desks` and `mode`: which desks there are, and what Watchbill may do in their queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.speaking import PRIORITY, Call, desk_option, spoken, table

if TYPE_CHECKING:
    from watchbill.apps.decisions.queries import QueueModeRow


@click.command()
@spoken
def desks(call: Call) -> None:
    """List the desks."""
    from watchbill.apps.people.queries import desk_list

    names = ("slug", "name", "zone", "note", "is_generated")
    found = desk_list(by=call.by)
    rows = [{**{n: getattr(desk, n) for n in names}, "is_closed": desk.closed_at is not None} for desk in found]
    shown = (*names[:4], "is_closed")
    call.tell({"desks": rows}, *table(shown, [[row[name] for name in shown] for row in rows]))


@click.command("make-desk")
@click.argument("slug")
@click.option("--zone", required=True, metavar="ZONE", help="IANA time zone, such as Europe/Vienna.")
@click.option("--name", default="", help="As people see it; else the slug.")
@click.option("--hours", default="08:00-18:00", show_default=True, help="When it is open; several parted by commas.")
@click.option("--days", type=click.IntRange(1, 7), default=5, show_default=True, help="On how many days from Monday.")
@spoken
def make_desk(call: Call, slug: str, zone: str, name: str, hours: str, days: int) -> None:
    """Make a desk, with opening hours and the default targets to begin with."""
    from watchbill.flows.intake.desk import desk_make

    desk_make(slug, name=name, zone=zone, hours=hours, days=days, by=call.by, now=call.now)
    call.tell({"slug": slug}, f"Made the desk {slug}; users see it when they get a role on it: watchbill users grant")


@click.command("rename-desk")
@click.argument("slug")
@click.argument("name")
@spoken
def rename_desk(call: Call, slug: str, name: str) -> None:
    """Give the desk SLUG another NAME; the slug stays."""
    from watchbill.apps.people.services import desk_rename

    desk_rename(call.desk(slug).id, name=name, by=call.by, now=call.now)
    call.tell({"slug": slug, "name": name}, f"The desk {slug} is called {name}")


@click.command("close-desk")
@click.argument("slug")
@click.option("--reason", required=True, help="Why; it is kept in the audit trail.")
@click.option("--back", is_flag=True, help="Open a closed desk again.")
@spoken
def close_desk(call: Call, slug: str, reason: str, *, back: bool) -> None:
    """Close the desk SLUG: it takes no new work, and nothing of it is deleted. Refused while it has open items."""
    from watchbill.flows.desks import desk_close, desk_reopen

    act = desk_reopen if back else desk_close
    act(call.desk(slug).id, reason=reason, by=call.by, now=call.now)
    call.tell({"slug": slug, "is_closed": not back}, f"The desk {slug} is {'open again' if back else 'closed'}")


@click.group()
def mode() -> None:
    """What Watchbill may do in a queue: off, advise, autopilot or pull, with guard-rails."""


def _mode(queue: str, row: QueueModeRow) -> dict[str, Any]:
    from watchbill.apps.core.references import PERSON, shown

    people_named = [shown(PERSON, key) for key in sorted(row.rails.people)]
    return {
        "queue": queue,
        "mode": row.mode.value,
        **row.rails.as_json(),
        "people": people_named,
        "version": row.version,
    }


@mode.command("list")
@desk_option
@spoken
def mode_list(call: Call, desk: str | None) -> None:
    """List the queues of a desk with their modes and guard-rails."""
    from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
    from watchbill.apps.work.queues import queue_list

    desk_id = call.desk(desk).id
    modes = modes_of_desk(desk_id)
    rows = [_mode(queue["name"], modes.get(queue["id"], QueueModeRow())) for queue in queue_list(desk_id, by=call.by)]
    heads = ("queue", "mode", "per_hour", "priorities", "people", "version")
    call.tell({"queues": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@mode.command("set")
@click.argument("queue")
@click.argument("mode", type=click.Choice(["off", "advise", "autopilot", "pull"]))
@desk_option
@click.option("--per-hour", type=click.IntRange(1, 10_000), help="Acts in any 60 minutes of desk time.")
@click.option("--priority", type=PRIORITY, multiple=True, help="What autopilot may give away.")
@click.option("--person", multiple=True, metavar="PERSON", help="Who may be given work; none means everybody.")
@click.option(
    "--load-percent", type=click.IntRange(10, 10_000), help="Nobody who carries more of her time is given more."
)
@click.option("--version", type=click.IntRange(min=0), help="The version you saw: a conflict if somebody was faster.")
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@spoken
def mode_set(
    call: Call, queue: str, mode: str, desk: str | None, per_hour: int | None, priority: tuple[int, ...],
    person: tuple[str, ...], load_percent: int | None, version: int | None, reason: str,
) -> None:  # fmt: skip
    """Switch QUEUE; guard-rails that are not given stay as they were."""
    from watchbill.apps.decisions.queries import QueueModeRow, modes_of_desk
    from watchbill.apps.decisions.services import mode_set as switch
    from watchbill.apps.people.queries import person_key
    from watchbill.apps.work.queues import queue_find

    desk_id = call.desk(desk).id
    found = queue_find(desk_id, name=queue)
    rails = modes_of_desk(desk_id).get(found["id"], QueueModeRow()).rails.as_json()
    given: dict[str, Any] = {
        "per_hour": per_hour,
        "priorities": list(priority),
        "people": [person_key(desk_id, each, by=call.by) for each in person],
        "load_percent": load_percent,
    }
    rails |= {name: value for name, value in given.items() if value}
    new = switch(found["id"], mode=mode, guard_rails=rails, version=version, reason=reason, by=call.by, now=call.now)
    call.tell({"queue": queue, "mode": mode, "version": new}, f"{queue}: {mode} (version {new})")


@mode.command("stop")
@desk_option
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
@spoken
def mode_stop(call: Call, desk: str | None, reason: str) -> None:
    """Switch every queue of a desk from autopilot back to advise, at once."""
    from watchbill.apps.decisions.services import autopilot_stop

    stopped = autopilot_stop(call.desk(desk).id, reason=reason, by=call.by, now=call.now)
    call.tell({"queues": stopped}, f"Queues taken off autopilot: {stopped}; proposals go on")
