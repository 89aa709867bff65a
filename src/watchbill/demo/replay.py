"""Three days of the log without anybody looking on: the ticker's own steps, and a hand that answers proposals by rule."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import clock_done
from watchbill.apps.decisions import reports
from watchbill.apps.decisions.choices import Refusal, Status
from watchbill.apps.decisions.queries import decision_list
from watchbill.apps.people.queries import person_names
from watchbill.apps.work import reckoning
from watchbill.engine.assign.schedule import Step
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.assign import answers
from watchbill.flows.watch import Stepped, due_next_at, step, target_at

LOOKED_AT = 50
"""The newest open proposals that the hand looks at after a run."""
ACCEPT_EVERY, REFUSE_EVERY, UNDO_EVERY = 3, 17, 5
"""The hand accepts every third item's proposal, refuses every seventeenth's, and undoes every fifth item's answer."""


@dataclass(slots=True)
class Tally:
    """What a replay came to, counted while it ran; ``over_limit`` names people whom autopilot gave too much."""

    steps: int = 0
    ticks: int = 0
    released: int = 0
    told: int = 0
    proposed: int = 0
    applied: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    over_limit: list[str] = field(default_factory=list)
    seconds: float = 0.0


def replay(*, desk_id: int, starts_at: datetime, ends_at: datetime, hand: Hand, is_autopilot: bool) -> Tally:
    """Let desk time go from *starts_at* to *ends_at* as fast as it can, by the schedule of the ticker.

    Decisions are looked at when anything has happened, at most once in five minutes of the desk.
    """
    tally, began, done = Tally(), time.perf_counter(), starts_at
    while done < ends_at:
        done = target_at(done_at=done, goal_at=ends_at, due_at=due_next_at())
        before = reckoning.event_last_id() if is_autopilot else 0
        stepped = step(done)
        clock_done(done, ahead_s=0, ends_at=None, reached_rate=None, is_told=False)
        _count(tally, stepped)
        if is_autopilot and any(run.applied.applied for run in stepped.runs):
            tally.over_limit += _given_too_much(desk_id, after_id=before)
        if any(run.step is not Step.NOTHING for run in stepped.runs):
            hand(done, tally.answers)
    tally.seconds = time.perf_counter() - began
    return tally


def _count(tally: Tally, stepped: Stepped) -> None:
    tally.steps += 1
    tally.released += stepped.released
    tally.told += stepped.told
    for run in stepped.runs:
        tally.ticks += run.step is not Step.NOTHING
        tally.proposed += run.applied.proposed
        tally.applied += run.applied.applied


def _given_too_much(desk_id: int, *, after_id: int) -> list[str]:
    """Return the names of those who were given work by autopilot just now and have more than their limit."""
    full = reckoning.over_limit(desk_id)
    given = {person for _, person in reports.given_since(desk_id, after_id=after_id)}
    return sorted(person_names(sorted(given & set(full))).values())


Hand = Callable[[datetime, Counter[str]], None]
"""Answers proposals at an instant and counts what it did."""


def advised(desk_id: int, *, by: Actor) -> Hand:
    """Return a hand that accepts, refuses and undoes some of what is proposed, each item once, chosen by their ids."""
    met: set[int] = set()

    def answer(now: datetime, done: Counter[str]) -> None:
        for row in decision_list(desk_id, status=Status.PROPOSED, limit=LOOKED_AT, by=by):
            if row.chosen_id is None or row.item_id in met:
                continue
            met.add(row.item_id)
            if row.item_id % REFUSE_EVERY == 0:
                _try(done, "refused", partial(answers.decision_refuse, row.id, Refusal.WRONG_TIME, by=by, now=now))
            elif row.item_id % ACCEPT_EVERY == 0:
                _try(done, "accepted", partial(answers.decision_accept, row.id, by=by, now=now))
                if row.item_id % UNDO_EVERY == 0:
                    _try(done, "undone", partial(answers.decision_undo, row.id, by=by, now=now))

    return answer


def undoing(desk_id: int, *, by: Actor) -> Hand:
    """Return a hand that takes back some of what autopilot did, chosen by the items' ids alone."""
    seen = 0

    def answer(now: datetime, done: Counter[str]) -> None:
        nonlocal seen
        rows = decision_list(desk_id, status=Status.APPLIED, limit=LOOKED_AT, by=by)
        for row in rows:
            if row.id > seen and row.undone_at is None and row.item_id % UNDO_EVERY == 0:
                _try(done, "undone", partial(answers.decision_undo, row.id, by=by, now=now))
        seen = max([seen, *(row.id for row in rows)])

    return answer


def _try(done: Counter[str], what: str, act: Callable[[], object]) -> None:
    """Do it, and count it; or count that somebody was there first, or that it cannot be any more."""
    try:
        act()
    except (Conflict, InvalidFacts):
        done["too_late"] += 1
    else:
        done[what] += 1
