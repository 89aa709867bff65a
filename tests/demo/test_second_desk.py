"""The second desk of the demo: made through services and the import, marked, ended in the middle and gone on with."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error as DatabaseError
from django.db import connection, connections

from tests.factories import BOSS
from tests.flows.intake import read
from tests.waiting import wait_for
from watchbill.apps.core import services
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.core.queries import Story
from watchbill.apps.decisions.queries import modes_of_desk
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.decisions.traffic import changes_ahead, traffic_page
from watchbill.apps.inbox.queries import desks_in_making, held_next_at
from watchbill.apps.people.demo_users import demo_user_list, demo_users_make
from watchbill.apps.people.queries import actor_of_username, desk_list, person_list
from watchbill.apps.work.queries import work_get
from watchbill.apps.work.queues import queue_list
from watchbill.demo import beginning
from watchbill.demo.company import desk as second
from watchbill.demo.second import SecondDesk
from watchbill.demo.stage import Stage
from watchbill.engine.assign.rails import Mode
from watchbill.engine.base.work import State
from watchbill.flows import clockwork, watch
from watchbill.flows.act.items import item_state
from watchbill.flows.intake.load import quiet
from watchbill.flows.partners import partners_told

pytestmark = pytest.mark.django_db(transaction=True)

BEGINS = datetime(2026, 11, 16, 12, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=2)
WEEKS = 6


class _Killed(Exception):
    pass


@pytest.fixture
def story():
    services.clock_move(desk_at=BEGINS, rate=0, limit_at=BEGINS, by=BOSS, now=BEGINS)
    services.story_set(Story(desk="meridian", starts_at=BEGINS, ends_at=ENDS, weeks=0))


@pytest.fixture
def short(monkeypatch):
    """Six weeks of its history: as much as fills its queues."""
    whole = second.company_load
    monkeypatch.setattr(second, "company_load", lambda **known: whole(**{**known, "weeks": WEEKS}))


def load(tell=quiet):
    return second.company_load(begins_at=BEGINS, ends_at=ENDS, weeks=WEEKS, workers=1, tell=tell)


def the_desk():
    (found,) = (desk for desk in desk_list(by=WATCHBILL) if desk.slug == second.SLUG)
    return found


def digest():
    """All that was loaded, without the keys that a database gives."""
    return read.fetch(
        "select i.external_ref, e.seq, e.kind, e.at, e.state, p.name as owner, t.name as team from work_event as e"
        " join work_item as i on i.id = e.item_id left join people_person as p on p.id = e.owner_id"
        " left join people_team as t on t.id = e.team_id order by i.external_ref, e.seq"
    )


def test_second_desk_is_whole_marked_and_told_on(story):
    """60 people with hours and skills in three regions, 400 open items with clocks, doors of its own, and more to come."""
    summary = load()
    assert summary.reconciles
    assert summary.rows_rejected == 0
    desk = the_desk()
    assert (desk.is_generated, desk.label) == (True, "Meridian Systems (generated)")
    people = person_list(desk.id, by=BOSS)
    assert len(people) == 60
    assert {person.region for person in people} == {"EMEA", "AMS", "APJ"}
    assert all(person.skills and person.teams and person.languages for person in people)
    assert read.fetch("select count(distinct person_id) as n from shifts_usualhours")[0]["n"] == 60
    queues = queue_list(desk.id, by=BOSS)
    assert (len(queues), sum(queue["open"] for queue in queues)) == (6, 400)
    modes = modes_of_desk(desk.id)
    assert {queue["name"] for queue in queues if modes[queue["id"]].mode == "autopilot"} == {second.AUTOPILOT}
    partners = partners_told(desk.id, by=BOSS)
    assert [(one["least_priority"], len(one["categories"]), one["held"]) for one in partners] == [(2, 4, 0), (3, 0, 0)]
    assert [one["notes"] for one in partners] == [[], []]  # what they take is what comes in
    clocks = read.fetch("select distinct name from clocks_clock order by name")
    assert [row["name"] for row in clocks] == ["next_update", "pick-up", "resolution", "response", "vendor repair"]
    waits = read.fetch(
        "select count(*) as n, count(*) filter (where next_step_due_at > %s) as said from work_item"
        " where is_open and state like 'waiting%%'", [BEGINS],
    )[0]  # fmt: skip
    assert 0.8 * waits["n"] < waits["said"] < waits["n"]
    strange = read.fetch(
        "select c.id from clocks_clock as c join work_item as i on i.id = c.item_id where (c.name = 'resolution' and"
        " (i.state in ('resolved', 'closed')) <> (c.status in ('met', 'missed')) and c.status <> 'cancelled')"
        " or (c.name = 'response' and c.status = 'running' and i.owner_id is not null)"
    )
    assert strange == []
    users = [(user.name, user.desk) for user in demo_user_list()]
    assert [name for name, _ in users][:3] == ["Regional manager EMEA", "Regional manager AMS", "Regional manager APJ"]
    manager = actor_of_username("demo-manager-ams")
    assert [each.id for each in desk_list(by=manager)] == [desk.id]
    before = len(read.fetch("select id from work_item"))
    watch.step(BEGINS + timedelta(hours=4))
    assert len(read.fetch("select id from work_item")) > before
    assert held_next_at() > BEGINS + timedelta(hours=4)


def test_in_the_evening_of_one_region_work_goes_to_the_next_and_is_taken_up_there(story):
    """AMS goes home at midnight: a part is passed with the sun, noted, given on autopilot to people of APJ, and begun by one.

    What only AMS may do is parked, and says why.
    """
    load()
    desk_id, evening = the_desk().id, BEGINS.replace(hour=22, minute=30)
    rails = {"per_hour": 1000, "priorities": [1, 2, 3, 4], "load_percent": 10_000}
    for queue in queue_list(desk_id, by=BOSS):
        mode_set(queue["id"], mode=Mode.AUTOPILOT, guard_rails=rails, reason="story", by=BOSS, now=BEGINS)
    watch.step(evening)
    (change,) = changes_ahead(desk_id, by=BOSS, now=evening)
    assert (change.region, change.leaves_at) == ("AMS", BEGINS.replace(hour=0) + timedelta(days=1))
    whole = change.kept + change.passed + change.parked
    assert 3 <= change.passed < change.parked, change
    rows = traffic_page(desk_id, by=BOSS, now=evening, limit=whole)
    assert any("around the clock" in row.body["reason"] for row in rows)
    parked = [row.body["rejected"][0]["words"] for row in rows if row.choice == "park"]
    assert any("lack a clearance" in words or "do not speak the language" in words for words in parked)
    assert not any("in other teams" in words for words in parked)
    passed = [row.item_id for row in rows if row.choice == "pass"]
    later = evening + timedelta(hours=3)
    watch.step(later)
    given = read.fetch(
        "select i.reference, i.owner_id, r.name as region from work_item as i join people_person as p on p.id = i.owner_id"
        " join people_region as r on r.id = p.region_id where i.id = any(%s) and exists (select from work_event as e"
        " where e.item_id = i.id and e.kind = 'decided' and e.at > %s)", [passed, evening],
    )  # fmt: skip
    assert given
    assert {row["region"] for row in given} == {"APJ"}
    notes = read.fetch(
        "select count(*) as n from work_event where item_id = any(%s) and kind = 'note'"
        " and data ->> 'text' like 'AMS goes home: passed with the sun, because%%'", [passed],
    )[0]  # fmt: skip
    assert notes["n"] == len(passed)
    taken = given[0]
    who = replace(BOSS, name="Somebody of APJ", person_id=taken["owner_id"])
    item_state(taken["reference"], State.WAITING_CUSTOMER, by=who, now=later)
    assert work_get(taken["reference"], by=BOSS).owner_id == taken["owner_id"]


def test_killed_in_the_middle_it_goes_on_and_is_the_same(story):
    """Ended while it generates, while it reads, and while it applies: what comes out is what one run makes."""
    left = {"generating": 1, "reading": 1, "applying": 1}

    def kill(what, share):
        if left.get(what):
            left[what] = 0
            raise _Killed

    for _ in range(3):
        with pytest.raises(_Killed):
            load(kill)
        assert not second.is_complete()
        assert the_desk().id in desks_in_making([the_desk().id])
    load()
    assert second.is_complete()
    assert desks_in_making([the_desk().id]) == {}
    in_pieces = digest()
    beginning_again()
    load()
    assert digest() == in_pieces


def beginning_again():
    """Empty tables, and the story as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "truncate work_event, work_item, inbox_heldevent, inbox_import, clocks_clock, people_desk, people_user cascade"
        )


