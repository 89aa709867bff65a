"""Reads of desks, people and users."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Now

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import PERSON, is_reference, key_of
from watchbill.apps.core.sql import Natural, natural, records
from watchbill.apps.people import models
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.places import REGION_NAME_OF
from watchbill.apps.people.rights import GRANTS, Right, Role, desks_of, may, require
from watchbill.engine.base.errors import NotAllowed, NotFound

WORDS = 8
"""Words of a search for a person that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person with names of teams, skills (name, level, evidence, confirmed) and languages.

    ``region``: where she counts, her own or that of her teams; ``region_id``: her own, None without one.
    ``tiers``: those that she may serve, empty for all. ``deputy``: who stands in for her, "" for nobody.
    """

    id: int
    desk_id: int
    name: str
    email: str
    zone: str
    region: str
    region_id: int | None
    languages: tuple[str, ...]
    wip_limit: int
    is_robot: bool
    is_active: bool
    deactivated_at: datetime | None
    evidence: Mapping[str, Any]
    version: int
    teams: tuple[Mapping[str, Any], ...]
    skills: tuple[Mapping[str, Any], ...]
    clearances: tuple[str, ...]
    tiers: tuple[str, ...]
    class_limits: Mapping[str, int]
    deputy_id: int | None
    deputy: str


def secret_digest(secret: str) -> str:
    """Return how a secret is kept: its SHA-256 in hex. Secrets are long and random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


_ACTOR = """
select u.id, u.name, u.person_id, g.role, g.desk_id
from people_user as u left join people_rolegrant as g on g.user_id = u.id
where u.is_active and
"""


def _actor(rows: Sequence[tuple[Any, ...]]) -> Actor | None:
    if not rows:
        return None
    roles: dict[int | None, set[str]] = defaultdict(set)
    for *_, role, desk_id in rows:
        if role is not None:
            roles[desk_id].add(role)
    user_id, name, person_id, *_ = rows[0]
    return Actor(
        user_id=user_id, name=name, person_id=person_id, roles={desk: frozenset(held) for desk, held in roles.items()}
    )


def actor_of_user(user_id: int) -> Actor | None:
    """Return the actor of an active user with her roles, or None: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR + "u.id = %s", [user_id])
        return _actor(cursor.fetchall())


def actor_of_username(username: str) -> Actor:
    """Return the actor of an active user by her name for signing in. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR + "u.username = %s", [username])
        actor = _actor(cursor.fetchall())
    if actor is None:
        raise NotFound(f"There is no active user “{username}”")
    return actor


