"""Reads of what happened to items: the timeline of one, what clocks need of many, and who came in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection

from watchbill.apps.core.sql import records


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of an item: what happened, and how the item stood after it."""

    id: int
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    actor_kind: str
    actor_name: str
    actor_person_id: int | None
    state: str
    priority: int
    queue_id: int | None
    team_id: int | None
    owner_id: int | None
    data: Mapping[str, Any]


_EVENT = (
    "id, seq, kind, at, recorded_at, actor_kind, actor_name, actor_person_id, state, priority, queue_id, team_id,"
    " owner_id, data"
)


_WITHOUT_OLD_PROPOSALS = (
    " and (kind <> 'suggested'"
    " or seq = (select max(seq) from work_event where item_id = %(item)s and kind = 'suggested'))"
)


def proposals_count(item_id: int) -> int:
    """Return how often something was proposed for an item."""
    rows = records(
        "select count(*) as count from work_event where item_id = %(item)s and kind = 'suggested'", {"item": item_id}
    )
    return int(rows[0]["count"])


def work_events(
    item_id: int,
    *,
    before: int | None = None,
    limit: int = 100,
    kinds: Sequence[str] = (),
    has_old_proposals: bool = True,
) -> list[EventRow]:
    """Return events of an item, the latest first, those with a smaller ``seq`` than *before*, of *kinds* if given.

    Without old proposals only the latest one is among them: an item that waits long is proposed many times.
    The caller has made sure, by `work_get`, that the item may be seen.
    """
    rows = records(
        f"select {_EVENT} from work_event where item_id = %(item)s"
        + (" and seq < %(before)s" if before is not None else "")
        + (" and kind = any(%(kinds)s)" if kinds else "")
        + ("" if has_old_proposals else _WITHOUT_OLD_PROPOSALS)
        + " order by seq desc limit %(limit)s",
        {"item": item_id, "before": before, "limit": limit, "kinds": list(kinds)},
    )
    return [EventRow(**row) for row in rows]


def clock_events(
    item_ids: Sequence[int], *, undoing: Mapping[int, int] = MappingProxyType({})
) -> dict[int, list[tuple[Any, ...]]]:
    """Return, by item and in order, what clocks need of its events.

    Each is (at, kind, state, priority, owner_id, actor_kind). Notes and our own words change no clock and are left
    out; so is a decision that was undone, or that is about to be (*undoing*: its number by item), because for the clocks
    it never was. One query for any number of items.
    """
    found: dict[int, list[tuple[Any, ...]]] = {item_id: [] for item_id in item_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "select item_id, at, kind, state, priority, owner_id, actor_kind from work_event as e"
            " where item_id = any(%s) and kind not in ('note', 'updated', 'suggested', 'clock', 'next_step')"
            " and not (kind = 'decided' and (exists (select 1 from work_event as u where u.item_id = e.item_id"
            " and u.kind = 'decided' and u.seq > e.seq and (u.data ->> 'undoes')::int = e.seq)"
            " or (e.item_id, e.seq) in (select * from unnest(%s::bigint[], %s::int[]))))"
            " order by item_id, seq",
            [list(item_ids), list(undoing), list(undoing.values())],
        )
        for item_id, *event in cursor.fetchall():
            found[item_id].append(tuple(event))
    return found


def setters_since(versions: Mapping[int, int]) -> dict[int, str]:
    """Return who set something of items since the versions seen, by item; notes and proposals set nothing. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select e.item_id, string_agg(distinct e.actor_name, ', ') from work_event as e"
            " join unnest(%s::bigint[], %s::int[]) as s(item_id, seq) on s.item_id = e.item_id and e.seq > s.seq"
            " where e.data ? 'set' group by 1",
            [list(versions), list(versions.values())],
        )
        return dict(cursor.fetchall())
