"""Writes of desks, people and users. Each is one transaction with its line in the audit log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import access_changed, audit_add, desk_changed, lock_take
from watchbill.apps.core.trail import AuditFilter, audit_page
from watchbill.apps.people import models
from watchbill.apps.people.queries import secret_digest
from watchbill.apps.people.rights import Right, Role, require
from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound

LINK_LIFE = timedelta(hours=24)
THEMES = ("system", "light", "dark")


def desk_ensure(
    slug: str, *, name: str, zone: str, note: str = "", is_generated: bool = False, by: Actor, now: datetime
) -> int:
    """Return the id of the desk *slug*, made if it is not there yet. Raises InvalidFacts for an unknown zone."""
    require(by, Right.IMPORT_RUN, None)
    zone_of(zone)
    with transaction.atomic():
        desk, is_new = models.Desk.objects.get_or_create(
            slug=slug, defaults={"name": name, "zone": zone, "note": note, "is_generated": is_generated}
        )
        if is_new:
            audit_add("desk_made", object_kind="desk", object_ref=slug, desk_id=desk.id, by=by, now=now)
    return desk.id


def desk_note(desk_id: int, *, note: str, by: Actor, now: datetime) -> None:
    """Set what the desk's pages say about where its data comes from."""
    require(by, Right.IMPORT_RUN, None)
    with transaction.atomic():
        models.Desk.objects.filter(id=desk_id).update(note=note)
        audit_add("desk_noted", object_kind="desk", desk_id=desk_id, after={"note": note}, by=by, now=now)


# People


def person_create(
    desk_id: int,
    *,
    name: str,
    email: str = "",
    zone: str | None = None,
    languages: list[str] | None = None,
    wip_limit: int = 12,
    by: Actor,
    now: datetime,
) -> int:
    """Add somebody who can own work. Raises Conflict when the desk has a person of this name."""
    require(by, Right.PEOPLE_EDIT, desk_id)
    if not name.strip():
        raise InvalidFacts("A person needs a name", field="name")
    desk = models.Desk.objects.get(id=desk_id)
    zone_of(zone or desk.zone)
    try:
        with transaction.atomic():
            person = models.Person.objects.create(
                desk=desk,
                name=name.strip(),
                email=email,
                zone=zone or desk.zone,
                languages=languages or [],
                wip_limit=wip_limit,
            )
            audit_add("person_added", object_kind="person", object_ref=name, desk_id=desk_id, by=by, now=now)
    except IntegrityError:
        raise Conflict(f"This desk has somebody called {name} already") from None
    return person.id


def person_update(
    person_id: int, *, version: int, values: Mapping[str, Any], reason: str = "", by: Actor, now: datetime
) -> None:
    """Correct a person by hand: any of email, zone, languages, wip_limit. Raises Conflict for an old version."""
    person = models.Person.objects.filter(id=person_id).first()
    if person is None:
        raise NotFound("There is no such person")
    require(by, Right.PEOPLE_EDIT, person.desk_id)
    unknown = set(values) - {"email", "zone", "languages", "wip_limit"}
    if unknown:
        raise InvalidFacts(f"A person has no field “{unknown.pop()}” that can be set here")
    if "zone" in values:
        zone_of(values["zone"])
    if "wip_limit" in values and not 0 <= int(values["wip_limit"]) <= 1000:
        raise InvalidFacts("The limit of open items must be from 0 to 1000", field="wip_limit")
    with transaction.atomic():
        changed = models.Person.objects.filter(id=person_id, version=version).update(version=version + 1, **values)
        if not changed:
            raise _changed_before(person_id)
        before = {name: getattr(person, name) for name in values}
        audit_add(
            "person_corrected",
            object_kind="person",
            object_ref=person.name,
            desk_id=person.desk_id,
            before=before,
            after=dict(values),
            reason=reason,
            by=by,
            now=now,
        )
        desk_changed(person.desk_id)


def person_take(person_id: int, *, version: int, by: Actor) -> None:
    """Claim the next version of a person for a correction in the caller's transaction.

    Raises NotFound, NotAllowed, and Conflict, naming who changed what, when *version* is not the present one.
    """
    person = models.Person.objects.filter(id=person_id).values("desk_id").first()
    if person is None:
        raise NotFound("There is no such person")
    require(by, Right.PEOPLE_EDIT, person["desk_id"])
    if not models.Person.objects.filter(id=person_id, version=version).update(version=version + 1):
        raise _changed_before(person_id)


def _changed_before(person_id: int) -> Conflict:
    """Return the error for a correction that came second, with the last thing that was written about the person."""
    person = models.Person.objects.get(id=person_id)
    wanted = AuditFilter(object_kind="person", object_ref=person.name)
    changes = [
        {"by": event["actor_name"], "at": event["at"].isoformat(), "set": event["after"] or {}, "text": event["reason"]}
        for event in audit_page(wanted, desk_ids=[person.desk_id], limit=1)
    ]
    who = changes[0]["by"] if changes else "Somebody"
    return Conflict(f"{who} changed {person.name} since you opened the page", version=person.version, changes=changes)