def actor_of_token(secret: str) -> Actor | None:
    """Return the actor of an API key that is neither revoked nor expired, or None: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ACTOR + "u.id = (select user_id from people_token where digest = %s and not is_once"
            " and revoked_at is null and (expires_at is null or expires_at > statement_timestamp()))",
            [secret_digest(secret)],
        )
        return _actor(cursor.fetchall())


def user_list(*, by: Actor) -> list[dict[str, Any]]:
    """Return every user with her roles as (role, desk slug or None)."""
    require(by, Right.USER_EDIT, None)
    grants: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for user_id, role, slug in models.RoleGrant.objects.order_by("id").values_list("user_id", "role", "desk__slug"):
        grants[user_id].append((role, slug))
    users = models.User.objects.order_by("username").values(
        "id", "username", "name", "email", "is_active", "person_id", "person__name", "last_login"
    )
    return [{**user, "roles": grants[user["id"]]} for user in users]


def admin_is_any() -> bool:
    """Say whether an active user is administrator of every desk: without one, nobody can make users or give roles."""
    return models.RoleGrant.objects.filter(role=Role.ADMIN, desk=None, user__is_active=True).exists()


def token_list(*, by: Actor) -> list[dict[str, Any]]:
    """Return the API keys, without their secrets: one's own, or all of them for who may edit users."""
    tokens = models.Token.objects.filter(is_once=False).order_by("-id")
    try:
        require(by, Right.USER_EDIT, None)
    except NotAllowed:
        tokens = tokens.filter(user_id=by.user_id or 0)
    return [
        dict(row)
        for row in tokens.values("id", "label", "user__username", "created_at", "expires_at", "used_at", "revoked_at")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A one-time link that still opens; without a user it makes the first admin."""

    username: str


def link_get(secret: str) -> LinkRow | None:
    """Return what a one-time link is for, or None when it does not open (any more)."""
    row = _link_row(secret)
    if row is None or (row["user__username"] is None and admin_is_any()):
        return None
    return LinkRow(username=row["user__username"] or "")


def _link_row(secret: str) -> Mapping[str, Any] | None:
    return (
        models.Token.objects.filter(
            Q(expires_at=None) | Q(expires_at__gt=Now()),
            digest=secret_digest(secret),
            is_once=True,
            used_at=None,
            revoked_at=None,
        )
        .values("user__username")
        .first()
    )


_DESK = ("id", "slug", "name", "zone", "note", "is_generated", "closed_at")


def desk_list(*, by: Actor) -> list[DeskRow]:
    """Return the desks whose work *by* may see, by name; closed ones for those who may open them again."""
    seen = desks_of(by)
    regions = models.Region.objects.filter(desk=OuterRef("id"), is_active=True).order_by("id").values("zone")
    desks = models.Desk.objects.annotate(region_zones=ArraySubquery(regions)).order_by("name")
    if seen is not None:
        desks = desks.filter(id__in=seen)
    return [row for row in (DeskRow(**row) for row in desks.values(*_DESK, "region_zones")) if _is_shown(row, by)]


def _is_shown(row: DeskRow, by: Actor) -> bool:
    return row.closed_at is None or may(by, Right.DESK_EDIT, row.id)


def desk_get(slug: str, *, by: Actor) -> DeskRow:
    """Return one desk. Raises NotFound when it does not exist or is not to be seen. One query, asked by every request."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(_DESK)} from people_desk where slug = %s", [slug])
        row = cursor.fetchone()
    desk = None if row is None else DeskRow(**dict(zip(_DESK, row, strict=True)))
    if desk is None or not may(by, Right.WORK_VIEW, desk.id) or not _is_shown(desk, by):
        raise NotFound(f"There is no desk “{slug}”, or you may not see it")
    return desk


def desk_ids() -> list[int]:
    """Return the ids of all desks that are not closed: for the ticker, which serves every one."""
    return list(models.Desk.objects.filter(closed_at=None).order_by("id").values_list("id", flat=True))


def desk_by_id(desk_id: int) -> DeskRow:
    """Return one desk for the system itself. Raises NotFound."""
    row = models.Desk.objects.filter(id=desk_id).values(*_DESK).first()
    if row is None:
        raise NotFound(f"There is no desk {desk_id}")
    return DeskRow(**row)


def person_list(
    desk_id: int,
    *,
    by: Actor,
    text: str = "",
    team_id: int | None = None,
    is_active: bool | None = None,
    after: str = "",
    limit: int = 100,
) -> list[PersonRow]:
    """Return people of a desk by name, after the name *after*: three queries whatever their number."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    people = models.Person.objects.alias(natural=Natural("name")).filter(desk_id=desk_id).order_by("natural", "name")
    if text:
        people = people.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if team_id is not None:
        people = people.filter(id__in=models.Membership.objects.filter(team_id=team_id).values("person_id"))
    if is_active is not None:
        people = people.filter(is_active=is_active)
    if after:
        last = Natural(Value(after))
        people = people.filter(Q(natural__gt=last) | Q(natural=last, name__gt=after))
    return _person_rows(people, limit=limit)


def person_get(person_id: int, *, by: Actor) -> PersonRow:
    """Return one person. Raises NotFound when she does not exist or may not be seen."""
    rows = _person_rows(models.Person.objects.filter(id=person_id), limit=1)
    if not rows:
        raise NotFound("There is no such person, or you may not see her")
    try:
        require(by, Right.PEOPLE_VIEW, rows[0].desk_id)
    except NotAllowed:
        raise NotFound("There is no such person, or you may not see her") from None
    return rows[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What giving work to somebody has to know of her."""

    id: int
    name: str
    is_active: bool


