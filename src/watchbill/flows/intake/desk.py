"""The desk that a file is imported into: the one named, the only one, or a new one with clocks to begin with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any

from django.db import transaction

from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.queries import DeskRow, desk_get, desk_list
from watchbill.apps.people.rights import Right, require
from watchbill.apps.people.services import desk_ensure
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.clocks import default_policy
from watchbill.flows.intake.profiles import LoadedProfile
from watchbill.flows.intake.source import file_check

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
FIRST_DESK = "main"
CALENDAR = "office"
OFFICE_HOURS = "08:00-18:00"
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
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
    if slug is None and desks:
        return desks[0], False
    if slug in known:
        return desk_get(slug, by=by), False
    if known and not may_be_new:
        raise NotFound(
            f"There is no desk “{slug}”; there is {', '.join(sorted(known))}. To import into a new one, add --new-desk",
            field="desk",
        )
    slug = slug or FIRST_DESK
    file_check(path, loaded.profile)
    desk_make(slug, zone=loaded.profile.zone.key, by=by, now=now)
    return desk_get(slug, by=by), True


def desk_make(slug: str, *, name: str = "", zone: str, by: Actor, now: datetime) -> int:
    """Make a desk with office hours and the default targets, which hold since ever; return its key.

    Needs the right to run imports on every desk. Raises Conflict when the slug is taken, InvalidFacts when it cannot
    stand in an address, or for an unknown zone.
    """
    require(by, Right.IMPORT_RUN, None)
    if not SLUG.fullmatch(slug):
        raise InvalidFacts(f"A desk's slug has up to 50 letters, digits, “-” and “_”, got “{slug}”", field="slug")
    if slug in {desk.slug for desk in desk_list(by=by)}:
        raise Conflict(f"There is a desk “{slug}” already")
    with transaction.atomic():
        desk_id = desk_ensure(slug, name=name or slug, zone=zone, by=by, now=now)
        how: dict[str, Any] = {"is_for_history": True, "reason": REASON, "by": by, "now": now}
        hours = Calendar.working_week(zone, OFFICE_HOURS).as_json()
        calendar_publish(desk_id, CALENDAR, hours, holds_from=SINCE_EVER, **how)
        policy_publish(desk_id, default_policy(calendar=CALENDAR).as_json(), holds_from=SINCE_EVER, **how)
    return desk_id
