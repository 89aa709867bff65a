"""Writes of desks and people. Each is one transaction with its line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import access_changed, audit_add, desk_changed
from watchbill.apps.core.versions import changed_since
from watchbill.apps.people import models
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.people.users import an_admin_stays, tokens_end
from watchbill.engine.base.calendar import zone_of
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound

NAME_LIMIT = 200


def desk_ensure(
    slug: str, *, name: str, zone: str, note: str = "", is_generated: bool = False, by: Actor, now: datetime
) -> int:
    """Return the id of the desk *slug*, made if it is not there yet. Raises InvalidFacts for an unknown zone."""
    require(by, Right.DESK_EDIT, None)
    zone_of(zone)
    with transaction.atomic():
        desk, is_new = models.Desk.objects.get_or_create(
            slug=slug, defaults={"name": name, "zone": zone, "note": note, "is_generated": is_generated}
        )
        if is_new:
            audit_add("desk_made", object_kind="desk", object_ref=slug, desk_id=desk.id, by=by, now=now)
    return desk.id


def desk_rename(desk_id: int, *, name: str, by: Actor, now: datetime) -> None:
    """Give a desk another name; its slug, which stands in addresses, stays. Raises InvalidFacts, NotFound."""
    require(by, Right.DESK_EDIT, desk_id)
    name = name.strip()
    if not name or len(name) > NAME_LIMIT:
        raise InvalidFacts(f"A desk's name has 1 to {NAME_LIMIT} characters", field="name")
    with transaction.atomic():
        desk = models.Desk.objects.select_for_update().filter(id=desk_id).first()
        if desk is None:
            raise NotFound("There is no such desk")
        if desk.name == name:
            return
        models.Desk.objects.filter(id=desk_id).update(name=name)
        audit_add(
            "desk_renamed", object_kind="desk", object_ref=desk.slug, desk_id=desk_id, before={"name": desk.name},
            after={"name": name}, by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)


def desk_closed_set(desk_id: int, *, is_closed: bool, reason: str, by: Actor, now: datetime) -> None:
    """Close a desk or open it again, and lock its row until the caller's transaction ends. Raises Conflict, NotFound."""
    require(by, Right.DESK_EDIT, desk_id)
    with transaction.atomic():
        desk = models.Desk.objects.select_for_update().filter(id=desk_id).first()
        if desk is None:
            raise NotFound("There is no such desk")
        if (desk.closed_at is not None) == is_closed:
            raise Conflict(f"The desk {desk.name} is {'closed' if is_closed else 'open'} already")
        models.Desk.objects.filter(id=desk_id).update(closed_at=now if is_closed else None)
        audit_add(
            "desk_closed" if is_closed else "desk_reopened", object_kind="desk", object_ref=desk.slug, desk_id=desk_id,
            reason=reason, by=by, now=now,
        )  # fmt: skip
        access_changed()
        desk_changed(desk_id)


def desk_require_open(desk_id: int) -> None:
    """Raise Conflict for a closed desk."""
    if models.Desk.objects.filter(id=desk_id).exclude(closed_at=None).exists():
        raise Conflict("This desk is closed; it takes no new work")


# People


def person_create(
    desk_id: int,
    *,
    name: str,
    email: str = "",
    zone: str | None = None,
    languages: Sequence[str] = (),
    wip_limit: int = 12,
    by: Actor,
    now: datetime,
) -> int:
    """Add somebody who can own work. Raises InvalidFacts naming the field, and Conflict when the desk has the name."""
    require(by, Right.PEOPLE_EDIT, desk_id)
    name = name.strip()
    require_name(name, "name", "A person's name")
    desk = models.Desk.objects.get(id=desk_id)
    values = {"email": email, "zone": zone or desk.zone, "languages": list(languages), "wip_limit": wip_limit}
    _require_values(values)
    try:
        with transaction.atomic():
            person = models.Person.objects.create(desk=desk, name=name, **values)
            audit_add(
                "person_added", object_kind="person", object_ref=name, desk_id=desk_id, after=values, by=by, now=now
            )
            desk_changed(desk_id)
    except IntegrityError:
        raise Conflict(f"This desk has somebody called {name} already") from None
    return person.id


def require_name(name: str, field: str, what: str) -> None:
    """Raise InvalidFacts for a name that is empty, or longer than lists can show."""
    if not 1 <= len(name) <= NAME_LIMIT:
        raise InvalidFacts(f"{what} has 1 to {NAME_LIMIT} characters", field=field)


