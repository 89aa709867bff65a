"""Risk is learned weekly from each desk's own history, in a process of its own; what is alike is counted daily."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from django.db import connection, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.runs import run_lock
from watchbill.apps.decisions import risks, riskwrites
from watchbill.apps.notices.services import NewNotice, notice_add_many
from watchbill.apps.people.queries import desk_by_id, desk_ids, people_who_may
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.columns import items_count
from watchbill.engine.base.errors import Conflict
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.sense.risk import (
    NEVER,
    RATIOS,
    Lesson,
    Likeness,
    Model,
    Past,
    as_asked,
    learn,
    score,
)
from watchbill.engine.sense.risk.reliability import reliability
from watchbill.flows.apart import set_apart
from watchbill.flows.replay.processes import in_processes
from watchbill.flows.sense.history import History, history_of
from watchbill.flows.sense.reliability import SEED
from watchbill.flows.waking import wake

JOB = "learn_risks"

WEEK, DAY = timedelta(days=7), timedelta(days=1)
MODEL_REST, COUNT_REST = timedelta(hours=1), timedelta(minutes=20)
"""Of the machine: a clock that is moved brings many weeks an hour, and learning them all would leave no time for work."""

GROWN = 1.5
"""A desk that has so many times the items that it had when it learned has had an import: it learns at once."""

FOUR_WEEKS = timedelta(days=28)
ALARM = 0.05
"""From this mean gap between forecast and outcome over four weeks on, managers are told."""
ALARM_LEAST = 200
"""Forecasts over which a mean gap says anything."""

MOST_VALUES = 20_000
"""A trait that has more values is nearly a name, and is not looked up live."""

MOST_TESTED = 50_000
FEW = 30
"""Snapshots of one commitment below which its figures say nothing."""

Tell = Callable[[], None]


class Due(StrEnum):
    """What a desk is to do: learn a model and count, or count alone."""

    LEARN = "learn"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a process is to do on which desk, as of which desk instant."""

    desk_id: int
    due: Due
    now: datetime


def quiet() -> None:
    """Tell nobody."""


def risks_learn(now: datetime, *, wall: datetime, tell: Tell = quiet, is_apart: bool = True) -> int:
    """Let every desk learn or count whose time has come; return how many did. Safe to run twice, and to kill.

    Each desk does so in a process that ends with it, so that the memory is given back, and is kept or not at all. *tell* is
    called now and then, and may raise to leave off. *is_apart*: False in tests, whose data no other process sees.
    """
    done = 0
    for desk_id in desk_ids():
        with set_apart("risks of desk", desk_id):
            due = due_of(desk_id, now, wall)
            if due is None:
                continue
            task = Task(desk_id=desk_id, due=due, now=now)
            if is_apart:
                _in_a_process(task, tell)
            else:
                desk_learn(task)
            done += 1
    return done


def due_of(desk_id: int, now: datetime, wall: datetime) -> Due | None:
    """Return what a desk is to do, by when it did it last."""
    model, counted = risks.model_in_use(desk_id), risks.counts_row(desk_id)
    items = items_count(desk_id, until=now)
    if model is None:
        return Due.LEARN if items else None
    if counted is not None and counted.is_asked:
        return Due.LEARN
    rests = wall - model.recorded_at < MODEL_REST
    known = model.figures["items"] + model.figures.get("items_left_out", 0)
    if items >= GROWN * known + FEW or (now - model.learned_at >= WEEK and not rests):
        return Due.LEARN
    if not model.source:
        return Due.LEARN if now - model.learned_at >= DAY and not rests else None
    if counted is None or (now - counted.counted_at >= DAY and wall - counted.recorded_at >= COUNT_REST):
        return Due.COUNT
    return None


def learn_ask(desk_id: int, *, by: Actor) -> None:
    """Let the worker make a desk learn at once, and not only when its week is over."""
    require(by, Right.POLICY_EDIT, desk_id)
    with transaction.atomic():
        riskwrites.learning_ask(desk_id)
        wake(JOB)


def learn_here(desk_id: int, *, by: Actor, now: datetime) -> None:
    """Let a desk learn here, in the caller's process: seconds to minutes, and the memory of its history.

    Raises NotAllowed, and Conflict while another process is at it.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    if not desk_learn(Task(desk_id=desk_id, due=Due.LEARN, now=now)):
        raise Conflict("This desk is learning already, in another process; look at it again when that is done")


def _in_a_process(task: Task, tell: Tell) -> None:
    database = str(connection.settings_dict["NAME"])
    make = "watchbill.flows.sense.training:Learning"
    for _ in in_processes(make, task, iter([task.desk_id]), processes=1, database=database, beat=tell):
        tell()


class Learning:
    """What the process does: it steps behind everything else that the machine has to do."""

    def __init__(self, task: Task) -> None:
        self._task = task
        os.nice(10)

    def __call__(self, _desk_id: int) -> bool:
        return desk_learn(self._task)


def desk_learn(task: Task) -> bool:
    """Gather a desk's history, learn from it or only count, look how the last forecasts fared, and keep it all at once.

    One process at a time: False when another is at it.
    """
    with run_lock(f"learning of desk {task.desk_id}") as is_mine:
        if is_mine:
            _learn(task)
        return is_mine


def _learn(task: Task) -> None:
    """The whole of it, under the desk's lock: minutes of reckoning, and one transaction at its end."""
    desk_id, now = task.desk_id, task.now
    known = risks.counts_body(desk_id)
    names: Sequence[str] = known[0]["names"] if known else ()
    history = history_of(
        desk_id, zone=desk_by_id(desk_id).zone, items=items_count(desk_id, until=now), names=names, now=now
    )
    past = Past(history.log, history.promises)
    lesson = learn(past, seed=SEED) if task.due is Due.LEARN else None
    figures = None if lesson is None else figures_of(lesson, past, history)
    packed = Likeness.of(past, micros_of(now)).as_bytes()
    lately = lately_of(desk_id, past, now)
    with transaction.atomic():
        if lesson is not None and figures is not None:
            riskwrites.model_keep(
                desk_id,
                source="" if lesson.model is None else lesson.model.source,
                digest="" if lesson.model is None else lesson.model.digest,
                words=lesson.words,
                figures=figures,
                body=None if lesson.model is None else lesson.model.as_json(),
                now=now,
            )
        before = risks.counts_row(desk_id)
        riskwrites.counts_keep(desk_id, codes=_codes(history), packed=packed, lately=lately, now=now)
        if is_off(lately) and not (before and is_off(before.lately)):
            _alarm(desk_id, lately, now)


