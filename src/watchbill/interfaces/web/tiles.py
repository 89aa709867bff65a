"""The Board's counts, kept in this process for two seconds a desk: many people look at the same ones."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from watchbill.apps.decisions.risks import danger_count, has_chances
from watchbill.apps.work.queries import Tiles, WorkFilter, work_tiles
from watchbill.interfaces.web.access import Visit

LIKELY_MOST = 1000
"""How far likely breaches are counted."""

KEPT_S = 2.0
"""Wall seconds for which counts are shown before they are counted anew."""


@dataclass(slots=True)
class _Kept:
    """One desk's counts; the lock lets one request count while the others wait for its answer."""

    lock: Lock = field(default_factory=Lock)
    until: float = 0.0
    tiles: Tiles | None = None
    likely: int | None = None


_kept: dict[int, _Kept] = {}


def tiles_get(visit: Visit) -> Tiles:
    """Return the counts of the visit's desk, at most `KEPT_S` old. The right to see them was asked by the visit."""
    return _counted(visit)[0]


def likely_get(visit: Visit) -> int | None:
    """Return how many open cases will more likely miss a target than not; None while nothing says so of the desk."""
    return _counted(visit)[1]


def _counted(visit: Visit) -> tuple[Tiles, int | None]:
    one = _kept.setdefault(visit.desk.id, _Kept())
    with one.lock:
        if one.tiles is None or time.monotonic() >= one.until:
            desk_id, by, now = visit.desk.id, visit.actor, visit.now
            one.tiles = work_tiles(desk_id, by=by, now=now)
            wanted = WorkFilter(desk_id=desk_id)
            one.likely = (
                danger_count(wanted, is_likely=True, at_most=LIKELY_MOST, by=by, now=now)
                if has_chances(desk_id)
                else None
            )
            one.until = time.monotonic() + KEPT_S
        return one.tiles, one.likely


def tiles_forget(desk_id: int | None = None) -> None:
    """Count a desk anew at the next look: for somebody who has just changed it, and for tests (all desks)."""
    for each in [desk_id] if desk_id is not None else list(_kept):
        if each in _kept:
            _kept[each].until = 0.0
