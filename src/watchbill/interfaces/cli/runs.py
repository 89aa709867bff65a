"""Waiting for a replay or a dry run at the terminal: the command does it itself, unless the worker is at it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from watchbill.interfaces.cli.imports import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchbill.apps.core.runs import Run, Runs
    from watchbill.interfaces.cli.speaking import Call

LOOK_S = 0.5
"""How often a command looks how far a run is that the worker is at."""

Row = TypeVar("Row", bound="Run")


def run_followed(call: Call, runs: Runs[Row], run_id: int, *, do: Callable[..., bool], said: str) -> Row:
    """Do a run by *do* (False: another process is at it, or it has ended), say how far it is, and return it when it has ended."""
    progress = Progress()

    def tell(done: int, items: int) -> None:
        progress(said, done / items if items else 1.0)

    while not do(run_id, tell=tell):  # the worker is at it, and may leave it; or it has ended
        row = runs.get(run_id, by=call.by)
        if not row.is_under_way:
            break
        tell(row.items_done, row.items)
        time.sleep(LOOK_S)
    return runs.get(run_id, by=call.by)
