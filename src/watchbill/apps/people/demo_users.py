"""The users of a demo: one a role, without a password, whom a visitor becomes by one click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    """Return the demo's users that are active and have no password, in the order of roles."""
    users = models.User.objects.filter(username__startswith=PREFIX, is_active=True, password__startswith="!")  # noqa: S106 - Django's mark for none
    found = {
        user["username"]: user for user in users.values("id", "username", "name", "person__name").order_by("username")
    }
    order = [(role, PREFIX + role.value.replace("_", "-")) for role in NAMES]
    return [
        DemoUser(
            id=found[username]["id"], username=username, name=found[username]["name"], role=role,
            person=found[username]["person__name"] or "",
        )
        for role, username in order
        if username in found
    ]  # fmt: skip
