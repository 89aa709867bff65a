"""How much of what is known about a desk's people was inferred from its history, and how much was set by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from watchbill.apps.core.actor import Actor
from watchbill.apps.people.rights import Right, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Facts of one sort: how many were inferred and how many set by hand, about how many people."""

    inferred: int
    confirmed: int
    people: int


def known_counts(desk_id: int, *, by: Actor) -> dict[str, Known]:
    """Return counts of ``teams`` and ``skills``: one query."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "select 'teams', count(*) filter (where not m.is_confirmed), count(*) filter (where m.is_confirmed),"
            " count(distinct m.person_id) from people_membership as m join people_team as t on t.id = m.team_id"
            " where t.desk_id = %(desk)s union all"
            " select 'skills', count(*) filter (where not s.is_confirmed), count(*) filter (where s.is_confirmed),"
            " count(distinct s.person_id) from people_personskill as s join people_skill as k on k.id = s.skill_id"
            " where k.desk_id = %(desk)s",
            {"desk": desk_id},
        )
        return {row[0]: Known(inferred=row[1], confirmed=row[2], people=row[3]) for row in cursor.fetchall()}
