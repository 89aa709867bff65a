"""Reads for those who are told: which users of a desk hold a right, where they are; and whose limits hold what."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.apps.core.sql import records
from watchbill.apps.people.rights import GRANTS, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """An active user who is told. ``region_id``: of the person that she is; None without one."""

    user_id: int
    name: str
    email: str
    person_id: int | None
    region_id: int | None


def managers_of(desk_id: int, right: Right) -> list[Manager]:
    """Return the active users who hold *right* on a desk, with where they are: one query."""
    rows = records(
        "select distinct u.id as user_id, u.name, coalesce(nullif(u.email, ''), p.email, '') as email, p.id as person_id,"
        " p.region_id from people_user as u join people_rolegrant as g on g.user_id = u.id"
        " left join people_person as p on p.id = u.person_id and p.desk_id = %(desk)s"
        " where u.is_active and (g.desk_id = %(desk)s or g.desk_id is null) and g.role = any(%(roles)s) order by u.id",
        {"desk": desk_id, "roles": [role for role, rights in GRANTS.items() if right in rights]},
    )
    return [Manager(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """How many items a person may hold at once."""

    person_id: int
    name: str
    region_id: int | None
    wip_limit: int


def limits_of(desk_id: int) -> list[Limited]:
    """Return the limits of a desk's active people, robots left out."""
    rows = records(
        "select id as person_id, name, region_id, wip_limit from people_person where desk_id = %s and is_active"
        " and not is_robot order by id",
        [desk_id],
    )
    return [Limited(**row) for row in rows]
