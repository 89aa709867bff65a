"""Acts of people: clocks follow, people are told, rights hold, and nothing is half-done."""

from __future__ import annotations

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_item, make_person, minutes
from watchbill.apps.clocks.queries import clocks_of_items
from watchbill.apps.core.actor import Actor
from watchbill.apps.notices.queries import notices_unread
from watchbill.apps.people import services as people
from watchbill.apps.people.rights import Role
from watchbill.apps.work import models, queues
from watchbill.apps.work.queries import ItemDetail, work_get
from watchbill.apps.work.timeline import work_events
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed
from watchbill.engine.base.time import FAR_FUTURE
from watchbill.engine.base.work import Level, Priority, State
from watchbill.flows.act import bulk
from watchbill.flows.act.assigning import item_assign, item_take, may_take
from watchbill.flows.act.items import item_edit, item_next_step, item_note, item_priority, item_queue, item_state
from watchbill.flows.act.opening import Draft, item_open

pytestmark = pytest.mark.django_db


def get(reference: str) -> ItemDetail:
    return work_get(reference, by=BOSS)


def clocks(reference: str) -> dict[str, str]:
    item = get(reference)
    return {clock.kind: clock.status for clock in clocks_of_items([item.id])[item.id]}


def test_opening_starts_both_clocks_and_the_item_sorts_by_the_first_due():
    """A P1 by impact and urgency is to be answered 15 business minutes after it was opened."""
    reference = make_item(make_desk(), impact=Level.HIGH, urgency=Level.HIGH)
    assert get(reference).priority == Priority.P1
    assert clocks(reference) == {"response": "running", "resolution": "running"}
    assert get(reference).due_sort_at == NOW + minutes(15)


def test_without_a_clock_policy_work_goes_on_without_clocks():
    """A desk that has not set its targets yet can work; nothing is invented."""
    reference = make_item(make_desk(has_clocks=False))
    assert clocks(reference) == {}
    assert get(reference).due_sort_at == FAR_FUTURE


def test_what_is_given_stays_new_until_its_owner_takes_it_up():
    """Being pushed is no response: the clock runs until she begins, and she reads who gave it to her."""
    desk = make_desk()
    person = make_person(desk, "Ann")
    reference = make_item(desk, priority=Priority.P1)
    item_assign(reference, person, by=BOSS, now=NOW + minutes(5))
    item = get(reference)
    assert (item.owner, item.state, item.is_taken_over) == ("Ann", "new", True)
    assert clocks(reference) == {"response": "running", "resolution": "running"}
    notices = notices_unread(by=Actor(name="Ann", person_id=person))
    assert [n["text"] for n in notices] == [f"test (console) gave you {reference}: Printer is silent"]
    ann = actor(Role.AGENT, desk, person_id=person, name="Ann")
    assert may_take(item, by=ann)
    item_take(reference, by=ann, now=NOW + minutes(10))
    item = get(reference)
    assert (item.owner, item.state) == ("Ann", "in_progress")
    assert clocks(reference) == {"response": "met", "resolution": "running"}
    assert item.due_sort_at == NOW + minutes(240)
    assert not may_take(item, by=ann)
    with pytest.raises(InvalidFacts, match="owns"):
        item_take(reference, by=ann, now=NOW + minutes(11))


def test_a_pause_moves_the_due_by_the_pause():
    """Twenty minutes waiting for the customer are twenty minutes more; while waiting, nothing is due."""
    desk = make_desk()
    reference = make_item(desk, priority=Priority.P1)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_state(reference, State.WAITING_CUSTOMER, by=BOSS, now=NOW + minutes(10))
    assert get(reference).due_sort_at == FAR_FUTURE
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW + minutes(30))
    assert get(reference).due_sort_at == NOW + minutes(260)


def test_a_reply_answers_the_response_clock_and_a_work_note_does_not():
    """First reply to the customer counts as response; internal notes are nobody's answer."""
    reference = make_item(make_desk())
    item_note(reference, "looking", by=BOSS, now=NOW + minutes(1))
    assert clocks(reference)["response"] == "running"
    item_note(reference, "We are on it", is_to_customer=True, by=BOSS, now=NOW + minutes(2))
    assert clocks(reference)["response"] == "met"


