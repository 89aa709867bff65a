"""Reads of many items' events as columns of plain numbers, for models that look at a whole desk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from watchbill.apps.core.sql import tuples
from watchbill.apps.work.bulk import OPENING_KEY
from watchbill.apps.work.timeline import UNDOES, as_if_never
from watchbill.engine.backtest.twin.history import Told
from watchbill.engine.base.work import ActorKind

_SAID_BY_US = ("suggested", "clock")
"""Kinds of events that are words about an item, not something that happened to it."""


class Happened(NamedTuple):
    """One event: the item, when, how it stood after it, and who did it. ``opening``: of the first one, what it set."""

    item_id: int
    at_us: int
    state: str
    priority: int
    queue_id: int | None
    owner_id: int | None
    actor: str
    opening: dict[str, Any] | None


def items_opened_latest(desk_id: int, *, until: datetime, limit: int) -> list[int]:
    """Return the desk's latest items that were opened by *until*, by id."""
    rows = tuples(
        "select id from work_item where desk_id = %s and opened_at <= %s order by id desc limit %s",
        [desk_id, until, limit],
    )
    return sorted(item_id for (item_id,) in rows)


def events_happened(item_ids: Sequence[int], *, until: datetime) -> list[Happened]:
    """Return the events of items up to *until*, by item and in order: one query. Undone ones are among them: they stood."""
    rows = tuples(
        "select item_id, (extract(epoch from at) * 1000000)::bigint, state, priority, queue_id, owner_id, actor_name,"
        " case when seq = 1 then data -> 'set' end from work_event where item_id = any(%(items)s) and at <= %(until)s"
        " and kind <> all(%(ours)s) order by item_id, seq",
        {"items": list(item_ids), "until": until, "ours": list(_SAID_BY_US)},
    )
    return [Happened._make((*row[:7], None if row[7] is None else json.loads(row[7]))) for row in rows]


def items_count(desk_id: int, *, until: datetime) -> int:
    """Return how many items of a desk were opened by an instant."""
    ((count,),) = tuples("select count(*) from work_item where desk_id = %s and opened_at <= %s", [desk_id, until])
    return int(count)


def history_known(desk_id: int, *, until: datetime) -> tuple[bool, bool]:
    """Return whether a desk has any item that was opened by an instant, and whether any of its items has an owner: one query."""
    ((has_items, has_owners),) = tuples(
        "select exists (select 1 from work_item where desk_id = %(desk)s and opened_at <= %(until)s),"
        " exists (select 1 from work_item where desk_id = %(desk)s and opened_at <= %(until)s and owner_id is not null)",
        {"desk": desk_id, "until": until},
    )
    return has_items, has_owners


def history_names(desk_id: int, *, until: datetime) -> tuple[list[str], list[str]]:
    """Return the names of the teams, and of the owners, in the events of a desk up to *until*: one query."""
    rows = tuples(
        "select 0, name from people_team where id in (select distinct team_id from work_event where desk_id = %(desk)s and at <= %(until)s)"
        " union select 1, name from people_person where id in"
        " (select distinct owner_id from work_event where desk_id = %(desk)s and at <= %(until)s) order by 1, 2",
        {"desk": desk_id, "until": until},
    )
    teams, people = ([name for which, name in rows if which == wanted] for wanted in (0, 1))
    return teams, people


def history_span(desk_id: int, *, until: datetime) -> tuple[datetime, datetime] | None:
    """Return when the first and the last item of a desk were opened up to *until*; None where there is none: one query."""
    ((first, last),) = tuples(
        "select min(opened_at), max(opened_at) from work_item where desk_id = %s and opened_at <= %s", [desk_id, until]
    )
    return None if first is None else (first, last)


def history_people(desk_id: int, team: str, *, until: datetime) -> int:
    """Return how many had an item in hand at some time that a team had at some time, by its name: one query.

    The desk's events are looked through once for the items of the team, and those of these items are found by their item.
    """
    ((count,),) = tuples(
        "with had as (select distinct item_id from work_event where desk_id = %(desk)s and at <= %(until)s"
        " and team_id = any(array(select id from people_team where name = %(team)s)))"
        " select count(distinct owner_id) from had join work_event using (item_id) where at <= %(until)s",
        {"desk": desk_id, "team": team, "until": until},
    )
    return int(count)


_FETCHED = 5_000
"""Rows of a history that are held at once."""

# What a log's first line said at another instant than the item's opening, it said then. An event that came late, with an
# instant before the one before it, counts as coming after it.
_FIRST_AT = f"""case when seq = 1 and source_key <> '{OPENING_KEY}' and data ? 'log_at' then
    at + ((data ->> 'log_at')::timestamptz - coalesce((data ->> 'log_opened_at')::timestamptz, at)) end"""
_TOLD = f"""
select e.item_id, e.seq, e.undoes,
    coalesce(nullif(i.external_ref, ''), i.reference),
    (max(case when e.first_at <= %(until)s then e.first_at else e.at end) over log)::text, i.opened_at::text, e.state, e.priority,
    case when e.seq = 1 then e.data -> 'set' ->> 'category' end, t.name, p.name, e.actor_kind <> %(person)s
from (select *, {UNDOES} as undoes, {_FIRST_AT} as first_at from work_event
        where desk_id = %(desk)s and at <= %(until)s and kind <> all(%(ours)s)) as e
    join work_item as i on i.id = e.item_id left join people_team as t on t.id = e.team_id
    left join people_person as p on p.id = e.owner_id
window log as (partition by e.item_id order by e.seq) order by e.item_id, e.seq
"""
_STANDING = slice(3, 8)
"""Which columns of `Told` say how the item stood."""


def history_told(desk_id: int, *, until: datetime) -> Iterator[Told]:
    """Give a desk's events up to *until*, by item and in order, as a backtest reads them: one query, some thousand rows at once.

    What was undone falls away with its undoing; what came in between finds the item as it stood before. An item of
    another system goes by the name that it has there, and every line by the category that it was opened with.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            _TOLD, {"desk": desk_id, "until": until, "ours": list(_SAID_BY_US), "person": ActorKind.PERSON.value}
        )
        rows = chain.from_iterable(iter(lambda: cursor.fetchmany(_FETCHED), []))
        for _, found in groupby(rows, key=itemgetter(0)):
            whole = list(found)
            category = whole[0][8] or ""
            for row in as_if_never(whole, standing=_STANDING):
                yield Told._make((*row[:5], category, *row[6:]))


class Called(NamedTuple):
    """An item of a history: what it is called there, its reference and title."""

    called: str
    reference: str
    title: str


def items_called(desk_id: int, names: Sequence[str]) -> dict[str, Called]:
    """Return items of a desk by what a history calls them: one query."""
    rows = tuples(
        "select coalesce(nullif(external_ref, ''), reference), reference, title from work_item where desk_id = %(desk)s"
        " and (external_ref = any(%(names)s) or reference = any(%(names)s)) order by id",
        {"desk": desk_id, "names": list(names)},
    )
    return {row[0]: Called._make(row) for row in rows}
