"""What happens around people: how they come, corrections by hand one at a time, and the work that a leaver leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from watchbill.apps.core.actor import Actor
from watchbill.apps.people import services as people_services
from watchbill.apps.people.bulk import skill_ensure_many, team_ensure_many
from watchbill.apps.people.queries import PersonRow, person_get, skill_list, team_list
from watchbill.apps.people.regions import person_region_set, region_named
from watchbill.apps.people.rights import Right, require
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.apps.work import queries as work
from watchbill.apps.work.queries import ItemRow, View, WorkFilter
from watchbill.engine.base.calendar import WEEKDAYS, Calendar
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.jsonform import near
from watchbill.flows.act.bulk import LIMIT, BulkResult, items_assign


@contextmanager
def _correction(person_id: int, *, version: int, by: Actor) -> Iterator[None]:
    """Hold a person's next version for one correction: of two who correct her at once, the second gets a Conflict."""
    with transaction.atomic():
        people_services.person_take(person_id, version=version, by=by)
        yield


def skill_correct(person_id: int, skill_id: int, *, level: int, version: int, by: Actor, now: datetime) -> None:
    """Set a person's level in a skill by hand, 0 for none. *version* is the one of the person that the writer saw."""
    with _correction(person_id, version=version, by=by):
        people_services.skill_set(person_id, skill_id, level=level, by=by, now=now)


