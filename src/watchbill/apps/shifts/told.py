"""Stretches of time that somebody has told of a person, in whichever table: absences and extra hours are alike in this."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from watchbill.apps.core.sql import tuples
from watchbill.engine.base.intervals import Interval


def intervals_of(
    table: Literal["shifts_absence", "shifts_extrahours"], person_ids: Sequence[int], now: datetime
) -> dict[int, list[Interval]]:
    """Return the stretches of these people that hold and are not over at *now*, in order: one query."""
    found: dict[int, list[Interval]] = defaultdict(list)
    for person_id, from_at, until_at in tuples(
        f"select person_id, from_at, until_at from {table} where person_id = any(%(people)s)"
        " and until_at > %(now)s and cancelled_at is null order by 1, 2",
        {"people": list(person_ids), "now": now},
    ):
        found[person_id].append(Interval(start_at=from_at, end_at=until_at))
    return found
