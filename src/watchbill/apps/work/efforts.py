"""Expected effort: what a desk assumes of each class of work, in Python and as SQL, and how much of it weighs in each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from watchbill.apps.core.sql import tuples
from watchbill.engine.base.work import State

SOON = timedelta(hours=4)
TOUCH_MOST_MIN = 60
"""The next piece of work is assumed to be the whole effort, but at most this long, until touches are learned."""
MULTIPLIER: Mapping[State, float] = {
    State.NEW: 1.0,
    State.IN_PROGRESS: 1.0,
    State.WAITING_CUSTOMER: 0.15,
    State.WAITING_VENDOR: 0.10,
    State.WAITING_OTHER: 0.10,
    State.SCHEDULED: 0.05,
}
"""How much of an item's effort weighs on its owner in each state; a next step due within SOON makes it weigh in full."""

DEFAULT_MIN = 60
"""Effort of an item for which the table has no row at all."""


class EffortTable:
    """Expected hands-on minutes by category and priority: the most specific row counts.

    Category and priority, then category, then priority, then the row for everything, then DEFAULT_MIN.
    """

    def __init__(self, rows: Mapping[tuple[str, int | None], int]) -> None:
        self._rows = dict(rows)

    def minutes(self, category: str, priority: int) -> int:
        """Return the expected minutes of one item."""
        for key in ((category, priority), (category, None), ("", priority), ("", None)):
            found = self._rows.get(key)
            if found is not None:
                return found
        return DEFAULT_MIN


def effort_table(desk_id: int) -> EffortTable:
    """Return a desk's effort table: one query."""
    rows = tuples(
        "select category, priority, minutes from work_effort where desk_id = %(desk)s and minutes is not null",
        {"desk": desk_id},
    )
    return EffortTable({(category, priority): minutes for category, priority, minutes in rows})


WEIGHT = " ".join(f"when '{state.value}' then {weight}" for state, weight in MULTIPLIER.items())
"""What each state weighs, as branches of a case on it."""
EFFORT = """
e as (select category, priority, minutes from work_effort where desk_id = %(desk)s and minutes is not null),
both_ as (select * from e where category <> '' and priority is not null),
category_ as (select * from e where category <> '' and priority is null),
priority_ as (select * from e where category = '' and priority is not null),
any_ as (select minutes from e where category = '' and priority is null)
"""
MINUTES = f"coalesce(b.minutes, c.minutes, p.minutes, (select minutes from any_), {DEFAULT_MIN})"
JOINED = """
left join both_ as b on b.category = i.category and b.priority = i.priority
left join category_ as c on c.category = i.category
left join priority_ as p on p.priority = i.priority
"""
"""`EffortTable` as SQL, of items called i; a test holds the two together."""