def team_correct(person_id: int, team_id: int, *, is_member: bool, version: int, by: Actor, now: datetime) -> None:
    """Put a person into a team, or take her out, by hand."""
    with _correction(person_id, version=version, by=by):
        people_services.membership_set(team_id, person_id, is_member=is_member, by=by, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody to be added to a desk. A team or skill of a new name is made; ``week`` is seven days, Monday first.

    ``region``: the name of her own, "" for that of her teams.
    """

    desk_id: int
    name: str
    email: str = ""
    zone: str = ""
    languages: Sequence[str] = ()
    wip_limit: int = 12
    teams: Sequence[str] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    week: Sequence[Sequence[str]] = ()
    region: str = ""


def person_add(new: NewPerson, *, by: Actor, now: datetime) -> int:
    """Add a person with teams, skills and usual hours, all of it or nothing; return her key.

    Raises NotAllowed, InvalidFacts naming the field, and Conflict when the desk has somebody of this name.
    """
    require(by, Right.PEOPLE_EDIT, new.desk_id)
    teams, skills = [each.strip() for each in new.teams], {name.strip(): n for name, n in new.skills.items()}
    for names, kind in ((teams, "team"), (skills, "skill")):
        for name in names:
            people_services.require_name(name, f"{kind}s", f"A {kind}'s name")
    region_id = region_named(new.desk_id, new.region.strip())
    with transaction.atomic():
        person_id = people_services.person_create(
            new.desk_id, name=new.name, email=new.email.strip(), zone=new.zone.strip() or None,
            languages=[each.strip().lower() for each in new.languages], wip_limit=new.wip_limit, by=by, now=now,
        )  # fmt: skip
        for team_id in team_ensure_many(new.desk_id, teams).values():
            people_services.membership_set(team_id, person_id, is_member=True, by=by, now=now)
        keys = skill_ensure_many(new.desk_id, list(skills))
        for name, level in skills.items():
            people_services.skill_set(person_id, keys[name], level=level, by=by, now=now)
        if any(new.week):
            _require_week(person_get(person_id, by=by).zone, new.week)
            usual_hours_set(person_id, desk_id=new.desk_id, week=new.week, by=by, now=now)
        if region_id is not None:
            person_region_set(person_id, region_id, version=1, by=by, now=now)
    return person_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is to be different about a person; what is left out stays as it was.

    ``values``: any of email, zone, languages, wip_limit. ``skills``: level by name, 0 takes the skill away. ``join``,
    ``leave``: teams by name. ``week``: seven days, Monday first, None to leave it. ``makes_new``: a skill, or a team to join, that
    the desk does not have is made.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)
    join: Sequence[str] = ()
    leave: Sequence[str] = ()
    week: Sequence[Sequence[str]] | None = None
    makes_new: bool = False


def person_correct(
    person_id: int, asked: Correction, *, version: int | None = None, reason: str = "", by: Actor, now: datetime
) -> bool:
    """Correct a person by hand in all that is *asked*, or in nothing; return whether anything was different.

    Raises NotFound, NotAllowed, Conflict for a *version* that is not the present one, and InvalidFacts naming the field:
    for a skill or team that the desk does not have, with the one that was probably meant.
    """
    found = person_get(person_id, by=by)
    require(by, Right.PEOPLE_EDIT, found.desk_id)
    version = found.version if version is None else version
    with transaction.atomic():
        steps = list(_steps(found, asked, reason=reason, by=by, now=now))
        for done, step in enumerate(steps):
            step(version=version + done)
        if not steps:
            people_services.person_require(person_id, version=version)
    return bool(steps)


def _steps(
    found: PersonRow, asked: Correction, *, reason: str, by: Actor, now: datetime
) -> Iterator[Callable[..., None]]:
    """Return what has to be done about a person, each of which takes one version of her."""
    values = {name: _clean(value) for name, value in asked.values.items()}
    said = {name: value for name, value in values.items() if value != _present(found, name)}
    if said:
        yield partial(people_services.person_update, found.id, values=said, reason=reason, by=by, now=now)
    levels = {one["skill_id"]: one["level"] if one["is_confirmed"] else None for one in found.skills}
    made = _new(asked, asked.skills, "skills", "A skill's name")
    rows = _known(found.desk_id, skill_list, skill_ensure_many, made, by=by) if asked.skills else []
    for name, level in asked.skills.items():
        skill_id = _named(name, rows, "skill", "skills")
        if levels.get(skill_id, 0) != level:
            yield partial(skill_correct, found.id, skill_id, level=level, by=by, now=now)
    teams = {one["team_id"]: one["is_confirmed"] for one in found.teams}
    made = _new(asked, asked.join, "join", "A team's name")
    rows = _known(found.desk_id, team_list, team_ensure_many, made, by=by) if asked.join or asked.leave else []
    join = {_named(name, rows, "team", "join") for name in asked.join}
    leave = {_named(name, rows, "team", "leave") for name in asked.leave}
    if join & leave:
        raise InvalidFacts("A team is either joined or left, not both", field="leave")
    for team_id in sorted(team_id for team_id in join if not teams.get(team_id)):
        yield partial(team_correct, found.id, team_id, is_member=True, by=by, now=now)
    for team_id in sorted(leave & teams.keys()):
        yield partial(team_correct, found.id, team_id, is_member=False, by=by, now=now)
    if asked.week is not None:
        yield partial(hours_correct, found.id, week=asked.week, by=by, now=now)


def _new(asked: Correction, names: Iterable[str], field: str, what: str) -> list[str]:
    """Return the names that are made where they are missing. Raises InvalidFacts for one that cannot be shown."""
    wanted = [name.strip() for name in names] if asked.makes_new else []
    for name in wanted:
        people_services.require_name(name, field, what)
    return wanted


def _known(
    desk_id: int,
    listed: Callable[..., Sequence[Mapping[str, Any]]],
    ensure: Callable[[int, list[str]], object],
    wanted: Sequence[str],
    *,
    by: Actor,
) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a desk that have a name, those *wanted* made where none is called so in whatever case."""
    rows = listed(desk_id, by=by)
    held = {row["name"].casefold() for row in rows}
    missing = [name for name in wanted if name.casefold() not in held]
    if not missing:
        return rows
    ensure(desk_id, missing)
    return listed(desk_id, by=by)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    return value if isinstance(value, int) else [each.strip().lower() for each in value]


def _present(found: PersonRow, name: str) -> object:
    return list(found.languages) if name == "languages" else getattr(found, name, None)


def _named(name: str, rows: Sequence[Mapping[str, Any]], what: str, field: str) -> int:
    """Return the key of the row that is called *name*. Raises InvalidFacts with the one that was probably meant."""
    name = name.strip()
    known = {row["name"].casefold(): row for row in rows} | {row["name"]: row for row in rows}
    found = known.get(name) or known.get(name.casefold())
    if found is None:
        meant = near(name, known)
        hint = f" – did you mean {known[meant]['name']}?" if meant else ""
        raise InvalidFacts(f"This desk has no {what} “{name[:60]}”{hint}", field=field)
    return int(found["id"])


def week_read(text: str) -> list[list[str]]:
    """Read usual hours as they are written in one line: "mon-fri 09:00-12:00, 13:00-17:30; sat 10:00-14:00"."""
    week: list[list[str]] = [[] for _ in WEEKDAYS]
    for part in filter(None, (each.strip() for each in text.split(";"))):
        days, _, hours = part.partition(" ")
        first, _, last = days.lower().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS or not hours.strip():
            raise InvalidFacts(
                f"“{part}” cannot be read; write days and hours such as mon-fri 09:00-17:30; sat 10:00-14:00",
                field="hours",
            )
        for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            week[day] += [each.strip() for each in hours.split(",")]
    return week


def _require_week(zone: str, week: Sequence[Sequence[str]]) -> None:
    if len(week) != len(WEEKDAYS):
        raise InvalidFacts("A week has seven days, Monday first", field="week")
    body = {"zone": zone, "weekly": {name: list(day) for name, day in zip(WEEKDAYS, week, strict=True) if day}}
    Calendar.from_json(body, "week")


def hours_correct(person_id: int, *, week: Sequence[Sequence[str]], version: int, by: Actor, now: datetime) -> None:
    """Set a person's usual week by hand: seven lists, Monday first, of intervals such as "09:00-17:30".

    Raises InvalidFacts whose ``key`` names the weekday, for hours that cannot be read or that overlap.
    """
    person = person_get(person_id, by=by)
    _require_week(person.zone, week)
    with _correction(person_id, version=version, by=by):
        usual_hours_set(person_id, desk_id=person.desk_id, week=week, by=by, now=now)


def person_deactivate(
    person_id: int, *, desk_id: int, reason: str, version: int | None = None, by: Actor, now: datetime
) -> list[ItemRow]:
    """Take a person's access away at once and return her open work (up to 500 items), which now needs others.

    It stays hers until somebody, or the next proposals, move it: an item never loses its owner silently. Raises Conflict
    when *version* is given and not the person's present one.
    """
    people_services.person_activity_set(person_id, is_active=False, reason=reason, version=version, by=by, now=now)
    return _open_work(person_id, desk_id, by=by, now=now)


def _open_work(person_id: int, desk_id: int, *, by: Actor, now: datetime) -> list[ItemRow]:
    return work.work_page(WorkFilter(desk_id=desk_id, view=View.OPEN, owner_id=person_id), limit=LIMIT, by=by, now=now)


def person_relieve(
    person_id: int, to: int, *, references: Sequence[str] | None = None, version: int, by: Actor, now: datetime
) -> BulkResult:
    """Give a person's open work to somebody else: all of it (up to 500 items), or what was chosen.

    *version* is the one of the person that the writer saw: Conflict when she was changed since, for then her work may
    well stay hers. Of the chosen items, those that have another owner by now are left alone, and named.
    """
    person = person_get(person_id, by=by)
    people_services.person_require(person_id, version=version)
    if references is None:
        references = [item.reference for item in _open_work(person_id, person.desk_id, by=by, now=now)]
    text = f"{person.name} no longer has this"
    return items_assign(person.desk_id, references, to, owner_id=person_id, text=text, by=by, now=now)
