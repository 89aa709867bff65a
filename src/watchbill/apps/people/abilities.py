"""What people of a desk can do, and may: for deciding who takes what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What assignment needs to know of one person of a desk."""

    id: int
    name: str
    is_active: bool
    wip_limit: int
    languages: tuple[str, ...]
    teams: tuple[int, ...]
    skills: Mapping[int, int]
    region_id: int | None
    clearances: tuple[str, ...]
    tiers: tuple[str, ...]
    class_limits: Mapping[str, int]
    deputy_id: int | None


def ability_list(desk_id: int) -> list[Ability]:
    """Return what every person of a desk can do, robots left out: one query, for the system itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.id, p.name, p.is_active, p.wip_limit, p.languages,"
            " array(select team_id from people_membership where person_id = p.id order by team_id),"
            " array(select skill_id from people_personskill where person_id = p.id order by skill_id),"
            " array(select level from people_personskill where person_id = p.id order by skill_id),"
            " coalesce(p.region_id, (select min(t.region_id) from people_membership as m join people_team as t"
            "  on t.id = m.team_id where m.person_id = p.id having count(distinct t.region_id) = 1)),"
            " nullif(p.clearances, '{}'), nullif(p.tiers, '{}'), nullif(p.class_limits, '{}')::text, p.deputy_id"
            " from people_person as p where p.desk_id = %s and not p.is_robot order by p.id",
            [desk_id],
        )
        return [
            Ability(
                id=r[0],
                name=r[1],
                is_active=r[2],
                wip_limit=r[3],
                languages=tuple(r[4]),
                teams=tuple(r[5]),
                skills=dict(zip(r[6], r[7], strict=True)),
                region_id=r[8],
                clearances=tuple(r[9] or ()),
                tiers=tuple(r[10] or ()),
                class_limits=json.loads(r[11]) if r[11] else {},
                deputy_id=r[12],
            )
            for r in cursor.fetchall()
        ]
