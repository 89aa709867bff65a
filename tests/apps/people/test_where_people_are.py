"""Where somebody is: her own region, else that of her teams if they are of one; the same for everything that asks."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, make_desk, make_person
from watchbill.apps.people import users
from watchbill.apps.people.abilities import ability_list
from watchbill.apps.people.managers import limits_of, managers_by_region, managers_of
from watchbill.apps.people.models import Membership, Person, Region, Team
from watchbill.apps.people.regions import region_of
from watchbill.apps.people.rights import Right, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_id():
    return make_desk()


def manager(desk_id, name, *, region=None, teams=()):
    """A queue manager who is a person of a region, or in teams of regions."""
    person_id = make_person(desk_id, name)
    Person.objects.filter(id=person_id).update(region=region)
    for team in teams:
        Membership.objects.create(team=team, person_id=person_id)
    users.user_create(name.lower(), name=name, person_id=person_id, by=BOSS, now=NOW)
    users.role_grant(name.lower(), Role.QUEUE_MANAGER, desk_id=desk_id, by=BOSS, now=NOW)
    return person_id


def test_a_region_that_comes_from_teams_counts_like_ones_own(desk_id):
    """Own before teams; of two regions none; for managers, for limits, for assignment and for changes of region alike."""
    emea, apj = (Region.objects.create(desk_id=desk_id, name=name) for name in ("EMEA", "APJ"))
    mail, phones = (Team.objects.create(desk_id=desk_id, name=one.name, region=one) for one in (emea, apj))
    bare = Team.objects.create(desk_id=desk_id, name="No region")
    where = {
        manager(desk_id, "Own", region=apj, teams=[mail]): apj.id,
        manager(desk_id, "Teams", teams=[mail, bare]): emea.id,
        manager(desk_id, "Two", teams=[mail, phones]): None,
        manager(desk_id, "None"): None,
    }
    assert {one.id: one.region_id for one in ability_list(desk_id)} == where
    assert {person_id: region_of(person_id) for person_id in where} == where
    assert {one.person_id: one.region_id for one in managers_of(desk_id, Right.ALERT_ANSWER)} == where
    assert {one.person_id: one.region_id for one in limits_of(desk_id)} == where
    managed = {region: [one.name for one in people] for region, people in managers_by_region(desk_id).items()}
    assert managed == {emea.id: ["Teams"], apj.id: ["Own"]}


def test_who_manages_holds_both_rights_on_this_desk(desk_id):
    """An agent of the region does not manage it, and neither does the manager of another desk's."""
    region = Region.objects.create(desk_id=desk_id, name="EMEA")
    agent = make_person(desk_id, "Agnes")
    Person.objects.filter(id=agent).update(region=region)
    users.user_create("agnes", name="Agnes", person_id=agent, by=BOSS, now=NOW)
    users.role_grant("agnes", Role.AGENT, desk_id=desk_id, by=BOSS, now=NOW)
    users.role_grant("agnes", Role.QUEUE_MANAGER, desk_id=make_desk(), by=BOSS, now=NOW)
    assert managers_by_region(desk_id) == {}
