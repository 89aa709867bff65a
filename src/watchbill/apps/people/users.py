"""Writes of users: accounts, roles, keys for the API and one-time links. Each is one transaction with its line in the audit log."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import access_changed, audit_add, lock_take
from watchbill.apps.people import models, queries
from watchbill.apps.people.queries import secret_digest
from watchbill.apps.people.rights import Right, Role, require
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound

NAME_LIMIT = 200
LINK_LIFE = timedelta(hours=24)
THEMES = ("system", "light", "dark")


def user_create(
    username: str,
    *,
    name: str,
    password: str | None = None,
    email: str = "",
    person_id: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Make a user; without a password she can only come in by a one-time link. Raises Conflict, InvalidFacts."""
    require(by, Right.USER_EDIT, None)
    return _user_create(username, name=name, password=password, email=email, person_id=person_id, by=by, now=now)


def _user_create(
    username: str, *, name: str, password: str | None, email: str, person_id: int | None, by: Actor, now: datetime
) -> int:
    username = username.strip()
    if not username or any(c.isspace() for c in username) or len(username) > 150:
        raise InvalidFacts("A name for signing in has 1 to 150 characters and no spaces", field="username")
    for field, text in (("name", name), ("email", email)):
        if len(text) > NAME_LIMIT:
            raise InvalidFacts(f"At most {NAME_LIMIT} characters fit here", field=field)
    if person_id is not None and not models.Person.objects.filter(id=person_id).exists():
        raise NotFound("There is no such person", field="person")
    if password is not None:
        password_check(password, username=username)
    try:
        with transaction.atomic():
            user = models.User.objects.create(
                username=username,
                name=name or username,
                email=email,
                person_id=person_id,
                password=make_password(password),
            )
            audit_add("user_made", object_kind="user", object_ref=username, by=by, now=now)
    except IntegrityError:
        raise Conflict(f"There is a user “{username}” already") from None
    return user.id


def password_check(password: str, *, username: str) -> None:
    """Raise InvalidFacts, in words for the one who chose it, for a password that is too easy."""
    try:
        validate_password(password, models.User(username=username, name=username))
    except ValidationError as error:
        raise InvalidFacts(" ".join(error.messages), field="password") from None


def password_change(user_id: int, *, old: str, new: str, by: Actor, now: datetime) -> None:
    """Change one's own password, knowing the old one. Raises InvalidFacts naming the field, NotAllowed for others'."""
    if user_id != by.user_id:
        raise NotAllowed("Only the user herself changes her password; others can be sent a one-time link")
    user = models.User.objects.get(id=user_id)
    if not user.check_password(old):
        raise InvalidFacts("This is not your present password", field="old")
    try:
        password_check(new, username=user.username)
    except InvalidFacts as error:
        raise InvalidFacts(error.message, field="new") from None
    with transaction.atomic():
        models.User.objects.filter(id=user_id).update(password=make_password(new))
        audit_add("password_set", object_kind="user", object_ref=user.username, by=by, now=now)


def user_activity_set(username: str, *, is_active: bool, by: Actor, now: datetime) -> None:
    """Take access away at once, keys and links for good, or give it back. Raises InvalidFacts for the last admin."""
    require(by, Right.USER_EDIT, None)
    with transaction.atomic(), an_admin_stays():
        if not models.User.objects.filter(username=username).update(is_active=is_active):
            raise NotFound(f"There is no user “{username}”")
        if not is_active:
            tokens_end(models.Token.objects.filter(user__username=username))
        audit_add(
            "user_reactivated" if is_active else "user_deactivated",
            object_kind="user",
            object_ref=username,
            by=by,
            now=now,
        )
        access_changed()


def tokens_end(tokens: QuerySet[models.Token]) -> None:
    """End keys and links at once and for good."""
    tokens.filter(revoked_at=None, used_at=None).update(revoked_at=Now())


def role_grant(
    username: str, role: Role, *, desk_id: int | None = None, is_granted: bool = True, by: Actor, now: datetime
) -> None:
    """Give a role on one desk (or on all), or take it away. Only who may do it everywhere may grant everywhere.

    Raises InvalidFacts when it would leave the installation without an admin.
    """
    require(by, Right.USER_EDIT, desk_id)
    user = models.User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(f"There is no user “{username}”")
    grant: dict[str, Any] = {"user": user, "role": Role(role), "desk_id": desk_id}
    with transaction.atomic(), an_admin_stays():
        if is_granted:
            models.RoleGrant.objects.get_or_create(**grant)
        else:
            models.RoleGrant.objects.filter(**grant).delete()
        audit_add(
            "role_granted" if is_granted else "role_taken",
            object_kind="user",
            object_ref=username,
            desk_id=desk_id,
            after={"role": role},
            by=by,
            now=now,
        )
        access_changed()


