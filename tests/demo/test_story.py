"""A visitor's day in the demo: time plays, incidents arrive, somebody acts, the log's people go on, the story ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.demo import small_story
from tests.demo.small_story import BEGINS, ENDS
from tests.factories import BOSS
from tests.flows.intake import read
from tests.waiting import desk_now, wall_passes
from watchbill.apps.core.queries import clock_get
from watchbill.apps.decisions.choices import Status
from watchbill.apps.decisions.queries import decision_list
from watchbill.apps.decisions.services import mode_set
from watchbill.apps.inbox.queries import held_count
from watchbill.apps.people.queries import actor_of_username, person_search
from watchbill.apps.work.queues import queue_list
from watchbill.flows import clockwork, watch
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.assign.answers import decision_accept
from watchbill.interfaces.ticker import Ticker

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS = 30


@pytest.fixture
def desk(tmp_path):
    return small_story.begin(tmp_path, items=ITEMS)


@pytest.fixture
def coordinator(desk):
    return actor_of_username("demo-coordinator")


def play(minutes):
    """Let so many minutes of the desk pass at one minute a second, the ticker turning all the while."""
    until = desk_now() + timedelta(minutes=minutes)
    clockwork.play(by=BOSS, now=desk_now())
    turning = Ticker()
    while desk_now() < until:
        turning.turn()
        wall_passes(0.9)
    turning.turn()
    clockwork.pause(by=BOSS, now=desk_now())


def jump(hours):
    clockwork.jump(hours=hours, by=BOSS, now=desk_now())
    turning = Ticker()
    while clock_get().jump_to_at is not None:
        turning.turn()


def test_first_ten_minutes_bring_incidents_and_proposals(desk, coordinator):
    """Time moves, incidents arrive, and for each somebody is proposed with reasons."""
    play(10)
    items = read.fetch("select id from work_item")
    assert 9 <= len(items) <= 13
    proposed = decision_list(desk, status=Status.PROPOSED, by=coordinator)
    assert len(proposed) >= 8
    assert all(row.chosen and row.outcome["contributions"] for row in proposed)


def test_item_taken_over_stops_following_the_logs_assignments(desk, coordinator):
    """The one accepted stays with who was chosen while the log gives it to another; the log still resolves it."""
    play(6)
    row = next(
        row for row in decision_list(desk, status=Status.PROPOSED, by=coordinator) if row.chosen != _owner_in_log(row)
    )
    decision_accept(row.id, by=coordinator, now=desk_now())
    jump(4)
    taken = _item(row.reference)
    assert (taken["owner"], taken["is_taken_over"], taken["state"]) == (row.chosen, True, "resolved")
    assert any(event["kind"] == "decided" for event in read.events(taken["external_ref"]))
    followed = [
        _item(other["reference"]) for other in read.fetch("select reference from work_item where not is_taken_over")
    ]
    assert followed
    assert all(item["owner"] == f"Resolver {int(item['external_ref'][3:]) % 5}" for item in followed)


def _item(reference):
    (found,) = read.fetch(
        "select i.*, p.name as owner from work_item as i left join people_person as p on p.id = i.owner_id"
        " where i.reference = %s",
        [reference],
    )
    return found


def _owner_in_log(row):
    (found,) = read.fetch("select external_ref from work_item where reference = %s", [row.reference])
    return f"Resolver {int(found['external_ref'][3:]) % 5}"


def test_item_given_by_hand_is_taken_over_too(desk, coordinator):
    """Without any proposal: who assigns by hand takes the item out of the log's hands."""
    play(3)
    item = read.fetch("select reference, external_ref, version from work_item order by id")[0]
    other = next(
        person for person in person_search(desk, "Resolver", by=BOSS)
        if person["name"] != f"Resolver {int(item['external_ref'][3:]) % 5}"
    )  # fmt: skip
    version = read.fetch("select version from work_item where reference = %s", [item["reference"]])[0]["version"]
    item_assign(item["reference"], other["id"], version=version, by=coordinator, now=desk_now())
    jump(2)
    assert _item(item["reference"])["owner"] == other["name"]


def test_autopilot_takes_over_as_well(desk):
    """On autopilot Watchbill gives work away by itself, signs it, and the log's owner no longer matters."""
    manager = actor_of_username("demo-queue-manager")
    for queue in queue_list(desk, by=BOSS):
        mode_set(queue["id"], mode="autopilot", reason="try it", by=manager, now=BEGINS)
    jump(1)
    applied = decision_list(desk, status=Status.APPLIED, by=manager)
    assert len(applied) >= 10
    jump(3)
    for row in applied:
        item = _item(row.reference)
        assert (item["owner"], item["is_taken_over"]) == (row.chosen, True)


def test_releasing_twice_changes_nothing(desk):
    """A step that was done is done: the same instant again writes no event."""
    watch.step(BEGINS + timedelta(minutes=90))
    before = read.fetch("select max(id), count(*) from work_event")
    watch.step(BEGINS + timedelta(minutes=90))
    assert read.fetch("select max(id), count(*) from work_event") == before


def test_end_of_the_log_is_said_and_a_restart_offered(desk, coordinator):
    """A jump to the end: nothing is held any more, the state says so, and asking for a new beginning is heard."""
    jump(48)
    state = clockwork.demo_state(clock_get(), now=desk_now())
    assert (state.is_over, state.share, desk_now(), held_count(desk)) == (True, 1.0, ENDS, 0)
    clockwork.restart(by=coordinator, now=desk_now())
    asked = read.fetch("select actor_name from core_auditevent where action = 'demo_restarted'")
    assert [event["actor_name"] for event in asked] == ["Demo coordinator"]
