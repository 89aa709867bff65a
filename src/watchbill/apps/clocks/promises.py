"""Reads of running promises, a desk at a time, in columns."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from watchbill.apps.core.sql import tuples


class Running(NamedTuple):
    """Running clocks of open items that have one name, kind and calendar, and are not broken: columns of one length.

    safe_us: the latest safe moment; the due itself where none is known.
    """

    name: str
    kind: str
    calendar: str
    item_ids: list[int]
    target_s: list[int]
    due_us: list[int]
    safe_us: list[int]


_RUNNING = (
    "select c.name, c.kind, k.name, array_agg(c.item_id order by c.item_id), array_agg(c.target_s order by c.item_id),"
    " array_agg((extract(epoch from c.due_at) * 1000000)::bigint order by c.item_id),"
    " array_agg((extract(epoch from coalesce(c.safe_at, c.due_at)) * 1000000)::bigint order by c.item_id)"
    " from work_item as i join clocks_clock as c on c.item_id = i.id join clocks_calendarversion as k on k.id = c.calendar_id"
    " where i.desk_id = %(desk)s and i.is_open and c.status = 'running' and c.due_at > %(now)s"
    " and (c.breach_at is null or c.breach_at > %(now)s) and c.target_s > 0{some} group by 1, 2, 3 order by 1, 2, 3"
)


def running_promises(desk_id: int, *, now: datetime, items: list[int] | None = None) -> list[Running]:
    """Return the promises of a desk that run and can still be kept, of *items* or of all that is open: one query."""
    some = "" if items is None else " and i.id = any(%(items)s)"
    rows = tuples(_RUNNING.format(some=some), {"desk": desk_id, "now": now, "items": items})
    return [Running(*row) for row in rows]