def _require_values(values: Mapping[str, Any]) -> None:
    if "zone" in values:
        zone_of(values["zone"])
    if not 0 <= int(values.get("wip_limit", 0)) <= 1000:
        raise InvalidFacts("The limit of open items must be from 0 to 1000", field="wip_limit")
    if len(values.get("email", "")) > NAME_LIMIT:
        raise InvalidFacts(f"A mail address has at most {NAME_LIMIT} characters", field="email")
    languages = values.get("languages", ())
    if len(languages) > 50 or not all(1 <= len(each) <= 35 for each in languages):
        raise InvalidFacts("Languages are at most 50 codes such as en or pt-BR", field="languages")


def _person_of(person_id: int, *, by: Actor) -> models.Person:
    """Return a person whom *by* may correct. Raises NotAllowed, and NotFound also for people whom she may not even see."""
    person = models.Person.objects.filter(id=person_id).first()
    if person is None or not may(by, Right.PEOPLE_VIEW, person.desk_id):
        raise NotFound("There is no such person, or you may not see her")
    require(by, Right.PEOPLE_EDIT, person.desk_id)
    return person


def person_update(
    person_id: int, *, version: int, values: Mapping[str, Any], reason: str = "", by: Actor, now: datetime
) -> None:
    """Correct a person by hand: any of email, zone, languages, wip_limit. Raises Conflict for an old version."""
    person = _person_of(person_id, by=by)
    unknown = set(values) - {"email", "zone", "languages", "wip_limit"}
    if unknown:
        raise InvalidFacts(f"A person has no field “{unknown.pop()}” that can be set here")
    _require_values(values)
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


def person_require(person_id: int, *, version: int) -> None:
    """Raise Conflict when *version* is not the person's present one; NotFound. Nothing is locked, nothing claimed."""
    person = models.Person.objects.filter(id=person_id).values("version").first()
    if person is None:
        raise NotFound("There is no such person")
    if person["version"] != version:
        raise _changed_before(person_id)


def person_take(person_id: int, *, version: int, by: Actor) -> None:
    """Claim the next version of a person for a correction in the caller's transaction.

    Raises NotFound, NotAllowed, and Conflict, naming who changed what, when *version* is not the present one.
    """
    _person_of(person_id, by=by)
    if not models.Person.objects.filter(id=person_id, version=version).update(version=version + 1):
        raise _changed_before(person_id)


def _changed_before(person_id: int) -> Conflict:
    """Return the error for a correction that came second, with the last thing that was written about the person."""
    person = models.Person.objects.get(id=person_id)
    return changed_since(
        f"changed {person.name} since you opened the page",
        object_kind="person", object_ref=person.name, desk_id=person.desk_id, version=person.version,
    )  # fmt: skip


def person_activity_set(
    person_id: int, *, is_active: bool, reason: str, version: int | None = None, by: Actor, now: datetime
) -> None:
    """Deactivate a person (her users lose access at once), or take her back. Her work is the caller's business.

    Raises Conflict when *version* is given and not the present one, InvalidFacts when she is the last admin.
    """
    person = _person_of(person_id, by=by)
    if not reason.strip():
        raise InvalidFacts("Say why, in a few words", field="reason")
    with transaction.atomic(), an_admin_stays():
        seen = {} if version is None else {"version": version}
        changed = models.Person.objects.filter(id=person_id, is_active=not is_active, **seen).update(
            is_active=is_active, deactivated_at=None if is_active else now, version=F("version") + 1
        )
        if not changed:
            if version is not None:
                person_require(person_id, version=version)
            return
        users = models.User.objects.filter(person_id=person_id)
        usernames = list(users.values_list("username", flat=True))
        if not is_active:
            users.update(is_active=False)
            tokens_end(models.Token.objects.filter(user__person_id=person_id))
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
    person = _person_of(person_id, by=by)
    team = models.Team.objects.filter(id=team_id, desk_id=person.desk_id).first()
    if team is None:
        raise NotFound("There is no such team on this desk", field="team")
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
    person = _person_of(person_id, by=by)
    skill = models.Skill.objects.filter(id=skill_id, desk_id=person.desk_id).first()
    if skill is None:
        raise NotFound("There is no such skill on this desk", field="skill")
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
