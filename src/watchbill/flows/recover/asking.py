"""Recovery options of a desk: asked for, worked out by the worker, kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.core.runs import DONE
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import draft_digest
from watchbill.apps.decisions.recoveries import RECOVERIES, RecoveryRow, recovery_asked
from watchbill.apps.people.queries import actor_of_user
from watchbill.apps.people.rights import Right, require
from watchbill.engine.backtest.recovery.decide import recover
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.apart import each_done
from watchbill.flows.backtest.workers import Workers
from watchbill.flows.recover.gather import look
from watchbill.flows.recover.told import result_of
from watchbill.flows.runs import Tell, quiet, run_do
from watchbill.flows.waking import wake

JOB = "work_out_recoveries"
HOURS, LEAST_HOURS, MOST_HOURS = 8, 2, 16
LARGE = 100
"""From so many items on, open and usual to come, futures are spread over the processors: before, starting processes costs more."""


class _LeftOff(Exception):
    """Somebody has stopped the run."""


def recovery_ask(desk_id: int, *, hours: int = HOURS, is_waking: bool = True, by: Actor, now: datetime) -> int:
    """Ask for the recovery options of a desk for the next *hours*; return the run's key. The worker is woken, unless the caller runs it.

    Raises NotAllowed, and InvalidFacts for hours out of bounds.
    """
    require(by, Right.WORK_BULK, desk_id)
    if not LEAST_HOURS <= hours <= MOST_HOURS:
        raise InvalidFacts(f"hours: expected {LEAST_HOURS} to {MOST_HOURS}, got {hours}", key="hours", field="hours")
    in_force = queries.policy_in_force(desk_id, now)
    body = {key: value for key, value in in_force.policy.as_json().items() if key != "version"}
    with transaction.atomic():
        run_id = RECOVERIES.add(
            desk_id, policy=body, hours=hours, digest=draft_digest(in_force.policy), against=in_force.number, by=by, now=now
        )  # fmt: skip
        recovery_asked(run_id, by=by, now=now)
        if is_waking:
            wake(JOB)
    return run_id


def recoveries_run(*, tell: Tell = quiet, now: datetime | None = None) -> int:
    """Work out the options that wait, the first that were asked for first; return how many have ended."""
    return each_done(partial(recovery_do, run_id, tell=tell, now=now) for run_id in RECOVERIES.waiting())


def recovery_do(run_id: int, *, tell: Tell = quiet, now: datetime | None = None) -> bool:
    """Work out the options of one run to their end, from the beginning: `run_do`.

    They speak of the desk as it stands, so of *now*, not of the instant at which somebody asked: a worker that was killed, or had
    other things to do, begins later. None: of that instant.
    """
    return run_do(
        RECOVERIES, run_id, lambda row: _do(replace(row, asked_at=max(row.asked_at, now or row.asked_at)), tell)
    )


def _do(row: RecoveryRow, tell: Tell) -> None:
    RECOVERIES.step(row.id, items_done=0, asked_at=row.asked_at)

    def told(done: int, count: int) -> None:
        tell(done, count)
        if not RECOVERIES.step(row.id, items_done=done, items=count):
            raise _LeftOff

    try:
        result = _result(row, told)
    except _LeftOff:
        return
    RECOVERIES.end(row.id, state=DONE, result=result)


def _result(row: RecoveryRow, tell: Tell, *, workers: int | None = None) -> dict[str, Any]:
    began = perf_counter()
    asker = actor_of_user(row.by_user_id) if row.by_user_id is not None else None
    seen = look(row.desk_id, hours=row.hours, by=asker or WATCHBILL, now=row.asked_at)
    if not seen.situation.open and not seen.situation.came:
        raise InvalidFacts("Nothing is open that somebody could work on, and nothing came in at these hours: there is nothing to recover")  # fmt: skip
    size = len(seen.situation.open) + len(seen.situation.came) // seen.situation.weeks
    found = recover(seen.situation, weekly=seen.weekly, mapper=Workers(workers if size >= LARGE else 1), tell=tell)
    return result_of(seen, found, seconds=perf_counter() - began)
