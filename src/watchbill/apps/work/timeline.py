"""Reads of what happened to items: the timeline of one, what clocks need of many, and who came in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db import connection

from watchbill.apps.core.sql import literals, records
from watchbill.engine.base.work import EventKind
from watchbill.engine.clocks.facts import UNSEEN

UNDONE_KINDS = (EventKind.DECIDED, EventKind.ASSIGNED, EventKind.STATE, EventKind.PRIORITY, EventKind.MERGED)
"""Kinds of events that can be undone; what undoes one is of its kind, and has its number under ``undoes``."""

IS_SEEN = f"kind not in ({literals(UNSEEN)})"
"""What of an item's events clocks look at, as SQL."""

UNDOES = f"case when kind in {tuple(map(str, UNDONE_KINDS))} then (data ->> 'undoes')::int end"
"""Column of a read of events: the number of the one that an event undoes, for `as_if_never`."""


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
    actor_user_id: int | None
    actor_person_id: int | None
    state: str
    priority: int
    queue_id: int | None
    team_id: int | None
    owner_id: int | None
    source_key: str | None
    data: Mapping[str, Any]


_EVENT = (
    "id, seq, kind, at, recorded_at, actor_kind, actor_name, actor_user_id, actor_person_id, state, priority, queue_id,"
    " team_id, owner_id, source_key, data"
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


ClockRow = tuple[datetime, str, str, int, int | None, str, datetime | None, Mapping[str, Any] | None]
"""(at, kind, state, priority, owner_id, actor_kind, opening of what was merged, the fields that it set): `clock_events`."""


def clock_events(
    item_ids: Sequence[int], *, undoing: Mapping[int, int] = MappingProxyType({}), has_fields: bool = False
) -> dict[int, list[ClockRow]]:
    """Return, by item and in order, what clocks need of its events.

    The fields that an event set, with its queue and team, are only read where *has_fields* asks for them. Notes and our
    own words change no clock and are left out; so is what was undone, or is about to be (*undoing*: its number by item),
    because for the clocks it never was. One query for any number of items.
    """
    fields = (
        "jsonb_strip_nulls(jsonb_build_object('queue_id', queue_id, 'team_id', team_id)) || coalesce(data -> 'set', '{}')"
        if has_fields
        else "null::jsonb"
    )
    found: dict[int, list[ClockRow]] = {item_id: [] for item_id in item_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"select item_id, seq, {UNDOES}, at, kind, state, priority, owner_id, actor_kind,"
            " case when kind = 'merged' then (data ->> 'opened_at')::timestamptz end,"
            f" {fields} from work_event where item_id = any(%s)"
            f" and {IS_SEEN} order by item_id, seq",
            [list(item_ids)],
        )
        for item_id, rows in groupby(cursor.fetchall(), key=itemgetter(0)):
            read = list(rows)
            if has_fields:
                read = [(*row[:-1], json.loads(row[-1])) for row in read]
            found[item_id] = as_if_never(read, undoing=undoing.get(item_id))
    return found


def as_if_never(
    rows: Sequence[tuple[Any, ...]], *, standing: slice = slice(2, 5), undoing: int | None = None
) -> list[Any]:
    """Return events as they would be had what was undone never happened, and it were not for *undoing* either.

    Each row is (item, number, what it undoes, and the columns that are returned: of `ClockRow`, unless *standing* says
    which of others tell how the item stood), in the order of numbers. An act and its undoing fall away; whatever came in
    between (a reply) finds the item as it stood before the act.
    """
    until = {undoes: seq for _, seq, undoes, *_ in rows if undoes is not None}
    if undoing is not None:
        until[undoing] = rows[-1][1] + 1
    if not until:
        return [row[3:] for row in rows]
    kept: list[tuple[Any, ...]] = []
    back_at = 0
    for _, seq, undoes, *columns in rows:
        if undoes is not None or seq in until:
            back_at = max(back_at, until.get(seq, 0))
            continue
        if seq < back_at:
            columns[standing] = kept[-1][standing]
        kept.append(tuple(columns))
    return kept
