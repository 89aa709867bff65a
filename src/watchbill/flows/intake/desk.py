"""The desk that a file is imported into: the one named, the only one, or a new one with clocks to begin with."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from watchbill.apps.clocks.services import calendar_publish, policy_publish
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.queries import DeskRow, desk_get, desk_list
from watchbill.apps.people.rights import Right, require
from watchbill.apps.people.services import desk_ensure
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.clocks import default_policy
from watchbill.engine.intake.profile import Profile

FIRST_DESK = "main"
CALENDAR = "office"
OFFICE_HOURS = "08:00-18:00"
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
REASON = "What a desk that an import makes begins with; edit it to say what you have promised"


def desk_for(slug: str | None, profile: Profile, *, by: Actor, now: datetime) -> tuple[DeskRow, bool]:
    """Return the desk to import into, and whether it was made for it.

    No slug: the only desk, or a first one. A slug that nobody has yet makes a desk in the profile's zone, with office
    hours and the default targets, so that clocks run from the first event on. Raises InvalidFacts when no slug is
    given and there is a choice.
    """
    desks = desk_list(by=by)
    known = {desk.slug for desk in desks}
    if slug is None and len(desks) > 1:
        raise InvalidFacts(f"Say which desk: --desk {' or '.join(sorted(known))}", field="desk")
    if slug is None and desks:
        return desks[0], False
    if slug in known:
        return desk_get(slug, by=by), False
    require(by, Right.IMPORT_RUN, None)
    slug = slug or FIRST_DESK
    zone = profile.zone.key
    with transaction.atomic():
        desk_id = desk_ensure(slug, name=slug, zone=zone, by=by, now=now)
        hours = Calendar.working_week(zone, OFFICE_HOURS).as_json()
        calendar_publish(desk_id, CALENDAR, hours, holds_from=SINCE_EVER, reason=REASON, by=by, now=now)
        policy = default_policy(calendar=CALENDAR).as_json()
        policy_publish(desk_id, policy, holds_from=SINCE_EVER, reason=REASON, by=by, now=now)
    return desk_get(slug, by=by), True
