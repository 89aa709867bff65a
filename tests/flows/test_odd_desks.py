"""Desks that are odd: a team without a calendar, everybody on leave, a skill that nobody has, two teams in two zones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import factories
from tests.factories import BOSS, minutes
from tests.flows.assign.small_desk import NOW, SmallDesk, item_row
from watchbill.apps.clocks.queries import clocks_of_items, forget_compiled
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions.models import Acceptance
from watchbill.apps.decisions.risks import danger_page
from watchbill.apps.decisions.traffic import traffic_page
from watchbill.apps.people.models import Membership, Person, Region, Team
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.models import UsualHours
from watchbill.apps.shifts.queries import staffed
from watchbill.apps.work.models import Queue
from watchbill.apps.work.queries import WorkFilter
from watchbill.engine.base.ids import PersonId, TeamId
from watchbill.engine.sense.stuck import StuckReason
from watchbill.flows import stuck
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.balance.loads import loads_get
from watchbill.flows.balance.suggesting import suggest_moves
from watchbill.flows.sense.scoring import desk_score

pytestmark = pytest.mark.django_db


def team_of(desk, name, *people, region=None):
    team = Team.objects.create(desk_id=desk.id, name=name, region=region)
    for person in people:
        Membership.objects.create(team=team, person_id=desk.people[person])
    return team


def without_hours(desk, *people):
    UsualHours.objects.filter(person_id__in=[desk.people[one] for one in people]).delete()


def test_a_team_without_a_calendar_is_off_shift_and_that_is_said(desk):
    """No usual hours of anybody in it: its work finds no one, with that reason; it has no hours and its work is counted;
    what it is given is due by the clock on the wall, as it has no time of its own; every look goes through, and twice.
    """
    team = team_of(desk, "Lost", "Ana", "Ben")
    Queue.objects.filter(id=desk.queues["Mail"]).update(team=team)
    without_hours(desk, "Ana", "Ben", "Nora")
    item = desk.item(now=NOW)
    desk.tick(NOW)
    said = desk.proposal(item).outcome["reason"]
    assert said.startswith("No one can take this: ")
    assert "nobody's working hours are known" in said
    item_assign(item_row(item)["reference"], desk.people["Ana"], by=BOSS, now=NOW)
    loads = loads_get(desk.id, by=BOSS, now=NOW)
    lost = loads.workload.teams[TeamId(team.id)]
    assert (lost.own_min, lost.available_min[24], lost.ratio(24)) == (60, 0, None)
    assert suggest_moves(loads, by=BOSS).moves == ()
    for _ in range(2):
        stuck.tick(NOW + timedelta(hours=1))
        desk_score(desk.id, NOW + timedelta(hours=1))
    assert Acceptance.objects.get(item_id=item).accept_by_at == NOW + timedelta(hours=4)
    late = NOW + timedelta(hours=4)
    stuck.tick(late)
    (found,) = stuck.stuck_find(desk.id, by=WATCHBILL, now=late).items
    assert (found.row.id, StuckReason.UNACCEPTED in found.reasons) == (item, True)
    assert traffic_page(desk.id, by=WATCHBILL, now=NOW) == []


def test_a_desk_without_calendars_and_clocks_is_worked_all_the_same():
    """Nothing was ever promised: no clock, no risk, and assignment by age and priority."""
    forget_compiled()
    desk = SmallDesk(id=factories.make_desk(zone="UTC", has_clocks=False))
    desk.queue("Mail")
    desk.person("Ana")
    item = desk.item(now=NOW)
    desk.tick(NOW)
    assert desk.proposal(item).chosen == "Ana"
    desk_score(desk.id, NOW)
    assert clocks_of_items([item]) == {}
    assert danger_page(WorkFilter(desk_id=desk.id), limit=5, by=BOSS, now=NOW) == []
    loads = loads_get(desk.id, by=BOSS, now=NOW)
    assert suggest_moves(loads, by=BOSS).moves == ()
    stuck.tick(NOW)


def test_all_on_leave_leaves_work_to_nobody_and_says_who_comes_first(desk):
    """Assignment names nobody; no hours are there, nothing moves, and what they own is found."""
    item, owned = desk.item(now=NOW), desk.item(now=NOW)
    item_assign(item_row(owned)["reference"], desk.people["Ana"], by=BOSS, now=NOW)
    for name, days in (("Ana", 9), ("Ben", 3), ("Nora", 5)):
        absence_add(desk.people[name], from_at=NOW, until_at=NOW + timedelta(days=days), kind="leave", by=BOSS, now=NOW)
    at = NOW + minutes(1)
    desk.tick(at)
    found = desk.proposal(item)
    assert (found.chosen, found.outcome["verdict"]) == (None, "no_one")
    assert found.outcome["ways_out"][0]["name"] == "Ben"
    loads = loads_get(desk.id, by=BOSS, now=at)
    assert loads.workload.people[PersonId(desk.people["Ana"])].available_min[24] == 0
    assert suggest_moves(loads, by=BOSS).moves == ()
    stuck.tick(at)
    assert StuckReason.ABSENT in {
        r for one in stuck.stuck_find(desk.id, by=WATCHBILL, now=at).items for r in one.reasons
    }


def test_a_skill_that_nobody_has_is_named(desk):
    """The answer says which must stands in the way, of how many; the team's work still counts."""
    desk.skill("sonar")
    desk.queue("Sonar", skill="sonar", level=5)
    item = desk.item("Sonar", now=NOW)
    desk.tick(NOW)
    outcome = desk.proposal(item).outcome
    assert outcome["verdict"] == "no_one"
    assert {each["rule"]: each["people"] for each in outcome["rejected"]}["has_required_skill"] == 2
    assert "2 lack the skill or its level" in outcome["reason"]
    assert loads_get(desk.id, by=BOSS, now=NOW).workload.desk.own_min == 60


def test_a_person_in_two_teams_and_two_zones_works_once_by_her_own_clock(desk):
    """Teams in Dublin and Tokyo, she sits in Kolkata: on shift by her own hours, of no region, offered work of both, and her
    hours are counted once for the desk.
    """
    regions = [
        Region.objects.create(desk_id=desk.id, name=name, zone=zone)
        for name, zone in (("EMEA", "Europe/Dublin"), ("APJ", "Asia/Tokyo"))
    ]
    teams = [team_of(desk, f"Mail {one.name}", "Ana", region=one) for one in regions]
    Person.objects.filter(id=desk.people["Ana"]).update(zone="Asia/Kolkata")
    without_hours(desk, "Ben", "Nora")
    assert staffed(desk.id, NOW)[desk.people["Ana"]].left_s == 3.5 * 3600  # 14:30 in Kolkata, until 18:00
    for queue, team in zip(("Mail", "Network"), teams, strict=True):
        Queue.objects.filter(id=desk.queues[queue]).update(team=team)
    items = [desk.item(queue, now=NOW) for queue in ("Mail", "Network")]
    desk.tick(NOW)
    assert [desk.proposal(item).chosen for item in items] == ["Ana", "Ana"]
    loads = loads_get(desk.id, by=BOSS, now=NOW)
    assert loads.people[desk.people["Ana"]].region_id is None
    assert sum(load.available_min[4] for load in loads.workload.regions.values()) == 210
    assert loads.workload.desk.available_min[4] == 210
    assert [loads.workload.teams[TeamId(team.id)].available_min[4] for team in teams] == [210, 210]
