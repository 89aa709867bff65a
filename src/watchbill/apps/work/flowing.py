"""Reads of how work comes, waits and is passed on, by hour: what alerts compare with what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.sql import tuples
from watchbill.apps.work.competing import ASKED, ASKS
from watchbill.apps.work.models import OPEN_STATES
from watchbill.engine.base.time import FAR_FUTURE

_WAITS = "{0}.owner_id is null and {0}.state = any(%(open)s)"
_BEFORE = "work_event as b on b.item_id = e.item_id and b.seq = e.seq - 1"


def marks(desk_id: int) -> tuple[int, int]:
    """Return the latest item and event of a desk: two looks at indexes."""
    ((item, event),) = tuples(
        "select coalesce((select max(id) from work_item where desk_id = %(desk)s), 0),"
        " coalesce((select max(id) from work_event where desk_id = %(desk)s), 0)",
        {"desk": desk_id},
    )
    return item, event


def first_at(desk_id: int) -> datetime | None:
    """Return when the desk's first item was opened."""
    ((at,),) = tuples("select min(opened_at) from work_item where desk_id = %s", [desk_id])
    return at


def opened_by_bin(desk_id: int, *, since: datetime, until: datetime, after: int) -> dict[datetime, int]:
    """Return how many items with keys above *after* were opened in each 15 minutes of [since, until), *since* on the grid."""
    return dict(
        tuples(
            "select date_bin('15 minutes', opened_at, %(since)s), count(*) from work_item where desk_id = %(desk)s"
            " and id > %(after)s and opened_at >= %(since)s and opened_at < %(until)s group by 1",
            {"desk": desk_id, "since": since, "until": until, "after": after},
        )
    )


def unassigned_count(desk_id: int) -> int:
    """Return how many open items have no owner: an index alone."""
    ((count,),) = tuples(
        "select count(*) from work_item where desk_id = %s and is_open and owner_id is null", [desk_id]
    )
    return int(count)


def unassigned_changes(desk_id: int, *, since: datetime, until: datetime, zone: str) -> dict[datetime, int]:
    """Return by how much the number of open items without an owner changed in each local hour of [since, until), from events."""
    now, then = _WAITS.format("e"), _WAITS.format("b")
    return dict(
        tuples(
            f"select date_trunc('hour', e.at, %(zone)s), sum(({now})::int - coalesce(({then})::int, 0)) from work_event as e"
            f" left join {_BEFORE} where e.desk_id = %(desk)s and e.at >= %(since)s and e.at < %(until)s"
            f" and ({now}) is distinct from coalesce(({then}), false) group by 1",
            {"desk": desk_id, "since": since, "until": until, "zone": zone, "open": OPEN_STATES},
        )
    )


def passed_by_hour(desk_id: int, *, since: datetime, until: datetime, zone: str) -> dict[tuple[datetime, int], int]:
    """Return how many items each region took over from another in each local hour of [since, until): (hour, region) -> items.

    The region of an item is that of its owner, without one that of its team.
    """
    region = "coalesce(p{0}.region_id, t{0}.region_id)"
    rows = tuples(
        f"select date_trunc('hour', e.at, %(zone)s), {region.format('e')}, count(*) from work_event as e join {_BEFORE}"
        " left join people_person as pe on pe.id = e.owner_id left join people_team as te on te.id = e.team_id"
        " left join people_person as pb on pb.id = b.owner_id left join people_team as tb on tb.id = b.team_id"
        " where e.desk_id = %(desk)s and e.at >= %(since)s and e.at < %(until)s"
        " and (e.owner_id is distinct from b.owner_id or e.team_id is distinct from b.team_id)"
        f" and {region.format('e')} <> {region.format('b')} group by 1, 2",
        {"desk": desk_id, "since": since, "until": until, "zone": zone},
    )
    return {(at, region_id): count for at, region_id, count in rows}


def due_ahead_count(desk_id: int, *, now: datetime, until: datetime | None) -> int:
    """Return how many open items have a promise that falls due after *now* and before *until* (None: ever)."""
    ((count,),) = tuples(
        "select count(*) from work_item where desk_id = %(desk)s and is_open and due_sort_at > %(now)s"
        " and due_sort_at < %(until)s",
        {"desk": desk_id, "now": now, "until": until or FAR_FUTURE},
    )
    return int(count)


@dataclass(frozen=True, slots=True)
class Asked:
    """What some open items of a queue ask of an owner, all of them the same, and when their promises fall due after now."""

    queue_id: int | None
    language: str
    tier: str
    team_id: int | None
    skill_id: int | None
    skill_level: int
    region_id: int | None
    clearances: Sequence[str]
    due_at: Sequence[datetime]


def items_asked(desk_id: int, now: datetime, *, queue_ids: Sequence[int] | None = None) -> list[Asked]:
    """Return what open items of a desk whose promises fall due after *now* ask for: one query.

    ``due_at`` holds the first of each; of these queues alone (0: of none), all of them in order.
    """
    dues = "array[min(i.due_sort_at)]" if queue_ids is None else "array_agg(i.due_sort_at order by i.due_sort_at)"
    chosen = "" if queue_ids is None else " and coalesce(i.queue_id, 0) = any(%(queues)s)"
    return [
        Asked(*row)
        for row in tuples(
            f"select i.queue_id, i.language, coalesce(c.tier, 'standard'), {ASKS}, {dues} from {ASKED}"
            " where i.desk_id = %(desk)s and i.is_open and i.due_sort_at > %(now)s and i.due_sort_at < %(far)s"
            f"{chosen} group by 1, 2, 3, 4, 5, 6, 7, 8 order by 7, 1, 4, 5, 6, 2, 3, 8",
            {"desk": desk_id, "now": now, "far": FAR_FUTURE, "queues": list(queue_ids or ())},
        )
    ]


def endangered_count(desk_id: int, *, now: datetime) -> int:
    """Return how many open items are past the latest moment at which they could be begun safely, and not late yet."""
    ((count,),) = tuples(
        "select count(*) from work_item where desk_id = %(desk)s and is_open and act_by_at <= %(now)s"
        " and due_sort_at > %(now)s",
        {"desk": desk_id, "now": now},
    )
    return int(count)
