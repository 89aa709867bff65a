"""Regions are made, renamed, retired and given to teams and people; by who may, once each, and told in the audit trail."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection

from tests.factories import BOSS, NOW, actor, make_desk, make_person
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.people.models import Membership, Person, Region, Team
from watchbill.apps.people.queries import desk_list, person_get
from watchbill.apps.people.regions import (
    person_region_set,
    region_activity_set,
    region_get,
    region_list,
    region_names,
    region_save,
    team_named,
    team_region_set,
)
from watchbill.apps.people.rights import Role
from watchbill.apps.people.services import person_activity_set
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound
from watchbill.flows.regions import region_put

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_id():
    return make_desk()


@pytest.fixture
def emea(desk_id):
    return region_save(desk_id, name=" EMEA ", zone="Europe/Vienna", by=BOSS, now=NOW)


def retire(desk_id, region_id, **how):
    how = {"is_active": False, "reason": "moved", "by": BOSS, "now": NOW, **how}
    region_activity_set(desk_id, region_id, **how)


def acts():
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_a_region_is_made_and_changed_by_who_may(desk_id, emea):
    """Its name without the space around it; the trail knows before and after; of nothing that changes, nothing is kept."""
    assert region_list(desk_id, by=BOSS)[0].name == "EMEA"
    with pytest.raises(NotAllowed):
        region_save(desk_id, name="APJ", zone="UTC", by=actor(Role.QUEUE_MANAGER, desk_id), now=NOW)
    region_save(desk_id, region_id=emea, name="Europe", zone="Europe/Berlin", version=1, by=BOSS, now=NOW)
    line = AuditEvent.objects.latest("id")
    assert (line.action, line.object_ref) == ("region_saved", "Europe")
    assert line.before == {"name": "EMEA", "zone": "Europe/Vienna"}
    count = AuditEvent.objects.count()
    region_save(desk_id, region_id=emea, name="Europe", zone="Europe/Berlin", by=BOSS, now=NOW)
    assert AuditEvent.objects.count() == count
    row = region_get(desk_id, "Europe", by=BOSS)
    assert (row.zone, row.version, row.is_active, row.people) == ("Europe/Berlin", 2, True, 0)
    with pytest.raises(InvalidFacts, match="there are Europe"):
        region_get(desk_id, "EMEA", by=BOSS)


@pytest.mark.parametrize(
    ("name", "zone", "said"),
    [
        ("", "UTC", "1 to 200 characters"),
        ("x" * 201, "UTC", "1 to 200 characters"),
        ("APJ", "Asia/Tokio", "such as Asia/Tokyo, got .Asia/Tokio."),
        ("APJ", "", "IANA time zone"),
        ("APJ", "localtime", "IANA time zone"),
    ],
)
def test_what_cannot_be_a_region_is_refused(desk_id, name, zone, said):
    """A zone that there is not is named, with the one that was probably meant."""
    with pytest.raises(InvalidFacts, match=said):
        region_save(desk_id, name=name, zone=zone, by=BOSS, now=NOW)
    assert region_names(desk_id) == {}


def test_a_name_is_that_of_one_region(desk_id, emea):
    """A second of the name is a conflict, on this desk alone; so is a change to it."""
    with pytest.raises(Conflict, match="a region called EMEA already"):
        region_save(desk_id, name="EMEA", zone="UTC", by=BOSS, now=NOW)
    apj = region_save(desk_id, name="APJ", zone="UTC", by=BOSS, now=NOW)
    with pytest.raises(Conflict):
        region_save(desk_id, region_id=apj, name="EMEA", zone="UTC", by=BOSS, now=NOW)
    other = make_desk()
    region_save(other, name="EMEA", zone="UTC", by=BOSS, now=NOW)
    with pytest.raises(NotFound):
        region_save(other, region_id=emea, name="Mine", zone="UTC", by=BOSS, now=NOW)


def test_who_comes_second_is_told_who_was_first(desk_id, emea):
    """Of two who change one region at once."""
    region_save(desk_id, region_id=emea, name="Europe", zone="UTC", version=1, by=BOSS, now=NOW)
    with pytest.raises(Conflict, match="changed the region Europe since"):
        region_save(desk_id, region_id=emea, name="EU", zone="UTC", version=1, by=BOSS, now=NOW)
    with pytest.raises(Conflict):
        retire(desk_id, emea, version=1)


def test_a_person_is_put_into_a_region_and_out_of_it(desk_id, emea):
    """Her version moves, the trail names both; the same once more is nothing; an old version and another desk's are refused."""
    ann = make_person(desk_id, "Ann")
    how = {"by": BOSS, "now": NOW}
    assert person_region_set(ann, emea, version=1, reason="moved", **how)
    assert person_get(ann, by=BOSS).region == "EMEA"
    line = AuditEvent.objects.latest("id")
    assert (line.before, line.after, line.reason) == ({"region": ""}, {"region": "EMEA"}, "moved")
    assert not person_region_set(ann, emea, version=2, **how)
    with pytest.raises(Conflict):
        person_region_set(ann, None, version=1, **how)
    with pytest.raises(NotAllowed):
        person_region_set(ann, None, version=2, by=actor(Role.QUEUE_MANAGER, desk_id), now=NOW)
    with pytest.raises(NotFound):
        person_region_set(make_person(make_desk()), emea, version=1, **how)
    assert person_region_set(ann, None, version=2, **how)
    assert (person_get(ann, by=BOSS).region, person_get(ann, by=BOSS).region_id) == ("", None)


