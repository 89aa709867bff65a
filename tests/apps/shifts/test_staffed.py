"""Who is at work now, for how long yet, and when she comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import BOSS, NOW, make_desk, make_person, minutes
from watchbill.apps.clocks.queries import closed_dates
from watchbill.apps.clocks.services import calendar_publish
from watchbill.apps.people.models import Membership, Person, Region, Team
from watchbill.apps.people.services import person_update
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.hours import weeks_of, weeks_of_people
from watchbill.apps.shifts.queries import staffed, team_calendars
from watchbill.apps.shifts.services import presence_set, usual_hours_set
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.base.errors import InvalidFacts, NotAllowed
from watchbill.engine.base.holidays import Holidays

pytestmark = pytest.mark.django_db

OFFICE = [["08:00-12:00", "13:00-17:00"]] * 5 + [[], []]


def test_office_hours_in_the_persons_own_zone():
    """Noon UTC is 09:00 in Sao Paulo: three hours to lunch, forty in the week to come."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    usual_hours_set(person, desk_id=desk, week=OFFICE, by=BOSS, now=NOW)
    row = staffed(desk, NOW)[person]
    assert (row.is_on_shift, row.left_s, row.next_week_s, row.opens_at) == (True, 3 * 3600, 40 * 3600, None)
    late = staffed(desk, NOW + minutes(600))[person]
    assert (late.is_on_shift, late.left_s) == (False, 0)
    assert late.opens_at == datetime(2026, 3, 3, 11, tzinfo=UTC)


def test_a_night_shift_passes_midnight():
    """22:00 to 06:00 in Kolkata (+05:30) is one shift: at 01:00 there, five hours are left."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    person_update(person, version=1, values={"zone": "Asia/Kolkata"}, by=BOSS, now=NOW)
    usual_hours_set(person, desk_id=desk, week=[["22:00-06:00"]] * 7, by=BOSS, now=NOW)
    row = staffed(desk, datetime(2026, 3, 2, 19, 30, tzinfo=UTC))[person]
    assert (row.is_on_shift, row.left_s) == (True, 5 * 3600)


def test_holidays_of_the_desk_are_nobodys_working_days():
    """On a closed date the same person is off, and comes back on the next day."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    usual_hours_set(person, desk_id=desk, week=OFFICE, by=BOSS, now=NOW)
    row = staffed(desk, NOW, closed_on=Holidays(everywhere=frozenset({date(2026, 3, 2)})))[person]
    assert (row.is_on_shift, row.opens_at) == (False, datetime(2026, 3, 3, 11, tzinfo=UTC))


def test_a_holiday_of_one_region_sends_home_only_its_people():
    """Those who live in its zone, and those of its region elsewhere; the other region works, in every read of hours."""
    desk = make_desk()  # its calendar is in São Paulo and has no holidays
    emea, ams = (
        Region.objects.create(desk_id=desk, name=name, zone=zone)
        for name, zone in (("EMEA", "Europe/Dublin"), ("AMS", "America/Sao_Paulo"))
    )
    team = Team.objects.create(desk_id=desk, region=emea, name="Network EMEA")
    made = {}
    for name, zone, region in (
        ("Aoife", "Europe/Dublin", None),
        ("Bruno", "Africa/Lagos", emea),
        ("Cira", "America/Recife", ams),
    ):
        made[name] = make_person(desk, name)
        Person.objects.filter(id=made[name]).update(zone=zone, region=region)
        usual_hours_set(made[name], desk_id=desk, week=[["00:00-24:00"]] * 7, by=BOSS, now=NOW)
    made["Dana"] = make_person(desk, "Dana")
    Person.objects.filter(id=made["Dana"]).update(zone="Africa/Lagos")
    Membership.objects.create(team=team, person_id=made["Dana"])
    usual_hours_set(made["Dana"], desk_id=desk, week=[["00:00-24:00"]] * 7, by=BOSS, now=NOW)
    week = Calendar.working_week("Europe/Dublin", "09:00-17:00", closed_on=[NOW.date()]).as_json()
    calendar_publish(desk, "EMEA", week, holds_from=NOW - minutes(60), reason="test", by=BOSS, now=NOW - minutes(60))
    closed = closed_dates(desk, NOW)
    on = {name: staffed(desk, NOW, closed_on=closed)[key].is_on_shift for name, key in made.items()}
    assert on == {"Aoife": False, "Bruno": False, "Cira": True, "Dana": False}
    for weeks in (weeks_of(desk, closed_on=closed), weeks_of_people(list(made.values()), closed_on=closed)):
        assert {name: weeks[key].is_open(NOW) for name, key in made.items()} == on
    (of_team,) = team_calendars(desk, closed_on=closed)[team.id]
    assert not of_team.is_open(NOW)


def test_without_known_hours_somebody_is_not_on_shift():
    """Nothing is assumed about people of whom nothing is known."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    row = staffed(desk, NOW)[person]
    assert (row.is_on_shift, row.opens_at) == (False, None)


def test_presence_is_her_own_to_set_and_ends_in_time():
    """She says away until 10:00; after that the usual hours speak again. Others need the right."""
    from tests.factories import actor
    from watchbill.apps.people.rights import Role

    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    me = actor(Role.AGENT, desk, person_id=person)
    presence_set(person, desk_id=desk, state="away", until_at=NOW + minutes(60), by=me, now=NOW)
    assert staffed(desk, NOW)[person].presence == "away"
    assert staffed(desk, NOW + minutes(60))[person].presence == "available"
    with pytest.raises(NotAllowed):
        presence_set(person, desk_id=desk, state="off", by=actor(Role.AGENT, desk), now=NOW)
    with pytest.raises(InvalidFacts, match="available, away, off"):
        presence_set(person, desk_id=desk, state="asleep", by=me, now=NOW)


def test_the_cost_does_not_depend_on_the_number_of_people(django_assert_num_queries):
    """Three queries for one person or for thirty: usual hours, absences, and hours beside them."""
    desk = make_desk(has_clocks=False)
    for _ in range(30):
        usual_hours_set(make_person(desk), desk_id=desk, week=OFFICE, by=BOSS, now=NOW)
    with django_assert_num_queries(3):
        assert len(staffed(desk, NOW)) == 30


def test_who_is_off_until_an_instant_is_back_then():
    """Off until 10:00 in the shift: back at 10:00; until after it, or into an absence: at the next shift that she works."""
    desk = make_desk(has_clocks=False)
    person = make_person(desk)
    usual_hours_set(person, desk_id=desk, week=OFFICE, by=BOSS, now=NOW)
    presence_set(person, desk_id=desk, state="off", until_at=NOW + minutes(60), by=BOSS, now=NOW)
    row = staffed(desk, NOW)[person]
    assert (row.is_on_shift, row.presence, row.opens_at) == (True, "off", NOW + minutes(60))
    presence_set(person, desk_id=desk, state="off", until_at=NOW + minutes(14 * 60), by=BOSS, now=NOW)
    next_day = datetime(2026, 3, 3, 11, tzinfo=UTC)
    assert staffed(desk, NOW)[person].opens_at == next_day
    absence_add(person, from_at=next_day, until_at=next_day + minutes(60), by=BOSS, now=NOW)
    assert staffed(desk, NOW)[person].opens_at == next_day + minutes(60)
    presence_set(person, desk_id=desk, state="off", by=BOSS, now=NOW)
    assert staffed(desk, NOW)[person].opens_at is None  # nobody knows when
