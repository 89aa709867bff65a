"""Changes of regions and of the teams in them, that the clocks of open items follow.

Teams are locked before: while one moves, nobody places an item with it, and the watch makes the clocks anew afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from watchbill.apps.clocks.queries import rulebook
from watchbill.apps.clocks.renewals import renewal_add
from watchbill.apps.core.actor import Actor
from watchbill.apps.people.queries import person_get, person_key
from watchbill.apps.people.regions import person_region_set, region_named, region_save, team_named, team_region_set
from watchbill.flows.clockfacts import fields_of

ZONE = "team_zone"
"""What of a team's place clocks may look at."""


def region_change(
    desk_id: int, region_id: int, *, name: str, zone: str, version: int | None = None, by: Actor, now: datetime
) -> None:
    """Give a region another name, or from now on another zone, and let the clocks of open items follow: all of it or nothing.

    See `apps.people.regions.region_save`. What was counted before stays.
    """
    with transaction.atomic():
        region_save(desk_id, region_id=region_id, name=name, zone=zone, version=version, by=by, now=now)
        _follow(desk_id)


def team_move(desk_id: int, team_id: int, region_id: int | None, *, reason: str = "", by: Actor, now: datetime) -> bool:
    """Put a team into a region from now on, None for none, and let the clocks of open items follow; return whether it was another.

    See `apps.people.regions.team_region_set`. What was counted before stays.
    """
    with transaction.atomic():
        is_changed = team_region_set(desk_id, team_id, region_id, reason=reason, by=by, now=now)
        if is_changed:
            _follow(desk_id)
    return is_changed


def _follow(desk_id: int) -> None:
    """Let the watch make the clocks of the desk's open items anew, if any of its promises looks at where a team is."""
    if ZONE in fields_of(rulebook(desk_id)):
        renewal_add(desk_id)


def region_put(
    desk_id: int,
    region: str,
    *,
    teams: Sequence[str],
    people: Sequence[str],
    reason: str = "",
    by: Actor,
    now: datetime,
) -> list[str]:
    """Put teams and people of a desk, by name or reference, into a region, "" for none; return those that were elsewhere.

    All of it or nothing. Raises NotFound, NotAllowed, and InvalidFacts for a region that there is not or that is retired.
    """
    region_id = region_named(desk_id, region.strip())
    team_put, person_put = (partial(each, reason=reason, by=by, now=now) for each in (team_move, person_region_set))
    keys = {team_named(desk_id, name, by=by): name for name in teams}
    with transaction.atomic():  # each kind by key, as everybody who puts some of the same does
        moved = [name for key, name in sorted(keys.items()) if team_put(desk_id, key, region_id)]
        rows = [person_get(key, by=by) for key in sorted({person_key(desk_id, name, by=by) for name in people})]
        moved += [row.name for row in rows if person_put(row.id, region_id, version=row.version)]
    return moved