def test_priority_by_impact_and_urgency_moves_the_target_and_keeps_what_elapsed():
    """From P3 to P1 after 10 minutes: 230 of 240 minutes are left."""
    desk = make_desk()
    reference = make_item(desk)
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW)
    item_assign(reference, make_person(desk), by=BOSS, now=NOW)
    item_priority(reference, impact=Level.HIGH, urgency=Level.HIGH, by=BOSS, now=NOW + minutes(10))
    assert get(reference).due_sort_at == NOW + minutes(240)
    with pytest.raises(InvalidFacts, match="needs a reason"):
        item_priority(reference, priority=Priority.P4, by=BOSS, now=NOW)


def test_two_people_at_once_one_wins_the_other_is_told():
    """Both saw version 1; the second assign changes nothing, no notice goes out, and the conflict names the first."""
    desk = make_desk()
    ann, bob = make_person(desk, "Ann"), make_person(desk, "Bob")
    reference = make_item(desk)
    item_assign(reference, ann, version=1, by=BOSS, now=NOW)
    with pytest.raises(Conflict) as caught:
        item_assign(reference, bob, version=1, by=BOSS, now=NOW)
    assert caught.value.details["changes"][0]["set"]["owner_id"] == ann
    assert get(reference).owner == "Ann"
    assert notices_unread(by=Actor(name="Bob", person_id=bob)) == []


def test_notes_never_conflict():
    """Two people may write at the same time."""
    reference = make_item(make_desk())
    item_state(reference, State.IN_PROGRESS, by=BOSS, now=NOW)
    item_note(reference, "one", by=BOSS, now=NOW)
    item_note(reference, "two", by=BOSS, now=NOW)
    assert [e.data["text"] for e in work_events(get(reference).id) if e.kind == "note"] == ["two", "one"]


def test_a_failure_in_the_middle_leaves_nothing_behind(monkeypatch):
    """When the clocks cannot be kept, neither event nor item is changed."""
    desk = make_desk()
    person = make_person(desk)
    reference = make_item(desk)
    before = get(reference)

    def broken(*_args, **_kwargs):
        raise RuntimeError("disk")

    monkeypatch.setattr("watchbill.apps.clocks.services.clocks_write", broken)
    with pytest.raises(RuntimeError):
        item_assign(reference, person, by=BOSS, now=NOW)
    assert get(reference) == before
    assert models.WorkEvent.objects.count() == 1


@pytest.mark.parametrize("kind", ["robot", "inactive", "other desk", "nobody"])
def test_work_is_not_given_to_those_who_cannot_own_it(kind):
    """Robots, people who left, strangers and ids that do not exist are refused."""
    desk = make_desk()
    person = make_person(make_desk(has_clocks=False) if kind == "other desk" else desk)
    if kind == "robot":
        from watchbill.apps.people.models import Person

        Person.objects.filter(id=person).update(is_robot=True)
    elif kind == "inactive":
        people.person_activity_set(person, is_active=False, reason="left", by=BOSS, now=NOW)
    elif kind == "nobody":
        person = 10**9
    with pytest.raises(Exception, match=r"no such person|not active|does not belong"):
        item_assign(make_item(desk), person, by=BOSS, now=NOW)


def test_an_agent_takes_but_does_not_give():
    """Taking an item needs less of a right than giving it to others."""
    desk = make_desk()
    me, other = make_person(desk, "Me"), make_person(desk, "Other")
    agent = actor(Role.AGENT, desk, person_id=me, name="Me")
    reference = make_item(desk)
    with pytest.raises(NotAllowed):
        item_assign(reference, other, by=agent, now=NOW)
    item_take(reference, by=agent, now=NOW)
    assert get(reference).owner == "Me"
    with pytest.raises(InvalidFacts, match="does not own work"):
        item_take(reference, by=actor(Role.AGENT, desk), now=NOW)


def test_a_next_step_needs_who_what_and_when():
    """Each missing part is named; a step can be taken away again."""
    desk = make_desk()
    person = make_person(desk, "Ann")
    reference = make_item(desk)
    for what, who, due, says in (
        ("", person, NOW + minutes(5), "Say what"),
        ("call", None, NOW + minutes(5), "somebody who does it"),
        ("call", person, None, "needs a time"),
        ("call", person, NOW, "lies ahead"),
    ):
        with pytest.raises(InvalidFacts, match=says):
            item_next_step(reference, what=what, who=who, due_at=due, by=BOSS, now=NOW)
    item_next_step(reference, what="call", who=person, due_at=NOW + minutes(5), by=BOSS, now=NOW)
    assert (get(reference).next_step, get(reference).next_step_owner) == ("call", "Ann")
    item_next_step(reference, what="", who=None, due_at=None, by=BOSS, now=NOW)
    assert get(reference).next_step_due_at is None


