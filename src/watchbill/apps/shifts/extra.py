"""Extra hours: who works beside her usual hours from when until when, and why; counted as on shift wherever hours are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts import models
from watchbill.apps.shifts.told import intervals_of
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import Conflict
from watchbill.engine.base.intervals import Interval, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExtra:
    """Extra hours that somebody is to work."""

    person_id: int
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraRow:
    """Extra hours with the name of who works them."""

    id: int
    person_id: int
    person: str
    from_at: datetime
    until_at: datetime
    why: str
    source_ref: str
    by_name: str


def extra_ahead(desk_id: int, now: datetime) -> dict[int, list[Interval]]:
    """Return, by person, the extra hours of a desk that are not over at *now*, in order: one query by an index."""
    found: dict[int, list[Interval]] = defaultdict(list)
    for person_id, from_at, until_at in tuples(
        "select e.person_id, e.from_at, e.until_at from shifts_extrahours as e join people_person as p on p.id = e.person_id"
        " where p.desk_id = %s and e.until_at > %s and e.cancelled_at is null order by 1, 2",
        [desk_id, now],
    ):
        found[person_id].append(Interval(start_at=from_at, end_at=until_at))
    return found


def extra_of(person_ids: Sequence[int], now: datetime) -> dict[int, list[Interval]]:
    """Return the extra hours of these people that are not over at *now*, in order, also of who has left: one query."""
    return intervals_of("shifts_extrahours", person_ids, now)


def extra_of_teams(desk_id: int, since: datetime) -> dict[int | None, list[Interval]]:
    """Return the extra hours of the people of each team, and of the whole desk (None), that were not over at *since*: one query."""
    found: dict[int | None, list[Interval]] = defaultdict(list)
    for teams, from_at, until_at in tuples(
        "select array(select team_id from people_membership as m where m.person_id = e.person_id), e.from_at, e.until_at"
        " from shifts_extrahours as e join people_person as p on p.id = e.person_id"
        " where p.desk_id = %s and e.until_at > %s and e.cancelled_at is null order by 2, 3",
        [desk_id, since],
    ):
        for team_id in (None, *teams):
            found[team_id].append(Interval(start_at=from_at, end_at=until_at))
    return found


def hours_with(
    calendar: Calendar | None, extra: Sequence[Interval], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Give the hours inside [since, until) of who works *extra* beside her usual ones, in order; those that touch as one."""
    usual = (one.span for one in calendar.open_intervals(since, until)) if calendar is not None else iter(())
    if not extra:
        return usual
    return merged([*usual, *((max(one.start_at, since), min(one.end_at, until)) for one in extra)])


def intervals_with(
    calendar: Calendar, extra: Sequence[Interval], since: datetime, until: datetime
) -> Iterator[Interval]:
    """Give what `hours_with` gives, as intervals."""
    return (Interval(start_at=start, end_at=end) for start, end in hours_with(calendar, extra, since, until))


def extra_of_source(source_ref: str) -> list[ExtraRow]:
    """Return the extra hours that one thing asked for and that stand, in order: one query."""
    rows = records(
        "select e.id, e.person_id, p.name as person, e.from_at, e.until_at, e.why, e.source_ref, e.by_name"
        " from shifts_extrahours as e join people_person as p on p.id = e.person_id"
        " where e.source_ref = %(source)s and e.cancelled_at is null order by p.name, e.from_at",
        {"source": source_ref},
    )
    return [ExtraRow(**row) for row in rows]


def extra_add_many(
    desk_id: int, extras: Sequence[NewExtra], *, why: str, source_ref: str, by: Actor, now: datetime
) -> None:
    """Let people work beside their usual hours. Raises Conflict when one of them has extra hours in a part of it already."""
    require(by, Right.PEOPLE_EDIT, desk_id)
    try:
        with transaction.atomic():
            models.ExtraHours.objects.bulk_create(
                models.ExtraHours(
                    person_id=one.person_id, from_at=one.from_at, until_at=one.until_at, why=why, source_ref=source_ref,
                    by_name=by.name,
                )
                for one in extras
            )  # fmt: skip
    except IntegrityError as error:
        if "shifts_extrahours_apart" not in str(error):
            raise
        raise Conflict("One of them has extra hours in a part of this time already") from None
    _audit("extra_hours_added", desk_id, source_ref, extras, by=by, now=now)


def extra_cancel(desk_id: int, source_ref: str, *, by: Actor, now: datetime) -> list[ExtraRow]:
    """Take back the extra hours that one thing asked for: what is to come never was, what has begun ends now. Return those that were still to end."""
    require(by, Right.PEOPLE_EDIT, desk_id)
    rows = [one for one in extra_of_source(source_ref) if one.until_at > now]
    keys = [one.id for one in rows]
    table = models.ExtraHours.objects
    table.filter(id__in=keys, from_at__lt=now).update(until_at=now)
    table.filter(id__in=keys, from_at__gte=now).update(cancelled_at=now)
    if rows:
        ended = [NewExtra(person_id=one.person_id, from_at=one.from_at, until_at=one.until_at) for one in rows]
        _audit("extra_hours_ended", desk_id, source_ref, ended, by=by, now=now)
    return rows


def _audit(action: str, desk_id: int, source_ref: str, extras: Sequence[NewExtra], *, by: Actor, now: datetime) -> None:
    after = {
        "extra": [
            {"person": one.person_id, "from_at": one.from_at.isoformat(), "until_at": one.until_at.isoformat()}
            for one in extras
        ]
    }
    audit_add(action, object_kind="recovery", object_ref=source_ref, desk_id=desk_id, after=after, by=by, now=now)
    desk_changed(desk_id)
