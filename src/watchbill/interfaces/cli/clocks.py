"""`watchbill clocks`: why a clock stands as it does, of a stored item or computed by hand."""

from __future__ import annotations

from typing import Any

import click

from watchbill.interfaces.cli.speaking import Call, json_object, spoken


@click.group()
def clocks() -> None:
    """Explain the clocks of an item, or compute clocks by hand."""


@clocks.command("explain")
@click.argument("reference")
@spoken
def clock_explain(call: Call, reference: str) -> None:
    """Show each clock of an item with its life in segments: running, paused, stopped, and why."""
    from watchbill.apps.work.queries import work_get
    from watchbill.engine.clocks.trial import sentences
    from watchbill.flows.clocks import explain_at

    item = work_get(reference, by=call.by)
    found = explain_at(item.desk_id, item.id, call.now)
    lines = [line for clock in found for line in sentences(clock)]
    call.tell(
        {"reference": item.reference, "now": call.now, "clocks": found},
        *(lines or ["No clock runs for this item: no policy held when it was opened."]),
    )


@clocks.command("try")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@spoken
def clock_try(call: Call, file: Any) -> None:
    """Compute the clocks of FILE (JSON; “-” reads standard input): policy, calendars, events and an instant."""
    from watchbill.engine.clocks.trial import Trial, sentences

    trial = Trial.from_json(json_object(file))
    found = trial.run()
    call.tell({"now": trial.now, "clocks": found}, *(line for clock in found for line in sentences(clock)))
