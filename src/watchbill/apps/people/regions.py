"""Regions of a desk, and of its teams and people: reads for the system itself, and how regions are made and given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.services import audit_add, desk_changed
from watchbill.apps.core.sql import natural, records, tuples
from watchbill.apps.core.versions import changed_since, require_reason
from watchbill.apps.people import models
from watchbill.apps.people.places import REGION_OF
from watchbill.apps.people.rights import Right, may, require
from watchbill.apps.people.services import person_require, person_take, require_name
from watchbill.apps.people.teams import places_add
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.engine.base.zones import require_named

NAMED = 5
"""Teams and people that are named where a region cannot be retired; the others are counted."""


# For the system itself: who may see them is asked by who shows them


def region_names(desk_id: int, *, is_in_use: bool = False) -> dict[int, str]:
    """Return the names of a desk's regions, by name; those in use alone, or the retired ones too: one query."""
    retired = " and is_active" if is_in_use else ""
    return dict(tuples(f"select id, name from people_region where desk_id = %s{retired} order by name", [desk_id]))


def region_named(desk_id: int, name: str) -> int | None:
    """Return the key of a region of the desk; None for no name. Raises InvalidFacts, naming those there are."""
    names = {name: key for key, name in region_names(desk_id).items()}
    if not name:
        return None
    if name not in names:
        raise InvalidFacts(f"There is no region “{name[:60]}”; there are {', '.join(names) or 'none'}", field="region")
    return names[name]


def team_regions(desk_id: int) -> dict[int, tuple[str, int | None]]:
    """Return name and region of each team of a desk: one query."""
    rows = tuples("select id, name, region_id from people_team where desk_id = %s order by id", [desk_id])
    return {team_id: (name, region_id) for team_id, name, region_id in rows}


def region_of(person_id: int) -> int | None:
    """Return the region of a person: her own, or that of her teams where they have one."""
    rows = tuples(f"select {REGION_OF} from people_person as p where p.id = %s", [person_id])
    return rows[0][0] if rows else None


# For who edits them


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """One region with its teams, and how many active people count there, by themselves or through their teams."""

    id: int
    name: str
    zone: str
    is_active: bool
    version: int
    teams: Sequence[str]
    people: int


def region_list(desk_id: int, *, by: Actor) -> list[RegionRow]:
    """Return the regions of a desk by name, those in use first: one query."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    rows = records(
        "select r.id, r.name, r.zone, r.is_active, r.version, array(select t.name from people_team as t"
        f" where t.region_id = r.id order by {natural('t.name')}, t.name) as teams, coalesce(n.people, 0) as people"
        f" from people_region as r left join (select {REGION_OF} as region_id, count(*) as people from people_person as p"
        " where p.desk_id = %(desk)s and p.is_active and not p.is_robot group by 1) as n on n.region_id = r.id"
        f" where r.desk_id = %(desk)s order by not r.is_active, {natural('r.name')}, r.name",
        {"desk": desk_id},
    )
    return [RegionRow(**row) for row in rows]


def region_get(desk_id: int, name: str, *, by: Actor) -> RegionRow:
    """Return one region by name. Raises InvalidFacts, naming those there are."""
    key = region_named(desk_id, name.strip())
    if key is None:
        raise InvalidFacts("Say which region", field="region")
    return next(row for row in region_list(desk_id, by=by) if row.id == key)


def region_save(
    desk_id: int,
    *,
    region_id: int | None = None,
    name: str,
    zone: str,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Make a region, or change name and zone of one; return its id.

    A zone holds from now on: its teams get a new place. Clocks follow in `flows.regions`. Raises InvalidFacts naming the
    field, and Conflict when the desk has a region of this name, or when another has changed it since the *version* that the
    writer saw.
    """
    require(by, Right.PEOPLE_EDIT, desk_id)
    name, zone = name.strip(), zone.strip()
    require_name(name, "name", "A region's name")
    require_named(zone)
    values = {"name": name, "zone": zone}
    try:
        with transaction.atomic():
            before = None
            if region_id is None:
                region_id = models.Region.objects.create(desk_id=desk_id, **values).id
            else:
                row = _region_take(desk_id, region_id, version=version)
                before = {name: row[name] for name in values}
                if before == values:
                    return region_id
                _region_write(region_id, values)
                if zone != before["zone"]:
                    places_add(_teams_take(region_id), region_id=region_id, zone=zone, at=now, by_name=by.name)
            audit_add(
                "region_saved", object_kind="region", object_ref=name, desk_id=desk_id,
                before=before, after=values, by=by, now=now,
            )  # fmt: skip
            desk_changed(desk_id)
    except IntegrityError:
        raise Conflict(f"This desk has a region called {name} already") from None
    return region_id


def region_activity_set(
    desk_id: int, region_id: int, *, is_active: bool, reason: str, version: int | None = None, by: Actor, now: datetime
) -> None:
    """Retire a region, or take it into use again. What happened in it keeps its name.

    Raises Conflict while teams or active people are in it, naming them; deactivated ones leave it. Of nothing that changes,
    nothing is written.
    """
    require(by, Right.PEOPLE_EDIT, desk_id)
    require_reason(reason)
    with transaction.atomic():
        region = _region_take(desk_id, region_id, version=version)
        if region["is_active"] == is_active:
            return
        if not is_active:  # somebody who is taken back at this moment is waited for, and then stands in the way
            models.Person.objects.filter(region_id=region_id, is_active=False).update(region=None)
            _require_empty(region_id, region["name"])
        _region_write(region_id, {"is_active": is_active})
        audit_add(
            "region_restored" if is_active else "region_retired", object_kind="region", object_ref=region["name"],
            desk_id=desk_id, reason=reason, by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)


