"""The users of a demo: one a role, without a password, whom a visitor becomes by one click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.people import models
from watchbill.apps.people.rights import Role
from watchbill.apps.people.users import role_grant, user_create

PREFIX = "demo-"
"""Names of demo users begin so, and they have no usable password."""

NAMES: dict[Role, str] = {
    Role.AGENT: "Demo agent",
    Role.COORDINATOR: "Demo coordinator",
    Role.QUEUE_MANAGER: "Demo queue manager",
    Role.MANAGER: "Demo manager",
    Role.ADMIN: "Demo admin",
    Role.AUDITOR: "Demo auditor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """One of them."""

    id: int
    username: str
    name: str
    role: Role
    person: str
    desk: str = ""
    """The only desk that she may see; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A demo user to be made for one desk: a role there, and the person that she is."""

    slug: str
    name: str
    role: Role
    person_id: int


def demo_seats_make(desk_id: int, seats: Sequence[Seat], *, by: Actor, now: datetime) -> None:
    """Make users who see one desk only, in the order in which they are offered; one transaction."""
    with transaction.atomic():
        for seat in seats:
            user_create(PREFIX + seat.slug, name=seat.name, person_id=seat.person_id, by=by, now=now)
            role_grant(PREFIX + seat.slug, seat.role, desk_id=desk_id, by=by, now=now)


def has_demo_seats(desk_id: int) -> bool:
    """Whether the desk has demo users of its own."""
    return models.RoleGrant.objects.filter(desk_id=desk_id, user__username__startswith=PREFIX).exists()


def demo_users_make(*, agent_id: int | None, by: Actor, now: datetime) -> None:
    """Make one user a role, for every desk; the agent is the person *agent_id* and has a page of her own."""
    for role, name in NAMES.items():
        username = PREFIX + role.value.replace("_", "-")
        if models.User.objects.filter(username=username).exists():
            continue
        person_id = agent_id if role is Role.AGENT else None
        user_create(username, name=name, person_id=person_id, by=by, now=now)
        role_grant(username, role, by=by, now=now)


def demo_user_list() -> list[DemoUser]:
    """Return the demo's users that are active and have no password: those of all desks in the order of roles, then those of one."""
    users = models.User.objects.filter(username__startswith=PREFIX, is_active=True, password__startswith="!")  # noqa: S106 - Django's mark for none
    found = {user["username"]: user for user in users.values("id", "username", "name", "person__name").order_by("id")}
    order = [(PREFIX + role.value.replace("_", "-"), role, "") for role in NAMES]
    granted = models.RoleGrant.objects.filter(user__username__in=list(found), desk__isnull=False)
    of_one = granted.values_list("user__username", "role", "desk__name").order_by("desk__name", "user_id")
    own = {username for username, _, _ in order}
    order += [(username, Role(role), desk) for username, role, desk in of_one if username not in own]
    return [
        DemoUser(
            id=found[username]["id"], username=username, name=found[username]["name"], role=role,
            person=found[username]["person__name"] or "", desk=desk,
        )
        for username, role, desk in order
        if username in found
    ]  # fmt: skip
