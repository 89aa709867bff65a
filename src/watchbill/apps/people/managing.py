"""Who manages which region: users who may change many items at once and work in it. For the system itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.sql import tuples
from watchbill.apps.people.rights import GRANTS, Right

_MANAGING = sorted(role.value for role, rights in GRANTS.items() if {Right.WORK_BULK, Right.WORK_ASSIGN} <= rights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """A user who is a person of the desk, and manages its region."""

    user_id: int
    person_id: int
    name: str


def managers_by_region(desk_id: int) -> dict[int, list[Manager]]:
    """Return the managers of each region of a desk, by name: one query. A region that has none is managed by all."""
    found: dict[int, list[Manager]] = defaultdict(list)
    for region_id, user_id, person_id, name in tuples(
        "select p.region_id, u.id, p.id, u.name from people_user as u join people_person as p on p.id = u.person_id"
        " where u.is_active and p.desk_id = %(desk)s and p.region_id is not null and exists (select 1 from people_rolegrant"
        " as g where g.user_id = u.id and g.role = any(%(roles)s) and (g.desk_id is null or g.desk_id = %(desk)s))"
        " order by u.name, u.id",
        {"desk": desk_id, "roles": _MANAGING},
    ):
        found[region_id].append(Manager(user_id=user_id, person_id=person_id, name=name))
    return dict(found)


def manages(by: Actor, region_id: int | None, managers: Mapping[int, list[Manager]]) -> bool:
    """Say whether *by* speaks for a region: her own, or any if she is of none, or one that has no manager of its own."""
    if region_id is None or region_id not in managers or by.user_id is None:
        return True
    of_region = {region for region, people in managers.items() if by.user_id in {one.user_id for one in people}}
    return not of_region or region_id in of_region
