"""`watchbill clocks`: why a clock stands as it does, of a stored item or computed by hand."""

from __future__ import annotations

from typing import Any

import click

from watchbill.interfaces.cli.files import file_object
from watchbill.interfaces.cli.speaking import Alone, Call, desk_option, json_option, spoken, table, tell


@click.group()
def clocks() -> None:
    """Explain the clocks of an item, or compute clocks by hand."""


@clocks.command("explain")
@click.argument("reference")
@spoken
def clock_explain(call: Call, reference: str) -> None:
    """Show each clock of an item with its life in segments: running, paused, stopped, and why."""
    from watchbill.apps.work.queries import work_get
    from watchbill.engine.clocks.told import sentences
    from watchbill.flows.clocklife import explain_at

    item = work_get(reference, by=call.by)
    found = explain_at(item.desk_id, item.id, call.now)
    lines = [line for clock in found for line in sentences(clock)]
    call.tell(
        {"reference": item.reference, "now": call.now, "clocks": found},
        *(lines or ["No clock runs for this item: no policy held when it was opened."]),
    )


@clocks.command("try", cls=Alone)
@click.argument("file", type=click.File("r", encoding="utf-8"))
@json_option
def clock_try(file: Any, *, as_json: bool) -> None:
    """Compute the clocks of FILE (JSON or TOML; “-” reads standard input): policy, calendars, events and an instant."""
    from watchbill.engine.clocks.told import sentences
    from watchbill.engine.clocks.trial import Trial

    trial = Trial.from_json(file_object(file))
    found = trial.run()
    lines = (line for clock in found for line in sentences(clock))
    tell({"now": trial.now, "clocks": found}, *lines, as_json=as_json)


@clocks.command("learn")
@desk_option
@spoken
def clock_learn(call: Call, desk: str | None) -> None:
    """Learn from the desk's history how long its work takes, now and not only tonight."""
    from watchbill.flows.lead_times import lead_times_learn, lead_times_told

    desk_id = call.desk(desk).id
    if lead_times_learn(desk_id, by=call.by, now=call.now) is None:
        call.tell({"learned": False}, "The desk is learning already.")
        return
    _tell_lead_times(call, lead_times_told(desk_id, by=call.by))


@clocks.command("lead-times")
@desk_option
@spoken
def clock_lead_times(call: Call, desk: str | None) -> None:
    """Show how long work takes to be picked up and to be done, by class, as the desk has learned it last."""
    from watchbill.flows.lead_times import lead_times_told

    _tell_lead_times(call, lead_times_told(call.desk(desk).id, by=call.by))


def _tell_lead_times(call: Call, found: dict[str, Any]) -> None:
    heads = ("kind", "priority", "category", "queue", "pick_up_min", "pick_up_items", "effort_min", "effort_items")
    lines = [
        [{**row, "pick_up_min": row["pick_up_s"] // 60, "effort_min": row["effort_s"] // 60}[name] for name in heads]
        for row in found["classes"]
    ]
    known = f"Learned from {found['items']} items, at {found['learned_at']:%d %b %Y %H:%M} UTC" if lines else ""
    call.tell(
        found, known or "Nothing was learned yet: what is expected is assumed.", *(table(heads, lines) if lines else [])
    )
