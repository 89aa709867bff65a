"""Reads of what a desk's events say about people: counts with their period, for inference.

What somebody has undone says nothing about anybody.
"""

from __future__ import annotations

from typing import Any

from watchbill.apps.core.sql import tuples
from watchbill.apps.work.timeline import UNDONE_KINDS

_UNDOINGS = (
    "with u as materialized (select item_id, seq, (data ->> 'undoes')::int as undoes from work_event"
    " where desk_id = %(desk)s and source_key is null and kind = any(%(kinds)s) and data ? 'undoes')"
)
_STANDS = "not exists (select 1 from u where u.item_id = e.item_id and e.seq >= u.undoes and e.seq < u.seq)"
"""The event was not undone, and none that was undone stood when it came."""


def _values(desk_id: int) -> dict[str, Any]:
    return {"desk": desk_id, "kinds": list(UNDONE_KINDS)}


def owned_by_team(desk_id: int) -> list[tuple[Any, ...]]:
    """Return (person, team, items, first instant, last instant) of items that lay with somebody in a team."""
    return tuples(
        f"{_UNDOINGS} select owner_id, team_id, count(distinct item_id), min(at), max(at) from work_event as e"
        f" where desk_id = %(desk)s and owner_id is not null and team_id is not null and {_STANDS}"
        " group by 1, 2 order by 1, 2",
        _values(desk_id),
    )


def resolved_by_skill(desk_id: int) -> list[tuple[Any, ...]]:
    """Return (person, skill, items, first instant, last instant) of items resolved while somebody owned them."""
    return tuples(
        f"{_UNDOINGS} select e.owner_id, i.skill_id, count(distinct e.item_id), min(e.at), max(e.at) from work_event as e"
        " join work_item as i on i.id = e.item_id where e.desk_id = %(desk)s and e.kind = 'state'"
        f" and e.state = 'resolved' and e.owner_id is not null and i.skill_id is not null and {_STANDS}"
        " and not e.data ? 'undoes' group by 1, 2 order by 1, 2",
        _values(desk_id),
    )


def resolvers_met(desk_id: int) -> list[tuple[Any, ...]]:
    """Return (person, name of who acted, items): who resolved items that somebody owned, robots left out."""
    return tuples(
        f"{_UNDOINGS} select owner_id, actor_name, count(distinct item_id) from work_event as e where desk_id = %(desk)s"
        " and kind = 'state' and state = 'resolved' and owner_id is not null and actor_kind = 'person'"
        f" and {_STANDS} and not data ? 'undoes' group by 1, 2 order by 1, 2",
        _values(desk_id),
    )


def resolved_names_met(desk_id: int) -> list[tuple[Any, ...]]:
    """Return (person, the log's name for who resolved, items): an attribute that the log fills in when it resolves."""
    return tuples(
        "select owner_id, attributes ->> 'resolved_by', count(*) from work_item where desk_id = %(desk)s"
        " and owner_id is not null and attributes ? 'resolved_by' group by 1, 2 order by 1, 2",
        {"desk": desk_id},
    )


_CELLS = (
    "select {who}, extract(isodow from at at time zone %(zone)s)::int - 1, extract(hour from at at time zone %(zone)s)::int,"
    " count(distinct date_trunc('week', at at time zone %(zone)s)), count(*) from work_event"
    " where desk_id = %(desk)s and actor_kind = 'person' and kind <> 'opened' and {who} is not null"
    " and actor_user_id is null group by 1, 2, 3 order by 1, 2, 3"
)
_SPANS = (
    "select {who}, (date_trunc('week', max(at at time zone %(zone)s))::date"
    " - date_trunc('week', min(at at time zone %(zone)s))::date) / 7 + 1 from work_event where desk_id = %(desk)s"
    " and actor_kind = 'person' and kind <> 'opened' and {who} is not null and actor_user_id is null group by 1"
)


def activity_by_owner(desk_id: int, zone: str) -> tuple[list[tuple[Any, ...]], dict[int, int]]:
    """Return (person, weekday, hour, weeks, events) of acts on items that somebody owned, and weeks by person."""
    values = {"desk": desk_id, "zone": zone}
    return tuples(_CELLS.format(who="owner_id"), values), dict(tuples(_SPANS.format(who="owner_id"), values))


def activity_by_actor(desk_id: int, zone: str) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    """Return (name, weekday, hour, weeks, events) of what each name of the log did, and weeks by name."""
    values = {"desk": desk_id, "zone": zone}
    return tuples(_CELLS.format(who="actor_name"), values), dict(tuples(_SPANS.format(who="actor_name"), values))