def test_people_of_a_team_are_where_it_is(desk_id, emea):
    """They count there and say so, unless they have a region of their own."""
    ann, bo = make_person(desk_id, "Ann"), make_person(desk_id, "Bo")
    apj = region_save(desk_id, name="APJ", zone="Asia/Tokyo", by=BOSS, now=NOW)
    team = Team.objects.create(desk_id=desk_id, name="Mail")
    for person in (ann, bo):
        Membership.objects.create(team=team, person_id=person)
    person_region_set(bo, apj, version=1, by=BOSS, now=NOW)
    assert team_region_set(desk_id, team_named(desk_id, "Mail", by=BOSS), emea, reason="moved", by=BOSS, now=NOW)
    assert not team_region_set(desk_id, team.id, emea, by=BOSS, now=NOW)
    assert [(row.name, list(row.teams), row.people) for row in region_list(desk_id, by=BOSS)] == [
        ("APJ", [], 1), ("EMEA", ["Mail"], 1)
    ]  # fmt: skip
    found = person_get(ann, by=BOSS)
    assert (found.region, found.region_id) == ("EMEA", None)
    line = AuditEvent.objects.latest("id")
    assert (line.action, line.object_kind, line.after) == ("team_region_set", "team", {"region": "EMEA"})
    with pytest.raises(NotAllowed):
        team_region_set(desk_id, team.id, None, by=actor(Role.QUEUE_MANAGER, desk_id), now=NOW)
    other = make_desk()
    with pytest.raises(NotFound):
        team_region_set(other, team.id, None, by=BOSS, now=NOW)


def test_a_region_is_not_retired_while_somebody_is_in_it(desk_id, emea):
    """Teams and people are named, five at most; those who were deactivated leave it, and it can be used again."""
    names = [f"Person {n}" for n in range(6)]
    people = [make_person(desk_id, name) for name in names]
    Person.objects.filter(id__in=people).update(region_id=emea)
    team = Team.objects.create(desk_id=desk_id, name="Mail", region_id=emea)
    with pytest.raises(Conflict, match="EMEA still has Mail, Person 0, Person 1, Person 2, Person 3 and 2 more"):
        retire(desk_id, emea)
    person_activity_set(people[5], is_active=False, reason="left", by=BOSS, now=NOW)
    Person.objects.filter(id__in=people[:5]).update(region=None)
    team_region_set(desk_id, team.id, None, by=BOSS, now=NOW)
    retire(desk_id, emea, version=1)
    assert Person.objects.get(id=people[5]).region_id is None
    assert region_names(desk_id, is_in_use=True) == {}
    assert region_names(desk_id) == {emea: "EMEA"}
    assert next(desk for desk in desk_list(by=BOSS) if desk.id == desk_id).region_zones == []
    for refused in (
        lambda: team_region_set(desk_id, team.id, emea, by=BOSS, now=NOW),
        lambda: person_region_set(people[0], emea, version=1, by=BOSS, now=NOW),
    ):
        with pytest.raises(InvalidFacts, match="EMEA is retired"):
            refused()
    retire(desk_id, emea, is_active=True)
    assert acts()[-2:] == ["region_retired", "region_restored"]
    assert Region.objects.get(id=emea).version == 3


def test_retiring_asks_why_and_who(desk_id, emea):
    """Without a reason nothing; without the right nothing."""
    with pytest.raises(InvalidFacts, match="Say why"):
        retire(desk_id, emea, reason=" ")
    with pytest.raises(NotAllowed):
        retire(desk_id, emea, by=actor(Role.QUEUE_MANAGER, desk_id))


@pytest.mark.django_db(transaction=True)
def test_two_make_a_region_of_one_name_at_once():
    """One region is made; the other is told that there is one already."""
    desk_id, ready, told = make_desk(), Barrier(2), []

    def make():
        ready.wait(5)
        try:
            told.append(region_save(desk_id, name="EMEA", zone="UTC", by=BOSS, now=NOW) > 0)
        except Conflict as error:
            told.append(error.message)
        finally:
            connection.close()

    both = [Thread(target=make) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    assert sorted(told, key=str) == ["This desk has a region called EMEA already", True]
    assert len(region_names(desk_id)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_put_the_same_teams_in_opposite_order():
    """Both lock teams in one order, so neither waits for the other in a ring: all teams end in one of the two regions."""
    desk_id, ready, told = make_desk(), Barrier(2), []
    for name in ("EMEA", "AMS"):
        region_save(desk_id, name=name, zone="UTC", by=BOSS, now=NOW)
    names = [f"Team {number}" for number in range(12)]
    Team.objects.bulk_create(Team(desk_id=desk_id, name=name) for name in names)

    def put(region, teams):
        ready.wait(5)
        try:
            told.append(len(region_put(desk_id, region, teams=teams, people=(), by=BOSS, now=NOW)))
        except OperationalError as error:
            told.append(str(error))
        finally:
            connection.close()

    both = [Thread(target=put, args=each) for each in (("EMEA", names), ("AMS", names[::-1]))]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    assert told == [12, 12]
    assert Team.objects.filter(desk_id=desk_id).values("region").distinct().count() == 1