def test_moving_queues_takes_over_what_the_new_queue_asks():
    """Team and skill of the queue go with the item."""
    desk = make_desk()
    queue = queues.queue_save(desk, name="Network", skill_level=3, by=BOSS, now=NOW)
    reference = make_item(desk)
    item_queue(reference, queue, by=BOSS, now=NOW)
    assert (get(reference).queue, get(reference).skill_level) == ("Network", 3)
    with pytest.raises(InvalidFacts, match="already"):
        item_queue(reference, queue, by=BOSS, now=NOW)


def test_editing_sets_only_what_changed():
    """The event holds the changed field alone; nothing changed is said, not written."""
    reference = make_item(make_desk())
    item_edit(reference, {"title": "New title", "category": ""}, by=BOSS, now=NOW)
    assert work_events(get(reference).id)[0].data["set"] == {"title": "New title"}
    with pytest.raises(InvalidFacts, match="Nothing was changed"):
        item_edit(reference, {"title": "New title"}, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="cannot be set here"):
        item_edit(reference, {"owner_id": 1}, by=BOSS, now=NOW)


def test_bulk_does_what_can_be_done_and_names_the_rest():
    """One finished and one unknown item among three: two are named, one is assigned."""
    desk = make_desk()
    person = make_person(desk)
    good, finished = make_item(desk), make_item(desk)
    item_state(finished, State.CLOSED, by=BOSS, now=NOW)
    result = bulk.items_assign(desk, [good, finished, "CASE-1"], person, by=BOSS, now=NOW)
    assert [row.reference for row in result.done] == [good]
    assert {reference for reference, _ in result.left} == {finished, "CASE-1"}
    with pytest.raises(NotAllowed):
        bulk.items_state(desk, [good], State.CLOSED, by=actor(Role.AGENT, desk), now=NOW)


def test_a_bulk_act_leaves_alone_what_changed_since_it_was_seen():
    """A list from before lunch overwrites nobody's decision; notes in between are no change."""
    desk = make_desk()
    changed, noted, same = (make_item(desk) for _ in range(3))
    item_priority(
        changed,
        priority=Priority.P1,
        text="The CEO calls",
        by=actor(Role.COORDINATOR, desk, name="Ann"),
        now=NOW + minutes(1),
    )
    item_note(noted, "Looked at it", by=actor(Role.COORDINATOR, desk, name="Ann"), now=NOW + minutes(1))
    seen = [f"{reference}:1" for reference in (changed, noted, same)]
    result = bulk.items_priority(desk, seen, Priority.P4, text="Monday clean-up", by=BOSS, now=NOW + minutes(2))
    assert [one.is_done for one in result.each] == [False, True, True]
    assert result.left == ((changed, "Ann changed it since you saw it"),)
    assert work_get(changed, by=BOSS).priority == 1
    with pytest.raises(InvalidFacts, match="no reference with a version"):
        bulk.items_priority(desk, [f"{same}:x"], Priority.P3, text="x", by=BOSS, now=NOW)


def test_bulk_costs_the_same_number_of_queries_for_one_and_for_many(django_assert_max_num_queries):
    """A handful of statements whatever the number of items."""
    desk = make_desk()
    references = [make_item(desk) for _ in range(30)]
    with django_assert_max_num_queries(14):
        result = bulk.items_priority(desk, references, Priority.P1, text="outage", by=BOSS, now=NOW)
    assert len(result.done) == 30


def test_no_item_comes_into_a_queue_that_is_out_of_use():
    """Neither a new item nor one that is moved; those that lie there stay and can be worked on."""
    desk = make_desk()
    old = queues.queue_save(desk, name="Old", by=BOSS, now=NOW)
    inside = item_open(Draft(desk_id=desk, title="There before", queue_name="Old"), by=BOSS, now=NOW).reference
    queues.queue_save(desk, queue_id=old, name="Old", is_active=False, by=BOSS, now=NOW)
    reference = make_item(desk)
    with pytest.raises(InvalidFacts, match="Old is out of use"):
        item_queue(reference, old, by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="Old is out of use"):
        item_open(Draft(desk_id=desk, title="New", queue_name="Old"), by=BOSS, now=NOW)
    item_state(inside, State.RESOLVED, by=BOSS, now=NOW)
    assert get(inside).queue == "Old"