def person_activity_set(person_id: int, *, is_active: bool, reason: str, by: Actor, now: datetime) -> None:
    """Deactivate a person (her users lose access at once), or take her back. Her work is the caller's business."""
    person = models.Person.objects.filter(id=person_id).first()
    if person is None:
        raise NotFound("There is no such person")
    require(by, Right.PEOPLE_EDIT, person.desk_id)
    if not reason.strip():
        raise InvalidFacts("Say why, in a few words", field="reason")
    with transaction.atomic():
        changed = models.Person.objects.filter(id=person_id, is_active=not is_active).update(
            is_active=is_active, deactivated_at=None if is_active else now
        )
        if not changed:
            return
        users = models.User.objects.filter(person_id=person_id)
        usernames = list(users.values_list("username", flat=True))
        if not is_active:
            users.update(is_active=False)
            models.Token.objects.filter(user__person_id=person_id, revoked_at=None).update(revoked_at=Now())
        audit_add(
            "person_reactivated" if is_active else "person_deactivated",
            object_kind="person",
            object_ref=person.name,
            desk_id=person.desk_id,
            after={"users": usernames},
            reason=reason,
            by=by,
            now=now,
        )
        desk_changed(person.desk_id)
        access_changed()


def membership_set(team_id: int, person_id: int, *, is_member: bool, by: Actor, now: datetime) -> None:
    """Put a person into a team, or take her out, by hand: the fact is then confirmed."""
    team = models.Team.objects.filter(id=team_id).first()
    person = models.Person.objects.filter(id=person_id).first()
    if team is None or person is None or team.desk_id != person.desk_id:
        raise NotFound("There is no such team or person on this desk")
    require(by, Right.PEOPLE_EDIT, team.desk_id)
    with transaction.atomic():
        if is_member:
            models.Membership.objects.update_or_create(
                team_id=team_id, person_id=person_id, defaults={"is_confirmed": True}
            )
        else:
            models.Membership.objects.filter(team_id=team_id, person_id=person_id).delete()
        audit_add(
            "membership_set",
            object_kind="person",
            object_ref=person.name,
            desk_id=team.desk_id,
            after={"team": team.name, "is_member": is_member},
            by=by,
            now=now,
        )
        desk_changed(team.desk_id)


def skill_set(person_id: int, skill_id: int, *, level: int, by: Actor, now: datetime) -> None:
    """Set the level of a person in a skill by hand (1 to 5; 0 takes the skill away): the fact is then confirmed."""
    skill = models.Skill.objects.filter(id=skill_id).first()
    person = models.Person.objects.filter(id=person_id).first()
    if skill is None or person is None or skill.desk_id != person.desk_id:
        raise NotFound("There is no such skill or person on this desk")
    require(by, Right.PEOPLE_EDIT, skill.desk_id)
    if not 0 <= level <= 5:
        raise InvalidFacts("A level is from 1 (learning) to 5 (expert), or 0 for none", field="level")
    with transaction.atomic():
        held = models.PersonSkill.objects.filter(person_id=person_id, skill_id=skill_id)
        before = held.values_list("level", flat=True).first()
        if level:
            models.PersonSkill.objects.update_or_create(
                person_id=person_id, skill_id=skill_id, defaults={"level": level, "is_confirmed": True}
            )
        else:
            held.delete()
        audit_add(
            "skill_set",
            object_kind="person",
            object_ref=person.name,
            desk_id=skill.desk_id,
            before={"level": before or 0},
            after={"skill": skill.name, "level": level},
            by=by,
            now=now,
        )
        desk_changed(skill.desk_id)


# Users


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
    """Take access away at once (open sessions and keys end with the next request), or give it back."""
    require(by, Right.USER_EDIT, None)
    with transaction.atomic():
        if not models.User.objects.filter(username=username).update(is_active=is_active):
            raise NotFound(f"There is no user “{username}”")
        audit_add(
            "user_reactivated" if is_active else "user_deactivated",
            object_kind="user",
            object_ref=username,
            by=by,
            now=now,
        )
        access_changed()


def role_grant(
    username: str, role: Role, *, desk_id: int | None = None, is_granted: bool = True, by: Actor, now: datetime
) -> None:
    """Give a role on one desk (or on all), or take it away. Only who may do it everywhere may grant everywhere."""
    require(by, Right.USER_EDIT, desk_id)
    user = models.User.objects.filter(username=username).first()
    if user is None:
        raise NotFound(f"There is no user “{username}”")
    grant: dict[str, Any] = {"user": user, "role": Role(role), "desk_id": desk_id}
    with transaction.atomic():
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
    """Make a link that opens once within 24 h: for *username*, or, while there is no user, for the first admin."""
    user = None
    if username is not None:
        require(by, Right.USER_EDIT, None)
        user = models.User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise NotFound(f"There is no active user “{username}”")
    elif models.User.objects.exists():
        raise NotAllowed("The first admin exists already; make a link for a user by name")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _token_keep(secret, user_id=user.id if user else None, label=label, life=LINK_LIFE, is_once=True)
        audit_add("link_issued", object_kind="user", object_ref=username or "first admin", by=by, now=now)
    return secret


def link_use(secret: str, *, username: str, password: str, by: Actor, now: datetime) -> int:
    """Open a one-time link: make the first admin, or set the password of the link's user; return the user's id.

    Of two who open the same link at once, one gets in; the other is told that it was used.
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
            audit_add("password_set", object_kind="user", object_ref=user.username, by=by, now=now)
            return user.id
        lock_take("people.first_admin")  # two links may be opened at once
        if models.User.objects.exists():
            raise NotAllowed("The first admin exists already")
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
