"""Absences: who is away from when until when, and who stands in; said by the person herself or by who may edit people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import ABSENCE, PERSON, shown
from watchbill.apps.core.services import audit_add, desk_changed, lock_take
from watchbill.apps.core.sql import records, tuples
from watchbill.apps.people.models import Person
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.shifts import models
from watchbill.apps.shifts.told import intervals_of
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.intervals import Interval
from watchbill.engine.base.time import require_instant

LONGEST = timedelta(days=366)
NOTE_MOST = 2_000


class AbsenceKind(StrEnum):
    """Why somebody is away; a word for planners, no more: it changes nothing."""

    LEAVE = "leave"
    SICK = "sick"
    TRAINING = "training"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRow:
    """One absence with names. ``note`` is for those who may see people.

    ``deputy_away``: the name of who stands in, by this absence or usually, when she is away herself in a part of it.
    """

    id: int
    desk_id: int
    person_id: int
    person: str
    from_at: datetime
    until_at: datetime
    kind: str
    note: str
    deputy_id: int | None
    deputy: str | None
    by_name: str
    cancelled_at: datetime | None
    deputy_away: str | None = None

    @property
    def reference(self) -> str:
        return f"{ABSENCE}-{self.id}"

    @property
    def warning(self) -> str:
        """What is to be minded of it, in words; mostly nothing."""
        return f"{self.deputy_away}, who stands in, is away in a part of this time too" if self.deputy_away else ""


@dataclass(frozen=True, slots=True)
class Away:
    """One stretch in which a person is away, and who stands in."""

    from_at: datetime
    until_at: datetime
    deputy_id: int | None = None


_ROW = """
select a.id, p.desk_id, a.person_id, p.name as person, a.from_at, a.until_at, a.kind, a.note, a.deputy_id,
    d.name as deputy, a.by_name, a.cancelled_at,
    (select s.name from people_person as s where s.id = coalesce(a.deputy_id, p.deputy_id) and exists (
        select from shifts_absence as o where o.person_id = s.id and o.cancelled_at is null
        and o.from_at < a.until_at and o.until_at > a.from_at)) as deputy_away
from shifts_absence as a join people_person as p on p.id = a.person_id
left join people_person as d on d.id = a.deputy_id where
"""


def absence_list(
    desk_id: int,
    *,
    until_after: datetime,
    person_id: int | None = None,
    after: int | None = None,
    limit: int = 50,
    by: Actor,
) -> list[AbsenceRow]:
    """Return absences of a desk that end after an instant, the earliest first, those behind *after*: one query."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    where = " p.desk_id = %(desk)s and a.cancelled_at is null and a.until_at > %(until)s"
    where += " and a.person_id = %(person)s" if person_id is not None else ""
    where += " and (a.from_at, a.id) > (select from_at, id from shifts_absence where id = %(after)s)" if after else ""
    values = {"desk": desk_id, "until": until_after, "person": person_id, "after": after, "limit": limit}
    return [AbsenceRow(**row) for row in records(f"{_ROW}{where} order by a.from_at, a.id limit %(limit)s", values)]


def absence_get(absence_id: int, *, by: Actor) -> AbsenceRow:
    """Return one absence. Raises NotFound when there is none, or it is on a desk not to be seen."""
    rows = records(_ROW + " a.id = %(id)s", {"id": absence_id})
    if not rows or not may(by, Right.WORK_VIEW, rows[0]["desk_id"]):
        raise NotFound("There is no such absence, or you may not see it")
    return AbsenceRow(**rows[0])


def away_ahead(desk_id: int, now: datetime) -> dict[int, list[Away]]:
    """Return, by person, the absences of a desk that are not over at *now*, in order: one query by an index."""
    found: dict[int, list[Away]] = defaultdict(list)
    for person_id, from_at, until_at, deputy_id in tuples(
        "select a.person_id, a.from_at, a.until_at, a.deputy_id from shifts_absence as a"
        " join people_person as p on p.id = a.person_id"
        " where p.desk_id = %s and a.until_at > %s and a.cancelled_at is null order by 1, 2",
        [desk_id, now],
    ):
        found[person_id].append(Away(from_at, until_at, deputy_id))
    return found


def away_of(person_ids: Sequence[int], now: datetime) -> dict[int, list[Interval]]:
    """Return the absences of these people that are not over at *now*, in order: one query."""
    return intervals_of("shifts_absence", person_ids, now)