def test_thread_loads_it_beside_and_ends_when_told(story, short):
    """Begun, it loads; told to end, it ends soon and what is missing comes the next time; once there, it is left alone."""
    said = []
    loading = SecondDesk(say=said.append)
    loading.begin()
    wait_for(lambda: [desk for desk in desk_list(by=WATCHBILL) if desk.slug == second.SLUG])
    loading.end()
    assert not [thread for thread in threading.enumerate() if thread.name == "second desk"]
    assert not second.is_complete()
    connections.close_all()
    for _ in range(2):
        loading.begin()
        wait_for(second.is_complete, limit_s=60)
        loading.end()
    assert sum("Second desk ready" in sentence for sentence in said) == 1


def test_story_that_begins_again_has_it_again(story, short):
    """A page asks for a new beginning while the second desk is loaded: it is loaded anew, whole."""
    demo_users_make(agent_id=None, by=BOSS, now=BEGINS)
    beginning.beginning_keep()
    try:
        stage = Stage(migrate=lambda: 0, say=lambda _: None)
        with stage.listening():
            wait_for(lambda: read.fetch("select from pg_stat_activity where query like 'listen%%'"))
            stage.opened()
            wait_for(lambda: [desk for desk in desk_list(by=WATCHBILL) if desk.slug == second.SLUG])
            clockwork.restart(by=BOSS, now=BEGINS)
            connections.close_all()
            wait_for(_is_there_again, limit_s=60)
        assert sum(queue["open"] for queue in queue_list(the_desk().id, by=BOSS)) >= 300
    finally:
        beginning.beginning_forget()


def _is_there_again():
    try:
        (moved,) = read.fetch("select rate, desk_anchor_at from core_installation")
        return moved["rate"] > 0 and second.is_complete()
    except DatabaseError:  # it is being put in its place
        connection.close()
        return False
