"""Work events as canonical lines, for seals and exports."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.apps.core.trail import lines_of

COLUMNS = (
    "id", "item_id", "desk_id", "seq", "kind", "at", "recorded_at", "actor_kind", "actor_name", "actor_user_id",
    "actor_person_id", "state", "priority", "queue_id", "team_id", "owner_id", "source_key", "data",
)  # fmt: skip
"""Every column of a work event, in the order of an export for spreadsheets."""


def event_lines(first_id: int, last_id: int) -> Iterator[tuple[int, str]]:
    """Give (id, canonical line) of the work events from *first_id* to *last_id*, a few at a time."""
    return lines_of("work_event", COLUMNS, first_id, last_id)
