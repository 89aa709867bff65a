"""Stuck work: gifts that nobody acts on, promises that fall due while owners are off, and the list of what is stuck."""

from __future__ import annotations

from datetime import timedelta

from tests.factories import BOSS, EPOCH, make_extra, minutes
from tests.flows.assign.small_desk import NOW, item_row, texts
from watchbill.apps.core.actor import WATCHBILL
from watchbill.apps.decisions.deferrals import deferral_add_many
from watchbill.apps.decisions.models import Acceptance, Decision, DeskWatch
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.notices.models import Notice
from watchbill.apps.people.models import Person
from watchbill.apps.people.queries import people_who_may
from watchbill.apps.people.rights import Right
from watchbill.apps.shifts.absences import absence_add
from watchbill.apps.shifts.models import UsualHours
from watchbill.apps.work.models import Queue, WorkItem
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.work import State
from watchbill.engine.sense.stuck import StuckReason
from watchbill.flows import stuck
from watchbill.flows.act.assigning import item_assign
from watchbill.flows.act.items import item_note
from watchbill.flows.assign.answers import decision_undo

HOUR = timedelta(hours=1)


def give(desk, item, person, at=NOW):
    item_assign(WorkItem.objects.get(id=item).reference, desk.people[person], by=BOSS, now=at)


def rules(desk, **values):
    policy_publish(desk.id, Policy(**values).as_json(), reason="test", holds_from=EPOCH, by=BOSS, now=EPOCH)


def found(desk, at=NOW, reason=None):
    page = stuck.stuck_find(desk.id, reason=reason, by=WATCHBILL, now=at)
    return {one.row.id: set(one.reasons) for one in page.items}


def test_what_is_not_acted_on_is_raised_at_its_instant_and_said(desk):
    """A P3 has four hours of the owner's own time; the instant is known at once, and nothing happens before."""
    item = desk.item("Network")
    give(desk, item, "Ana")
    stuck.tick(NOW)
    row = Acceptance.objects.get(item_id=item)
    assert (row.accept_by_at, row.status) == (NOW + 4 * HOUR, "waiting")
    assert stuck.tick_next_at(NOW) <= NOW + 4 * HOUR
    stuck.tick(NOW + 4 * HOUR - minutes(1))
    assert StuckReason.UNACCEPTED not in found(desk, NOW + 3 * HOUR).get(item, set())
    stuck.tick(NOW + 4 * HOUR)
    stuck.tick(NOW + 4 * HOUR)
    said = list(texts(item, "note"))
    assert said == ["Ana has not acted on it within 4 h of her working time, so the managers are told."]
    assert StuckReason.UNACCEPTED in found(desk, NOW + 4 * HOUR)[item]
    assert item_row(item)["owner_id"] == desk.people["Ana"]


def test_an_act_of_the_owner_settles_it(desk):
    """Any event of hers counts, a note too."""
    item = desk.item("Network")
    give(desk, item, "Ana")
    stuck.tick(NOW)
    reference = WorkItem.objects.get(id=item).reference
    item_note(reference, text="Calling them", by=desk.by(person="Ana", name="Ana"), now=NOW + HOUR)
    stuck.tick(NOW + 5 * HOUR)
    assert Acceptance.objects.get(item_id=item).status == "accepted"
    assert StuckReason.UNACCEPTED not in found(desk, NOW + 5 * HOUR).get(item, set())


def test_what_is_put_off_is_not_stuck_before_it_may_be_begun(desk):
    """A gift is put off for five hours: its four hours count from then on, and not a minute before is anything said."""
    item = desk.item("Network")
    give(desk, item, "Ana")
    stuck.tick(NOW)
    until = NOW + 5 * HOUR
    deferral_add_many(desk.id, [item], until_at=until, text="later", recovery_id=1, by_name="Boss", now=NOW)
    stuck.tick(NOW + 4 * HOUR)
    assert (Acceptance.objects.get(item_id=item).accept_by_at, list(texts(item, "note"))) == (until + 4 * HOUR, [])
    stuck.tick(until + 4 * HOUR - minutes(1))
    assert StuckReason.UNACCEPTED not in found(desk, until + 4 * HOUR - minutes(1)).get(item, set())
    stuck.tick(until + 4 * HOUR)
    assert StuckReason.UNACCEPTED in found(desk, until + 4 * HOUR)[item]


def test_only_the_owners_own_hours_count(desk):
    """Given an hour before the end of the day: the rest is counted from the next morning; an absence is left out."""
    item = desk.item("Network")
    at = NOW.replace(hour=17)
    give(desk, item, "Ana", at)
    absence_add(desk.people["Ana"], from_at=at + 14 * HOUR, until_at=at + 19 * HOUR, by=BOSS, now=at)
    stuck.tick(at)
    assert Acceptance.objects.get(item_id=item).accept_by_at == (at + timedelta(days=1)).replace(hour=15)


def test_extra_hours_are_hours_of_her_own(desk):
    """Given an hour before the end of the day on which she stays three hours more: the four hours are over tonight."""
    item = desk.item("Network")
    at = NOW.replace(hour=17)
    make_extra(desk.id, desk.people["Ana"], at + HOUR, at + 4 * HOUR)
    give(desk, item, "Ana", at)
    stuck.tick(at)
    assert Acceptance.objects.get(item_id=item).accept_by_at == at + 4 * HOUR


