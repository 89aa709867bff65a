"""Desks made, with clocks to begin with, and the desk that a file is imported into: the one named, the only one, or a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Any

from django.db import transaction

from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.desks import DeskRow
from watchbill.apps.people.queries import desk_get, desk_list
from watchbill.apps.people.rights import Right, require
from watchbill.apps.people.services import desk_ensure, desk_require_open
from watchbill.engine.base.calendar import Calendar, zone_of
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.intervals import EPOCH
from watchbill.engine.clocks import default_policy
from watchbill.flows.intake.profiles import LoadedProfile
from watchbill.flows.intake.source import file_check

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
FIRST_DESK = "main"
OFFICE, ALWAYS = "office", "always"
OFFICE_HOURS, OFFICE_DAYS = "08:00-18:00", 5
DAYS_MOST = 7
REASON = "What a new desk begins with; edit it to say what you have promised"


def desk_for(
    slug: str | None, loaded: LoadedProfile, path: Path, *, may_be_new: bool, by: Actor, now: datetime
) -> tuple[DeskRow, bool]:
    """Return the desk to import the file at *path* into, and whether it was made for it.

    No slug: the only desk, or a first one. A slug that nobody has yet makes a desk in the profile's zone, with office
    hours and the default targets, so that clocks run from the first event on: when it is the first desk of all, or
    *may_be_new*, and once the file begins as the profile says. Raises BrokenFile, InvalidFacts when no slug is given
    and there is a choice, and NotFound for a slug that was perhaps mistyped.
    """
    desks = desk_list(by=by)
    known = {desk.slug for desk in desks}
    if slug is None and len(desks) > 1:
        choice = " or ".join(quote(one) for one in sorted(known))
        raise InvalidFacts(f"Say which desk: --desk {choice}", field="desk")
    if slug in known or (slug is None and desks):
        desk = desk_get(slug or desks[0].slug, by=by)
        desk_require_open(desk.id)
        return desk, False
    if known and not may_be_new:
        raise NotFound(
            f"There is no desk “{slug}”; there is {', '.join(sorted(known))}. To import into a new one, add --new-desk",
            field="desk",
        )
    slug = slug or FIRST_DESK
    file_check(path, loaded.profile)
    desk_make(slug, zone=loaded.profile.zone.key, by=by, now=now)
    return desk_get(slug, by=by), True


def desk_make(
    slug: str,
    *,
    name: str = "",
    zone: str,
    hours: str = OFFICE_HOURS,
    days: int = OFFICE_DAYS,
    by: Actor,
    now: datetime,
) -> int:
    """Make a desk with opening hours and the default targets, which hold since ever; return its key.

    *hours*: one or more intervals, parted by commas, on the first *days* days from Monday; P3 and P4 count in them, P1
    and P2 round the clock. Needs the right to make desks on every desk. Raises Conflict when the slug is taken,
    InvalidFacts (naming the field) when it cannot stand in an address, for an unknown zone, or hours that are none.
    """
    require(by, Right.DESK_EDIT, None)
    if not SLUG.fullmatch(slug):
        raise InvalidFacts(f"A desk's slug has up to 50 letters, digits, “-” and “_”, got “{slug}”", field="slug")
    if slug in {desk.slug for desk in desk_list(by=by)}:
        raise Conflict(f"There is a desk “{slug}” already", field="slug")
    if not 1 <= days <= DAYS_MOST:
        raise InvalidFacts(f"A desk is open on 1 to {DAYS_MOST} days from Monday, got {days}", field="days")
    with _at_field("zone"):
        zone_of(zone)
    with _at_field("hours"):
        week = Calendar.working_week(zone, *(part.strip() for part in hours.split(",")), days=days)
    with transaction.atomic():
        desk_id = desk_ensure(slug, name=name or slug, zone=zone, by=by, now=now)
        how: dict[str, Any] = {"is_for_history": True, "reason": REASON, "by": by, "now": now}
        for calendar, body in ((OFFICE, week), (ALWAYS, Calendar.always(zone))):
            calendar_publish(desk_id, calendar, body.as_json(), holds_from=EPOCH, **how)
        policy = default_policy(calendar=OFFICE, urgent_calendar=ALWAYS)
        policy_publish(desk_id, policy.as_json(), holds_from=EPOCH, **how)
    return desk_id


@contextmanager
def _at_field(name: str) -> Iterator[None]:
    """Let what is refused say which field of a form it is about."""
    try:
        yield
    except InvalidFacts as error:
        raise InvalidFacts(error.message, field=name) from None
