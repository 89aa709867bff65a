"""Reads of when promises to resolve ran out, after all pauses, and how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.sql import records

# Of each item the clock and the cycles before it, as far as they were decided or have a due. A clock that is paused has no due any
# more; where it ran out before, its breach says when.
_DUES = """
select i.id as item_id, coalesce(nullif(i.external_ref, ''), i.reference) as called, i.reference, i.priority, c.name, c.cycle, c.status, c.started_at,
    c.due_at, c.stopped_at
from (select item_id, name, cycle, status, started_at, coalesce(due_at, breach_at) as due_at, stopped_at from clocks_clock
        where desk_id = %(desk)s and kind = 'resolution' and agreement = 'sla' and status in ('met', 'missed', 'running', 'paused')
    union all select item_id, name, cycle, status, started_at, coalesce(due_at, breach_at), stopped_at from clocks_cycle
        where desk_id = %(desk)s and kind = 'resolution' and agreement = 'sla' and status in ('met', 'missed')) as c
join work_item as i on i.id = c.item_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One promise to resolve. called: what a history calls the item; status: met, missed, or running or paused past its due."""

    item_id: int
    called: str
    reference: str
    priority: int
    name: str
    cycle: int
    status: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None


def dues_between(desk_id: int, since: datetime, until: datetime) -> list[Due]:
    """Return the promises to customers to resolve that ran out in [since, until), by item, the last first: one query over the desk's clocks."""
    return [
        Due(**row)
        for row in records(
            _DUES + "where c.due_at >= %(since)s and c.due_at < %(until)s order by i.id, c.due_at desc, c.name",
            {"desk": desk_id, "since": since, "until": until},
        )
    ]


def dues_of(desk_id: int, called: Sequence[str]) -> list[Due]:
    """Return the promises of items by what a history calls them, where they have a due; by item, the last first: one query."""
    return [
        Due(**row)
        for row in records(
            _DUES + "where c.due_at is not null and (i.external_ref = any(%(called)s) or i.reference = any(%(called)s))"
            " order by i.id, c.due_at desc, c.name",
            {"desk": desk_id, "called": list(called)},
        )
    ]
