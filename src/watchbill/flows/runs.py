"""Doing what was asked for: a run to its end in the worker, begun anew when that was killed, stopped when it ends none well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from procrastinate.exceptions import JobAborted

from watchbill.apps.core.runs import STOPPED, Run, Runs
from watchbill.engine.base.errors import InvalidFacts, Unavailable

TRIES = 5
"""How often a worker begins with a run; then it is stopped, because it ends no worker well."""

Tell = Callable[[int, int], None]
"""Told (items done, items of all) now and then; may raise to leave off."""

Row = TypeVar("Row", bound=Run)


def quiet(_done: int, _all: int) -> None:
    """Tell nobody."""


def nothing_left(_run_id: int) -> None:
    """Forget nothing: a run that keeps only its result leaves nothing behind."""


def run_do(
    runs: Runs[Row], run_id: int, do: Callable[[Row], None], *, forget: Callable[[int], None] = nothing_left
) -> bool:
    """Do one run from its beginning: *do* ends it; False when another process is at it, or it has ended already.

    *forget* takes away what an earlier try has left. Killed, the same call begins anew. Told to stop (JobAborted), it waits
    again; broken, it does, too, and that was a try. A draft that cannot be read any more
    (InvalidFacts), or a part that does not answer (Unavailable), stops it at once, with what is wrong.
    """
    with runs.lock(run_id) as is_mine:
        row = runs.row(run_id)
        if not is_mine or not row.is_under_way:
            return False
        forget(run_id)
        if row.tries >= TRIES:
            said = f"A worker began with this {runs.said} {TRIES} times and never came to its end"
            runs.end(run_id, state=STOPPED, message=said)
            return True
        runs.begin(run_id)
        try:
            do(row)
        except (InvalidFacts, Unavailable) as error:
            forget(run_id)
            runs.end(run_id, state=STOPPED, message=error.message)
        except (JobAborted, KeyboardInterrupt, SystemExit):
            runs.put_back(run_id)
            raise
        except Exception:
            runs.put_back(run_id, is_tried=True)
            raise
    return True
