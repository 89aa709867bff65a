"""Work events as canonical lines, for seals and exports."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.apps.core.trail import lines_of

LINE = (
    "jsonb_build_object('id', id, 'item_id', item_id, 'desk_id', desk_id, 'seq', seq, 'kind', kind, 'at', at,"
    " 'recorded_at', recorded_at, 'actor_kind', actor_kind, 'actor_name', actor_name, 'actor_user_id', actor_user_id,"
    " 'actor_person_id', actor_person_id, 'state', state, 'priority', priority, 'queue_id', queue_id,"
    " 'team_id', team_id, 'owner_id', owner_id, 'source_key', source_key, 'data', data)::text"
)
"""A row as it is sealed: every column, in PostgreSQL's canonical JSON (keys by length, then by bytes), instants in UTC."""


def event_lines(first_id: int, last_id: int) -> Iterator[tuple[int, str]]:
    """Give (id, canonical line) of the work events from *first_id* to *last_id*, a few at a time."""
    return lines_of("work_event", LINE, first_id, last_id)
