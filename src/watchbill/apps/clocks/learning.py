"""What was learned of how long a desk's work takes: kept once a desk, and which desks are to learn again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from watchbill.apps.core.sql import tuples
from watchbill.engine.clocks.lead_time import PRIOR, LeadTimes

EVERY = timedelta(days=1)
SOONER = timedelta(hours=1)
"""After this a desk learns again that has learned from hardly anything."""


def desks_to_learn(now: datetime) -> list[int]:
    """Return the open desks that have never learned, or not for a day of desk time."""
    rows = tuples(
        "select d.id from people_desk as d left join clocks_leadtimes as l on l.desk_id = d.id where d.closed_at is null"
        " and (l.learned_at is null or l.learned_at <= case when l.items < %s then %s::timestamptz else %s end)"
        " order by d.id",
        [PRIOR, now - SOONER, now - EVERY],
    )
    return [desk_id for (desk_id,) in rows]


def calendars_of_items(item_ids: Sequence[int]) -> dict[int, str]:
    """Return the name of the calendar of each item that has a clock: that of its resolution where it has one. One query."""
    rows = tuples(
        "select distinct on (c.item_id) c.item_id, k.name from clocks_clock as c"
        " join clocks_calendarversion as k on k.id = c.calendar_id where c.item_id = any(%s)"
        " order by c.item_id, c.kind <> 'resolution', c.id",
        [list(item_ids)],
    )
    return dict(rows)


def lead_times_keep(desk_id: int, found: LeadTimes) -> None:
    """Put what was learned in the place of what was known before it: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into clocks_leadtimes as l (desk_id, number, learned_at, items, body) values (%s, 1, %s, %s, %s::jsonb)"
            " on conflict (desk_id) do update set number = l.number + 1, learned_at = excluded.learned_at,"
            " items = excluded.items, body = excluded.body where l.learned_at <= excluded.learned_at",
            [desk_id, found.learned_at, found.items, json.dumps(found.as_json())],
        )