def _region_take(desk_id: int, region_id: int, *, version: int | None = None) -> dict[str, Any]:
    """Lock a region until the caller's transaction ends, and return it. Raises NotFound, and Conflict for an old version."""
    region = models.Region.objects.select_for_update(no_key=True).filter(id=region_id, desk_id=desk_id)
    row = region.values("name", "zone", "is_active", "version").first()
    if row is None:
        raise NotFound("There is no such region on this desk", field="region")
    if version is not None and version != row["version"]:
        raise changed_since(
            f"changed the region {row['name']} since you opened the page",
            object_kind="region", object_ref=row["name"], desk_id=desk_id, version=row["version"],
        )  # fmt: skip
    return dict(row)


def _teams_take(region_id: int) -> list[int]:
    """Lock the teams of a region, so that nobody places work with them while where they are changes; return their keys."""
    teams = models.Team.objects.select_for_update().filter(region_id=region_id).order_by("id")
    return list(teams.values_list("id", flat=True))


def _region_write(region_id: int, values: dict[str, Any]) -> None:
    models.Region.objects.filter(id=region_id).update(version=F("version") + 1, **values)


def _require_empty(region_id: int, name: str) -> None:
    """Raise Conflict, naming them, while teams or people are of a region themselves."""
    inside = [
        *models.Team.objects.filter(region_id=region_id).order_by("name").values_list("name", flat=True),
        *models.Person.objects.filter(region_id=region_id).order_by("name").values_list("name", flat=True),
    ]
    if inside:
        more = f" and {len(inside) - NAMED} more" if len(inside) > NAMED else ""
        raise Conflict(f"{name} still has {', '.join(inside[:NAMED])}{more}: give them another region first")


def _in_use(desk_id: int, region_id: int | None) -> tuple[str, str]:
    """Lock a region that somebody is put into, so that it is not retired meanwhile; return its name and zone, "" for none."""
    if region_id is None:
        return "", ""
    region = _region_take(desk_id, region_id)
    if not region["is_active"]:
        raise InvalidFacts(f"The region {region['name']} is retired; choose another", field="region")
    return str(region["name"]), str(region["zone"])


def person_region_set(
    person_id: int, region_id: int | None, *, version: int, reason: str = "", by: Actor, now: datetime
) -> bool:
    """Say by hand in which region a person is, None for that of her teams; return whether it was another.

    Raises NotFound, NotAllowed, Conflict for an old version, and InvalidFacts for a region that is retired.
    """
    person = models.Person.objects.select_related("region").filter(id=person_id).first()
    if person is None or not may(by, Right.PEOPLE_VIEW, person.desk_id):
        raise NotFound("There is no such person, or you may not see her")
    require(by, Right.PEOPLE_EDIT, person.desk_id)
    with transaction.atomic():
        name, _ = _in_use(person.desk_id, region_id)
        if region_id == person.region_id:
            person_require(person_id, version=version)
            return False
        person_take(person_id, version=version, by=by)
        models.Person.objects.filter(id=person_id).update(region_id=region_id)
        audit_add(
            "person_corrected", object_kind="person", object_ref=person.name, desk_id=person.desk_id,
            before={"region": person.region.name if person.region else ""}, after={"region": name}, reason=reason,
            by=by, now=now,
        )  # fmt: skip
        desk_changed(person.desk_id)
    return True


def team_named(desk_id: int, name: str, *, by: Actor) -> int:
    """Return the key of a desk's team by its whole name. Raises NotFound."""
    require(by, Right.PEOPLE_VIEW, desk_id)
    key = models.Team.objects.filter(desk_id=desk_id, name=name.strip()).values_list("id", flat=True).first()
    if key is None:
        raise NotFound(f"This desk has no team “{name[:60]}”", field="team")
    return int(key)


def team_region_set(
    desk_id: int, team_id: int, region_id: int | None, *, reason: str = "", by: Actor, now: datetime
) -> bool:
    """Say in which region a team is from now on, None for none; return whether it was another.

    What was said before holds for the time before; clocks follow in `flows.regions`. Its people count there who have no region of their own and no team of another. Raises NotFound, and InvalidFacts for a
    region that is retired.
    """
    require(by, Right.PEOPLE_EDIT, desk_id)
    with transaction.atomic():
        name, zone = _in_use(desk_id, region_id)
        teams = models.Team.objects.select_for_update(of=("self",)).select_related("region")
        team = teams.filter(id=team_id, desk_id=desk_id).first()
        if team is None:
            raise NotFound("There is no such team on this desk", field="team")
        if team.region_id == region_id:
            return False
        models.Team.objects.filter(id=team_id).update(region_id=region_id)
        places_add([team_id], region_id=region_id, zone=zone, at=now, by_name=by.name, reason=reason)
        audit_add(
            "team_region_set", object_kind="team", object_ref=team.name, desk_id=desk_id,
            before={"region": team.region.name if team.region else ""}, after={"region": name}, reason=reason,
            by=by, now=now,
        )  # fmt: skip
        desk_changed(desk_id)
    return True
