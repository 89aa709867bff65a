"""Sums over a desk's items and events: what a run is reckoned by when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.apps.core.sql import tuples
from watchbill.engine.base.work import ACTIONABLE


def item_count(desk_id: int) -> int:
    """Return how many items a desk has, open or not."""
    return int(tuples("select count(*) from work_item where desk_id = %(desk)s", {"desk": desk_id})[0][0])


def event_last_id() -> int:
    """Return the id of the newest event: a mark to count from."""
    return int(tuples("select coalesce(max(id), 0) from work_event", {})[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """Events of a desk after a mark. ``decided``: by Watchbill itself, and by people; ``noted``: that carry a text.

    ``safe_moments``: that work should begin now; ``resumed``: pauses that ended by their limit.
    """

    opened: int
    suggested: int
    decided_by_system: int
    decided_by_people: int
    warnings: int
    breaches: int
    safe_moments: int
    resumed: int
    noted: int


def event_counts(desk_id: int, *, after_id: int = 0) -> EventCounts:
    """Count the events of a desk with ids above *after_id*: one query."""
    row = tuples(
        "select count(*) filter (where kind = 'opened'), count(*) filter (where kind = 'suggested'),"
        " count(*) filter (where kind = 'decided' and actor_kind = 'system'),"
        " count(*) filter (where kind = 'decided' and actor_kind <> 'system'),"
        " count(*) filter (where kind = 'clock' and data ->> 'what' = 'warning'),"
        " count(*) filter (where kind = 'clock' and data ->> 'what' = 'breach'),"
        " count(*) filter (where kind = 'clock' and data ->> 'what' = 'start_by'),"
        " count(*) filter (where kind = 'clock' and data ->> 'what' = 'resumed'),"
        " count(*) filter (where data ? 'text') from work_event where desk_id = %(desk)s and id > %(after)s",
        {"desk": desk_id, "after": after_id},
    )[0]
    return EventCounts(
        opened=row[0], suggested=row[1], decided_by_system=row[2], decided_by_people=row[3], warnings=row[4],
        breaches=row[5], safe_moments=row[6], resumed=row[7], noted=row[8],
    )  # fmt: skip


def items_digest(desk_id: int) -> str:
    """Return a digest over every row of a desk's items: equal digests, equal rows."""
    return str(
        tuples(
            "select md5(coalesce(string_agg(md5(i::text), '' order by id), '')) from work_item as i"
            " where desk_id = %(desk)s",
            {"desk": desk_id},
        )[0][0]
    )


def over_limit(desk_id: int) -> dict[int, int]:
    """Return, by person, how many actionable items lie with her, for those who have more than their limit."""
    rows = tuples(
        "select i.owner_id, count(*) from work_item as i join people_person as p on p.id = i.owner_id"
        " where i.desk_id = %(desk)s and i.state = any(%(states)s) group by i.owner_id, p.wip_limit"
        " having count(*) > p.wip_limit order by 1",
        {"desk": desk_id, "states": sorted(state.value for state in ACTIONABLE)},
    )
    return dict(rows)
