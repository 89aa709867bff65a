"""Regions of a desk, and of its teams and people. For the system itself: who may see them is asked by who shows them."""

from __future__ import annotations

from watchbill.apps.core.sql import tuples
from watchbill.apps.people.places import REGION_OF


def region_names(desk_id: int) -> dict[int, str]:
    """Return the names of a desk's regions, by name: one query."""
    return dict(tuples("select id, name from people_region where desk_id = %s order by name", [desk_id]))


def team_regions(desk_id: int) -> dict[int, tuple[str, int | None]]:
    """Return name and region of each team of a desk: one query."""
    rows = tuples("select id, name, region_id from people_team where desk_id = %s order by id", [desk_id])
    return {team_id: (name, region_id) for team_id, name, region_id in rows}


def region_of(person_id: int) -> int | None:
    """Return the region of a person: her own, or that of her teams where they have one."""
    rows = tuples(f"select {REGION_OF} from people_person as p where p.id = %s", [person_id])
    return rows[0][0] if rows else None