def owner_get(person_id: int, desk_id: int) -> Owner:
    """Return a person of the desk who may be given work; robots may not.

    Raises NotFound, with the same words for somebody of another desk as for nobody at all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, is_active from people_person where id = %s and desk_id = %s and not is_robot",
            [person_id, desk_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such person on this desk", field="person")
    return Owner(id=person_id, name=row[0], is_active=row[1])


def _person_rows(people: QuerySet[models.Person], *, limit: int) -> list[PersonRow]:
    found = list(
        people.annotate(region_name=Func(template=REGION_NAME_OF, output_field=TextField())).select_related("deputy")[
            :limit
        ]
    )
    ids = [person.id for person in found]
    teams: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in (
        models.Membership.objects.filter(person_id__in=ids)
        .order_by(Natural("team__name"))
        .values("id", "person_id", "team_id", "team__name", "is_confirmed", "evidence")
    ):
        teams[row["person_id"]].append({**row, "name": row["team__name"]})
    skills: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for held in (
        models.PersonSkill.objects.filter(person_id__in=ids)
        .order_by("-level", Natural("skill__name"))
        .values("id", "person_id", "skill_id", "skill__name", "level", "is_confirmed", "evidence")
    ):
        skills[held["person_id"]].append({**held, "name": held["skill__name"]})
    return [
        PersonRow(
            id=person.id,
            desk_id=person.desk_id,
            name=person.name,
            email=person.email,
            zone=person.zone,
            region=person.region_name or "",
            region_id=person.region_id,
            languages=tuple(person.languages),
            wip_limit=person.wip_limit,
            is_robot=person.is_robot,
            is_active=person.is_active,
            deactivated_at=person.deactivated_at,
            evidence=person.evidence,
            version=person.version,
            teams=tuple(teams[person.id]),
            skills=tuple(skills[person.id]),
            clearances=tuple(person.clearances),
            tiers=tuple(person.tiers),
            class_limits=person.class_limits,
            deputy_id=person.deputy_id,
            deputy=person.deputy.name if person.deputy else "",
        )
        for person in found
    ]


def people_who_may(right: Right, desk_id: int) -> list[int]:
    """Return the people whose active users have a right on a desk: for what Watchbill has to tell them. One query."""
    roles = [role for role, rights in GRANTS.items() if right in rights]
    grants = models.RoleGrant.objects.filter(
        Q(desk_id=desk_id) | Q(desk=None), role__in=roles, user__is_active=True, user__person__desk_id=desk_id
    )
    return sorted(set(grants.values_list("user__person_id", flat=True)))


def person_names(ids: Sequence[int]) -> dict[int, str]:
    """Return names by id."""
    return dict(models.Person.objects.filter(id__in=list(ids)).values_list("id", "name"))


def person_named(desk_id: int, name: str, *, by: Actor) -> int:
    """Return the key of a desk's person by her whole name. Raises NotFound."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    person_id = models.Person.objects.filter(desk_id=desk_id, name=name).values_list("id", flat=True).first()
    if person_id is None:
        raise NotFound(f"This desk has nobody called “{name}”", field="person")
    return int(person_id)


def person_key(desk_id: int, person: str, *, by: Actor) -> int:
    """Return the key of a person given by reference (PER-12) or by whole name. Raises NotFound."""
    if is_reference(PERSON, person):
        return key_of(PERSON, person)
    return person_named(desk_id, person.strip(), by=by)


def person_search(desk_id: int, text: str, *, by: Actor, limit: int = 10) -> list[dict[str, Any]]:
    """Return active people whose name holds every word of *text*: for the palette and for choosing an owner."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    people = models.Person.objects.filter(desk_id=desk_id, is_active=True, is_robot=False)
    for word in text.split()[:WORDS]:
        people = people.filter(name__icontains=word)
    return [dict(row) for row in people.order_by(Natural("name"), "name").values("id", "name")[:limit]]


def team_list(desk_id: int, *, by: Actor) -> list[dict[str, Any]]:
    """Return the teams of a desk with the number of their members."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    return records(
        "select t.id, t.name, t.is_active, count(m.id) as people from people_team as t"
        " left join people_membership as m on m.team_id = t.id where t.desk_id = %s group by t.id"
        f" order by {natural('t.name')}, t.name",
        [desk_id],
    )


def skill_list(desk_id: int, *, by: Actor) -> list[dict[str, Any]]:
    """Return the skills of a desk with the number of people who have them."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    return records(
        "select s.id, s.name, count(p.id) as people from people_skill as s"
        " left join people_personskill as p on p.skill_id = s.id where s.desk_id = %s group by s.id"
        f" order by {natural('s.name')}, s.name",
        [desk_id],
    )
