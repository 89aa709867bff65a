"""How well the misses of a desk could have been foreseen: learned from the earlier part of its history, tried on the later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.rights import Right, require
from watchbill.apps.work.columns import items_count
from watchbill.engine.base.intervals import instant_of
from watchbill.engine.sense.risk import NEVER, Lesson, Past, learn
from watchbill.engine.sense.risk.learning import MOST_SNAPSHOTS
from watchbill.flows.sense.history import History, history_of

SEED = 20_160_229
"""Of every draw: the same history gives the same figures."""


def reliability_of(desk: DeskRow, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return the figures of a desk: what was learned from, when the slices begin, and how the forecasts fared.

    Nothing is kept, and no live score changes. Of a desk with more than `LATEST` items the latest are looked at, and of their
    snapshots at most `MOST_SNAPSHOTS`, drawn by seed; the answer says so.
    """
    require(by, Right.WORK_VIEW, desk.id)
    found = history_of(desk.id, zone=desk.zone, items=items_count(desk.id, until=now), now=now)
    return _told(found, learn(Past(found.log, found.promises), seed=SEED))


def _told(history: History, lesson: Lesson) -> dict[str, Any]:
    trains, calibrates, tests, ends = (None if at in {0, NEVER} else instant_of(at) for at in lesson.since_us)
    return {
        "words": lesson.words,
        "source": None if lesson.model is None else lesson.model.source,
        "digest": None if lesson.model is None else lesson.model.digest,
        "seed": SEED,
        "items": len(history.items),
        "items_left_out": history.left_out,
        "snapshots_at_most": MOST_SNAPSHOTS,
        "commitments": list(history.names),
        "trained_since": trains,
        "calibrated_since": calibrates,
        "tested_since": tests,
        "tested_until": ends,
        "counts": dict(lesson.counts),
        "reliability": {name: one.as_json() for name, one in lesson.reliability.items()},
    }