def figures_of(lesson: Lesson, past: Past, history: History) -> dict[str, Any]:
    """Return how a lesson fared, from what it was learned, and the same by commitment, as plain JSON."""
    return {
        "items": len(history.items),
        "items_left_out": history.left_out,
        "commitments": list(history.names),
        "counts": dict(lesson.counts),
        "since": [None if at in {0, NEVER} else instant_of(at).isoformat() for at in lesson.since_us],
        "seed": SEED,
        "reliability": {name: one.as_json() for name, one in lesson.reliability.items()},
        "by_commitment": _by_commitment(lesson, past, history.names),
    }


def _by_commitment(lesson: Lesson, past: Past, names: Sequence[str]) -> dict[str, Any]:
    """Return the figures of the test slice for each commitment, beside what was usual for it in training."""
    if lesson.model is None:
        return {}
    asked, rows, missed = as_asked(past.promises)
    opened = past.log.opened_us[asked.item]
    train_us, calibrate_us, test_us, end_us = lesson.since_us
    trains = (opened >= train_us) & (opened < calibrate_us)
    share = np.searchsorted(RATIOS, asked.used, "right") - 1
    tests = np.flatnonzero((opened >= test_us) & (opened < end_us))
    tests = tests[:: max(1, len(tests) // MOST_TESTED)]
    tried = asked.at(tests)
    forecast = score(lesson.model, past, tried).p_miss
    found = {}
    for code, name in enumerate(names):
        here = np.flatnonzero(tried.name == code)
        taught = trains & (asked.name == code)
        if len(here) < FEW or not taught.any():
            continue
        rates = [missed[taught & (share == at)] for at in range(len(RATIOS))]
        usual = np.array([one.mean() if len(one) else missed[taught].mean() for one in rates])[share[tests][here]]
        one = reliability(
            forecast[here], missed[tests][here], usual=usual, plain=tried.used[here],
            item=rows[tests][here], at_us=tried.at_us[here], due_us=tried.due_us[here], seed=SEED,
        )  # fmt: skip
        found[name] = one.as_json() | {"skill_baseline": None}
    return found


def lately_of(desk_id: int, past: Past, now: datetime) -> dict[str, Any]:
    """Return how forecasts of the last four weeks fared, each by the model that was in use at its instant.

    Nothing that a model was taught is among them: a model's forecasts begin when it was learned.
    """
    since = now - FOUR_WEEKS
    asked, rows, missed = as_asked(past.promises)
    parts: list[np.ndarray[Any, Any]] = []
    forecasts: list[np.ndarray[Any, Any]] = []
    until_us = micros_of(now)
    for row in risks.models_since(desk_id, since):
        body = risks.model_body(desk_id, row.number)
        from_us = micros_of(max(row.learned_at, since))
        here = np.flatnonzero((asked.at_us >= from_us) & (asked.at_us < until_us))
        until_us = min(until_us, from_us)
        if body is not None and len(here):
            parts.append(here)
            forecasts.append(score(Model.from_json(body), past, asked.at(here)).p_miss)
    if not parts:
        return {"number": 0, "missed": 0, "ece": None, "bins": [], "since": None}
    chosen, forecast = np.concatenate(parts), np.concatenate(forecasts)
    one = reliability(
        forecast, missed[chosen], usual=np.full(len(chosen), missed[chosen].mean()), plain=asked.used[chosen],
        item=rows[chosen], at_us=asked.at_us[chosen], due_us=asked.due_us[chosen], seed=SEED,
    )  # fmt: skip
    first = instant_of(int(asked.at_us[chosen].min()))
    told = one.as_json()
    return {**{name: told[name] for name in ("number", "missed", "ece", "bins")}, "since": first.isoformat()}


def is_off(lately: Mapping[str, Any]) -> bool:
    """Say whether the forecasts of four weeks were so far off that managers are to know."""
    return lately["number"] >= ALARM_LEAST and lately["ece"] is not None and lately["ece"] > ALARM


def _alarm(desk_id: int, lately: Mapping[str, Any], now: datetime) -> None:
    text = (
        f"Forecasts of missed promises were off by {100 * lately['ece']:.0f} points on average over the last four weeks"
        f" ({lately['number']:,} of them). The desk learns anew every week; until it fits again, trust the clocks more"
    )
    people = people_who_may(Right.AUTOPILOT_SET, desk_id)
    notice_add_many(
        [NewNotice(desk_id=desk_id, person_id=each, kind="risk_off", text=text) for each in people], now=now
    )


def _codes(history: History) -> dict[str, Any]:
    return {
        "names": list(history.names),
        "actors": list(history.actors),
        "traits": {name: [_text(value) for value in values] for name, values in history.traits.items()
                   if len(values) <= MOST_VALUES},
    }  # fmt: skip


def _text(value: object) -> str:
    """Return a value as PostgreSQL writes it from JSON."""
    return value if isinstance(value, str) else json.dumps(value)