def test_on_autopilot_it_is_given_to_somebody_else_and_can_be_undone(desk):
    """The other network specialist gets it, with the reason in the note; undone, it is hers again and left to people."""
    rules(desk, accept_moves=True)
    desk.mode("Mail", "autopilot")
    item = desk.item("Mail")
    give(desk, item, "Ana")
    stuck.tick(NOW)
    late = NOW + 4 * HOUR
    stuck.tick(late)
    desk.tick(late)
    row = item_row(item)
    assert row["owner_id"] not in (None, desk.people["Ana"])
    assert any("Ana has not acted on it within 4 h" in text for text in texts(item, "decided"))
    decision = Decision.objects.get(item_id=item, status="applied")
    stuck.tick(late + minutes(1))
    decision_undo(decision.id, by=BOSS, now=late + minutes(5))
    assert item_row(item)["owner_id"] == desk.people["Ana"]
    stuck.tick(late + minutes(5))
    desk.tick(late + minutes(5))
    assert item_row(item)["owner_id"] == desk.people["Ana"]
    assert Acceptance.objects.get(item_id=item).status == "waiting"


def test_on_advice_it_is_proposed(desk):
    """And the proposal stands over runs of the tick, until she acts."""
    rules(desk, accept_moves=True)
    item = desk.item("Mail")
    give(desk, item, "Ana")
    stuck.tick(NOW)
    late = NOW + 4 * HOUR
    stuck.tick(late)
    desk.tick(late)
    proposal = desk.proposal(item)
    assert proposal.chosen_id not in (None, desk.people["Ana"])
    desk.tick(late + minutes(1))
    desk.tick(late + minutes(20))
    assert desk.proposal(item).id == proposal.id
    item_note(
        WorkItem.objects.get(id=item).reference, text="Mine", by=desk.by(person="Ana", name="Ana"), now=late + HOUR
    )
    desk.tick(late + HOUR)
    assert desk.proposal(item) is None


def test_a_promise_that_is_due_before_the_owner_is_back_is_found_and_moved_by_policy(desk):
    """Nia works at night; a promise at noon cannot wait for her."""
    night = next(name for name in desk.people if name != "Ana" and _is_night(desk, name))
    item = desk.item("Mail", priority=2)
    give(desk, item, night)
    due = NOW + 2 * HOUR
    WorkItem.objects.filter(id=item).update(due_sort_at=due, act_by_at=due)
    assert StuckReason.OFF_SHIFT in found(desk)[item]
    rules(desk, off_shift_moves=True)
    DeskWatch.objects.all().delete()
    stuck.tick(NOW)
    desk.tick(NOW)
    assert desk.proposal(item).chosen_id not in (None, desk.people[night])
    assert any("back only after a promise is due" in text for text in texts(item, "suggested"))


def _is_night(desk, name):
    return UsualHours.objects.filter(person_id=desk.people[name], opens_min=20 * 60).exists()


def test_leavers_absent_owners_retired_queues_and_work_without_a_path_are_found(desk):
    """Each with its own reason, and counted."""
    left, away, queued, lost = (desk.item("Mail") for _ in range(4))
    people = [name for name in desk.people if not _is_night(desk, name)]
    give(desk, left, people[0])
    give(desk, away, people[1])
    Person.objects.filter(id=desk.people[people[0]]).update(is_active=False)
    absence_add(desk.people[people[1]], from_at=NOW - HOUR, until_at=NOW + 24 * HOUR, by=BOSS, now=NOW - HOUR)
    WorkItem.objects.filter(id=lost).update(due_sort_at="9999-12-31T00:00:00Z")
    other = Queue.objects.create(desk_id=desk.id, name="Old", is_active=False)
    WorkItem.objects.filter(id=queued).update(queue_id=other.id)
    seen = found(desk)
    assert StuckReason.LEFT in seen[left]
    assert StuckReason.ABSENT in seen[away]
    assert StuckReason.QUEUE_RETIRED in seen[queued]
    page = stuck.stuck_find(desk.id, reason=StuckReason.LEFT, by=WATCHBILL, now=NOW)
    assert [one.row.id for one in page.items] == [left]
    assert page.counts[StuckReason.LEFT] == 1


def test_what_is_passed_around_and_what_is_old_and_quiet_is_found(desk):
    """Four owners in a week; forty days old, and nobody has acted for three."""
    item, old = desk.item("Mail"), desk.item("Mail", now=NOW - timedelta(days=40))
    for number, name in enumerate([*desk.people][:3]):
        give(desk, item, name, NOW + minutes(number))
    give(desk, old, "Ana", NOW - timedelta(days=39))
    rules(desk, bounce_moves=3)
    seen = found(desk, NOW + HOUR)
    assert StuckReason.BOUNCING in seen[item]
    assert StuckReason.AGEING in seen[old]
    assert StuckReason.AGEING not in seen.get(item, set())


def test_the_list_pages_by_key(desk):
    """Each item once, in order of the first promise."""
    items = [desk.item("Mail") for _ in range(5)]
    Person.objects.filter(id=desk.people["Ana"]).update(is_active=False)
    WorkItem.objects.filter(id__in=items).update(owner_id=desk.people["Ana"], state=State.IN_PROGRESS)
    listed, after = [], None
    while True:
        page = stuck.stuck_find(desk.id, after=after, limit=2, by=WATCHBILL, now=NOW)
        listed += [one.row.id for one in page.items]
        after = page.next
        if after is None:
            break
    assert sorted(listed) == sorted(items)
    assert page.total == 5


def test_managers_hear_of_all_in_one_message(desk):
    """Not one a case."""
    for _ in range(3):
        give(desk, desk.item("Mail"), "Ana")
    stuck.tick(NOW)
    before = Notice.objects.filter(kind="unaccepted").count()
    stuck.tick(NOW + 4 * HOUR)
    told = Notice.objects.filter(kind="unaccepted").count() - before
    assert told == len(people_who_may(Right.AUTOPILOT_SET, desk.id))
