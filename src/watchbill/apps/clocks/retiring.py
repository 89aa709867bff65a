"""Calendars that are no longer wanted: nothing new may count on them, and whatever counted on them goes on as it was."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from watchbill.apps.clocks import models
from watchbill.apps.clocks.checking import versions_made_of
from watchbill.apps.clocks.queries import Rulebook, rulebook
from watchbill.apps.clocks.using import policies_using
from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed, lock_take
from watchbill.apps.core.versions import require_reason
from watchbill.apps.people.rights import Right, require
from watchbill.engine.base.errors import Conflict, NotFound


def calendar_retire(desk_id: int, name: str, *, reason: str, by: Actor, now: datetime) -> None:
    """Take a calendar out of what new policies may name; its versions and the clocks that count on them stay.

    Raises Conflict, naming them, while a policy that holds now or later uses it or a calendar is made of it, and NotFound.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    require_reason(reason)
    with transaction.atomic():
        lock_take(f"versions:{desk_id}")  # nobody publishes a policy with it meanwhile
        book = _book_with(desk_id, name)
        if name in book.retired:
            raise Conflict(f"The calendar “{name}” is retired already", field="name")
        users = _users(desk_id, book, name, now)
        if users:
            raise Conflict(
                f"The calendar “{name}” is used by {' and '.join(users)}. Publish a clock policy that names another one first",
                field="name",
            )
        made = _made_of(book, name, now)
        if made:
            raise Conflict(
                f"The calendar “{name}” is used by {' and '.join(made)}, which is made of it. Retire that one first, or publish"
                " a version of it that is made of others",
                field="name",
            )
        models.CalendarRetired.objects.create(desk_id=desk_id, name=name, at=now, by_name=by.name, reason=reason)
        audit_add(
            "calendar_retired", object_kind="calendar", object_ref=name, desk_id=desk_id, reason=reason, by=by, now=now
        )
        desk_changed(desk_id)


def calendar_restore(desk_id: int, name: str, *, reason: str, by: Actor, now: datetime) -> None:
    """Offer a retired calendar again. Raises Conflict for one that is not retired or made of one that is, and NotFound."""
    require(by, Right.POLICY_EDIT, desk_id)
    require_reason(reason)
    with transaction.atomic():
        lock_take(f"versions:{desk_id}")
        book = _book_with(desk_id, name)
        if name not in book.retired:
            raise Conflict(f"The calendar “{name}” is not retired", field="name")
        for part in sorted(book.retired.keys() - {name}):
            if any(made == name for made, _ in versions_made_of(book, part, now)):
                raise Conflict(
                    f"“{name}” is made of “{part}”, which is retired; bring that one back first", field="name"
                )
        models.CalendarRetired.objects.filter(desk_id=desk_id, name=name).delete()
        audit_add(
            "calendar_restored", object_kind="calendar", object_ref=name, desk_id=desk_id, reason=reason, by=by, now=now
        )
        desk_changed(desk_id)


def _book_with(desk_id: int, name: str) -> Rulebook:
    book = rulebook(desk_id)
    if name not in {version.name for version in book.calendars}:
        raise NotFound(f"This desk has no calendar “{name[:60]}”")
    return book


def _made_of(book: Rulebook, name: str, now: datetime) -> list[str]:
    """Say which calendars that are offered are made of a calendar now or later."""
    return [
        f"“{made}” ({'in force' if since <= now else f'from {since:%d %b %Y %H:%M} UTC'})"
        for made, since in versions_made_of(book, name, now)
        if made not in book.retired
    ]


def _users(desk_id: int, book: Rulebook, name: str, now: datetime) -> list[str]:
    """Say which policies that hold now or later use a calendar, and for what."""
    return [
        f"version {use.number} of the clock policy ({use.when}: {', '.join(dict.fromkeys(clock.kind for clock in use.clocks))})"
        for use in policies_using(desk_id, book, {name}, now)
    ]
