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
from watchbill.apps.people.places import REGION_OF
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.people.services import person_require, person_take
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.base.work import MOST_NAMES, TIERS, clearances_of, require_class

MOST_OF_CLASS = 1000


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


def ability_list(desk_id: int, *, only: int | None = None) -> list[Ability]:
    """Return what every person of a desk can do, or *only* this one, robots left out: one query, for the system itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.id, p.name, p.is_active, p.wip_limit, p.languages,"
            " array(select team_id from people_membership where person_id = p.id order by team_id),"
            " array(select skill_id from people_personskill where person_id = p.id order by skill_id),"
            " array(select level from people_personskill where person_id = p.id order by skill_id),"
            f" {REGION_OF},"
            " nullif(p.clearances, '{}'), nullif(p.tiers, '{}'), nullif(p.class_limits, '{}')::text, p.deputy_id"
            " from people_person as p where p.desk_id = %(desk)s and not p.is_robot"
            f"{'' if only is None else ' and p.id = %(only)s'} order by p.id",
            {"desk": desk_id, "only": only},
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
        """The columns, texts sorted and each once. Raises InvalidFacts for clearances that nobody could read."""
        return {
            "clearances": clearances_of(self.clearances),
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


def class_limit_read(text: str) -> tuple[str, int]:
    """Read a limit as people write it, kind:change=2: the class and the number. Raises InvalidFacts for anything else."""
    name, _, number = text.rpartition("=")
    if not name.strip() or not number.strip().isascii() or not number.strip().isdecimal() or len(number) > 9:
        raise InvalidFacts(f"“{text[:100]}” is not a class and a number, such as kind:change=2", field="class_limits")
    return name.strip(), int(number)


def limits_set(person_id: int, limits: Limits, *, version: int, reason: str = "", by: Actor, now: datetime) -> bool:
    """Say by hand what a person may take, and who stands in for her; return whether anything was different.

    Raises NotFound, NotAllowed, Conflict for an old version, and InvalidFacts naming the field: clearances of 1 to 200
    characters, tiers and classes that there are, limits of 0 to 1000, a deputy of the same desk who is somebody else.
    """
    before, after = limits_get(person_id, by=by).as_json(), limits.as_json()
    person = models.Person.objects.get(id=person_id)
    require(by, Right.PEOPLE_EDIT, person.desk_id)
    _require_limits(after)
    deputy_id = limits.deputy_id
    if deputy_id == person_id:
        raise InvalidFacts("A person cannot stand in for herself", field="deputy")
    if deputy_id is not None and not models.Person.objects.filter(id=deputy_id, desk_id=person.desk_id).exists():
        raise NotFound("There is no such person on this desk", field="deputy")
    if before == after:
        person_require(person_id, version=version)
        return False
    with transaction.atomic():
        person_take(person_id, version=version, by=by)
        models.Person.objects.filter(id=person_id).update(**after)
        names = dict(
            models.Person.objects.filter(id__in=[before["deputy_id"] or 0, deputy_id or 0]).values_list("id", "name")
        )
        was, said = ({**one, "deputy": names.get(one.pop("deputy_id"), "")} for one in (before, after))
        changed = [name for name in said if said[name] != was[name]]
        audit_add(
            "person_corrected", object_kind="person", object_ref=person.name, desk_id=person.desk_id,
            before={name: was[name] for name in changed}, after={name: said[name] for name in changed}, reason=reason,
            by=by, now=now,
        )  # fmt: skip
        desk_changed(person.desk_id)
    return True


def _require_limits(asked: Mapping[str, Any]) -> None:
    """Raise InvalidFacts for a tier or a class of work that there is not, or a limit out of bounds."""
    unknown = sorted(set(asked["tiers"]) - set(TIERS))
    if unknown:
        raise InvalidFacts(f"“{unknown[0][:100]}” is no tier; expected any of {', '.join(TIERS)}", field="tiers")
    if len(asked["class_limits"]) > MOST_NAMES:
        raise InvalidFacts(f"Expected at most {MOST_NAMES} limits by class", field="class_limits")
    for name, most in asked["class_limits"].items():
        require_class(name)
        if not 0 <= most <= MOST_OF_CLASS:
            raise InvalidFacts(f"{name} = {most}; expected 0 to {MOST_OF_CLASS} items", field="class_limits")
