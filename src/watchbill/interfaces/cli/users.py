"""`watchbill users`, `token` and `link`: who may sign in, with which roles, and API keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from watchbill.interfaces.cli.speaking import Call, spoken, table

ROLES = ("agent", "coordinator", "queue_manager", "manager", "admin", "auditor")


@click.group()
def users() -> None:
    """Make users, give and take roles, take access away."""


@users.command("list")
@spoken
def user_list(call: Call) -> None:
    """List users with their roles."""
    from watchbill.apps.people.queries import user_list as users_known

    rows = [
        {
            "username": user["username"], "name": user["name"], "email": user["email"], "is_active": user["is_active"],
            "person": user["person__name"], "last_login": user["last_login"],
            "roles": [{"role": role, "desk": slug} for role, slug in user["roles"]],
        }
        for user in users_known(by=call.by)
    ]  # fmt: skip
    said = [", ".join(f"{held['role']} ({held['desk'] or 'every desk'})" for held in row["roles"]) for row in rows]
    lines = [[row["username"], row["name"], row["is_active"], roles] for row, roles in zip(rows, said, strict=True)]
    call.tell({"users": rows}, *table(("username", "name", "active", "roles"), lines))


@users.command("create")
@click.argument("username")
@click.option("--name", default="", help="As others see it; else the name for signing in.")
@click.option("--email", default="", help="Where she is written to.")
@click.option("--person", metavar="REFERENCE", help="The person (PER-12) whose work she owns.")
@click.pass_obj
@spoken
def user_create(call: Call, house: Any, username: str, name: str, email: str, person: str | None) -> None:
    """Make a user, and print a link that lets her choose a password once."""
    from watchbill.apps.core.references import PERSON, key_of
    from watchbill.apps.people.queries import person_get
    from watchbill.apps.people.users import link_issue
    from watchbill.apps.people.users import user_create as create

    person_id = person_get(key_of(PERSON, person), by=call.by).id if person else None
    create(username, name=name, email=email, person_id=person_id, by=call.by, now=call.now)
    secret = link_issue(username=username, label="first sign-in", by=call.by, now=call.now)
    address = _address(house, secret)
    call.tell({"username": username, "link": address}, f"{username} may choose a password once, within 24 h:", address)


@users.command("grant")
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--desk", metavar="SLUG", help="Only on this desk; else on every desk.")
@click.option("--take", is_flag=True, help="Take the role away instead.")
@spoken
def user_grant(call: Call, username: str, role: str, desk: str | None, *, take: bool) -> None:
    """Give a user a role, or take it away."""
    from watchbill.apps.people.rights import Role
    from watchbill.apps.people.users import role_grant

    desk_id = call.desk(desk).id if desk else None
    role_grant(username, Role(role), desk_id=desk_id, is_granted=not take, by=call.by, now=call.now)
    where = f"on {desk}" if desk else "on every desk"
    call.tell(
        {"username": username, "role": role, "desk": desk, "is_granted": not take},
        f"{username} {'no longer has' if take else 'has'} the role {role} {where}",
    )


@users.command("deactivate")
@click.argument("username")
@click.option("--back", is_flag=True, help="Give access back instead.")
@spoken
def user_deactivate(call: Call, username: str, *, back: bool) -> None:
    """Take a user's access away at once: sessions and keys end with the next request."""
    from watchbill.apps.people.users import user_activity_set

    user_activity_set(username, is_active=back, by=call.by, now=call.now)
    call.tell({"username": username, "is_active": back}, f"{username} is {'active' if back else 'deactivated'}")


@click.group()
def token() -> None:
    """API keys: make, list, revoke."""


@token.command("issue")
@click.argument("username")
@click.option("--label", default="made at the console", show_default=True, help="What the key is for.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it opens; without, until it is revoked.")
@spoken
def token_issue(call: Call, username: str, label: str, days: int | None) -> None:
    """Make an API key for USERNAME; it is shown this once."""
    from watchbill.apps.people.users import token_issue as issue

    life = timedelta(days=days) if days else None
    secret = issue(username, label=label, life=life, by=call.by, now=call.now)
    call.tell({"username": username, "label": label, "key": secret}, secret)


@token.command("list")
@spoken
def token_list(call: Call) -> None:
    """List API keys, without their secrets."""
    from watchbill.apps.people.queries import token_list as tokens

    names = ("id", "label", "created_at", "expires_at", "used_at", "revoked_at")
    rows = [{"username": row["user__username"], **{name: row[name] for name in names}} for row in tokens(by=call.by)]
    heads = ("id", "username", "label", "created_at", "expires_at", "revoked_at")
    call.tell({"tokens": rows}, *table(heads, [[row[name] for name in heads] for row in rows]))


@token.command("revoke")
@click.argument("number", type=click.IntRange(min=1))
@spoken
def token_revoke(call: Call, number: int) -> None:
    """End an API key at once; NUMBER is its id in `watchbill token list`."""
    from watchbill.apps.people.users import token_revoke as revoke

    revoke(number, by=call.by, now=call.now)
    call.tell({"id": number, "is_revoked": True}, f"Key {number} opens nothing any more")


@click.command()
@click.argument("username", required=False)
@click.pass_obj
@spoken
def link(call: Call, house: Any, username: str | None) -> None:
    """Print a link that opens once, within 24 h: for USERNAME, or for the first admin of a new installation."""
    from watchbill.apps.people.users import link_issue

    secret = link_issue(username=username, label="made at the console", by=call.by, now=call.now)
    address = _address(house, secret)
    call.tell({"username": username, "link": address}, address)


def _address(house: Any, secret: str) -> str:
    from django.urls import reverse

    return str(house.address) + reverse("link", args=[secret])
