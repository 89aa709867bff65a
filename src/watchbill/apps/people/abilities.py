"""What people of a desk can do, and may: for deciding who takes what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.people import models
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.people.services import person_take
from watchbill.engine.base.errors import InvalidFacts, NotFound

MOST = 50
"""Clearances, tiers or limits of one person at most."""
NAME_LIMIT = 200


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a person may take, and who stands in for her. ``tiers``: empty for all; ``deputy_id``: None for nobody."""

    clearances: Sequence[str] = ()
    tiers: Sequence[str] = ()
    class_limits: Mapping[str, int] | None = None
    deputy_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The columns, texts sorted and each once."""
        return {
            "clearances": sorted({each.strip() for each in self.clearances}),
            "tiers": sorted({each.strip() for each in self.tiers}),
            "class_limits": dict(sorted((self.class_limits or {}).items())),
            "deputy_id": self.deputy_id,
        }


def limits_get(person_id: int, *, by: Actor) -> Limits:
    """Return what a person may take. Raises NotFound when she does not exist or may not be seen."""
    person = models.Person.objects.filter(id=person_id).first()
    if person is None or not may(by, Right.PEOPLE_VIEW, person.desk_id):
        raise NotFound("There is no such person, or you may not see her")
    return Limits(
        clearances=tuple(person.clearances),
        tiers=tuple(person.tiers),
        class_limits=person.class_limits,
        deputy_id=person.deputy_id,
    )


def limits_set(person_id: int, limits: Limits, *, version: int, reason: str = "", by: Actor, now: datetime) -> None:
    """Say by hand what a person may take, and who stands in for her.

    Raises NotFound, NotAllowed, Conflict for an old version, and InvalidFacts naming the field: texts of 1 to 200
    characters, limits of 0 to 1000, a deputy of the same desk who is somebody else.
    """
    before, after = limits_get(person_id, by=by).as_json(), limits.as_json()
    person = models.Person.objects.get(id=person_id)
    require(by, Right.PEOPLE_EDIT, person.desk_id)
    for name in ("clearances", "tiers", "class_limits"):
        if len(after[name]) > MOST or not all(1 <= len(each) <= NAME_LIMIT for each in after[name]):
            raise InvalidFacts(f"{name}: expected at most {MOST} names of 1 to {NAME_LIMIT} characters", field=name)
    for name, most in after["class_limits"].items():
        if not 0 <= most <= 1000:
            raise InvalidFacts(f"class_limits.{name} = {most}; expected 0 to 1000 items", field="class_limits")
    deputy_id = limits.deputy_id
    if deputy_id == person_id:
        raise InvalidFacts("A person cannot stand in for herself", field="deputy")
    if deputy_id is not None and not models.Person.objects.filter(id=deputy_id, desk_id=person.desk_id).exists():
        raise NotFound("There is no such person on this desk", field="deputy")
    with transaction.atomic():
        person_take(person_id, version=version, by=by)
        models.Person.objects.filter(id=person_id).update(**after)
        audit_add(
            "person_corrected", object_kind="person", object_ref=person.name, desk_id=person.desk_id, before=before,
            after=after, reason=reason, by=by, now=now,
        )  # fmt: skip
        desk_changed(person.desk_id)
