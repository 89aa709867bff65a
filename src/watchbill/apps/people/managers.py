"""Reads for those who are told and who answer: which users of a desk hold rights, where they are; and whose limits hold what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import records
from watchbill.apps.people.places import REGION_OF
from watchbill.apps.people.rights import GRANTS, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """An active user of a desk. ``region_id``: of the person that she is there, or of her teams; None without one."""

    user_id: int
    name: str
    email: str
    person_id: int | None
    region_id: int | None


def managers_of(desk_id: int, *rights: Right) -> list[Manager]:
    """Return the active users of whom one role holds all *rights* on a desk, by name, with where they are: one query."""
    rows = records(
        "select distinct u.id as user_id, u.name, coalesce(nullif(u.email, ''), p.email, '') as email, p.id as person_id,"
        f" {REGION_OF} as region_id from people_user as u join people_rolegrant as g on g.user_id = u.id"
        " left join people_person as p on p.id = u.person_id and p.desk_id = %(desk)s"
        " where u.is_active and (g.desk_id = %(desk)s or g.desk_id is null) and g.role = any(%(roles)s)"
        " order by u.name, u.id",
        {"desk": desk_id, "roles": [role.value for role, held in GRANTS.items() if held >= set(rights)]},
    )
    return [Manager(**row) for row in rows]


def managers_by_region(desk_id: int) -> dict[int, list[Manager]]:
    """Return who manages each region of a desk: users who may change many items at once, and work in it.

    A region that has none is managed by all. One query.
    """
    found: dict[int, list[Manager]] = defaultdict(list)
    for one in managers_of(desk_id, Right.WORK_BULK, Right.WORK_ASSIGN):
        if one.region_id is not None:
            found[one.region_id].append(one)
    return dict(found)


def manages(by: Actor, region_id: int | None, managers: Mapping[int, list[Manager]]) -> bool:
    """Say whether *by* speaks for a region: her own, or any if she is of none, or one that has no manager of its own."""
    if region_id is None or region_id not in managers or by.user_id is None:
        return True
    of_region = {region for region, people in managers.items() if by.user_id in {one.user_id for one in people}}
    return not of_region or region_id in of_region


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """How many items a person may hold at once, and where she is."""

    person_id: int
    name: str
    region_id: int | None
    wip_limit: int


def limits_of(desk_id: int) -> list[Limited]:
    """Return the limits of a desk's active people, robots left out: one query."""
    rows = records(
        f"select p.id as person_id, p.name, {REGION_OF} as region_id, p.wip_limit from people_person as p"
        " where p.desk_id = %s and p.is_active and not p.is_robot order by p.id",
        [desk_id],
    )
    return [Limited(**row) for row in rows]