@contextmanager
def an_admin_stays() -> Iterator[None]:
    """Refuse what takes the last administrator of every desk away: nobody could make another one.

    The caller's transaction ends with the error. Two who take it from each other at once come one after the other.
    """
    lock_take("people.admins")
    was_any = queries.admin_is_any()
    yield
    if was_any and not queries.admin_is_any():
        raise InvalidFacts("This is the only administrator of every desk; make somebody else one first")


def preferences_set(user_id: int, *, theme: str, has_single_keys: bool) -> None:
    """Keep how a user wants her pages: theme system, light or dark; single keys on or off."""
    if theme not in THEMES:
        raise InvalidFacts(f"A theme is one of {', '.join(THEMES)}", field="theme")
    models.User.objects.filter(id=user_id).update(theme=theme, has_single_keys=has_single_keys)


def signed_in(username: str, *, by: Actor, now: datetime, is_ok: bool, way: str = "password") -> None:
    """Write down that somebody signed in, or failed to."""
    audit_add(
        "signed_in" if is_ok else "sign_in_failed",
        object_kind="user",
        object_ref=username[:150],
        after={"way": way},
        by=by,
        now=now,
    )


# API keys and one-time links


def token_issue(username: str, *, label: str, life: timedelta | None = None, by: Actor, now: datetime) -> str:
    """Make an API key for a user and return its secret, which is shown this once and kept only as a digest."""
    user = models.User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"There is no active user “{username}”")
    if user.id != by.user_id:
        require(by, Right.USER_EDIT, None)
    secret = f"wb_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        _token_keep(secret, user_id=user.id, label=label, life=life, is_once=False)
        audit_add("key_issued", object_kind="user", object_ref=username, after={"label": label}, by=by, now=now)
    return secret


def token_revoke(token_id: int, *, by: Actor, now: datetime) -> None:
    """End an API key at once. Raises NotFound."""
    token = models.Token.objects.filter(id=token_id, is_once=False).select_related("user").first()
    if token is None or token.user is None:
        raise NotFound("There is no such key")
    if token.user_id != by.user_id:
        require(by, Right.USER_EDIT, None)
    with transaction.atomic():
        models.Token.objects.filter(id=token_id, revoked_at=None).update(revoked_at=Now())
        audit_add(
            "key_revoked",
            object_kind="user",
            object_ref=token.user.username,
            after={"label": token.label},
            by=by,
            now=now,
        )


def link_issue(*, username: str | None = None, label: str, by: Actor, now: datetime) -> str:
    """Make a link that opens once within 24 h: for *username*, or, while there is no administrator, for the first one."""
    user = None
    if username is not None:
        require(by, Right.USER_EDIT, None)
        user = models.User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise NotFound(f"There is no active user “{username}”")
    elif queries.admin_is_any():
        raise NotAllowed("An administrator exists already; make a link for a user by name")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _token_keep(secret, user_id=user.id if user else None, label=label, life=LINK_LIFE, is_once=True)
        audit_add("link_issued", object_kind="user", object_ref=username or "first admin", by=by, now=now)
    return secret


def link_use(secret: str, *, username: str, password: str, by: Actor, now: datetime) -> int:
    """Open a one-time link: make the first admin, or set the password of the link's user; return the user's id.

    Of two who open the same link at once, one gets in; the other is told that it was used. The user's other links end.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update people_token set used_at = clock_timestamp() where digest = %s and is_once and used_at is null"
            " and revoked_at is null and (expires_at is null or expires_at > clock_timestamp()) returning user_id",
            [secret_digest(secret)],
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound("This link was used, or is too old. Print a new one with: watchbill link")
        if row[0] is not None:
            user = models.User.objects.get(id=row[0])
            password_check(password, username=user.username)
            models.User.objects.filter(id=user.id).update(password=make_password(password))
            tokens_end(models.Token.objects.filter(user_id=user.id, is_once=True))
            audit_add("password_set", object_kind="user", object_ref=user.username, by=by, now=now)
            return user.id
        lock_take("people.admins")  # two links may be opened at once
        if queries.admin_is_any():
            raise NotAllowed("An administrator exists already")
        user_id = _user_create(username, name=username, password=password, email="", person_id=None, by=by, now=now)
        models.RoleGrant.objects.create(user_id=user_id, role=Role.ADMIN)
        audit_add("role_granted", object_kind="user", object_ref=username, after={"role": Role.ADMIN}, by=by, now=now)
        return user_id


def _token_keep(secret: str, *, user_id: int | None, label: str, life: timedelta | None, is_once: bool) -> None:
    token = models.Token.objects.create(
        user_id=user_id, digest=secret_digest(secret), label=label[:200], is_once=is_once
    )
    if life is not None:
        models.Token.objects.filter(id=token.id).update(expires_at=Now() + life)