def absence_add(
    person_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    kind: str = AbsenceKind.LEAVE,
    note: str = "",
    deputy_id: int | None = None,
    by: Actor,
    now: datetime,
) -> AbsenceRow:
    """Say that a person is away: she herself, or who may edit people. Her work then goes to others as the policy says.

    Raises InvalidFacts, naming the field, for a span that is over, empty or longer than `LONGEST`, or a deputy that she
    cannot have; Conflict when she is away already in a part of it.
    """
    person = Person.objects.filter(id=person_id).values("desk_id", "name", "is_active", "is_robot").first()
    if person is None or not may(by, Right.WORK_VIEW, person["desk_id"]):
        raise NotFound("There is no such person, or you may not see her")
    if by.person_id != person_id:
        require(by, Right.PEOPLE_EDIT, person["desk_id"])
    values = {
        **_span(from_at, until_at, now), "kind": _kind(kind), "note": _note(note),
        "deputy_id": _deputy(deputy_id, person_id, person["desk_id"]),
    }  # fmt: skip
    try:
        with transaction.atomic():
            lock_take(f"absences:{person_id}")  # two who insert overlapping spans would wait for each other without end
            row = models.Absence.objects.create(person_id=person_id, by_name=by.name, **values)
            _audit("absence_added", row.id, person, values, by=by, now=now)
    except IntegrityError as error:
        if "shifts_absence_apart" not in str(error):
            raise
        raise Conflict(f"{person['name']} is away already in a part of this time", field="from") from None
    return absence_get(row.id, by=by)


def absence_cancel(absence_id: int, *, person_id: int | None = None, by: Actor, now: datetime) -> AbsenceRow:
    """Take an absence back; one that has begun ends now, and what was stays.

    Raises Conflict when it is over, and NotFound when it is not of *person_id*, where the writer says whose it is.
    """
    found = absence_get(absence_id, by=by)
    if person_id not in (None, found.person_id):
        raise NotFound("There is no such absence of this person")
    if by.person_id != found.person_id:
        require(by, Right.PEOPLE_EDIT, found.desk_id)
    with transaction.atomic():
        row = models.Absence.objects.select_for_update().get(id=absence_id)
        if row.cancelled_at is not None or row.until_at <= now:
            raise Conflict(f"{found.reference} is over, or was taken back")
        if row.from_at < now:
            row.until_at = now
        else:
            row.cancelled_at = now
        row.save(update_fields=["until_at", "cancelled_at"])
        person = {"desk_id": found.desk_id, "name": found.person}
        _audit("absence_ended", absence_id, person, {"from_at": row.from_at, "until_at": row.until_at}, by=by, now=now)
    return absence_get(absence_id, by=by)


def _span(from_at: datetime, until_at: datetime, now: datetime) -> dict[str, datetime]:
    begin, end = require_instant(from_at, "from"), require_instant(until_at, "until")
    if end <= begin:
        raise InvalidFacts("An absence ends after it begins", field="until")
    if end <= now:
        raise InvalidFacts("An absence ends in time that is still to come", field="until")
    if end - begin > LONGEST:
        raise InvalidFacts(
            f"An absence lasts at most {LONGEST.days} days; whoever leaves is deactivated", field="until"
        )
    return {"from_at": begin, "until_at": end}


def _kind(kind: str) -> str:
    if kind not in set(AbsenceKind):
        raise InvalidFacts(f"An absence is one of {', '.join(AbsenceKind)}, got “{kind[:40]}”", field="kind")
    return kind


def _note(note: str) -> str:
    if len(note) > NOTE_MOST:
        raise InvalidFacts(f"A note has at most {NOTE_MOST:,} characters, got {len(note):,}", field="note")
    return note.strip()


def _deputy(deputy_id: int | None, person_id: int, desk_id: int) -> int | None:
    if deputy_id is None:
        return None
    if deputy_id == person_id:
        raise InvalidFacts("Nobody is her own deputy", field="deputy")
    if not Person.objects.filter(id=deputy_id, desk_id=desk_id, is_active=True, is_robot=False).exists():
        raise InvalidFacts("A deputy is somebody active of the same desk", field="deputy")
    return deputy_id


def _audit(
    action: str, absence_id: int, person: Mapping[str, Any], values: Mapping[str, Any], *, by: Actor, now: datetime
) -> None:
    after = {
        "absence": shown(ABSENCE, absence_id),
        **{name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()},
    }
    audit_add(
        action, object_kind="person", object_ref=person["name"], desk_id=person["desk_id"], after=after, by=by, now=now
    )
    desk_changed(person["desk_id"])


def away_at(away: Sequence[Away], at: datetime) -> Away | None:
    """Return the absence in which *at* lies."""
    return next((one for one in away if one.from_at <= at < one.until_at), None)


def absence_shown(row: AbsenceRow) -> dict[str, Any]:
    """Return an absence in plain values, for the API and the command line."""
    return {
        "reference": row.reference, "person": row.person, "person_ref": shown(PERSON, row.person_id),
        "from_at": row.from_at, "until_at": row.until_at, "kind": row.kind, "note": row.note, "deputy": row.deputy,
        "deputy_ref": shown(PERSON, row.deputy_id), "by": row.by_name, "cancelled_at": row.cancelled_at,
        "warning": row.warning,
    }  # fmt: skip
