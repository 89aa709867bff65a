"""Writes of a whole staff at once: regions, their teams, and people with what they can do. For a desk that is made, not inferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.people import models
from watchbill.apps.people.rights import Right, require
from watchbill.apps.people.teams import places_add
from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.time import EARLIEST


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody with her region, her one team, and levels (1 to 5) by skill."""

    name: str
    email: str
    region: str
    team: str
    zone: str
    languages: Sequence[str]
    skills: Mapping[str, int]
    wip_limit: int
    clearances: Sequence[str] = ()


def staff_load(
    desk_id: int, *, regions: Mapping[str, str], people: Sequence[NewPerson], reason: str, by: Actor, now: datetime
) -> dict[str, int]:
    """Make regions (with their zones), and people with their teams and skills, which count as confirmed.

    Returns the keys of the people by name. For a desk that has nobody yet; one transaction, one line in the audit log.
    """
    require(by, Right.PEOPLE_EDIT, desk_id)
    for zone in {*regions.values(), *(person.zone for person in people)}:
        zone_of(zone)
    with transaction.atomic():
        region = _made(models.Region, desk_id, {name: {"zone": zone} for name, zone in regions.items()})
        team = _made(models.Team, desk_id, {each.team: {"region_id": region[each.region]} for each in people})
        for name, zone in regions.items():
            inside = {team[each.team] for each in people if each.region == name}
            places_add(sorted(inside), region_id=region[name], zone=zone, at=EARLIEST, by_name=by.name)
        skill = _made(models.Skill, desk_id, {name: {} for each in people for name in each.skills})
        person = _made(
            models.Person,
            desk_id,
            {
                each.name: {
                    "email": each.email, "region_id": region[each.region], "zone": each.zone,
                    "languages": list(each.languages), "wip_limit": each.wip_limit,
                    "clearances": list(each.clearances),
                }
                for each in people
            },
        )  # fmt: skip
        sure = {"is_confirmed": True, "evidence": {"by": by.name}}
        models.Membership.objects.bulk_create(
            models.Membership(team_id=team[each.team], person_id=person[each.name], **sure) for each in people
        )
        models.PersonSkill.objects.bulk_create(
            models.PersonSkill(person_id=person[each.name], skill_id=skill[name], level=level, **sure)
            for each in people
            for name, level in each.skills.items()
        )
        audit_add(
            "staff_made", object_kind="desk", desk_id=desk_id, reason=reason, by=by, now=now,
            after={"regions": sorted(region), "teams": len(team), "people": len(person), "skills": len(skill)},
        )  # fmt: skip
        desk_changed(desk_id)
    return person


Named = TypeVar("Named", models.Region, models.Team, models.Skill, models.Person)


def _made(model: type[Named], desk_id: int, rows: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
    """Make one row a name, and return their keys."""
    made = [model(desk_id=desk_id, name=name, **values) for name, values in rows.items()]
    return {row.name: row.id for row in model.objects.bulk_create(made)}
