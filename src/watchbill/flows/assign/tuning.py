"""The two numbers of a desk's policy that say how far ahead it looks, found by simulating its last weeks: a suggestion, never applied."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import WATCHBILL, Actor
from watchbill.apps.core.runs import DONE
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import draft_digest
from watchbill.apps.decisions.tunings import TUNINGS, TuningRow, tuned_since
from watchbill.apps.people.queries import desk_ids
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.choices import opened_between
from watchbill.engine.assign.policy import Policy
from watchbill.engine.backtest.compare import Interval
from watchbill.engine.backtest.courses import Course
from watchbill.engine.backtest.tune import Suggestion, Trial, tune
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.apart import each_done
from watchbill.flows.assign.courses import WEEK, courses_of
from watchbill.flows.replay.drafts import JOB
from watchbill.flows.runs import Tell, quiet, run_do
from watchbill.flows.waking import wake

WEEKS, MOST_WEEKS = 8, 26
AGAIN = timedelta(days=28)
"""A desk is tuned by itself once in so long, if it has that much history."""

LIMITS = (
    (
        "How long work takes is an assumption: the desk's table of effort, with a spread around it, and half of it for what was begun"
        " before a week; history does not say it."
    ),
    "People have the teams, skills, limits and usual hours of today; absences of the past are left out.",
    "Each person has one item in hand at a time, takes the next by the same index, and is never late.",
    "Each item has one promise, the one to resolve it, or the last; with the due that it had last. Nobody waits for a customer.",
    "What Watchbill would win in a week like these; the next weeks may be others.",
)
"""What a tuning cannot say, in words, with every result."""


def tuning_ask(desk_id: int, *, weeks: int = WEEKS, is_waking: bool = True, by: Actor, now: datetime) -> int:
    """Ask for the policy in force of a desk to be tuned on its last *weeks*; return the run's key. The worker is woken, unless the caller runs it.

    Raises NotAllowed, and InvalidFacts for a number of weeks out of bounds.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    if not 2 <= weeks <= MOST_WEEKS:
        raise InvalidFacts(f"weeks: expected 2 to {MOST_WEEKS}, got {weeks}", key="weeks", field="weeks")
    with transaction.atomic():
        run_id = _add(desk_id, weeks, by=by, now=now)
        if is_waking:
            wake(JOB)
    return run_id


def tunings_ask_due(now: datetime) -> int:
    """Ask for the tuning of each desk that has had none for AGAIN and has that much history; return of how many."""
    due = [desk_id for desk_id in desk_ids() if not tuned_since(desk_id, now - AGAIN) and _has_history(desk_id, now)]
    for desk_id in due:
        with transaction.atomic():
            _add(desk_id, WEEKS, by=WATCHBILL, now=now)
    return len(due)


def _has_history(desk_id: int, now: datetime) -> bool:
    return bool(opened_between(desk_id, now - AGAIN - WEEK, now - AGAIN))


def _add(desk_id: int, weeks: int, *, by: Actor, now: datetime) -> int:
    policy = queries.policy_in_force(desk_id, now).policy
    body = {key: value for key, value in policy.as_json().items() if key != "version"}
    latest = next(iter(queries.policy_versions(desk_id)), None)
    return TUNINGS.add(
        desk_id, policy=body, weeks=weeks, digest=draft_digest(policy), against=latest["number"] if latest else 0, by=by, now=now,
    )  # fmt: skip


def tunings_run(*, tell: Tell = quiet) -> int:
    """Do the tunings that wait, the first that was asked for first; return how many have ended."""
    return each_done(partial(tuning_do, run_id, tell=tell) for run_id in TUNINGS.waiting())


def tuning_do(run_id: int, *, tell: Tell = quiet) -> bool:
    """Do one tuning to its end, from the beginning: `run_do`."""
    return run_do(TUNINGS, run_id, lambda row: TUNINGS.end(row.id, state=DONE, result=_result(row, tell)))


def suggested(row: TuningRow) -> dict[str, Any] | None:
    """Return the draft that a tuning suggests: its policy with the numbers found. None while there is none."""
    if row.result is None or not row.result["is_change"]:
        return None
    return {**row.policy, **row.result["suggested"]}


def _result(row: TuningRow, tell: Tell) -> dict[str, Any]:
    began, policy = perf_counter(), Policy.from_json(row.policy, is_stored=True)
    courses = courses_of(row.desk_id, policy, row.asked_at, weeks=row.weeks)
    if len(courses) < 2:
        raise InvalidFacts(
            f"In the last {row.weeks} weeks of this desk there are not two in which work with a promise came that somebody may do,"
            " so luck cannot be told from gain. Import more of its history, or say who works when"
        )

    def told(done: int, count: int) -> None:
        TUNINGS.step(row.id, items_done=done, items=count)
        tell(done, count)

    found = tune([one.model for one in courses], parameters=policy, tell=told)
    return {
        "until": row.asked_at.isoformat(),
        "weeks": [_week(one) for one in courses],
        "seconds": round(perf_counter() - began, 2),
        **_shown(found, policy),
        "limits": list(LIMITS),
    }


def _week(one: Course) -> dict[str, Any]:
    model = one.model
    staffed = sum(agent.staffed_min(model.horizon_min) for agent in model.agents)
    return {
        "since": one.since.isoformat(),
        "cases": len(model.cases),
        "promises": sum(case.counts for case in model.cases),
        "lost": one.lost,
        "unpromised": one.unpromised,
        "unable": one.unable,
        "people": len(model.agents),
        "load": round(sum(case.mean_min for case in model.cases) / staffed, 3) if staffed else None,
    }


def _shown(found: Suggestion, policy: Policy) -> dict[str, Any]:
    numbers = found.parameters
    return {
        "is_change": found.is_change,
        "why": found.why,
        "in_force": {"look_ahead": policy.look_ahead, "late_growth": policy.late_growth},
        "suggested": {"look_ahead": numbers.look_ahead, "late_growth": numbers.late_growth},
        "gain": _interval(found.gain),
        "trials": _trials(found.trials),
    }


def _trials(trials: Sequence[Trial]) -> list[Mapping[str, Any]]:
    return [
        {
            "look_ahead": one.look_ahead, "late_growth": one.late_growth, "attainment": round(one.attainment, 3),
            "p1": round(one.p1, 3), "late_p95_min": round(one.late_p95, 1) if math.isfinite(one.late_p95) else None,
            "gain": _interval(one.gain),
        }
        for one in trials
    ]  # fmt: skip


def _interval(one: Interval) -> dict[str, float]:
    return {"mean": round(one.mean, 3), "low": round(one.low, 3), "high": round(one.high, 3)}
