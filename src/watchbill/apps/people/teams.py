"""Where teams are, from when on: what clocks are computed from. It looks at no rights."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from watchbill.apps.core.sql import tuples


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """In which time zone a team is from ``at`` on, until its next place; "" where it is of no region."""

    at: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlaces:
    """A team with its places, the earliest first."""

    name: str
    places: Sequence[Place]


NOWHERE = TeamPlaces(name="", places=())
"""What is known of a team that there is not."""


def team_places(desk_id: int) -> dict[int, TeamPlaces]:
    """Return name and places of every team of a desk, by id: one query."""
    rows = tuples(
        "select t.id, t.name, p.ats, p.zones from people_team as t left join lateral (select"
        " array_agg(p.at order by p.at, p.id) as ats, array_agg(p.zone order by p.at, p.id) as zones"
        " from people_teamplace as p where p.team_id = t.id) as p on true where t.desk_id = %s order by t.id",
        [desk_id],
    )
    return {
        team_id: TeamPlaces(
            name=name, places=[Place(at=at, zone=zone) for at, zone in zip(ats or (), zones or (), strict=True)]
        )
        for team_id, name, ats, zones in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of a desk with the names of her teams. left_at: since when she is no longer of the desk."""

    id: int
    name: str
    teams: frozenset[str]
    left_at: datetime | None


def staff_since(desk_id: int, since: datetime) -> list[Member]:
    """Return the people of a desk who had not left by *since*, robots left out, with the teams that they are in now: one query."""
    rows = tuples(
        "select p.id, p.name, array_remove(array_agg(t.name), null), case when p.is_active then null else p.deactivated_at end"
        " from people_person as p"
        " left join people_membership as m on m.person_id = p.id left join people_team as t on t.id = m.team_id"
        " where p.desk_id = %s and not p.is_robot and (p.is_active or p.deactivated_at > %s) group by p.id order by p.id",
        [desk_id, since],
    )
    return [
        Member(id=person_id, name=name, teams=frozenset(teams), left_at=left_at)
        for person_id, name, teams, left_at in rows
    ]


def places_add(
    team_ids: Collection[int], *, region_id: int | None, zone: str, at: datetime, by_name: str, reason: str = ""
) -> None:
    """Write down where teams are from *at* on, or from when their last place holds should the clock have been set back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_teamplace (team_id, at, region_id, zone, by_name, reason) select t.id,"
            " greatest(%s, (select max(p.at) from people_teamplace as p where p.team_id = t.id)), %s, %s, %s, %s"
            " from unnest(%s::bigint[]) as t(id)",
            [at, region_id, zone, by_name, reason, list(team_ids)],
        )
